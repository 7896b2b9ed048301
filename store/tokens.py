"""Access tokens of platforms, kept between calls: in this process, or in Redis for all processes together.

A token may be forgotten at any time: then one is fetched. So Redis being away costs a fetch and no more.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from config.clock import Clock
from store.crypto import Crypto, Undecipherable
from store.pauses import RedisPauses
from store.quotas import RedisQuota

log = structlog.get_logger(__name__)

LOCK_LASTS_S = 20.0  # longer than a fetch may take; a process that dies holding it delays the others by this
LOCK_EVERY_S = 0.05
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and until when it works. Its value must not reach a log."""

    value: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"AccessToken(expires_at={self.expires_at.isoformat()})"


class TokenStore(Protocol):
    """Where tokens are kept between calls. *name* is the account's public id; it may forget everything."""

    async def load(self, name: str) -> AccessToken | None:
        """The token kept for *name*, if any."""
        ...

    async def save(self, name: str, token: AccessToken) -> None:
        """Keep *token* until it expires."""
        ...

    def lock(self, name: str) -> AbstractAsyncContextManager[None]:
        """Only one at a time fetches the token of *name*."""
        ...

    async def may_force(self, name: str, apart_s: float) -> bool:
        """Whether the last forced refresh of *name* lies *apart_s* seconds back; if so, one counts as made now."""
        ...


class MemoryTokens:
    """Tokens of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, AccessToken] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._forced: dict[str, datetime] = {}

    async def load(self, name: str) -> AccessToken | None:
        """The token kept for *name*, if any."""
        return self._tokens.get(name)

    async def save(self, name: str, token: AccessToken) -> None:
        """Keep *token*."""
        self._tokens[name] = token

    def lock(self, name: str) -> asyncio.Lock:
        """One at a time in this process."""
        return self._locks.setdefault(name, asyncio.Lock())

    async def may_force(self, name: str, apart_s: float) -> bool:
        """Whether the last forced refresh was long enough ago; if so, one counts as made now."""
        now, last = self._clock.now(), self._forced.get(name)
        if last is not None and now - last < timedelta(seconds=apart_s):
            return False
        self._forced[name] = now
        return True


class RedisTokens:
    """Tokens that all processes share: sealed values under fingerprints, so that Redis shows neither account nor token."""

    def __init__(self, redis: Any, crypto: Crypto, clock: Clock) -> None:
        """*redis* is an asyncio client."""
        self._redis = redis
        self._crypto = crypto
        self._clock = clock
        self._here = MemoryTokens(clock)  # what is left when Redis is away

    @classmethod
    def at(cls, url: str, crypto: Crypto, clock: Clock) -> "RedisTokens":
        """Tokens in the Redis at *url*."""
        import redis.asyncio

        return cls(redis.asyncio.from_url(url, socket_connect_timeout=2, socket_timeout=2), crypto, clock)

    def pauses(self) -> RedisPauses:
        """Pauses kept in the same Redis, through the same connections."""
        return RedisPauses(self._redis, self._crypto, self._clock)

    def quota(self, per_h: int) -> RedisQuota:
        """How many bytes an address may leave in an hour, counted in the same Redis."""
        return RedisQuota(self._redis, self._crypto, self._clock, per_h)

    async def close(self) -> None:
        """Let the connections go."""
        await self._redis.aclose()

    async def load(self, name: str) -> AccessToken | None:
        """The token kept for *name*; the one of this process while Redis is away."""
        key = self._key("token", name)
        try:
            sealed = await self._redis.get(key)
        except Exception:  # noqa: BLE001 -- the library's errors are many, and all mean: away
            return await self._here.load(name)
        if sealed is None:
            return None
        try:
            value, expires_at = json.loads(self._crypto.decrypt(sealed.decode(), key))
            return AccessToken(value, datetime.fromisoformat(expires_at))
        except (Undecipherable, ValueError, TypeError):
            return None  # of another key ring: overwritten by the next fetch

    async def save(self, name: str, token: AccessToken) -> None:
        """Keep *token* until it expires."""
        await self._here.save(name, token)
        lasts_ms = int((token.expires_at - self._clock.now()).total_seconds() * 1000)
        key = self._key("token", name)
        sealed = self._crypto.encrypt(json.dumps([token.value, token.expires_at.isoformat()]), key)
        try:
            await self._redis.set(key, sealed, px=max(lasts_ms, 1))
        except Exception:  # noqa: BLE001 -- as above
            log.warning("token_not_shared")

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        """One at a time in all processes; in this process alone while Redis is away."""
        key, mine = self._key("lock", name), secrets.token_hex(16)
        async with self._here.lock(name):
            held = await self._acquire(key, mine)
            try:
                yield
            finally:
                if held:
                    await self._release(key, mine)

    async def _acquire(self, key: str, mine: str) -> bool:
        for _ in range(int(LOCK_LASTS_S / LOCK_EVERY_S)):
            try:
                if await self._redis.set(key, mine, nx=True, px=int(LOCK_LASTS_S * 1000)):
                    return True
            except Exception:  # noqa: BLE001 -- as above
                log.warning("token_lock_not_shared")
                return False
            await asyncio.sleep(LOCK_EVERY_S)
        return False

    async def _release(self, key: str, mine: str) -> None:
        try:
            await self._redis.eval(_RELEASE, 1, key, mine)
        except Exception:  # noqa: BLE001 -- it runs out by itself
            log.warning("token_lock_not_released")

    async def may_force(self, name: str, apart_s: float) -> bool:
        """Whether no process forced a refresh lately; if so, one counts as made now."""
        try:
            return bool(await self._redis.set(self._key("forced", name), b"1", nx=True, px=int(apart_s * 1000)))
        except Exception:  # noqa: BLE001 -- as above
            return await self._here.may_force(name, apart_s)

    def _key(self, what: str, name: str) -> str:
        return f"huiyin:{what}:{self._crypto.hmac('platform_account', name)[:32]}"
