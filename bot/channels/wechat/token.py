"""The access token of an account: one fetch at a time, kept until shortly before it expires, renewed once when WeChat says so."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.delivery import ChannelBusy
from config.clock import Clock
from store.tokens import AccessToken, TokenStore

EARLY_S = 300.0  # before this the platform hands out the same token; within it, it may hand out the next
FORCED_APART_S = 30.0  # the platform's own limit for forced refreshes, of which there are 20 a day

Fetch = Callable[[bool], Awaitable[tuple[str, float]]]  # force -> (token, seconds it lasts)


class TokenSource:
    """Gives out the token of one account."""

    def __init__(self, name: str, fetch: Fetch, store: TokenStore, clock: Clock, *, can_force: bool = True) -> None:
        """*name* is public, such as an appid. Without *can_force* the platform knows no forced refresh."""
        self._name = name
        self._fetch = fetch
        self._store = store
        self._clock = clock
        self._can_force = can_force

    async def current(self) -> str:
        """A token that should work. However many ask at once, one fetches."""
        token = await self._usable()
        if token is None:
            async with self._store.lock(self._name):
                token = await self._usable() or await self._renew(force=False)
        return token.value

    async def after(self, failed: str) -> str:
        """A token other than *failed*, which WeChat just refused. Raises ``ChannelBusy`` when there is none to be had yet."""
        async with self._store.lock(self._name):
            token = await self._usable()
            if token is None or token.value == failed:
                token = await self._renew(force=False)
            if token.value == failed:
                # The platform believes in it as well: only a forced refresh gives another one.
                if not self._can_force or not await self._store.may_force(self._name, FORCED_APART_S):
                    raise ChannelBusy(FORCED_APART_S, "token_refused")
                token = await self._renew(force=True)
            return token.value

    async def _usable(self) -> AccessToken | None:
        token = await self._store.load(self._name)
        return token if token is not None and token.expires_at > self._clock.now() else None

    async def _renew(self, *, force: bool) -> AccessToken:
        value, lasts_s = await self._fetch(force)
        # Close to its end a token is not kept past it; a short-lived one is kept for half its life.
        kept_s = max(lasts_s - EARLY_S, lasts_s / 2)
        token = AccessToken(value, self._clock.now() + timedelta(seconds=kept_s))
        await self._store.save(self._name, token)
        return token
