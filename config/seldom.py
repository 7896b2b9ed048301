"""Says a few of many alike: what a stranger can cause a thousand times a second must not fill a disk with log lines."""

import time
from collections.abc import Callable, Hashable

FORGET_AT = 1000  # kinds; more than we have, so only somebody making them up gets there


class Seldom:
    """Lets *a_second* of a kind through in each second and counts the rest."""

    def __init__(self, a_second: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._a_second = a_second
        self._monotonic = monotonic
        self._kinds: dict[Hashable, tuple[float, int]] = {}  # start of the second, how many since
        self._held: dict[Hashable, int] = {}

    def __call__(self, kind: Hashable) -> int | None:
        """How many of *kind* were held back since the last one let through; None: hold this one back too."""
        now = self._monotonic()
        began, count = self._kinds.get(kind, (now, 0))
        if now - began >= 1:
            began, count = now, 0
        if len(self._kinds) >= FORGET_AT:
            self._kinds.clear()
            self._held.clear()
        self._kinds[kind] = (began, count + 1)
        if count < self._a_second:
            return self._held.pop(kind, 0)
        self._held[kind] = self._held.get(kind, 0) + 1
        return None
