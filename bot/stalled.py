"""Hangs up on whoever takes nothing of what is sent to them: what waits for them is memory that others need."""

import asyncio
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

import structlog

log = structlog.get_logger(__name__)

AFTER_S = 60.0  # a phone in a tunnel takes something again before that


class Stalled:
    """Knows every connection that asked for something. A page that reads, however slowly, is never meant."""

    def __init__(self, after_s: float = AFTER_S, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._after_s = after_s
        self._monotonic = monotonic
        # How much waited for each at the last look, and since when it has not become less.
        self._seen: WeakKeyDictionary[asyncio.Transport, tuple[int, float]] = WeakKeyDictionary()

    def note(self, transport: asyncio.Transport | None) -> None:
        """Look after *transport* from now on."""
        if transport is not None and transport not in self._seen:
            self._seen[transport] = (0, self._monotonic())

    def waiting(self) -> int:
        """How many connections have not taken all that was sent to them."""
        return sum(1 for transport in list(self._seen) if transport.get_write_buffer_size())

    async def sweep(self) -> int:
        """Look at all of them; returns how many were hung up on."""
        now, given_up = self._monotonic(), 0
        for transport, (before, since) in list(self._seen.items()):
            unsent = transport.get_write_buffer_size()  # also of one that closes: what is left goes out first
            moves = unsent == 0 or unsent < before
            if not moves and now - since >= self._after_s:
                transport.abort()
                given_up += 1
            self._seen[transport] = (unsent, now if moves else since)
        if given_up:
            log.info("stalled_connections_closed", count=given_up)
        return given_up
