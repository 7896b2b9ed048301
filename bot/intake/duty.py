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
        bell.subscribe(self._hear)

    def _hear(self, news: News) -> None:
        if news.conversation_id in (AGENTS, QUEUE):
            self._duty = None

    async def at(self, now: datetime) -> Duty:
        """Who is there at *now*, which is the present moment."""
        read_at = asyncio.get_running_loop().time()
        if self._duty is None or read_at - self._read_at > FRESH_S:

            def ask(tx: Tx) -> Duty:
                there = agents.on_duty(tx, now, self._presence_timeout_s)
                return Duty(there, queue.length(tx), pace(servings.pickups_since(tx, now - WINDOW), len(there), now))

            self._duty, self._read_at = await self._store.read(ask), read_at
        return self._duty
