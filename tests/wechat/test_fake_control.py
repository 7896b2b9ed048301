"""The control API, as a program in another process uses it, and the command that starts it."""

import asyncio
import json
import signal
import sys

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechat.platforms import serving_platform

from bot.channels.wechat.fake.command import run_fake
from bot.channels.wechat.fake.control import Control
from bot.channels.wechat.fake.timing import ForwardClock
from config.settings import Settings

HELLO = {"MsgType": "text", "Content": "你好"}


@pytest.fixture
async def control(clock):
    async with serving_platform(clock, sleep=asyncio.sleep) as served:
        app = web.Application()
        Control(served.platform, ForwardClock()).add_routes(app)
        async with TestServer(app) as server:

            async def ask(method: str, path: str, body=None, **kwargs):
                async with served.session.request(method, server.make_url(f"/fake/{path}"), json=body, **kwargs) as response:
                    return response.status, await response.json()

            served.ask = ask
            yield served


async def test_a_message_is_sent_and_what_came_of_it_told(control):
    status, told = await control.ask("POST", "messages", {"account": "main", "user": "o1", "fields": HELLO})
    assert (status, told["answered"], told["deliveries"], told["shown"]) == (200, True, 1, None)
    await control.call("main", "message/custom/send", {"touser": "o1", "msgtype": "text", "text": {"content": "您好"}})
    _, user = await control.ask("GET", "users/o1")
    assert [(seen["via"], seen["text"]) for seen in user["seen"]] == [("service", "您好")]
    assert user["messages_left"]["main"] == 4
    _, requests = await control.ask("GET", "requests?path=message/custom/send")
    assert [request["body"]["touser"] for request in requests["requests"]] == ["o1"]


async def test_an_answered_push_can_be_delivered_once_more(control):
    _, told = await control.ask("POST", "messages", {"user": "o1", "fields": HELLO})
    status, again = await control.ask("POST", "redeliver", {"push": told["push"]})
    assert (status, again["deliveries"], len(control.callback.got)) == (200, 2, 2)


async def test_missteps_are_scripted_and_cleared(control):
    steps = [{"errcode": 45009}, {"html": True, "status": 502}, {"lost": "after"}]
    assert (await control.ask("POST", "missteps", {"path": "menu/get", "steps": steps}))[0] == 200
    assert await control.code("main", "menu/get") == 45009
    assert (await control.raw("GET", "menu/get")).status == 502
    assert (await control.ask("POST", "missteps", {"path": "menu/get", "steps": [{"status": 503}, {"lost": "after"}]}))[0] == 200
    assert (await control.raw("GET", "menu/get")).status == 503
    await control.ask("DELETE", "missteps")
    assert await control.code("main", "menu/get") == 46003


async def test_a_crowd_writes_at_once(control):
    status, told = await control.ask("POST", "crowd", {"account": "main", "users": 300, "fields": HELLO})
    assert (status, told["answered"], len(control.callback.got)) == (200, 300, 300)
    assert len({query["openid"] for query, _ in control.callback.got}) == 300


async def test_tokens_settings_and_people_are_changed(control):
    await control.call("main", "menu/get")
    await control.ask("POST", "tokens/expire")
    assert await control.code("main", "menu/get") == 42001
    await control.ask("POST", "tokens/forget")
    assert await control.code("main", "menu/get") == 40001
    assert await control.ask("POST", "settings", {"latency_s": 0.001, "strict": False}) == (
        200,
        {"latency_s": 0.001, "strict": False},
    )
    await control.ask("POST", "users/o7", {"following": True})
    assert (await control.ask("GET", "users/o7"))[1]["following"]
    _, before = await control.ask("GET", "state")
    _, after = await control.ask("POST", "clock", {"advance_s": 7200})
    assert after["now"]
    assert before["accounts"]["corp"]["family"] == "kf"


async def test_customer_service_is_played_too(control):
    _, entered = await control.ask("POST", "kf/enter", {"open_kfid": "wk1", "user": "u1"})
    assert entered["welcome_code"]
    body = {"open_kfid": "wk1", "user": "u1", "msgtype": "text", "content": {"content": "你好"}}
    _, sent = await control.ask("POST", "kf/message", body)
    assert len(sent["msgid"]) == 44
    _, user = await control.ask("GET", "users/u1")
    assert user["messages_left"]["wk1"] == 5  # of each address there, as a customer's messages open it
    assert len(control.callback.got) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", {"account": "nobody", "user": "o1", "fields": HELLO}),
        ("messages", {"user": "o1", "fields": "text"}),
        ("messages", {"fields": HELLO}),
        ("messages", []),
        ("missteps", {"path": "x", "steps": [{"explode": 1}]}),
        ("missteps", {"path": "x", "steps": [{"lost": "now"}]}),
        ("missteps", {"path": "x", "steps": [{"wait_s": "long"}]}),
        ("missteps", {"path": "x", "steps": [{"wait_s": -1}]}),
        ("missteps", {"path": "callback/nobody", "steps": [{"lost": "after"}]}),
        ("missteps", {"path": "callback/main", "steps": [{"errcode": 45009}]}),
        ("crowd", {"users": 0, "fields": HELLO}),
        ("kf/message", {"open_kfid": "wk9", "user": "u1"}),
        ("redeliver", {"push": "none"}),
        ("scan", {"user": "o1", "ticket": "none"}),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(control, path, body):
    status, told = await control.ask("POST", path, body)
    assert status == 400
    assert told["error"]


async def test_the_command_serves_accounts_from_a_file(tmp_path, unused_tcp_port):
    accounts = tmp_path / "accounts.yaml"
    accounts.write_text(
        "- {name: bank, appid: wx9, secret: s, token: t, callback_url: 'http://127.0.0.1:1/'}\n"
        "- {name: corp, appid: ww9, secret: s, token: t, family: kf,"
        " aes_key: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG, open_kfids: [wk9]}\n"
    )
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "bot", "wechat", "fake", "--port", str(unused_tcp_port), "--accounts", str(accounts)],
        *["--callback", "http://127.0.0.1:2"],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said = (await process.stdout.readline()).decode()
        assert str(unused_tcp_port) in said
        reader, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
        writer.write(b"GET /fake/state HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        body = (await reader.read()).partition(b"\r\n\r\n")[2]
        writer.close()
        known = json.loads(body)["accounts"]
        assert known["bank"]["callback_url"] == "http://127.0.0.1:1/"
        assert known["corp"]["callback_url"] == "http://127.0.0.1:2/wechat/kf/corp"  # where nothing is said: below --callback
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()


def test_two_accounts_of_one_name_in_a_file_are_refused(tmp_path):
    accounts = tmp_path / "accounts.yaml"
    accounts.write_text("- {name: bank, appid: wx9, secret: s, token: t}\n- {name: bank, appid: wx8, secret: s, token: t}\n")
    with pytest.raises(ValueError, match="the same name"):
        run_fake(Settings(), host="127.0.0.1", port=0, accounts=accounts, callback="http://127.0.0.1:1", strict=True)
