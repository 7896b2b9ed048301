"""Calls in the name of one account: with its token, its pauses, and errors that say what to do.

The same for Official Accounts and Mini Programs (``api.weixin.qq.com``) and for WeChat Customer Service (``qyapi``): they
differ in how a token is fetched.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from bot.attention import Attention
from bot.channels.wechat.answers import Do, OutcomeUnknown, error_for, meaning_of, paused_until
from bot.channels.wechat.token import TokenSource
from bot.channels.wechat.transport import Answer, File, Transport, Upload
from bot.delivery import ChannelBusy
from config.clock import Clock
from store.pauses import MemoryPauses, Pause, Pauses
from store.tokens import TokenStore

T = TypeVar("T")

ANY = "*"  # the pause of a whole account
TRIES = 4
FIRST_WAIT_S = 0.2


class Caller:
    """Calls of one account. Raise ``ChannelBusy`` (nothing was done, later perhaps), ``ChannelRefused`` or ``OutcomeUnknown``."""

    def __init__(
        self,
        account: str,
        transport: Transport,
        tokens: TokenSource,
        clock: Clock,
        attention: Attention | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        """*account* is our name for it, such as ``official:main``."""
        self.account = account
        self._transport = transport
        self._tokens = tokens
        self._clock = clock
        self._attention = attention or Attention()
        self._pauses: Pauses = pauses or MemoryPauses()

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        data: Any = None,
        upload: Upload | None = None,
        understood: Collection[int] = (),
        **more: Any,
    ) -> Answer:
        """One call and its answer. A refused token is renewed once, and the call made once more.

        Codes that are *understood* by who calls come back in the answer and are no error.
        """
        await self._refuse_paused(path)
        token = await self.token()
        answer = await self._with(token, method, path, params, data=data, upload=upload, **more)
        if meaning_of(answer.get("errcode", 0)).do is Do.RENEW:
            token = await self._guarded(self._tokens.after(token))
            answer = await self._with(token, method, path, params, data=data, upload=upload, **more)
        return answer if answer.get("errcode") in understood else await self._checked(path, answer)

    async def download(
        self,
        path: str,
        params: dict[str, Any],
        limit: int,
        *,
        part: tuple[int, int] | None = None,
        understood: Collection[int] = (),
    ) -> File | Answer:
        """A file's bytes and announced type, or the JSON that came instead. Reads *limit* + 1 bytes at most, or a *part*."""
        await self._refuse_paused(path)
        token = await self.token()
        got = await self._transport.file(path, {**params, "access_token": token}, limit, part)
        if isinstance(got, dict) and meaning_of(got.get("errcode", 0)).do is Do.RENEW:
            token = await self._guarded(self._tokens.after(token))
            got = await self._transport.file(path, {**params, "access_token": token}, limit, part)
        if isinstance(got, dict) and got.get("errcode") not in understood:
            return await self._checked(path, got)
        return got

    async def follow(self, url: str, limit: int) -> File:
        """The bytes at an address that the platform itself named."""
        return await self._transport.follow(url, limit)

    async def token(self) -> str:
        """A token that should work."""
        return await self._guarded(self._tokens.current())

    async def _guarded(self, fetching: Awaitable[str]) -> str:
        try:
            return await fetching
        except TokenRefused as refused:
            raise await self._failed(ANY, refused.code) from None

    async def _with(self, token: str, method: str, path: str, params: dict[str, Any] | None, **body: Any) -> Answer:
        return await self._transport.json(method, path, params={**(params or {}), "access_token": token}, **body)

    async def _checked(self, path: str, answer: Answer) -> Answer:
        code = answer.get("errcode", 0)  # success may omit it
        if code == 0:
            self._attention.mended(self.account)
            return answer
        if meaning_of(code).do is Do.IGNORE:
            return answer
        raise await self._failed(path, code)

    async def _failed(self, path: str, code: object) -> Exception:
        """The error to raise for *code*, with what follows from it for later calls noted."""
        meaning, now = meaning_of(code), self._clock.now()
        number = code if isinstance(code, int) else 0
        if meaning.do in (Do.STOP, Do.ALERT):
            self._attention.needed(self.account, meaning.reason, number)
        if meaning.do in (Do.STOP, Do.NEXT_DAY, Do.NEXT_MINUTE):
            pause = Pause(number, paused_until(meaning, now))
            await self._pauses.begin(self.account, ANY if meaning.do is Do.STOP else path, pause)
        return error_for(meaning, now)

    async def _refuse_paused(self, path: str) -> None:
        """Don't ask while the answer is known: raises ``ChannelBusy`` until the pause is over."""
        pauses = await self._pauses.of(self.account)
        if not pauses:
            return
        now = self._clock.now()
        for key in (ANY, path):
            pause = pauses.get(key)
            if pause is not None and pause.until > now:
                raise ChannelBusy((pause.until - now).total_seconds(), meaning_of(pause.code).reason)


class TokenRefused(Exception):
    """The platform gave an error code instead of a token."""

    def __init__(self, code: object) -> None:
        super().__init__()
        self.code = code


async def fetched_token(asking: Awaitable[Answer]) -> tuple[str, float]:
    """Token and lifetime from an answer. Raises ``TokenRefused``, or ``ChannelBusy`` when no proper answer came."""
    try:
        answer = await asking
        if answer.get("errcode", 0) != 0:
            raise TokenRefused(answer["errcode"])
        token, lasts_s = answer["access_token"], float(answer["expires_in"])
    except (aiohttp.ClientError, TimeoutError, OutcomeUnknown, KeyError, TypeError, ValueError) as error:
        raise ChannelBusy(None, f"no_token:{type(error).__name__}") from None
    if not isinstance(token, str) or not token:
        raise ChannelBusy(None, "no_token")
    return token, lasts_s


@dataclass(frozen=True, slots=True)
class Means:
    """What the calls of all accounts share."""

    http: aiohttp.ClientSession
    tokens: TokenStore
    clock: Clock
    attention: Attention
    pauses: Pauses = field(default_factory=MemoryPauses)


def corp_caller(account: str, corp_id: str, secret: str, base: str, means: Means) -> Caller:
    """Calls of a WeCom corporation's application at *base*. Its token cannot be forced: asking again gives a good one."""
    transport = Transport(means.http, (base,))

    async def fetch(_force: bool) -> tuple[str, float]:
        asked = {"corpid": corp_id, "corpsecret": secret}
        return await fetched_token(transport.json("get", "cgi-bin/gettoken", params=asked))

    # Two applications of one corporation have a token each; the account's name tells them apart.
    source = TokenSource(f"{corp_id}:{account}", fetch, means.tokens, means.clock, can_force=False)
    return Caller(account, transport, source, means.clock, means.attention, means.pauses)


async def patiently(
    call: Callable[[], Awaitable[T]], *, tries: int = TRIES, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> T:
    """What *call* gives, tried again with growing, spread-out pauses while the platform is busy or the network fails.

    For calls that no outbox row repeats: menus, codes, polls. A pause that the platform itself asks for is not waited out.
    """
    for n in range(tries - 1):
        try:
            return await call()
        except ChannelBusy as busy:
            if busy.retry_after_s is not None:
                raise
        except OutcomeUnknown:
            pass
        await pause(FIRST_WAIT_S * 2**n * random.uniform(0.5, 1.5))  # noqa: S311 -- no secret
    return await call()
