"""Asks ClamAV about a file over its socket (INSTREAM). A scanner that was set up and does not answer means no, never yes."""

import asyncio
import socket
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


class TooLargeToScan(NotScanned):
    """The scanner takes no file of that size (``StreamMaxLength`` of clamd), now or later."""


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
        """Nothing, if the scanner finds nothing. Raises ``Infected``, ``NotScanned`` or ``TooLargeToScan``."""
        try:
            async with asyncio.timeout(WITHIN_S):
                answer = await self._ask(data)
        except (OSError, ValueError) as error:
            log.warning("scanner_unreachable", kind=type(error).__name__)
            raise NotScanned from None
        if answer.endswith("FOUND"):
            # The name of what was found is the scanner's; nothing of the file is logged.
            log.warning("upload_infected", found=answer[:100])
            raise Infected
        if not answer.endswith("OK"):
            log.error("scanner_failed", answer=answer[:100])
            raise TooLargeToScan if "size limit exceeded" in answer else NotScanned

    async def _ask(self, data: bytes) -> str:
        loop = asyncio.get_running_loop()
        with await asyncio.to_thread(self._connected) as line:
            # clamd says that a file is too large and hangs up while we are still sending: its word waits in the socket.
            with suppress(ConnectionError):
                await loop.sock_sendall(line, b"zINSTREAM\0")
                for start in range(0, len(data), CHUNK_BYTES):
                    chunk = data[start : start + CHUNK_BYTES]
                    await loop.sock_sendall(line, struct.pack(">I", len(chunk)) + chunk)
                await loop.sock_sendall(line, struct.pack(">I", 0))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
                more = await loop.sock_recv(line, LONGEST_ANSWER)
                if not more:
                    break
                answer += more
        return answer.rstrip(b"\0").decode("utf-8", "replace").strip()

    def _connected(self) -> socket.socket:
        if self._path:
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(WITHIN_S)
            try:
                line.connect(self._path)
            except OSError:
                line.close()
                raise
        else:
            line = socket.create_connection((self._host, self._port), WITHIN_S)
        line.setblocking(False)
        return line
