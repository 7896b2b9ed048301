"""Chat windows in numbers: what an idle one costs, one message to all, answers under load, and beside a large upload.

``HUIYIN_BENCHMARK_SOCKETS`` sets how many are idle (10,000 at full scale, 500 if unset); a fifth of them talk in the second part.
Needs ``ulimit -n`` above twice that. Sockets come from several addresses of the loopback: one has but 28,000 ports.
"""

import asyncio
import io
import itertools
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE
from contextlib import AsyncExitStack
from typing import NamedTuple

from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector
from PIL import Image

from benchmarks.listeners import Arrivals, listen
from benchmarks.service import Service, running, serving

SOCKETS = int(os.environ.get("HUIYIN_BENCHMARK_SOCKETS", "500"))
AN_ADDRESS = 5_000  # sockets from each address of the loopback
AT_ONCE = 50
EVERY_S = 10.0
ROUNDS = 2
UPLOAD_BYTES = 8_000_000
FLOOR = """
import sys
from aiohttp import web
sockets = set()
async def talk(request):
    ws = web.WebSocketResponse(compress=False, heartbeat=25)
    await ws.prepare(request)
    sockets.add(ws)
    async for message in ws:
        frame = message.json()
        if frame["type"] == "hello":
            await ws.send_json({"type": "welcome", "visitor": "x"})
            await ws.send_json({"type": "state"})
        else:
            for other in tuple(sockets):
                await other.send_json({"type": "message", "message": {"speaker": "customer", "text": frame["text"]}})
    sockets.discard(ws)
    return ws
app = web.Application()
app.router.add_get("/widget/socket", talk)
app.router.add_get("/readyz", lambda r: web.Response())
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""
# Sends what it is given again and again, and writes a point for each that was taken.
UPLOADER = """
import http.client, os, sys
body, (port, visitor) = sys.stdin.buffer.read(), sys.argv[1:]
while True:
    connection = http.client.HTTPConnection("127.0.0.1", int(port))
    connection.request("POST", "/widget/uploads", body, {"Authorization": "Bearer " + visitor})
    os.write(1, b"." if connection.getresponse().status == 201 else b"!")
    connection.close()
"""


class Crowd:
    """Many windows at one service."""

    def __init__(self, port: int, stack: AsyncExitStack) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._stack = stack
        self._sessions: list[ClientSession] = []

    async def open(self, count: int, visitor: str | None = None) -> list[tuple[ClientWebSocketResponse, str]]:
        """*count* windows that were welcomed and have all history, each with its visitor's token."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(n: int) -> tuple[ClientWebSocketResponse, str]:
            async with gate:
                session = await self._session(n // AN_ADDRESS)
                ws = await session.ws_connect(f"{self._url}/widget/socket", max_msg_size=0)
                await ws.send_json({"type": "hello", "visitor": visitor} if visitor else {"type": "hello"})
                token = (await until(ws, "welcome"))["visitor"]
                await until(ws, "state")
                return ws, token

        await self._session(0)
        return await asyncio.gather(*(one(n) for n in range(count)))

    async def _session(self, n: int) -> ClientSession:
        while len(self._sessions) <= n:
            connector = TCPConnector(limit=0, local_addr=(f"127.0.0.{len(self._sessions) + 1}", 0))
            self._sessions.append(await self._stack.enter_async_context(ClientSession(connector=connector)))
        return self._sessions[n]


async def until(ws: ClientWebSocketResponse, kind: str, speaker: str | None = None) -> dict:
    """The next frame of that kind, of that speaker if one is named."""
    while True:
        frame = await ws.receive_json(timeout=60)
        if frame["type"] == kind and (speaker is None or frame["message"]["speaker"] == speaker):
            return frame


class Idle(NamedTuple):
    """What idle windows cost."""

    kb_each: float
    one_to_all_s: float  # until a message of one customer is in all their windows
    one_to_all_cpu_s: float  # of the service


async def idle(service: Service, count: int) -> Idle:
    """Open *count* windows of one customer, then say something in one more."""
    async with AsyncExitStack() as stack:
        crowd = Crowd(service.port, stack)
        ((first, visitor),) = await crowd.open(1)
        before = service.resident_mb()
        windows = await listen(service.port, count, visitor)
        each = (service.resident_mb() - before) * 1024 / count
        arrivals, used = Arrivals(count), service.cpu_s()
        for window in windows:
            window.await_bytes(b'"customer"', arrivals.one)
        started = time.perf_counter()
        await first.send_json({"type": "message", "client_id": "m1", "text": "你们几点上班"})
        await arrivals.all
        took, used = time.perf_counter() - started, service.cpu_s() - used
        for window in windows:
            window.close()
        return Idle(round(each, 1), round(took, 3), round(used, 2))


async def talking(windows: list[ClientWebSocketResponse], rounds: int, every_s: float, numbers: itertools.count) -> list[float]:
    """Seconds from each message to the bot's answer: every window sends once in *every_s* seconds, evenly spread."""

    async def one(n: int, ws: ClientWebSocketResponse) -> list[float]:
        times = []
        await asyncio.sleep(every_s * n / len(windows))
        for _ in range(rounds):
            started = time.perf_counter()
            await ws.send_json({"type": "message", "client_id": f"m{next(numbers)}", "text": "你们几点上班"})
            await until(ws, "message", "bot")
            times.append(time.perf_counter() - started)
            await asyncio.sleep(max(0.0, every_s - times[-1]))
        return times

    return list(itertools.chain.from_iterable(await asyncio.gather(*(one(n, ws) for n, ws in enumerate(windows)))))


async def loaded(service: Service, count: int) -> tuple[list[float], list[float], int]:
    """Times of answers in a quiet service, then while pictures of 8 MB are uploaded one after the other, and how many were."""
    async with AsyncExitStack() as stack:
        crowd, numbers = Crowd(service.port, stack), itertools.count()
        opened = await crowd.open(count)
        windows, visitor = [ws for ws, _ in opened], opened[0][1]
        # Its own process, and the picture drawn beforehand: what these cost here must not be taken for what the service takes.
        uploader = await asyncio.create_subprocess_exec(
            sys.executable, "-c", UPLOADER, str(service.port), visitor, stdin=PIPE, stdout=PIPE
        )
        drawn = await asyncio.to_thread(picture)
        quiet = await talking(windows, ROUNDS, EVERY_S, numbers)
        beside = asyncio.create_task(talking(windows, 1, EVERY_S, numbers))
        sending = asyncio.create_task(uploader.communicate(drawn))
        times = await beside
        uploader.send_signal(signal.SIGTERM)
        said, _ = await sending
        if not said or said.strip(b"."):
            raise RuntimeError("an upload was refused")
        return quiet, times, len(said)


def picture() -> bytes:
    """A picture of about 8 MB."""
    side = int((UPLOAD_BYTES / 3) ** 0.5)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(out, "PNG", compress_level=0)
    return out.getvalue()


def p99_ms(times: list[float]) -> float:
    """The time that one in a hundred exceeds."""
    return round(sorted(times)[int(len(times) * 0.99)] * 1000, 1)


def main() -> None:
    """Print one line a figure."""
    with serving() as service:
        ours = asyncio.run(idle(service, SOCKETS))
    with running("-c", FLOOR) as bare:
        least = asyncio.run(idle(bare, SOCKETS))
    floor = {f"floor_aiohttp_{name}": value for name, value in least._asdict().items()}
    print(json.dumps({"benchmark": "widget_idle", "sockets": SOCKETS, **ours._asdict(), **floor}))
    with serving() as service:
        quiet, beside, uploaded = asyncio.run(loaded(service, SOCKETS // 5))
    line = {"benchmark": "widget_talk", "sockets": SOCKETS // 5, "every_s": EVERY_S, "messages": len(quiet)}
    line |= {"p99_ms": p99_ms(quiet), "p99_beside_uploads_ms": p99_ms(beside), "uploads": uploaded}
    print(json.dumps(line | {"ratio": round(p99_ms(beside) / p99_ms(quiet), 2)}))


if __name__ == "__main__":
    main()
