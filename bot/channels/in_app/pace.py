"""How fast a customer is listened to: who sends faster is read more slowly, and loses nothing.

What a page sends while it is not read stays in the network, and then with the page: the connection itself slows it down.
"""

import asyncio

BURST_S = 5.0  # so many seconds' worth of frames may come at once
LONGEST_WAIT_S = 5.0
MAX_REMEMBERED = 20_000


class Pace:
    """Keeps frames to *per_customer* a second, and to *per_address* for all customers at one address; 0 is no limit."""

    def __init__(self, per_customer: float, per_address: float) -> None:
        self._per_customer = per_customer
        self._per_address = per_address
        self._due: dict[str, float] = {}  # when, at that pace, the next frame would have its turn

    async def keep(self, customer: str, address: str) -> None:
        """Wait until the next frame of this customer at this address may be taken."""
        now = asyncio.get_running_loop().time()
        wait = max(self._counted(f"c{customer}", self._per_customer, now), self._counted(f"a{address}", self._per_address, now))
        if wait > 0:
            await asyncio.sleep(min(wait, LONGEST_WAIT_S))

    def _counted(self, who: str, a_second: float, now: float) -> float:
        if not a_second:
            return 0.0
        if len(self._due) >= MAX_REMEMBERED:
            self._due = {name: due for name, due in self._due.items() if due > now}
        due = max(self._due.get(who, now), now)
        self._due[who] = due + 1 / a_second
        return due - now - BURST_S
