"""Keeps the word index up with what is said, beside the turns: a message can be searched within a second of its commit.

The bell says where something was said. It may be lost, so every few seconds the conversations that moved are looked through as
well, from a little before the place reached: what was committed late is met then. The same walk, begun at the first conversation,
builds the index anew, a stretch at a time, so that what is said meanwhile does not wait for the end of it.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from config.clock import Clock
from store import known_facts, search_index
from store.bell import AGENTS, QUEUE, Bell, News
from store.engine import Store, Tx
from store.errors import Conflict
from store.filling_in import fill_in
from store.search_index import Changed, Document
from store.tables import EPOCH

CURSOR = "search_cursor"
TICKETS = "search_tickets"  # there once all tickets are indexed, and no more than the new ones need be looked at
LEASE = "search_lease"
LEASE_FOR = timedelta(seconds=20)
OVERLAP = timedelta(seconds=60)  # a commit becomes visible later than its own time says
WALK_EVERY = timedelta(seconds=5)
CONVERSATIONS_A_READ = 200
READS_A_WALK = 5
DOCUMENTS_A_WRITE = 200  # a longer write would keep turns waiting
MAX_REMEMBERED = 50_000
DAY = timedelta(days=1)


class Indexer:
    """Indexes what is new whenever ``catch_up`` is called."""

    def __init__(self, store: Store, clock: Clock, bell: Bell) -> None:
        self._store = store
        self._clock = clock
        self._id = secrets.token_hex(8)
        self._rung: set[str] = set()
        self._reached: dict[str, int] = {}  # how far conversations that moved lately are indexed
        self._walked_at = EPOCH
        self._stopped_at: tuple[datetime, str] | None = None  # where a walk goes on that was not at its end
        self._is_leading = False
        bell.subscribe(self._hear)

    def _hear(self, news: News) -> None:
        if news.conversation_id not in (QUEUE, AGENTS):
            self._rung.add(news.conversation_id)

    async def catch_up(self) -> int:
        """Index what was said since, and a stretch of what is older and not indexed; returns how many documents that were."""
        now = self._clock.now()
        rung, self._rung = self._rung, set()
        walks = self._stopped_at is not None or now - self._walked_at >= WALK_EVERY
        if walks:
            self._is_leading = await self._leads(now)
        if not self._is_leading:
            return 0
        if walks:
            await fill_in(self._store)
        try:
            count = await self._messages(rung)
            if walks:
                count += await self._tickets(now) + await self._walk()
                self._walked_at = now
        except Conflict:
            return 0  # another process was here, or two ids were the same: the next walk sees what is left
        return count

    async def rebuild(self) -> int:
        """Walk through everything from the beginning; what is indexed already stays."""
        await self._store.write(_from_the_beginning)
        self._reached.clear()
        self._stopped_at = None
        count = await self._tickets(self._clock.now()) + await self._walk()
        while self._stopped_at is not None:
            count += await self._walk()
        return count

    async def _leads(self, now: datetime) -> bool:
        """Whether this process is the one that indexes: two would do everything twice."""
        if self._store.is_sqlite:
            return True
        try:
            return await self._store.write(lambda tx: known_facts.lease(tx, LEASE, self._id, now, now + LEASE_FOR))
        except Conflict:
            return False

    async def _walk(self) -> int:
        count = 0
        since, after = self._stopped_at or (await self._store.read(_reached) - OVERLAP, "")
        self._stopped_at = None
        for _ in range(READS_A_WALK):
            moved = await self._store.read(_looking(since, after))
            if not moved:
                return count
            count += await self._moved(moved)
            since, after = moved[-1].updated_at, moved[-1].id
        self._stopped_at = since, after
        return count

    async def _moved(self, moved: Sequence[Changed]) -> int:
        behind = [item for item in moved if self._reached.get(item.id, -1) < item.last_seq]
        if not behind:
            return 0
        count = await self._messages([item.id for item in behind])
        at = moved[-1].updated_at
        await self._store.write(lambda tx: known_facts.put_moment(tx, CURSOR, at))
        if len(self._reached) > MAX_REMEMBERED:
            self._reached.clear()
        self._reached.update({item.id: item.last_seq for item in behind})
        return count

    async def _messages(self, conversations: Iterable[str]) -> int:
        names = list(conversations)
        count = 0
        for start in range(0, len(names), CONVERSATIONS_A_READ):
            some = names[start : start + CONVERSATIONS_A_READ]
            found = await self._store.read(lambda tx, some=some: search_index.unindexed_messages(tx, some))  # type: ignore[misc]
            count += await self._add(found)
        return count

    async def _tickets(self, now: datetime) -> int:
        """Tickets are numbered by day: those of today and yesterday, or all of them where that was never done."""
        are_known = await self._store.read(lambda tx: known_facts.get(tx, TICKETS))
        count, after = 0, f"FB{now - DAY - DAY:%Y%m%d}" if are_known else ""
        while found := await self._store.read(lambda tx, a=after: search_index.unindexed_tickets(tx, a, DOCUMENTS_A_WRITE)):  # type: ignore[misc]
            count += await self._add(found)
            after = found[-1].subject
        if not are_known:
            await self._store.write(lambda tx: known_facts.put(tx, TICKETS, "1"))
        return count

    async def _add(self, documents: Sequence[Document]) -> int:
        for start in range(0, len(documents), DOCUMENTS_A_WRITE):
            posted = search_index.posted(documents[start : start + DOCUMENTS_A_WRITE], is_sqlite=self._store.is_sqlite)
            await self._store.write(lambda tx, posted=posted: search_index.add(tx, posted), key="search")  # type: ignore[misc]
            await asyncio.sleep(0)
        return len(documents)


def _looking(since: datetime, after: str) -> Callable[[Tx], tuple[Changed, ...]]:
    return lambda tx: search_index.changed(tx, since, after, CONVERSATIONS_A_READ)


def _reached(tx: Tx) -> datetime:
    return known_facts.get_moment(tx, CURSOR)


def _from_the_beginning(tx: Tx) -> None:
    known_facts.put_moment(tx, CURSOR, EPOCH)
    known_facts.drop(tx, TICKETS)
