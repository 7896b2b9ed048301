"""The access token of an account: one fetch at a time, kept until shortly before it expires, renewed once when WeChat says so."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.delivery import ChannelBusy
from config.clock import Clock

EARLY_S = 300.0  # before this the platform hands out the same token; within it, it may hand out the next
FORCED_APART_S = 30.0  # the platform's own limit for forced refreshes, of which there are 20 a day


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and until when it works. Its value must not reach a log."""

    value: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"AccessToken(expires_at={self.expires_at.isoformat()})"


class TokenStore(Protocol):
    """Where tokens are kept between calls, perhaps shared by several processes. May forget: then one is fetched."""

    async def load(self, appid: str) -> AccessToken | None:
        """The token kept for *appid*, if any."""
        ...

    async def save(self, appid: str, token: AccessToken) -> None:
        """Keep *token* at least until it expires."""
        ...


class MemoryTokens:
    """Tokens of this process. Enough for several processes too: ``stable_token`` gives all of them the same one."""

    def __init__(self) -> None:
        self._tokens: dict[str, AccessToken] = {}

    async def load(self, appid: str) -> AccessToken | None:
        """The token kept for *appid*, if any."""
        return self._tokens.get(appid)

    async def save(self, appid: str, token: AccessToken) -> None:
        """Keep *token*."""
        self._tokens[appid] = token


Fetch = Callable[[bool], Awaitable[tuple[str, float]]]  # force -> (token, seconds it lasts)


class TokenSource:
    """Gives out the token of one account."""

    def __init__(self, appid: str, fetch: Fetch, store: TokenStore, clock: Clock) -> None:
        self._appid = appid
        self._fetch = fetch
        self._store = store
        self._clock = clock
        self._lock = asyncio.Lock()
        self._forced_at: datetime | None = None

    async def current(self) -> str:
        """A token that should work. However many ask at once, one fetches."""
        token = await self._usable()
        if token is None:
            async with self._lock:
                token = await self._usable() or await self._renew(force=False)
        return token.value

    async def after(self, failed: str) -> str:
        """A token other than *failed*, which WeChat just refused. Raises ``ChannelBusy`` when there is none to be had yet."""
        async with self._lock:
            token = await self._usable()
            if token is None or token.value == failed:
                token = await self._renew(force=False)
            if token.value == failed:
                # The platform believes in it as well: only a forced refresh gives another one.
                now = self._clock.now()
                if self._forced_at is not None and now - self._forced_at < timedelta(seconds=FORCED_APART_S):
                    raise ChannelBusy(FORCED_APART_S, "token_refused")
                self._forced_at = now
                token = await self._renew(force=True)
            return token.value

    async def _usable(self) -> AccessToken | None:
        token = await self._store.load(self._appid)
        return token if token is not None and token.expires_at > self._clock.now() else None

    async def _renew(self, *, force: bool) -> AccessToken:
        value, lasts_s = await self._fetch(force)
        # Close to its end a token is not kept past it; a short-lived one is kept for half its life.
        kept_s = max(lasts_s - EARLY_S, lasts_s / 2)
        token = AccessToken(value, self._clock.now() + timedelta(seconds=kept_s))
        await self._store.save(self._appid, token)
        return token
