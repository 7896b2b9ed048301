"""A hostile customer after files: others' ones, removed ones, borrowed and old tokens, odd paths, ranges and conditions."""

import io
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from making_services import settings_for
from PIL import Image
from pydantic import SecretStr, ValidationError
from widget.test_uploads import new_visitor, picture, upload
from yarl import URL

from bot.app import SERVICE, make_app
from bot.retention import ON_ITS_WAY, forget
from config.settings import Database, InAppChannel, RestChannel, Uploads
from store.blobs import LOCK


def bearer(visitor: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {visitor}"}


async def sent(people, visitor: str, data: bytes | None = None) -> dict:
    """A picture that the visitor has sent, as their window shows it."""
    token = (await (await upload(people, visitor, data or picture())).json())["upload"]
    async with people.window(visitor=visitor) as window:
        await window.say("", "m1", uploads=[token])
        return (await window.until("message", speaker="customer"))["attachments"][0]


CONDITIONS = [
    {"If-None-Match": "*"},
    {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"Range": "bytes=0-3"},
    {"Range": "bytes=-1"},
    {"Range": "bytes=0-0,2-3", "If-Range": '"x"'},
    {"Range": "bytes=99999999999999999999-"},
    {"X-Forwarded-For": "127.0.0.1", "X-Original-URL": "/widget/files"},
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", CONDITIONS, ids=lambda headers: next(iter(headers)) + ":" + next(iter(headers.values()))[:12])
async def test_no_condition_range_or_method_tells_a_stranger_that_a_file_is_there(people, method, headers):
    owner, thief = await new_visitor(people), await new_visitor(people)
    file = await sent(people, owner)
    answers = []
    for url in (file["url"], file["url"][:-1] + "7", "/widget/files/" + "0" * 32 + "/1/0"):
        got = await people.http.request(method, url, headers={**headers, **bearer(thief)})
        told = {name: value for name, value in got.headers.items() if name not in ("Date", "Server")}
        answers.append((got.status, await got.read(), told))
    assert answers[0][0] == 404
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("headers", CONDITIONS, ids=lambda headers: next(iter(headers)) + ":" + next(iter(headers.values()))[:12])
async def test_its_owner_gets_the_whole_file_under_every_condition_and_with_head_its_length_alone(people, headers):
    owner = await new_visitor(people)
    file = await sent(people, owner)
    whole = await people.http.get(file["url"], headers={**headers, **bearer(owner)})
    head = await people.http.head(file["url"], headers={**headers, **bearer(owner)})
    assert (whole.status, len(await whole.read())) == (200, file["size"])
    assert (head.status, await head.read(), head.headers["Content-Length"]) == (200, b"", str(file["size"]))
    for answer in (whole, head):
        assert answer.headers["Content-Disposition"] == "attachment" and "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_a_file_can_only_be_read(people, method):
    owner = await new_visitor(people)
    file = await sent(people, owner)
    assert (await people.http.request(method, file["url"], headers=bearer(owner))).status == 405
    assert (await people.http.get(file["url"], headers=bearer(owner))).status == 200


async def test_a_token_stands_for_what_was_checked_whatever_is_sent_under_it_later(people, blobs):
    """The token names the content by a fingerprint: another file is another token."""
    visitor = await new_visitor(people)
    first = (await (await upload(people, visitor, picture(size=(30, 20)))).json())["upload"]
    second = (await (await upload(people, visitor, picture(size=(50, 10)))).json())["upload"]
    body, _, seal = first.rpartition(".")
    other, _, other_seal = second.rpartition(".")
    async with people.window(visitor=visitor) as window:
        for n, forged in enumerate(
            (f"{body}.{other_seal}", f"{other}.{seal}", f"{body}.", body, seal, f"{first} ", first.upper(), "")
        ):
            await window.say("", f"f{n}", uploads=[forged])
            assert (await window.until("error"))["code"] == "upload_unknown"
        await window.say("", "m1", uploads=[first])
        (file,) = (await window.until("message", speaker="customer"))["attachments"]
    got = await people.http.get(file["url"], headers=bearer(visitor))
    assert Image.open(io.BytesIO(await got.read())).size == (30, 20)


async def test_a_token_whose_file_was_removed_is_refused_with_a_sentence_and_the_next_upload_works(people, blobs):
    visitor = await new_visitor(people)
    token = (await (await upload(people, visitor, picture())).json())["upload"]
    for path in blobs._root.rglob("*"):
        if path.is_file() and path.name != LOCK:
            path.unlink()
    async with people.window(visitor=visitor) as window:
        await window.say("请看图", "m1", uploads=[token])
        refused = await window.until("error")
        assert refused["code"] == "upload_unknown" and "重新选择" in refused["text"]
        again = (await (await upload(people, visitor, picture())).json())["upload"]
        await window.say("请看图", "m2", uploads=[again])
        assert len((await window.until("message", speaker="customer"))["attachments"]) == 1


@pytest.mark.parametrize("hours", [0, -1, 24 * 400, float("inf"), float("nan")])
def test_a_time_that_no_file_can_be_kept_for_is_no_setting(hours):
    with pytest.raises(ValidationError):
        Uploads(unused_h=hours)


PLACES = [
    "%00/1/0",
    "%ED%A0%80/1/0",
    "..%2F..%2Fetc%2Fpasswd/1/0",
    "%2e%2e/1/0",
    "' OR '1'='1/1/0",
    "%F0%9F%98%80/1/0",
    "a" * 4000 + "/1/0",
    "{c}%00/1/0",
    "{c}/0x1/0",
    "{c}/-1/0",
    "{c}/%31/0%00",
    "{c}/1/0/",
    "{c}/1/0;x",
    "{c}/１/0",
    "{c}/1/٠",
]


@pytest.fixture(params=["sqlite", "postgres"])
async def service(request, tmp_path, clock):
    """The whole service on each kind of database."""
    on = {} if request.param == "sqlite" else {"database": Database(url=request.getfixturevalue("postgres_url"))}
    settings = settings_for(tmp_path, in_app=InAppChannel(identity_secret=SecretStr("x" * 40)), **on)
    async with AsyncExitStack() as stack:
        app = await make_app(settings, clock, background=False)
        yield await stack.enter_async_context(TestServer(app))


@pytest.fixture
async def browser(service):
    async with ClientSession() as session:
        yield session


async def visits(service, browser, *frames: dict) -> tuple[str, list[dict]]:
    """A new visitor's credential, and what their window was told after each frame."""
    async with browser.ws_connect(service.make_url("/widget/socket")) as window:
        await window.send_json({"type": "hello"})
        visitor = (await window.receive_json())["visitor"]
        told = []
        for frame in frames:
            await window.send_json(frame)
            while (said := await window.receive_json())["type"] not in ("ack", "error"):
                pass
            told.append(said)
        return visitor, told


@pytest.mark.parametrize("place", PLACES, ids=range(len(PLACES)))
async def test_no_path_leads_anywhere_else(service, browser, place):
    visitor, (ack,) = await visits(service, browser, {"type": "message", "client_id": "m1", "text": "你好"})
    url = f"http://127.0.0.1:{service.port}/widget/files/{place.format(c=ack['conversation'])}"
    async with browser.get(URL(url, encoded=True), headers=bearer(visitor)) as answer:
        assert answer.status in (400, 404), await answer.text()


async def test_what_forms_sent_and_did_not_use_goes_and_their_token_with_it(service, browser, tmp_path):
    """By a program: a file is used, another is not; a day and an hour later the run removes that one, and it cannot be used."""
    bank = service.app[SERVICE]
    assert bank.settings.rest == RestChannel(open=True)
    api = service.make_url("/api/v1/feedback")
    tokens = []
    for size in ((30, 20), (50, 10)):
        async with browser.post(f"{api}/uploads", data=picture(size=size)) as answer:
            assert answer.status == 201, await answer.text()
            tokens.append((await answer.json())["upload"])
    form = {"channel": "web_form", "kind": "complaint", "content": "取款机吞卡，等了两个小时"}
    async with browser.post(api, json={**form, "uploads": [tokens[0]]}, headers={"Idempotency-Key": "k1"}) as answer:
        assert answer.status == 201, await answer.text()
    over = datetime.now(UTC) + timedelta(hours=24) + ON_ITS_WAY + timedelta(minutes=1)
    done, _ = await forget(bank.store, bank.blobs, bank.settings, over, dry=False)
    assert {item.name: item.count for item in done}["unused_files"] == 1
    async with browser.post(api, json={**form, "uploads": [tokens[1]]}, headers={"Idempotency-Key": "k2"}) as answer:
        assert (answer.status, "upload_unknown" in json.dumps(await answer.json())) == (422, True)
    async with browser.post(api, json={**form, "uploads": [tokens[0]]}, headers={"Idempotency-Key": "k3"}) as answer:
        assert answer.status == 201


@pytest.mark.parametrize(("place", "status"), [("/s/%00", 404), ("/feedback?branch=%00", 400), ("/widget/?branch=a%00b", 400)])
async def test_a_zero_byte_in_an_address_is_the_callers_mistake_and_no_databases(service, browser, place, status):
    async with browser.get(URL(f"http://127.0.0.1:{service.port}{place}", encoded=True)) as answer:
        assert answer.status == status
