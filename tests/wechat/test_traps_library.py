"""Where wechatpy, taken as it comes, would lose messages, leak secrets or hang; each trap that our code could still fall into."""

import asyncio
import base64
import hmac
import random
import struct

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechat.platforms import AES_KEY

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.client import WeixinApi
from bot.channels.wechat.fake import FakeAccount, Misstep, read_answer, sign
from bot.channels.wechat.media import LIMITS, download
from bot.channels.wechat.passive import transfer_xml
from bot.channels.wechat.signing import Envelope, Rejected, check_signature
from bot.delivery import ChannelBusy
from bot.media import MediaRefused
from config.clock import SystemClock
from store.tokens import MemoryTokens

APPID = "wx0123456789abcdef"


def api_at(server: TestServer, session: aiohttp.ClientSession) -> WeixinApi:
    return WeixinApi("wx", "s", (str(server.make_url("")),), session, MemoryTokens(SystemClock()), SystemClock())


def platform_that(answer) -> web.Application:
    """A platform that gives tokens and answers everything else with *answer*."""

    async def token(_request: web.Request) -> web.Response:
        return web.json_response({"access_token": "t" * 60, "expires_in": 7200})

    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", token)
    app.router.add_route("*", "/cgi-bin/{tail:.*}", answer)
    return app


async def test_fetching_a_token_is_given_up_like_any_call(world):
    """The library's own fetch has no time limit at all."""
    world.platform.misstep("stable_token", Misstep(until=asyncio.Event()))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as hasty:
        tokens = MemoryTokens(world.clock)
        api = WeixinApi(world.account.appid, world.account.secret, (world.settings.wechat.api_base,), hasty, tokens, world.clock)
        with pytest.raises(ChannelBusy):
            await api.message.send_text(world.openid, "一")
    assert world.platform.calls["message/custom/send"] == 0


@pytest.mark.parametrize("body", [b"", b"\xff\xfe{}", b'{"errcode": 0, "errmsg": "\xff"}', b"[]", b"0", b'"ok"', b"[" * 60_000])
async def test_an_answer_that_is_no_json_object_is_no_success(body):
    """The library hands a body that is not JSON back as if it were a result, and reads broken UTF-8 with the breaks left out."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async with TestServer(platform_that(answer)) as server, aiohttp.ClientSession() as session:
        with pytest.raises(OutcomeUnknown):
            await api_at(server, session).message.send_text("o1", "一")


async def test_a_file_that_does_not_end_is_read_up_to_the_limit_only():
    """The library reads the whole file into memory, and tries to read it as JSON first."""
    sent = 0
    hung_up = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "audio/amr"})
        await response.prepare(request)
        try:
            while True:
                await response.write(b"#!AMR\n" + bytes(64 * 1024))
                sent += 64 * 1024
        finally:
            hung_up.set()

    async with TestServer(platform_that(endless)) as server, aiohttp.ClientSession() as session:
        with pytest.raises(MediaRefused, match="too_large"):
            await download(api_at(server, session), "m1", "voice")
        await hung_up.wait()
    assert sent < LIMITS["voice"] + 16 * 1024 * 1024  # what was under way when the line was cut


def test_signatures_are_compared_in_constant_time(monkeypatch):
    """The library compares them with ``!=``."""
    compared = []
    real = hmac.compare_digest

    def spy(offered, expected):
        compared.append((offered, expected))
        return real(offered, expected)

    monkeypatch.setattr("hmac.compare_digest", spy)
    good = sign("token", "1", "n")
    check_signature("token", good, "1", "n")
    for offered in ("", "短", good[:-1], good.upper()):
        with pytest.raises(Rejected):
            check_signature("token", offered, "1", "n")
    assert len(compared) == 5
    assert all(expected == good.encode() for _, expected in compared)


def test_what_we_seal_begins_with_bytes_that_nobody_can_guess(monkeypatch):
    """The library takes them from ``random.sample``."""

    def guessable(*_args, **_kwargs):
        raise AssertionError("not a secure source")

    monkeypatch.setattr(random, "sample", guessable)
    envelope = Envelope("token", AES_KEY, APPID)
    assert len({envelope.seal("您好", "1", "n") for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"short",
        bytes(16) + struct.pack(">I", 2**31) + b"x" + APPID.encode(),
        bytes(16) + struct.pack(">I", 0),
        bytes(16) + struct.pack(">I", 3) + b"\xff\xfe\xfd" + APPID.encode(),
        bytes(16) + struct.pack(">I", 2) + b"ok" + b"wx-somebody-else",
        bytes(16) + struct.pack(">I", 2) + b"ok" + APPID.encode() + b"x",
        bytes(16) + struct.pack(">I", 1) + b"ok" + APPID.encode(),
    ],
)
@pytest.mark.parametrize("padding", [None, 0, 33, 255])
def test_whatever_a_signed_ciphertext_holds_the_only_error_is_a_rejection(plain, padding):
    """The library raises five kinds of errors here, and looks at no padding."""
    missing = 32 - len(plain) % 32
    padded = plain + bytes([missing if padding is None else padding]) * missing
    key = base64.b64decode(AES_KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    ciphertext = base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
    with pytest.raises(Rejected):
        Envelope("token", AES_KEY, APPID).open(ciphertext, sign("token", "1", "n", ciphertext), "1", "n")


@pytest.mark.parametrize("operator", ["kf2001@bank", "]]></KfAccount><KfAccount>evil", None])
def test_passing_on_to_an_operator_names_the_operator(operator):
    """The library's reply drops the account without a word."""
    account = FakeAccount("main", APPID, "s", "token", "")
    xml = transfer_xml(customer="o1", us=account.original_id, created_s=1, operator=operator)
    seen = read_answer(account, xml, openid="o1", nonce="n")
    assert seen.type == "transfer_customer_service"
    assert seen.data.get("KfAccount") == operator
