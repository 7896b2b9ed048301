"""A real `huiyin serve` as a process of its own, and the cheapest client that can load it."""

import asyncio
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

MESSAGE = "柜员态度太差了，让我等了两个小时，给个说法"
CROWD = {"HUIYIN__IN_APP__FRAMES_PER_S_PER_ADDRESS": "0"}  # thousands of customers, who all come from this machine
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
FLOOR = """
import sys
from aiohttp import web
async def echo(request):
    return web.json_response(await request.json())
app = web.Application()
app.router.add_post("/webhooks/rest/webhook", echo)
app.router.add_get("/readyz", lambda r: web.Response())
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""


class Service:
    """A server under measurement."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]", environment: dict[str, str] | None = None) -> None:
        self.port = port
        self.process = process
        self.environment = environment or {}  # with it, commands reach the same database

    def cpu_s(self) -> float:
        """Processor seconds used so far, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def resident_mb(self) -> float:
        """Resident memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        line = next(item for item in lines if item.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait(port: int, process: "subprocess.Popen[bytes]", path: str = "/readyz", seconds: float = 60) -> None:
    """Return once *path* answers 200. Raises ``RuntimeError`` when *process* ends, or so many seconds pass, before that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                if b" 200 " in connection.recv(64):
                    return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError("the server did not start")


@contextmanager
def serving(**settings: str) -> Iterator[Service]:
    """The service with production defaults (FULL, sealing, redaction, logs to a file) on an empty database.

    The database is SQLite unless *settings* (environment names without their prefix) say otherwise.
    """
    with tempfile.TemporaryDirectory() as folder:
        named = {f"HUIYIN__{name}": value for name, value in settings.items()}
        environment = {**os.environ, "HUIYIN__DATA_DIR": folder, "HUIYIN__REST__OPEN": "true", **CROWD, **named}
        command = [sys.executable, "-m", "bot"]
        subprocess.run([*command, "keys", "new"], env=environment, check=True, stdout=subprocess.DEVNULL)
        add = [*command, "user", "add", "admin", "--name", "admin", "--role", "administrator"]
        subprocess.run(add, env=environment, check=True, input=b"a-long-password\n", stdout=subprocess.DEVNULL)
        port = free_port()
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen([*command, "serve", "--port", str(port)], env=environment, stdout=log, stderr=log)
        try:
            wait(port, process)
            yield Service(port, process, environment)
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def floor() -> Iterator[Service]:
    """A bare aiohttp server that parses and returns JSON: what the machine gives before any work of ours."""
    with running("-c", FLOOR) as bare:
        yield bare


@contextmanager
def running(*command: str, at: int | None = None) -> Iterator[Service]:
    """Python with *command* and a port as its last argument (*at*, or a free one), until it answers ``/readyz``."""
    port = at or free_port()
    process = subprocess.Popen([sys.executable, *command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(port, process)
        yield Service(port, process)
    finally:
        process.terminate()
        process.wait(30)


Request = bytes


def post(path: str, body: bytes, content_type: str = "application/json") -> Request:
    """One request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def turn(sender: str) -> Request:
    """The first message of a new sender through Rasa's REST shape."""
    return post("/webhooks/rest/webhook", json.dumps({"sender": sender, "message": MESSAGE}).encode())


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def send(self, request: Request, status: bytes = b" 200 ") -> bytes:
        """The body of the answer; raises for any other *status*."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if status not in head[:16]:
            raise RuntimeError(head.decode())
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return await self._reader.readexactly(length)


async def load(port: int, concurrency: int, seconds: float, requests: Iterator[Request], status: bytes = b" 200 ") -> list[float]:
    """Send *requests* over *concurrency* connections for so long, or until there are no more; returns the times in seconds."""
    times: list[float] = []
    stop_at = time.perf_counter() + seconds

    async def work() -> None:
        async with Client(port) as client:
            for request in requests:
                if (started := time.perf_counter()) >= stop_at:
                    return
                await client.send(request, status)
                times.append(time.perf_counter() - started)

    await asyncio.gather(*(work() for _ in range(concurrency)))
    return times


def turns(prefix: str) -> Iterator[Request]:
    """First messages of ever new senders."""
    return (turn(f"{prefix}-{number}") for number in itertools.count())


def percentile_ms(times: list[float], share: float) -> float:
    """The time that *share* of all stayed below, in milliseconds."""
    return round(sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000, 2)
