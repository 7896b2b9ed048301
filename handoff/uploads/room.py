"""How much of strangers' files may be in memory at once: it may not be the end of the service."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


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
