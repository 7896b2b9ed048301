"""The loops that run beside the requests. A loop that dies takes the process down, loudly: a supervisor starts a new one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import structlog

from bot.delivery import Delivery
from bot.intake import Intake
from store.errors import StoreError

log = structlog.get_logger(__name__)

PENDING_EVERY_S = 0.5


class Background:
    """Starts the loops and stops them.

    *every* names work to be done again after so many seconds, *forever* what ends only here.
    """

    def __init__(
        self,
        *,
        intake: Intake,
        delivery: Delivery,
        every: Mapping[str, tuple[float, Callable[[], Awaitable[object]]]],
        forever: Mapping[str, Callable[[], Awaitable[None]]],
        on_death: Callable[[], None],
    ) -> None:
        self._intake = intake
        self._delivery = delivery
        self._work = every
        self._forever = dict(forever)
        self._on_death = on_death
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run *loop* as well, which ends by being cancelled alone."""
        self._forever[name] = loop

    def start(self) -> None:
        """Run everything until ``stop``."""
        loops: dict[str, Awaitable[None]] = {
            "delivery": self._delivery.run(),
            "pending": self._every(PENDING_EVERY_S, self._intake.answer_pending),
            **{name: self._every(seconds, work) for name, (seconds, work) in self._work.items()},
            **{name: run() for name, run in self._forever.items()},
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

    async def stop(self) -> None:
        """Cancel the loops and wait until they are gone. What they were sending is still in the outbox."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
