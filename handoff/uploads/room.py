"""How much of strangers' files may be in memory at once, and be left here in an hour: neither may be the end of the service."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic


class NoRoom(Exception):
    """More would be too much just now."""


class Share:
    """What one upload holds."""

    def __init__(self, room: "Room", who: str) -> None:
        self._room = room
        self._who = who
        self.held = 0

    def grow(self, count: int) -> None:
        """Hold *count* bytes more. Raises ``NoRoom``, and holds what it held."""
        self._room.take(self._who, count)
        self.held += count


class Room:
    """*most* bytes for everybody together, and half of it for any one address."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    @contextmanager
    def share(self, who: str | None) -> Iterator[Share]:
        """A share for an upload from the address *who*, given back at the end."""
        share = Share(self, who or "")
        try:
            yield share
        finally:
            self._held[who or ""] -= share.held
            self._held += Counter()  # forgets addresses that hold nothing

    def take(self, who: str, count: int) -> None:
        """Note that *who* holds *count* more. Raises ``NoRoom``."""
        if self._held[who] + count > self._most // 2 or self._held.total() + count > self._most:
            raise NoRoom
        self._held[who] += count


AN_HOUR_S = 3600.0
MAX_REMEMBERED = 20_000


class Allowance:
    """So many bytes an hour for an address: what was kept of it is forgotten evenly."""

    def __init__(self, per_h: int, now: Callable[[], float] = monotonic) -> None:
        """0 for *per_h* is no limit."""
        self._per_h = per_h
        self._now = now
        self._kept: dict[str, tuple[float, float]] = {}  # how much counts still, and when that was worked out

    def is_used_up(self, who: str) -> bool:
        """Whether *who* has left as much as may be left."""
        return bool(self._per_h) and self._counts(who) >= self._per_h

    def count(self, who: str, length: int) -> None:
        """Note that a file of that length was kept."""
        if len(self._kept) >= MAX_REMEMBERED:
            self._kept = {name: kept for name, kept in self._kept.items() if self._counts(name) > 0}
        self._kept[who] = (self._counts(who) + length, self._now())

    def _counts(self, who: str) -> float:
        kept, at = self._kept.get(who, (0.0, 0.0))
        return max(kept - (self._now() - at) * self._per_h / AN_HOUR_S, 0.0)
