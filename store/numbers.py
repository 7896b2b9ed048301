"""Ticket numbers: the day in Shanghai, a sequence reserved in blocks, a check character. Gaps are allowed, repeats are not."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from config.clock import in_shanghai
from store.engine import Store, Tx
from store.errors import Conflict
from store.tables import ticket_sequences
from store.ticket_number import format_number

BLOCK = 100


def _reserve(tx: Tx, day: str, count: int) -> int:
    row = tx.conn.execute(select(ticket_sequences).where(ticket_sequences.c.day == day).with_for_update()).one_or_none()
    if row is None:
        tx.conn.execute(insert(ticket_sequences).values(day=day, next=1 + count))
        return 1
    tx.conn.execute(update(ticket_sequences).where(ticket_sequences.c.day == day).values(next=row.next + count))
    return int(row.next)


class TicketNumbers:
    """This process's share of the day's numbers. ``peek`` and ``take`` never wait; ``ready`` makes sure that they need not."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._begins = self._ends = datetime.min.replace(tzinfo=UTC)  # the day in Shanghai that the block is of
        self._next = 0
        self._end = 0
        self._shown: tuple[int, str] | None = None  # the next number as text: most turns are shown it and do not take it
        self._lock = asyncio.Lock()

    async def ready(self, now: datetime) -> None:
        """Hold at least one number of today's in hand. Call it before every ``peek`` or ``take``."""
        if self._has(now):
            return
        async with self._lock:
            if self._has(now):
                return
            day = f"{in_shanghai(now):%Y%m%d}"
            try:
                first = await self._store.write(lambda tx: _reserve(tx, day, BLOCK))
            except Conflict:  # another process made the day's row first
                first = await self._store.write(lambda tx: _reserve(tx, day, BLOCK))
            midnight = in_shanghai(now).replace(hour=0, minute=0, second=0, microsecond=0)
            self._begins, self._ends = midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
            self._next, self._end, self._shown = first, first + BLOCK, None

    def _has(self, now: datetime) -> bool:
        return self._begins <= now < self._ends and self._next < self._end

    def peek(self, now: datetime) -> str:
        """The number that ``take`` would give; it stays available."""
        if not self._has(now):
            raise RuntimeError("ready() was not awaited")
        if self._shown is None or self._shown[0] != self._next:
            self._shown = self._next, format_number(in_shanghai(now).date(), self._next)
        return self._shown[1]

    def take(self, now: datetime) -> str:
        """A number that nobody else gets."""
        number = self.peek(now)
        self._next += 1
        return number
