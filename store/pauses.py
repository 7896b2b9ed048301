"""How long platforms want to be left alone, by account and call: known in this process, or through Redis in all of them.

Redis being away costs each process one refused call, and no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from config.clock import Clock
from store.crypto import Crypto

log = structlog.get_logger(__name__)

FRESH_FOR = timedelta(seconds=1)  # how long others' pauses may go unheard: asking with every call would cost a round trip
KEPT_S = 25 * 3600  # longer than the longest pause, to the end of a day


@dataclass(frozen=True, slots=True)
class Pause:
    """Until when, and the code with which the platform asked for it."""

    code: int
    until: datetime


class Pauses(Protocol):
    """Where pauses are kept. What lies in the past may still be there."""

    async def of(self, account: str) -> Mapping[str, Pause]:
        """The pauses of *account* by call."""
        ...

    async def begin(self, account: str, call: str, pause: Pause) -> None:
        """Leave *call* of *account* alone from now on."""
        ...


class MemoryPauses:
    """Pauses of this process."""

    def __init__(self) -> None:
        self._pauses: dict[str, dict[str, Pause]] = {}

    async def of(self, account: str) -> Mapping[str, Pause]:
        """The pauses of *account* by call."""
        return self._pauses.get(account, {})

    async def begin(self, account: str, call: str, pause: Pause) -> None:
        """Leave *call* alone."""
        self._pauses.setdefault(account, {})[call] = pause


class RedisPauses:
    """Pauses that all processes share; Redis sees no account's name."""

    def __init__(self, redis: Any, crypto: Crypto, clock: Clock) -> None:
        """*redis* is an asyncio client."""
        self._redis = redis
        self._crypto = crypto
        self._clock = clock
        self._heard: dict[str, tuple[datetime, Mapping[str, Pause]]] = {}
        self._here = MemoryPauses()

    async def of(self, account: str) -> Mapping[str, Pause]:
        """The pauses of *account* by call, at most a second old."""
        now = self._clock.now()
        heard_at, shared = self._heard.get(account, (None, {}))
        if heard_at is None or now - heard_at > FRESH_FOR:
            shared = await self._ask(account)
            self._heard[account] = now, shared
        here = await self._here.of(account)
        return {**shared, **here} if here else shared

    async def _ask(self, account: str) -> Mapping[str, Pause]:
        try:
            found = await self._redis.hgetall(self._key(account))
        except Exception:  # noqa: BLE001 -- the library's errors are many, and all mean: away
            return {}
        return {call.decode(): pause for call, value in found.items() if (pause := _pause(value)) is not None}

    async def begin(self, account: str, call: str, pause: Pause) -> None:
        """Leave *call* alone, in every process."""
        await self._here.begin(account, call, pause)
        key = self._key(account)
        try:
            await self._redis.hset(key, call, f"{pause.code} {pause.until.isoformat()}")
            await self._redis.expire(key, KEPT_S)
        except Exception:  # noqa: BLE001 -- as above
            log.warning("pause_not_shared")

    def _key(self, account: str) -> str:
        return f"huiyin:pauses:{self._crypto.hmac('platform_account', account)[:32]}"


def _pause(value: bytes) -> Pause | None:
    code, _, until = value.decode().partition(" ")
    try:
        return Pause(int(code), datetime.fromisoformat(until))
    except ValueError:
        return None
