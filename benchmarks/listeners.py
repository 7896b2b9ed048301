"""Chat windows that only listen, ten thousand in one process: the cheapest client that a WebSocket has."""

import asyncio
import json
from collections.abc import Callable

UPGRADE = (
    b"GET /widget/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
AN_ADDRESS = 5_000  # sockets from each address of the loopback: one has but 28,000 ports
AT_ONCE = 50


class Listener(asyncio.Protocol):
    """One window. It says hello, and tells when certain bytes have arrived."""

    def __init__(self, hello: bytes) -> None:
        self._hello = hello
        self._awaited, self._found = b"", lambda: None
        self._kept = b""
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade and say hello after it in one breath."""
        self._transport = transport
        transport.write(UPGRADE + self._hello)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Look for what is awaited; the end is kept, in case it arrives in two parts."""
        seen = self._kept + data
        if self._awaited and self._awaited in seen:
            self._awaited = self._kept = b""
            self._found()
        else:
            self._kept = seen[-64:]

    def await_bytes(self, awaited: bytes, found: Callable[[], None]) -> None:
        """Call *found* when *awaited* arrives from now on."""
        self._awaited, self._found, self._kept = awaited, found, b""


class Arrivals:
    """Counts down; ``all`` is done when every listener has what it waits for."""

    def __init__(self, count: int) -> None:
        self._left = count
        self.all = asyncio.get_running_loop().create_future()

    def one(self) -> None:
        """One more has it."""
        self._left -= 1
        if not self._left:
            self.all.set_result(None)


async def listen(port: int, count: int, visitor: str) -> list[Listener]:
    """*count* windows of one visitor at that port that have all history."""
    hello, loop, gate = masked({"type": "hello", "visitor": visitor}), asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> Listener:
        async with gate:
            listener, ready = Listener(hello), loop.create_future()
            listener.await_bytes(b'"state"', lambda: ready.set_result(None))
            local = (f"127.0.0.{number // AN_ADDRESS + 2}", 0)
            await loop.create_connection(lambda: listener, "127.0.0.1", port, local_addr=local)
            await ready
            return listener

    return await asyncio.gather(*(one(number) for number in range(count)))


def masked(frame: dict) -> bytes:
    """*frame* as a client sends it; a mask of zeros changes nothing."""
    text = json.dumps(frame).encode()
    return bytes((0x81, 0x80 | 126)) + len(text).to_bytes(2) + bytes(4) + text
