"""The demo's phone without a browser: what its socket and uploads do, through the fake platform, to the service and back."""

import io
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from bot.channels.wechat.simulator import Simulator
from bot.measures import Measures
from bot.middleware import edge
from config.catalogue import Catalogue

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
async def page(world):
    app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))])
    Simulator(world.settings, world.platform).add_routes(app)
    async with TestServer(app) as server:
        yield server


@asynccontextmanager
async def phone(world, page, **headers):
    async with world.session.ws_connect(
        page.make_url("/simulator/socket").with_query(user=world.openid), headers=headers
    ) as socket:
        yield socket, await socket.receive_json()


async def item(socket) -> dict:
    return (await socket.receive_json())["item"]


async def test_what_is_typed_reaches_the_service_sealed_and_the_answer_comes_back(world, page):
    async with phone(world, page) as (socket, greeting):
        assert greeting == {"account": "main", "items": []}
        await socket.send_json({"kind": "text", "text": "ATM吞了我的卡"})
        mine, answer = await item(socket), await item(socket)
    assert (mine["from"], mine["text"]) == ("me", "ATM吞了我的卡")
    assert (answer["from"], answer["via"], answer["text"]) == ("them", "passive", "您好，请问有什么可以帮您？")
    assert [inbound.text for inbound in world.intake.messages] == ["ATM吞了我的卡"]


async def test_a_later_message_of_the_service_arrives_and_its_menu_can_be_tapped(world, page):
    async with phone(world, page) as (socket, _):
        await world.channel.send(world.row("请核对。", buttons=[{"title": "确认提交", "payload": "/affirm"}]))
        menu = await item(socket)
        assert (menu["via"], menu["type"], menu["choices"]) == ("service", "msgmenu", [{"id": "1", "text": "确认提交"}])
        await socket.send_json({"kind": "choice", "id": "1", "text": "确认提交"})
        await item(socket)
        await item(socket)
    assert [inbound.text for inbound in world.intake.messages] == ["确认提交"]


async def test_following_a_menu_click_and_a_place_are_what_wechat_would_push(world, page):
    async with phone(world, page) as (socket, _):
        await socket.send_json({"kind": "follow"})
        await item(socket), await item(socket)
        await socket.send_json({"kind": "menu", "key": "say:转人工"})
        await item(socket)
        await socket.send_json({"kind": "location", "label": "朝阳支行"})
        await item(socket), await item(socket)
    assert [(inbound.type, inbound.text, inbound.payload.get("event")) for inbound in world.intake.messages] == [
        ("event", "", "subscribe"),
        ("text", "转人工", None),
        ("location", "朝阳支行", None),
    ]


async def test_a_picture_reaches_the_service_as_a_file_to_fetch(world, page):
    async with phone(world, page) as (socket, _):
        async with world.session.post(page.make_url("/simulator/images").with_query(user=world.openid), data=PNG) as response:
            assert response.status == 201
        shown = await item(socket)
        await item(socket)
    (inbound,) = world.intake.messages
    (pending,) = inbound.pending_media
    assert await world.channel.fetch_media("official:main", pending.media_id, pending.media_type) == (PNG, "image/png")
    async with world.session.get(page.make_url(f"/simulator/media/{shown['image']}")) as response:
        assert await response.read() == PNG
        assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"", b"GI", b"\x89PNG\r\n\x1a\n" + bytes(11 * 1024 * 1024)])
async def test_what_is_no_picture_or_too_big_is_refused(world, page, data):
    async with world.session.post(
        page.make_url("/simulator/images").with_query(user=world.openid), data=io.BytesIO(data)
    ) as response:
        assert response.status in (413, 415)
    assert world.intake.messages == []


async def test_a_reopened_page_shows_everything_again(world, page):
    async with phone(world, page) as (socket, _):
        await socket.send_json({"kind": "text", "text": "你好"})
        seen = [await item(socket), await item(socket)]
    async with phone(world, page) as (_, greeting):
        assert greeting["items"] == seen


async def test_two_users_do_not_see_each_other(world, page):
    other = "o" + "x" * 27
    async with phone(world, page) as (socket, _):
        await socket.send_json({"kind": "text", "text": "你好"})
        await item(socket)
        async with world.session.ws_connect(page.make_url("/simulator/socket").with_query(user=other)) as second:
            assert (await second.receive_json())["items"] == []


async def test_a_service_that_does_not_answer_shows_wechats_own_notice(world, page):
    world.intake.error = RuntimeError("broken")
    async with phone(world, page) as (socket, _):
        await socket.send_json({"kind": "text", "text": "你好"})
        await item(socket)
        notice = await item(socket)
    assert (notice["from"], notice["type"]) == ("notice", "unavailable")


@pytest.mark.parametrize(
    "frame", ["{", "[]", '{"kind":"text"}', '{"kind":"text","text":5}', '{"kind":"location"}', '{"kind":"menu"}', "[" * 5000]
)
async def test_frames_that_make_no_sense_change_nothing(world, page, frame):
    async with phone(world, page) as (socket, _):
        await socket.send_str(frame)
        await socket.send_json({"kind": "text", "text": "还在"})
        assert (await item(socket))["text"] == "还在"


async def test_other_sites_and_made_up_users_are_turned_away(world, page):
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with phone(world, page, Origin="https://evil.example"):
            pass
    assert caught.value.status == 403
    async with world.session.get(page.make_url("/simulator/socket").with_query(user="x")) as response:
        assert response.status == 400
    async with world.session.post(
        page.make_url("/simulator/images").with_query(user=world.openid), data=PNG, headers={"Origin": "https://evil.example"}
    ) as response:
        assert response.status == 403


async def test_the_page_and_its_files_are_served(world, page):
    for path in ("/simulator/", "/simulator", "/simulator/static/main.js", "/simulator/static/simulator.css"):
        async with world.session.get(page.make_url(path)) as response:
            assert response.status == 200
