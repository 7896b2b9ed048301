"""What a stranger may do to a callback without any secret: waste its time, fill its memory or its log, or learn something."""

import asyncio
import gzip
import json
import logging
import re

import pytest
import structlog
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from making_services import settings_for
from prometheus_client import CollectorRegistry

from bot.app import make_app
from bot.measures import Measures
from bot.middleware import REFUSALS_LOGGED_A_SECOND, edge
from config import logging as our_logging
from config.catalogue import Catalogue
from config.seldom import Seldom
from config.settings import Logging


@pytest.fixture
async def served(make_world):
    """The channel behind the service's own edge and HTTP settings, and how to talk to it byte by byte."""

    async def serve(**wechat):
        world = await make_world(**wechat)
        app = web.Application(
            middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))], handler_args={"auto_decompress": False}
        )
        world.channel.add_routes(app)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        world.callback = str(server.make_url("/wechat/official/main"))
        world.port = server.port
        return world

    servers = []
    yield serve
    for server in servers:
        await server.close()


def head(world, query: dict[str, str], *lines: str) -> bytes:
    target = "/wechat/official/main?" + "&".join(f"{name}={value}" for name, value in query.items())
    return "\r\n".join([f"POST {target} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


async def talk(world, *pieces: bytes) -> bytes:
    """What comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    for piece in pieces:
        writer.write(piece)
    answer = await reader.read()
    writer.close()
    return answer


def without_signature(world) -> dict[str, str]:
    """A sealed push whose plain signature is left out gets its body read: the door can't know better yet."""
    return {name: value for name, value in world.request()[0].items() if name != "signature"}


@pytest.mark.parametrize(
    "body",
    [
        b"<Encrypt>" + b" " * 60_000,
        b"<Encrypt>A" + b" " * 60_000,
        b"<Encrypt><![CDATA[" + b" " * 60_000,
        b"<Encrypt>" * 7_000,
        b"<Encrypt>" + b"A" * 60_000,
        b"<Encrypt> " * 6_500,
        b'{"Encrypt"' + b" " * 60_000,
        b'{"Encrypt":"' + b"A" * 60_000,
        b'{"Encrypt":"' * 5_000,
    ],
)
async def test_looking_for_the_envelope_takes_no_more_than_reading_the_body(served, body):
    world = await served()  # one that took the square of it would take minutes
    status, _ = await world.post(without_signature(world), body)
    assert status in (400, 403)


async def test_a_compressed_body_is_refused_as_it_came(served, monkeypatch):
    world = await served()
    bomb = gzip.compress(b"<" * 40_000_000)
    assert len(bomb) < world.settings.wechat.max_body_bytes

    def inflate(*_args, **_kwargs):
        raise AssertionError("somebody inflates it")

    monkeypatch.setattr("aiohttp.http_parser.DeflateBuffer", inflate)
    for encoding in ("gzip", "deflate", "br", "GZIP"):
        query, _ = world.request()
        async with world.session.post(
            world.callback, params=query, data=bomb, headers={"Content-Encoding": encoding}
        ) as response:
            assert (response.status, (await response.json())["title"]) == (415, "encoded_body")
    assert world.intake.calls == 0


async def test_the_whole_service_inflates_nothing(tmp_path, monkeypatch):
    def inflate(*_args, **_kwargs):
        raise AssertionError("somebody inflates it")

    monkeypatch.setattr("aiohttp.http_parser.DeflateBuffer", inflate)
    async with TestServer(await make_app(settings_for(tmp_path), background=False)) as server, ClientSession() as session:
        body, headers = gzip.compress(b"{}"), {"Content-Encoding": "gzip"}
        async with session.post(server.make_url("/webhooks/rest/webhook"), data=body, headers=headers) as response:
            assert response.status == 415


async def test_a_body_that_does_not_come_is_not_waited_for(served):
    world = await served(body_within_s=0)
    answer = await talk(world, head(world, world.request()[0], "Content-Length: 500", "Connection: close"), b"<xml>")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert world.intake.calls == 0


async def test_a_body_that_comes_in_drops_is_taken_when_it_is_whole(served):
    world = await served()
    query, body = world.request()
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(head(world, query, f"Content-Length: {len(body)}", "Connection: close"))
    for byte in body.encode():
        writer.write(bytes([byte]))
        await writer.drain()
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    assert world.intake.calls == 1


async def test_a_wrong_length_cuts_the_push_and_what_is_left_is_no_second_request(served):
    world = await served()
    query, body = world.request()
    answer = await talk(world, head(world, query, "Content-Length: 40"), body.encode())
    assert re.findall(rb"HTTP/1\.\d (\d+) ", answer)[0] == b"400"
    assert world.intake.calls == 0


async def test_two_lengths_or_a_length_beside_chunks_are_refused(served):
    world = await served()
    query, body = world.request()
    for lines in (
        ("Content-Length: 5", f"Content-Length: {len(body)}"),
        (f"Content-Length: {len(body)}", "Transfer-Encoding: chunked"),
    ):
        answer = await talk(world, head(world, query, *lines, "Connection: close"), body.encode())
        assert re.match(rb"HTTP/1\.\d 400 ", answer)
    assert world.intake.calls == 0


async def test_a_huge_query_or_header_is_refused_before_anything_else(served):
    world = await served()
    query, body = world.request()
    for made in (
        head(world, {**query, "more": "x" * 70_000}, "Content-Length: 0"),
        head(world, query, "X-More: " + "x" * 70_000, "Content-Length: 0"),
    ):
        assert re.match(rb"HTTP/1\.\d 400 ", await talk(world, made))
    status, _ = await world.post({**query, **{f"p{number}": "x" for number in range(500)}}, body)
    assert status == 200  # many small ones cost nothing and mean nothing


async def test_a_large_body_is_refused_before_it_is_read(served):
    world = await served()
    query, _ = world.request()
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(head(world, query, "Content-Length: 10000000000"))
    assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_refusals_tell_nothing_about_the_secret_or_the_push(served):
    world = await served()
    query, body = world.request()
    wrong = []
    for position in (0, 20, 39):  # however much of it is right
        signature = query["signature"]
        other = "0" if signature[position] != "0" else "1"
        changed = signature[:position] + other + signature[position + 1 :]
        wrong.append(await world.post({**query, "signature": changed}, body))
        sealed = query["msg_signature"]
        changed = sealed[:position] + ("0" if sealed[position] != "0" else "1") + sealed[position + 1 :]
        wrong.append(await world.post({**query, "msg_signature": changed}, body))
    assert len(set(wrong)) == 1
    assert wrong[0][0] == 403


async def test_a_damaged_ciphertext_is_refused_by_its_signature_alike_wherever_it_is_damaged(served):
    world = await served()
    query, body = world.request()
    begin = body.index("CDATA[", body.index("<Encrypt>")) + 6
    end = body.index("]]>", begin)
    answers = set()
    for at in (begin, (begin + end) // 2, end - 30):  # prefix, text, padding
        damaged = body[:at] + ("A" if body[at] != "A" else "B") + body[at + 1 :]
        answers.add(await world.post(query, damaged))
    assert len(answers) == 1
    ((status, _),) = answers
    assert status == 403


async def test_a_flood_of_bad_signatures_leaves_a_few_lines_in_the_log(served):
    world = await served()
    query, body = world.request()
    with structlog.testing.capture_logs() as logs:
        for _ in range(300):
            await world.post({**query, "signature": "0" * 40}, body)
        await world.post(query, body)
    refusals = [line for line in logs if line.get("code") == "bad_signature"]
    seconds = 60  # generous: as if the three hundred had taken a minute
    assert 1 <= len(refusals) <= REFUSALS_LOGGED_A_SECOND * seconds < 300 + 1
    assert [line["status"] for line in logs if line.get("status") == 200] == [200]
    assert world.channel.seen["rejected:bad_signature"] == 300


def test_of_many_alike_a_few_a_second_are_let_through_and_the_others_counted():
    now = [0.0]
    seldom = Seldom(2, lambda: now[0])
    assert [seldom("a") for _ in range(5)] == [0, 0, None, None, None]
    assert seldom("b") == 0
    now[0] = 1.0
    assert [seldom("a"), seldom("a"), seldom("a")] == [3, 0, None]


def test_kinds_that_somebody_makes_up_do_not_fill_the_memory():
    seldom = Seldom(1, lambda: 0.0)
    for number in range(10_000):
        seldom(number)
    assert len(seldom._kinds) <= 1000


async def test_what_is_no_http_at_all_leaves_a_line_without_its_sender_or_words(served, capsys):
    from aiohttp.http_exceptions import BadStatusLine

    kept = logging.getLogger().handlers[:], logging.getLogger().level
    logger = logging.getLogger("aiohttp.server")
    filters = logger.filters[:]
    try:
        our_logging.configure(Logging())
        for _ in range(50):
            try:
                raise BadStatusLine("GET /?card=6222020200112233445")
            except BadStatusLine:
                logger.exception("Error handling request from %s", "203.0.113.9")
    finally:
        logging.getLogger().handlers[:], logging.getLogger().level = kept
        logger.filters[:] = filters
        structlog.reset_defaults()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert 1 <= len(lines) < 50
    assert "not_http" in lines[0]["event"]
    assert not any(word in str(lines) for word in ("6222", "203.0.113", "card"))
