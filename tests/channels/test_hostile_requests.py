"""Requests that no browser and no program of ours would make, at the whole service: a clear refusal, never a 500, nobody waits."""

import asyncio

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from making_services import settings_for

from bot.app import make_app
from config.settings import RestChannel, Server


@pytest.fixture
async def service(tmp_path):
    settings = settings_for(tmp_path).model_copy(update={"rest": RestChannel(open=True), "server": Server(idle_connection_s=0.3)})
    async with TestServer(await make_app(settings, background=False)) as server:
        yield server


async def spoken(service: TestServer, words: bytes) -> bytes:
    """What comes back until the service hangs up."""
    reader, writer = await asyncio.open_connection(service.host, service.port)
    writer.write(words)
    try:
        async with asyncio.timeout(60):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    "words",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow", b"POST /webhooks/rest/webhook HTTP/1.1\r\n"],
    ids=["mute", "head", "line"],
)
async def test_connection_that_brings_no_whole_request_is_closed(service, words):
    assert b" 200 " not in await spoken(service, words)


@pytest.mark.parametrize(
    "words",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        b"Content-Length: +4\r\n\r\nabcd",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["both lengths", "two lengths", "signed length", "odd encoding", "space"],
)
async def test_request_whose_end_two_servers_would_see_differently_is_refused(service, words):
    answer = await spoken(service, b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\n" + words)
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert answer.count(b"HTTP/1.") == 1  # and what is hidden in it is not answered


@pytest.mark.parametrize(
    "path",
    [
        *("/widget/assets/..%2f..%2fapp.py", "/static/%2e%2e/%2e%2e/settings.py", "/desk/assets/..%5c..%5cauth.py"),
        *("/widget/assets/%00", "/widget/assets/" + "a" * 5000, "/feedback/assets/" + "%2e%2e%2f" * 9 + "etc/passwd"),
    ],
)
async def test_path_that_leads_out_of_its_folder_or_nowhere_is_not_found(service, path):
    answer = await spoken(service, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert b" 404 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"sender": "\\ud800", "message": "x"}', 400),
        (b'{"sender": "u1", "message": "x", "metadata": {"message_id": "\\udc00"}}', 400),
        (b'{"sender": "u\\ud8001", "message": "x\\ud800", "metadata": {"message_id": "m\\udc00"}}', 200),
        (b'{"sender": "u1", "message": "x", "metadata": {"button": "/\\ud800"}}', 200),
        (b'{"sender": "u1", "message": "\xed\xa0\x80"}', 400),
        ('{"sender": "u1", "message": "x"}'.encode("utf-16"), 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b"9" * 100_000, 400),
    ],
    ids=["nobody", "no id", "parts", "button", "raw halves", "utf-16", "deep array", "deep object", "long number"],
)
async def test_message_of_a_program_is_taken_or_refused_whatever_its_json_spells(service, body, status):
    async with ClientSession() as session, session.post(service.make_url("/webhooks/rest/webhook"), data=body) as answer:
        assert answer.status == status, await answer.text()


async def test_number_that_no_column_holds_finds_nothing(service):
    async with ClientSession() as session:
        await session.post(service.make_url("/webhooks/rest/webhook"), json={"sender": "u1", "message": "你好"})
        for after in ("9" * 30, "9" * 4000, "9" * 6000):
            query = {"sender": "u1", "after": after}
            async with session.get(service.make_url("/webhooks/rest/messages"), params=query) as answer:
                assert answer.status in (200, 400)


@pytest.mark.parametrize("encoding", ["gzip", "br", "x"])
async def test_no_body_is_unpacked_and_a_question_that_has_none_is_answered(service, encoding):
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    async with ClientSession() as session:
        async with session.get(service.make_url("/api/v1/feedback/form"), headers=headers) as answer:
            assert answer.status == 200
        async with session.post(service.make_url("/api/v1/feedback"), headers=headers, data=b"{}") as answer:
            assert (answer.status, (await answer.json())["title"]) == (415, "encoded_body")
