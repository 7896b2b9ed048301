"""A line that a test may cut: a browser told to be offline keeps its WebSockets, a cut connection is really gone."""

import asyncio
from contextlib import suppress
from typing import Self


class Proxy:
    """Carries bytes from a port of its own to *target*, until it is cut."""

    def __init__(self, target: int, *, upgrades: bool = True) -> None:
        """Without *upgrades* it is a proxy that knows requests only: WebSockets are refused, and counted."""
        self._target = target
        self._upgrades = upgrades
        self.refused = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection and take no new ones."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Carry again."""
        self._is_cut = False

    def lets_upgrades_through(self) -> None:
        """WebSockets pass from now on."""
        self._upgrades = True

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        head = await reader.read(65536)
        if not self._upgrades and b"upgrade: websocket" in head.lower():
            self.refused += 1
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, far_writer}
        far_writer.write(head)
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        self._writers -= {writer, far_writer}


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
