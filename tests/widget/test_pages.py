"""Who may load and frame what."""

import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.in_app import InAppChannel
from bot.channels.in_app.pages import STATIC


async def test_frame_page_may_be_framed_by_us_and_the_allowed_sites_only(people):
    page = await people.http.get("/widget/")
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://bank.example")
    assert "unsafe" not in policy
    assert 'content="https://bank.example"' in await page.text()


@pytest.mark.parametrize("path", ["/widget/sdk.js", "/widget/assets/main.js", "/widget/assets/widget.css"])
async def test_files_of_the_widget_are_served_with_a_cache_rule(people, path):
    answer = await people.http.get(path)
    assert answer.status == 200
    assert answer.headers["Cache-Control"]


async def test_demo_pages_exist_in_the_demo_alone(settings, people, intake, store, blobs, bell, clock, taker):
    for path in ("/", "/widget/demo-login", "/widget/bank/bank.js"):
        assert (await people.http.get(path)).status == 404
    app = web.Application()
    InAppChannel(settings.model_copy(update={"demo": True}), intake, store, blobs, bell, clock, taker).add_routes(app)
    async with TestClient(TestServer(app)) as demo:
        for path in ("/", "/widget/demo-login", "/widget/bank/bank.js"):
            assert (await demo.get(path)).status == 200
        assert (await (await demo.get("/widget/demo-login")).json())["name"]


def modules() -> list[Path]:
    return sorted(path for folder in ("widget", "bank") for path in (STATIC / folder).glob("*.js"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_chinese_sentences_stand_in_the_catalogue_alone(path):
    if path.name in ("texts.zh-CN.js", "texts.en.js", "sdk.js"):  # the loader carries its three words, to be one small file
        return
    assert not re.search(r"[\u4e00-\u9fff]", path.read_text("utf-8"))


def test_both_catalogues_have_the_same_keys():
    def keys(name: str) -> list[str]:
        text = (STATIC / "widget" / name).read_text("utf-8")
        return re.findall(r"(\w+):", re.sub(r'"(?:[^"\\]|\\.)*"', '""', text))

    from_server = {
        "identity_invalid",
        "identity_expired",
        "bad_frame",
        "empty",
        "upload_unknown",
        "image_pixels",
        "image_broken",
        "image_slow",
        "video_type",
        "video_long",
        "video_broken",
        "infected",
        "not_scanned",
        "not_scannable",
        "too_many",
    }
    assert [key for key in keys("texts.en.js") if key not in from_server] == keys("texts.zh-CN.js")


def test_loader_and_frame_are_small():
    import gzip

    vendor = STATIC.parent.parent / "config" / "static"
    frame = [*(STATIC / "widget").glob("*.*"), *(vendor / "vendor").glob("*.js"), vendor / "tokens.css"]
    assert len(gzip.compress((STATIC / "widget" / "sdk.js").read_bytes())) <= 15 * 1024
    assert sum(len(gzip.compress(path.read_bytes())) for path in frame) <= 120 * 1024


@pytest.mark.parametrize(
    ("headers", "login"),
    [
        ({}, "yes"),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}, "yes"),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "document", "Referer": "https://evil.example/"}, "yes"),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}, "yes"),  # the loader's; it takes no login from the address
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Referer": "https://bank.example/"}, "yes"),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Referer": "https://evil.example/"}, "no"),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Referer": "http://["}, "no"),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, "no"),
    ],
)
async def test_a_login_in_the_address_counts_unless_a_strangers_link_led_here(people, headers, login):
    page = await people.http.get("/widget/", headers=headers)
    assert f'<meta name="huiyin-login" content="{login}" />' in await page.text()
    assert page.headers["Vary"] == "Sec-Fetch-Site"
