"""Whoever sends drop by drop, or takes nothing of what is sent to them, holds little, not for long, and is in nobody's way."""

import asyncio
import json
import re
import socket
from typing import Self

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from making_services import settings_for
from prometheus_client import CollectorRegistry

from bot.app import SERVICE, make_app
from bot.channels.in_app import polled_line
from bot.channels.in_app.polled_line import PolledLine
from bot.measures import Measures
from bot.middleware import edge
from bot.stalled import AFTER_S, Stalled
from config.catalogue import Catalogue
from config.labels import Speaker
from config.settings import RestChannel, Uploads
from handoff.uploads import body
from store import conversations
from store.conversations import MessageDraft

LENGTH = re.compile(rb"Content-Length: (\d+)")
LARGE = bytes(16 * 1024 * 1024)  # more than the buffers between two sockets of one machine hold


@pytest.fixture
async def service(tmp_path):
    uploads = Uploads(max_bytes_at_once=4 * len(LARGE))  # of which one address has half
    settings = settings_for(tmp_path).model_copy(update={"rest": RestChannel(open=True), "uploads": uploads})
    async with TestServer(await make_app(settings, background=False)) as server:
        yield server


@pytest.mark.parametrize(
    "path",
    ["/api/v1/feedback", "/webhooks/rest/webhook", "/model/parse", "/widget/line", "/api/v1/desk/session"],
)
async def test_a_form_that_drips_in_is_given_up_while_others_are_served(service, monkeypatch, path):
    monkeypatch.setattr(body, "SMALL_WITHIN_S", 0.2)
    reader, writer = await asyncio.open_connection(service.host, service.port)
    own = f"http://{service.host}:{service.port}"
    head = f"POST {path} HTTP/1.1\r\nHost: {own[7:]}\r\nOrigin: {own}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head.encode() + b"{")
    async with ClientSession() as session, session.get(service.make_url("/livez")) as answer:
        assert answer.status == 200
    async with asyncio.timeout(60):
        told = await reader.readuntil(b"\r\n\r\n")
        assert told.startswith(b"HTTP/1.1 408 ")
        assert "没有传完" in json.loads(await reader.readexactly(int(LENGTH.search(told)[1])))["detail"]
    writer.close()


class Reluctant:
    """A client that asks and then takes nothing."""

    def __init__(self, server: TestServer, request: str) -> None:
        self._line = socket.socket()
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._line.connect((server.host, server.port))
        self._line.sendall(request.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    async def all_that_comes(self) -> int:
        """How much there was before the service hung up."""
        self._line.setblocking(False)
        taken = 0
        try:
            async with asyncio.timeout(60):
                while some := await asyncio.get_running_loop().sock_recv(self._line, 1 << 20):
                    taken += len(some)
        except ConnectionError:
            pass
        return taken


async def until(true) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 -- another end of a socket makes it true
            await asyncio.sleep(0.005)


@pytest.fixture
async def serving_much():
    """A service that answers with a lot, and the watch over its connections with a clock that a test moves."""
    now = [0.0]
    stalled = Stalled(monotonic=lambda: now[0])

    async def much(_request: web.Request) -> web.Response:
        return web.Response(body=LARGE)

    async def chat(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        await ws.send_bytes(LARGE)
        return ws

    app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()), stalled=stalled)])
    app.router.add_get("/", much)
    app.router.add_get("/socket", chat)
    async with TestServer(app) as server:
        yield server, stalled, now


UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.mark.parametrize(
    "request_",
    [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        f"GET /socket HTTP/1.1\r\nHost: x\r\n{UPGRADE}\r\n",
    ],
    ids=["kept", "closing", "socket"],
)
async def test_whoever_takes_nothing_for_a_minute_is_hung_up_on(serving_much, request_):
    server, stalled, now = serving_much
    with Reluctant(server, request_) as client:
        await until(stalled.waiting)
        await stalled.sweep()
        now[0] += AFTER_S - 1
        assert await stalled.sweep() == 0
        now[0] += 2
        assert await stalled.sweep() == 1
        await until(lambda: not stalled.waiting())
        assert await client.all_that_comes() < len(LARGE)


async def test_whoever_reads_slowly_but_reads_gets_all_of_it(serving_much):
    server, stalled, now = serving_much
    reader, writer = await asyncio.open_connection(server.host, server.port, limit=64 * 1024)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    (transport,), left = stalled._seen, len(LARGE)
    while left:
        before = transport.get_write_buffer_size()
        while left and transport.get_write_buffer_size() >= before:  # until some of it went out
            some = await reader.read(256 * 1024)
            assert some
            left -= len(some)
        now[0] += AFTER_S - 1
        assert await stalled.sweep() == 0
    writer.close()


async def test_the_service_watches_its_connections(service):
    looked_after = service.app[SERVICE].background._work["stalled"]
    async with ClientSession() as session, session.get(service.make_url("/livez")):
        assert len(looked_after[1].__self__._seen) == 1


async def test_files_that_nobody_takes_leave_room_for_others_and_are_counted_until_they_are_given_up(service):
    async with ClientSession() as session:
        async with session.post(service.make_url("/widget/line"), json=[{"type": "hello"}]) as answer:
            opened = await answer.json()
        visitor, line = opened["frames"][0]["visitor"], f"/widget/line/{opened['session']}"
        headers = {"Authorization": f"Bearer {visitor}"}
        async with session.post(
            service.make_url(line), json=[{"type": "message", "client_id": "m1", "text": "你好"}], headers=headers
        ) as answer:
            assert answer.status == 204
        conversation = None
        after = opened["after"]
        while conversation is None:
            async with session.get(service.make_url(line), params={"after": after}, headers=headers) as answer:
                found = await answer.json()
            after = found["after"]
            conversation = next(
                (frame["message"]["conversation"] for frame in found["frames"] if frame["type"] == "message"), None
            )
        parts = service.app[SERVICE]
        kept = {"blob_id": await parts.blobs.put(LARGE), "media_type": "video/mp4", "size": len(LARGE), "name": "a.mp4"}
        draft = MessageDraft(Speaker.CUSTOMER, "", type="video", payload={"attachments": [kept]})
        now = parts.clock.now()
        done = await parts.store.write(lambda tx: conversations.append(tx, conversation, draft, now=now))
        path = f"/widget/files/{conversation}/{done.seq}/0"
        most = parts.settings.uploads.max_bytes_at_once // 2 // len(LARGE)
        request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {visitor}\r\n\r\n"
        stalled: Stalled = parts.background._work["stalled"][1].__self__
        clients = [Reluctant(service, request) for _ in range(most)]
        await until(lambda: stalled.waiting() == most)
        async with session.get(service.make_url(path), headers=headers) as answer:
            assert answer.status == 503
        async with session.get(service.make_url("/livez")) as answer:
            assert answer.status == 200
        for client in clients:
            client.__exit__()
        await until(lambda: not stalled.waiting())
        async with session.get(service.make_url(path), headers=headers) as answer:
            assert (answer.status, len(await answer.read())) == (200, len(LARGE))
        async with session.head(service.make_url(path), headers=headers) as answer:
            assert (answer.status, await answer.read()) == (200, b"")


def message(text: str) -> dict:
    return {"type": "message", "message": {"text": text}}


async def test_a_line_that_nobody_fetches_from_holds_little_text(monkeypatch):
    line = PolledLine(600, lambda: None)
    frames = [message("长" * 8000) for _ in range(30)]
    sending = asyncio.gather(_send_all(line, frames))
    await until(lambda: line._waiting_chars >= polled_line.MAX_WAITING_CHARS)
    assert len(line._out) <= polled_line.MAX_WAITING_CHARS // 8000 + 1
    fetched, after = 0, 0
    while fetched < 30:
        found = await line.fetch(after, 30)
        fetched, after = found["after"], found["after"]
    await sending
    await line.close(1000)
    line._expiry.cancel()


async def _send_all(line: PolledLine, frames: list[dict]) -> None:
    for frame in frames:
        await line.send(frame)


async def test_what_a_page_posts_to_a_window_that_takes_nothing_is_bounded_and_goes_on_once_it_is_taken():
    line = PolledLine(600, lambda: None)
    taken = 0
    while line.put([{"type": "message", "x": "y"}], 250_000):
        taken += 1
    assert taken == polled_line.MAX_WAITING_IN_BYTES // 250_000
    assert await line.receive() is not None
    assert line.put([{"type": "ping"}], 250_000)
    await line.close(1000)
    line._expiry.cancel()
