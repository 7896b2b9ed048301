"""How many bytes an address may leave here in an hour: counted in this process, or in Redis for all processes together.

Redis being away leaves each process with what it has counted itself, and no upload waits or fails for it.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol

import structlog

from config.clock import Clock
from store.crypto import Crypto

log = structlog.get_logger(__name__)

AN_HOUR_S = 3600
MAX_REMEMBERED = 20_000


class Quota(Protocol):
    """So many bytes an hour for an address."""

    async def is_used_up(self, who: str) -> bool:
        """Whether *who* has left as much as may be left."""
        ...

    async def count(self, who: str, length: int) -> None:
        """Note that a file of that length was kept."""
        ...


class MemoryQuota:
    """The quota of this process: what was kept of an address is forgotten evenly."""

    def __init__(self, per_h: int, now: Callable[[], float] = monotonic) -> None:
        """0 for *per_h* is no limit."""
        self._per_h = per_h
        self._now = now
        self._kept: dict[str, tuple[float, float]] = {}  # how much counts still, and when that was worked out

    async def is_used_up(self, who: str) -> bool:
        """Whether *who* has left as much as may be left."""
        return bool(self._per_h) and self._counts(who) >= self._per_h

    async def count(self, who: str, length: int) -> None:
        """Note that a file of that length was kept."""
        if len(self._kept) >= MAX_REMEMBERED:
            self._kept = {name: kept for name, kept in self._kept.items() if self._counts(name) > 0}
        self._kept[who] = (self._counts(who) + length, self._now())

    def _counts(self, who: str) -> float:
        kept, at = self._kept.get(who, (0.0, 0.0))
        return max(kept - (self._now() - at) * self._per_h / AN_HOUR_S, 0.0)


class RedisQuota:
    """The quota that all processes share: a number an hour and address, of which the last hour's counts less and less.

    A key names the hour and a fingerprint, so that Redis sees no address. It runs out with the hour after its own.
    """

    def __init__(self, redis: Any, crypto: Crypto, clock: Clock, per_h: int) -> None:
        """*redis* is an asyncio client; 0 for *per_h* is no limit."""
        self._redis = redis
        self._crypto = crypto
        self._clock = clock
        self._per_h = per_h
        self._here = MemoryQuota(per_h, lambda: clock.now().timestamp())

    async def is_used_up(self, who: str) -> bool:
        """Whether *who* has left as much as may be left, at whichever process."""
        if not self._per_h:
            return False
        hour, gone = divmod(self._clock.now().timestamp(), AN_HOUR_S)
        try:
            now, before = map(int, [kept or 0 for kept in await self._redis.mget(self._key(who, hour), self._key(who, hour - 1))])
        except Exception:  # noqa: BLE001 -- the library's errors are many, and all mean: away
            return await self._here.is_used_up(who)
        return now + before * (1 - gone / AN_HOUR_S) >= self._per_h

    async def count(self, who: str, length: int) -> None:
        """Note that a file of that length was kept, for every process."""
        if not self._per_h:
            return
        await self._here.count(who, length)
        key = self._key(who, self._clock.now().timestamp() // AN_HOUR_S)
        try:
            async with self._redis.pipeline(transaction=True) as together:
                together.incrby(key, length)
                together.expire(key, 2 * AN_HOUR_S)
                await together.execute()
        except Exception:  # noqa: BLE001 -- as above
            log.warning("upload_not_counted_for_all")

    def _key(self, who: str, hour: float) -> str:
        return f"huiyin:uploads:{int(hour)}:{self._crypto.hmac('upload_address', who)[:32]}"
