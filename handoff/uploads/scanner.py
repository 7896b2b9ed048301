"""Asks ClamAV about a file over its socket (INSTREAM). A scanner that was set up and does not answer means no, never yes."""

import asyncio
import struct
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)

CHUNK_BYTES = 64 * 1024
WITHIN_S = 30.0
LONGEST_ANSWER = 4096


class Infected(Exception):
    """The scanner knows this file."""


class NotScanned(Exception):
    """The scanner could not be asked: nobody knows what this file is."""


class Scanner:
    """``clamd`` at ``unix:/path`` or ``tcp:host:port``."""

    def __init__(self, address: str) -> None:
        """``ValueError`` for an address of another form."""
        kind, _, rest = address.partition(":")
        host, _, port = rest.rpartition(":")
        if kind == "unix" and rest.startswith("/"):
            self._path, self._host, self._port = rest, "", 0
        elif kind == "tcp" and host and port.isdecimal():
            self._path, self._host, self._port = "", host, int(port)
        else:
            raise ValueError("a scanner's address is unix:/path or tcp:host:port")

    async def check(self, data: bytes) -> None:
        """Nothing, if the scanner finds nothing. Raises ``Infected`` or ``NotScanned``."""
        try:
            async with asyncio.timeout(WITHIN_S):
                answer = await self._ask(data)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            log.warning("scanner_unreachable", kind=type(error).__name__)
            raise NotScanned from None
        if answer.endswith("FOUND"):
            # The name of what was found is the scanner's; nothing of the file is logged.
            log.warning("upload_infected", found=answer[:100])
            raise Infected
        if not answer.endswith("OK"):
            log.error("scanner_failed", answer=answer[:100])
            raise NotScanned

    async def _ask(self, data: bytes) -> str:
        opening = asyncio.open_unix_connection(self._path) if self._path else asyncio.open_connection(self._host, self._port)
        reader, writer = await opening
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK_BYTES):
                chunk = data[start : start + CHUNK_BYTES]
                writer.write(struct.pack(">I", len(chunk)) + chunk)
                await writer.drain()
            writer.write(struct.pack(">I", 0))
            await writer.drain()
            answer = await reader.read(LONGEST_ANSWER)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
