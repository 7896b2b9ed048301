"""Access tokens by the platform's rules, for ``/token``, ``/stable_token`` and a company's ``/gettoken``."""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.calls import ApiError
from config.clock import Clock

LASTS = timedelta(seconds=7200)
EARLY = timedelta(seconds=300)  # from here on stable_token gives the next one; the last one of /token works on this long
FORCED_APART = timedelta(seconds=30)
FORCED_A_DAY = 20
FETCHED_A_DAY = 2000  # of /token
FETCHED_A_MINUTE = 10_000  # of /stable_token
SHORTEST = 20  # characters; what is shorter was never a token


@dataclass(frozen=True, slots=True)
class _Token:
    account: str
    way: str  # token, stable or company: the three ways know nothing of each other
    expires_at: datetime


class Tokens:
    """All tokens ever given out, so that an expired one can be told from one made up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._newest: dict[tuple[str, str], str] = {}  # account and way -> token
        self._fetched: Counter[tuple[str, str, str]] = Counter()  # account, way and day or minute
        self._forced_at: dict[str, datetime] = {}

    def live(self) -> list[str]:
        """The tokens that work now."""
        now = self._clock.now()
        return [value for value, token in self._tokens.items() if token.expires_at > now]

    def forget(self) -> None:
        """All tokens stop working, and nobody remembers that they ever did."""
        self._tokens.clear()
        self._newest.clear()

    def expire(self) -> None:
        """All tokens expire now."""
        now = self._clock.now()
        self._tokens = {value: replace(token, expires_at=min(token.expires_at, now)) for value, token in self._tokens.items()}
        self._newest.clear()

    def by_token(self, account: FakeAccount) -> dict[str, Any]:
        """``/token``: every call makes a new one, and the one before works five minutes longer."""
        self._count(account, "token", "day", FETCHED_A_DAY, 45009)
        before = self._newest.get((account.name, "token"))
        if before in self._tokens:
            known = self._tokens[before]
            self._tokens[before] = replace(known, expires_at=min(known.expires_at, self._clock.now() + EARLY))
        return self._new(account, "token")

    def by_stable_token(self, account: FakeAccount, *, force: bool) -> dict[str, Any]:
        """``/stable_token``: the same one until five minutes before its end; a forced one ends the one before at once."""
        self._count(account, "stable", "minute", FETCHED_A_MINUTE, 45011)
        if not force:
            return self._same(account, "stable", EARLY)
        now = self._clock.now()
        last = self._forced_at.get(account.name)
        if last is not None and now - last < FORCED_APART:
            raise ApiError(45011)
        self._count(account, "forced", "day", FORCED_A_DAY, 45009)
        self._forced_at[account.name] = now
        self._tokens.pop(self._newest.get((account.name, "stable"), ""), None)
        return self._new(account, "stable")

    def by_gettoken(self, account: FakeAccount) -> dict[str, Any]:
        """A company's ``/gettoken``: the same one until it ends."""
        return {"errcode": 0, "errmsg": "ok", **self._same(account, "company", timedelta())}

    def account_of(self, query: Mapping[str, str]) -> str:
        """The name of the account whose token stands in *query*. Raises ``ApiError``."""
        offered = query.get("access_token", "")
        token = self._tokens.get(offered)
        if token is not None:
            if token.expires_at > self._clock.now():
                return token.account
            raise ApiError(42001)
        if not offered:
            raise ApiError(41001)
        raise ApiError(40014 if len(offered) < SHORTEST else 40001)

    def _same(self, account: FakeAccount, way: str, early: timedelta) -> dict[str, Any]:
        value = self._newest.get((account.name, way))
        if value is None or self._tokens[value].expires_at - self._clock.now() <= early:
            return self._new(account, way)
        return self._given(value)

    def _new(self, account: FakeAccount, way: str) -> dict[str, Any]:
        value = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}"
        self._tokens[value] = _Token(account.name, way, self._clock.now() + LASTS)
        self._newest[(account.name, way)] = value
        return self._given(value)

    def _given(self, value: str) -> dict[str, Any]:
        left = self._tokens[value].expires_at - self._clock.now()
        return {"access_token": value, "expires_in": int(left.total_seconds())}

    def _count(self, account: FakeAccount, way: str, per: str, most: int, code: int) -> None:
        now = self._clock.now()
        key = (account.name, way, now.strftime("%Y%m%d" if per == "day" else "%Y%m%d%H%M"))
        if self._fetched[key] >= most:
            raise ApiError(code)
        self._fetched[key] += 1
