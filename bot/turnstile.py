"""Lets a few through at a time: strangers who are refused as fast as they can ask would otherwise take the customers' time."""

import asyncio
from collections import deque

A_TICK = 20
TICK_S = 0.01  # so 2,000 a second
MOST_WAITING = 500  # a quarter of a second; each may hold a body of which the first part has been read


class Turnstile:
    """Passes *a_tick* callers in each tick and lets the others wait in order. Works inside a running event loop."""

    def __init__(self, a_tick: int = A_TICK, tick_s: float = TICK_S, most_waiting: int = MOST_WAITING) -> None:
        self._a_tick = a_tick
        self._tick_s = tick_s
        self._most_waiting = most_waiting
        self._left = a_tick
        self._ticking = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def passed(self) -> bool:
        """Wait for one's turn. False at once when too many wait already."""
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_later(self._tick_s, self._tick)
        if self._left:
            self._left -= 1
            return True
        if len(self._waiting) >= self._most_waiting:
            return False
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn
        return True

    def _tick(self) -> None:
        self._left = self._a_tick
        while self._left and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # who was cancelled meanwhile takes no turn
                turn.set_result(None)
                self._left -= 1
        self._ticking = self._left < self._a_tick
        if self._ticking:
            asyncio.get_running_loop().call_later(self._tick_s, self._tick)
