"""Who is there to take over, and how many wait for them: asked once a second at most, however many want to know."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from handoff.waiting import WINDOW, Pace, pace
from store import agents, queue, servings
from store.bell import AGENTS, QUEUE, Bell, News
from store.engine import Store, Tx
from store.model import Agent

FRESH_S = 1.0  # other processes' changes are seen within this; our own at once, through the bell


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is there, how many wait, and how fast they were fetched lately."""

    agents: tuple[Agent, ...]
    queue_length: int
    pace: Pace | None


class DutyRoster:
    """Knows the present duty."""

    def __init__(self, store: Store, bell: Bell, presence_timeout_s: float) -> None:
        self._store = store
        self._presence_timeout_s = presence_timeout_s
        self._duty: Duty | None = None
        self._read_at = 0.0
        self._asking: asyncio.Task[Duty] | None = None  # who comes meanwhile waits for the same answer
        bell.subscribe(self._hear)

    def _hear(self, news: News) -> None:
        if news.conversation_id in (AGENTS, QUEUE):
            self._duty = self._asking = None

    async def at(self, now: datetime) -> Duty:
        """Who is there at *now*, which is the present moment."""
        if self._duty is not None and asyncio.get_running_loop().time() - self._read_at <= FRESH_S:
            return self._duty
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(now))
        # Shielded: a turn that runs out of time takes the answer from nobody else.
        return await asyncio.shield(self._asking)

    async def _ask(self, now: datetime) -> Duty:
        mine, read_at = self._asking, asyncio.get_running_loop().time()

        def ask(tx: Tx) -> Duty:
            there = agents.on_duty(tx, now, self._presence_timeout_s)
            return Duty(there, queue.length(tx), pace(servings.pickups_since(tx, now - WINDOW), len(there), now))

        try:
            duty = await self._store.read(ask)
            if self._asking is mine:  # else the bell rang meanwhile, and this may be out of date
                self._duty, self._read_at = duty, read_at
            return duty
        finally:
            if self._asking is mine:
                self._asking = None
