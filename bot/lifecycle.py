"""The loops that run beside the requests. A loop that dies takes the process down, loudly: a supervisor starts a new one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.delivery import Delivery
from bot.intake import Intake
from config.catalogue import Catalogue
from config.clock import Clock
from config.settings import Settings
from store import life
from store.bell import QUEUE, Bell
from store.engine import Store
from store.errors import StoreError

log = structlog.get_logger(__name__)

PENDING_EVERY_S = 0.5
LIFE_EVERY_S = 60.0
BATCH = 200


class Background:
    """Starts the loops and stops them. *every* names work to be done again after so many seconds."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        bell: Bell,
        clock: Clock,
        intake: Intake,
        delivery: Delivery,
        every: Mapping[str, tuple[float, Callable[[], Awaitable[object]]]],
        catalogue: Catalogue,
        on_death: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._intake = intake
        self._delivery = delivery
        self._work = every
        self._catalogue = catalogue
        self._on_death = on_death
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Run everything until ``stop``."""
        loops: dict[str, Awaitable[None]] = {
            "delivery": self._delivery.run(),
            "pending": self._every(PENDING_EVERY_S, self._intake.answer_pending),
            "life": self._every(LIFE_EVERY_S, self.end_silent),
            **{name: self._every(seconds, work) for name, (seconds, work) in self._work.items()},
        }
        for name, loop in loops.items():
            task = asyncio.ensure_future(loop)
            task.set_name(name)
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        log.critical("background_loop_died", loop=task.get_name(), exc_info=task.exception())
        self._on_death()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            with suppress(StoreError):  # a database that is away only delays
                await work()
            await asyncio.sleep(seconds)

    async def end_silent(self) -> int:
        """End conversations that have been silent for too long; returns how many."""
        now = self._clock.now()
        bot_before = now - timedelta(hours=self._settings.life.bot_idle_h)
        human_before = now - timedelta(hours=self._settings.life.human_idle_h)
        ended = 0
        while batch := await self._end_batch(now, bot_before, human_before):
            ended += batch
        return ended

    async def _end_batch(self, now: datetime, bot_before: datetime, human_before: datetime) -> int:
        notice = self._catalogue.text("life.ended_silent")
        found = await self._store.write(
            lambda tx: life.end_silent(tx, now, bot_before=bot_before, human_before=human_before, notice=notice, limit=BATCH),
            key="life",
        )
        for conversation_id, seq in found:
            self._bell.ring(conversation_id, seq)
        if found:
            self._bell.ring(QUEUE)
        return len(found)

    async def stop(self) -> None:
        """Cancel the loops and wait until they are gone. What they were sending is still in the outbox."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
