"""The one clock. It is injected and read once per request; nothing else asks for the time, least of all the database."""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until moved: for tests and for replaying a day."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a timezone-aware start")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was last set to, in UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock by *seconds*."""
        self._now += timedelta(seconds=seconds)


def in_shanghai(moment: datetime) -> datetime:
    """The same moment on the bank's wall clock."""
    return moment.astimezone(SHANGHAI)
