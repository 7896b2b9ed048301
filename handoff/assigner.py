"""Gives waiting conversations to agents by itself, where the bank wants that."""

import asyncio
from contextlib import suppress
from functools import partial

import structlog

from config.catalogue import Catalogue
from config.clock import Clock
from config.queueing import queueing
from config.settings import Settings
from handoff import assignment
from handoff.assignment import OnDuty
from handoff.duty import on_duty
from handoff.offers import signal_assigned
from handoff.taking import take, welcome
from store import queue
from store.bell import AGENTS, QUEUE, Bell, News
from store.engine import Store, Tx
from store.errors import StoreError
from store.model import QueueEntry
from store.queue import Claimed

log = structlog.get_logger(__name__)

TICK_S = 1.0  # nothing rings when a wait has become long enough


class Assigner:
    """Looks whom it can serve whenever the queue or the staff changes."""

    def __init__(self, settings: Settings, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue
        self._wake = asyncio.Event()
        if self.is_wanted:
            bell.subscribe(self._hear)

    @property
    def is_wanted(self) -> bool:
        """Whether conversations are assigned at all, or only fetched by the agents themselves."""
        return self._settings.desk.assignment != "pulled"

    def _hear(self, news: News) -> None:
        if news.conversation_id in (QUEUE, AGENTS):
            self._wake.set()

    async def run(self) -> None:
        """Assign until cancelled."""
        while True:
            self._wake.clear()
            with suppress(StoreError):  # a database that is away only delays
                await self.assign_due()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), TICK_S)

    async def assign_due(self) -> int:
        """Give everybody who can be served now to an agent; returns how many were given."""
        now = self._clock.now()

        def look(tx: Tx) -> tuple[tuple[QueueEntry, ...], tuple[OnDuty, ...]]:
            waiting = queue.entries(tx)
            return waiting, on_duty(tx, now, self._settings.desk.presence_timeout_s) if waiting else ()

        entries, there = await self._store.read(look)
        agents = {item.agent.id: item.agent for item in there}
        given = 0
        for conversation_id, agent_id in assignment.pairs(entries, there, now, queueing()):
            agent = agents[agent_id]
            greeting = welcome(self._catalogue, agent)
            todo = partial(take, conversation_id=conversation_id, agent=agent, greeting=greeting, now=now, how="assigned")
            # Somebody may have been quicker, and the agent's room is counted again: then it is looked at anew.
            if isinstance(await self._store.write(todo, key=conversation_id), Claimed):
                given += 1
                self._bell.ring(conversation_id)
                signal_assigned(self._bell, conversation_id, agent_id)
        if given:
            log.info("assigned", conversations=given)
            self._bell.ring(QUEUE)
        return given
