"""The API client: one token however many ask, errors that say what to do, and no secret in any of them."""

import asyncio
import json
import logging
import traceback

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.client import WeixinApi
from bot.channels.wechat.fake import Misstep
from bot.delivery import ChannelBusy, ChannelRefused
from config.clock import SystemClock
from store.tokens import AccessToken, MemoryTokens

SEND = "message/custom/send"
TOKEN = "stable_token"


def api_of(world, *bases: str, secret: str = "s3cret-of-the-app", tokens=None) -> WeixinApi:
    return WeixinApi(
        world.account.appid,
        secret,
        bases or (world.settings.wechat.api_base,),
        world.session,
        tokens or MemoryTokens(world.clock),
        world.clock,
    )


async def test_fifty_cold_calls_fetch_one_token(world):
    api = api_of(world)
    await asyncio.gather(*(api.message.send_text(world.openid, f"第{n}条") for n in range(50)))
    assert world.platform.calls[TOKEN] == 1
    assert len(world.platform.seen[world.openid]) == 50


async def test_a_token_is_kept_until_shortly_before_its_end_and_then_fetched_once(world):
    api = api_of(world)
    await api.message.send_text(world.openid, "一")
    world.clock.advance(6800)
    await api.message.send_text(world.openid, "二")
    assert world.platform.calls[TOKEN] == 1
    world.clock.advance(200)
    await asyncio.gather(*(api.message.send_text(world.openid, "三") for _ in range(10)))
    assert world.platform.calls[TOKEN] == 2


async def test_two_processes_share_a_token_through_their_store(world):
    tokens = MemoryTokens(world.clock)
    for api in (api_of(world, tokens=tokens), api_of(world, tokens=tokens)):
        await api.message.send_text(world.openid, "一")
    assert world.platform.calls[TOKEN] == 1


async def test_two_processes_without_a_shared_store_do_not_take_each_others_token_away(world):
    first, second = api_of(world), api_of(world)
    for api in (first, second, first):
        await api.message.send_text(world.openid, "一")
    assert world.platform.calls[TOKEN] == 2
    assert world.platform.calls[SEND] == 3


async def test_a_token_that_stopped_working_is_renewed_once_for_all(world):
    api = api_of(world)
    await api.message.send_text(world.openid, "一")
    world.platform.expire_tokens()
    await asyncio.gather(*(api.message.send_text(world.openid, "二") for _ in range(20)))
    assert world.platform.calls[TOKEN] == 2
    assert len(world.platform.seen[world.openid]) == 21


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_refused_for_ever_costs_two_sends_and_no_loop(world, code):
    world.platform.misstep(SEND, *[Misstep(errcode=code)] * 10)
    with pytest.raises(ChannelBusy):
        await api_of(world).message.send_text(world.openid, "一")
    assert world.platform.calls[SEND] == 2
    assert world.platform.calls[TOKEN] == 3  # cold, the same again, forced


async def test_a_forced_refresh_is_not_repeated_within_half_a_minute(world):
    api = api_of(world)
    world.platform.misstep(SEND, *[Misstep(errcode=40001)] * 10)
    for _ in range(2):
        with pytest.raises(ChannelBusy):
            await api.message.send_text(world.openid, "一")
    forced = [body for path, body in world.platform.requests if path == TOKEN and body["force_refresh"]]
    assert len(forced) == 1
    world.clock.advance(31)
    with pytest.raises(ChannelBusy):
        await api.message.send_text(world.openid, "一")
    forced = [body for path, body in world.platform.requests if path == TOKEN and body["force_refresh"]]
    assert len(forced) == 2


@pytest.mark.parametrize("misstep", [Misstep(html=True), Misstep(lost="before"), Misstep(lost="after")])
async def test_without_an_understandable_answer_the_outcome_is_unknown(world, misstep):
    world.platform.misstep(SEND, misstep)
    with pytest.raises(OutcomeUnknown):
        await api_of(world).message.send_text(world.openid, "一")
    assert world.platform.calls[SEND] == 1
    assert len(world.platform.seen[world.openid]) == (1 if misstep.lost == "after" else 0)


@pytest.mark.parametrize("misstep", [Misstep(html=True), Misstep(lost="before"), Misstep(errcode=-1)])
async def test_without_a_token_nothing_was_sent_so_it_may_be_tried_again(world, misstep):
    world.platform.misstep(TOKEN, misstep)
    with pytest.raises(ChannelBusy):
        await api_of(world).message.send_text(world.openid, "一")
    assert world.platform.calls[SEND] == 0


async def test_an_unreachable_host_means_later_and_another_host_is_tried_first(world, unused_tcp_port):
    gone = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(ChannelBusy):
        await api_of(world, gone).message.send_text(world.openid, "一")
    await api_of(world, gone, world.settings.wechat.api_base).message.send_text(world.openid, "二")
    assert [seen.text for seen in world.platform.seen[world.openid]] == ["二"]


async def test_a_slow_platform_is_given_up(world):
    world.platform.misstep(SEND, Misstep(until=asyncio.Event()))
    hasty = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2))
    async with hasty:
        api = WeixinApi(
            world.account.appid,
            world.account.secret,
            (world.settings.wechat.api_base,),
            hasty,
            MemoryTokens(world.clock),
            world.clock,
        )
        with pytest.raises(OutcomeUnknown):
            await api.message.send_text(world.openid, "一")


async def test_chinese_goes_out_as_utf8_without_escapes():
    bodies = []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.json_response({"access_token": "t", "expires_in": 7200})

    app = web.Application()
    app.router.add_post("/cgi-bin/{tail:.*}", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        api = WeixinApi("wx", "s", (str(server.make_url("")),), session, MemoryTokens(SystemClock()), SystemClock())
        await api.message.send_text("o1", "吞卡😀")
    assert "吞卡😀".encode() in bodies[-1]
    assert json.loads(bodies[-1])["text"]["content"] == "吞卡😀"


async def test_an_upload_repeated_after_a_token_error_sends_all_of_it_again(world):
    api = api_of(world)
    await api.message.send_text(world.openid, "一")
    world.platform.expire_tokens()
    picture = bytes(range(256)) * 40
    uploaded = await api.media.upload("image", ("照片.png", picture, "image/png"))
    content, media_type, _ = world.platform.media[uploaded["media_id"]]
    assert (content, media_type) == (picture, "image/png")
    assert world.platform.calls["media/upload"] == 2


async def test_menus_are_made_read_and_deleted(world):
    api = api_of(world)
    menu = {"button": [{"type": "click", "name": "我要反馈", "key": "say:我要投诉"}]}
    await api.menu.create(menu)
    assert (await api.get("menu/get"))["menu"] == menu
    await api.post("message/custom/typing", data={"touser": world.openid, "command": "Typing"})
    await api.get("menu/delete")
    with pytest.raises(ChannelRefused, match="wechat_46003"):
        await api.get("menu/get")


async def test_no_secret_or_token_reaches_an_error_or_a_log(world, caplog, unused_tcp_port):
    caplog.set_level(logging.DEBUG)
    api, gone = api_of(world), api_of(world, f"http://127.0.0.1:{unused_tcp_port}")
    await api.message.send_text(world.openid, "一")
    tokens = world.platform.tokens.live()
    another = "another-" + world.account.secret  # not written out: a traceback quotes the line
    said = []
    with capture_logs() as logs:
        for misstep in (Misstep(html=True), Misstep(lost="after"), Misstep(errcode=-1), Misstep(errcode=40164)):
            world.platform.misstep(SEND, misstep)
            with pytest.raises((OutcomeUnknown, ChannelBusy, ChannelRefused)) as caught:
                await api.message.send_text(world.openid, "一")
            said.append("".join(traceback.format_exception(caught.value)))
        with pytest.raises(ChannelBusy) as caught:
            await gone.message.send_text(world.openid, "一")
        said.append("".join(traceback.format_exception(caught.value)))
        with pytest.raises(ChannelBusy) as caught:
            await api_of(world, secret=another).message.send_text(world.openid, "一")
        said.append("".join(traceback.format_exception(caught.value)))
    said.append(repr(AccessToken(tokens[0], world.clock.now())))
    # The platform's own access log is not ours.
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    everything = "\n".join([*said, str(logs), *ours])
    for secret in (*tokens, world.account.secret):
        assert secret not in everything


async def test_the_librarys_own_transport_is_closed_and_its_token_property_does_nothing(world):
    api = api_of(world)
    assert api.access_token == ""
    assert world.platform.calls[TOKEN] == 0
    assert not any(adapter.poolmanager.pools.keys() for adapter in api._http.adapters.values())
