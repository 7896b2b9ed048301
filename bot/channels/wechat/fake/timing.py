"""Time for the fake: patience that tests let run out when they want, and a clock that can be put forward."""

import asyncio
from datetime import UTC, datetime, timedelta


class HeldTimer:
    """``sleep`` that ends when ``advance`` has been told to: five seconds of patience without waiting five seconds."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []
        self._changed = asyncio.Condition()

    async def sleep(self, seconds: float) -> None:
        """Return when *seconds* have been advanced."""
        woken = asyncio.Event()
        sleeper = (self._now + seconds, woken)
        async with self._changed:
            self._sleepers.append(sleeper)
            self._changed.notify_all()
        try:
            await woken.wait()
        finally:
            self._sleepers.remove(sleeper)

    async def sleeping(self, count: int = 1) -> None:
        """Wait until *count* wait at once."""
        async with self._changed:
            await self._changed.wait_for(lambda: sum(not woken.is_set() for _, woken in self._sleepers) >= count)

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass for all sleepers."""
        self._now += seconds
        for until, woken in self._sleepers:
            if until <= self._now:
                woken.set()


class ForwardClock:
    """The machine's clock, put forward by as much as somebody wants: for tokens that expire and windows that close."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The present moment, or one ahead of it, in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Put it forward by *seconds*."""
        self._ahead += timedelta(seconds=seconds)
