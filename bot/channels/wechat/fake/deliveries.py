"""Pushes to the service's callback as WeChat makes them: five seconds' patience, three deliveries at most."""

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.calls import Misstep, Script
from bot.channels.wechat.fake.phones import Seen
from bot.channels.wechat.fake.reading import read_answer
from bot.channels.wechat.fake.sealing import BadAnswer, echo_request, signed_request
from config.clock import Clock

PATIENCE_S = 5.0
DELIVERIES = 3
PAUSE = timedelta(seconds=60)
KEPT_PUSHES = 10_000
OK = 200

Sleep = Callable[[float], Awaitable[None]]  # how patience passes: ``asyncio.sleep``, or ``timing.HeldTimer.sleep``
NOTHING = Seen("passive", "text")  # answered in time, with nothing to show


class AlreadyAnswered(Exception):
    """The service has answered this push; the platform doesn't deliver such a one again."""


@dataclass(slots=True)
class Push:
    """One message or event on its way to the service, and what came of it."""

    account: str
    user: str
    body: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    deliveries: int = 0
    answered: bool = False
    shown: Seen | None = None


class Deliveries:
    """Delivers pushes through *session*. *sleep* is how the platform waits for an answer, *clock* dates and signs pushes."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        script: Script,
        *,
        patience_s: float,
        sleep: Sleep,
        pause_after: int | None,
    ) -> None:
        """After *pause_after* unanswered pushes in a row an account gets none for a minute; None: that never happens."""
        self._session = session
        self._clock = clock
        self._script = script
        self._patience_s = patience_s
        self._sleep = sleep
        self._pause_after = pause_after
        self._failures: Counter[str] = Counter()
        self._paused_until: dict[str, datetime] = {}
        self.pushes: deque[Push] = deque(maxlen=KEPT_PUSHES)

    async def deliver(self, account: FakeAccount, push: Push, *, together: int = 1, overlapping: bool = False) -> Push:
        """Deliver *push*, *together* copies at once, until one is answered in time.

        A delivery that is waited for no longer is hung up on; *overlapping*, it stays open beside the next one.
        Raises ``AlreadyAnswered``.
        """
        if push.answered:
            raise AlreadyAnswered(push.id)
        if push not in self.pushes:
            self.pushes.append(push)
        if self._paused(account):
            return push
        still_open: set[asyncio.Task[Seen | None]] = set()
        try:
            for _ in range(DELIVERIES):
                copies = {asyncio.ensure_future(self._once(account, push)) for _ in range(together)}
                still_open |= copies
                in_time = await self._answers(copies, hang_up=not overlapping)
                if in_time:
                    push.answered = True
                    push.shown = next((seen for seen in in_time if seen is not NOTHING), None)
                    break
        finally:
            await _hang_up(still_open)
        self._note(account, push)
        return push

    async def copy(self, account: FakeAccount, push: Push) -> Seen | None:
        """One more delivery of *push*, answered or not, as when an answer was lost on its way; returns what was answered."""
        return await self._once(account, push)

    async def verify(self, account: FakeAccount) -> bool:
        """Whether the callback proves, as a console asks it to, that it knows the account's secrets."""
        echo = str(secrets.randbits(63))
        query = echo_request(account, echo, str(int(self._clock.now().timestamp())), str(secrets.randbelow(10**10)))
        try:
            async with self._session.get(account.callback_url, params=query) as response:
                return response.status == OK and await response.text() == echo
        except aiohttp.ClientError:
            return False

    async def _answers(self, copies: "set[asyncio.Task[Seen | None]]", *, hang_up: bool) -> list[Seen]:
        """What *copies* were answered with before patience ran out."""
        bell: asyncio.Future[Any] = asyncio.ensure_future(self._wait())
        waiting = set(copies)
        answers: list[Seen] = []
        try:
            while waiting and not bell.done():
                await asyncio.wait([*waiting, bell], return_when=asyncio.FIRST_COMPLETED)
                done = {task for task in waiting if task.done()}
                waiting -= done
                answers += [seen for task in done if (seen := task.result()) is not None]
        finally:
            await _hang_up([bell])
        if hang_up:
            await _hang_up(waiting)
        return answers

    async def _wait(self) -> None:
        await self._sleep(self._patience_s)

    async def _once(self, account: FakeAccount, push: Push) -> Seen | None:
        """What one delivery was answered with, or None when it wasn't: a failure that makes WeChat come again."""
        misstep = self._script.next(f"callback/{account.name}")
        push.deliveries += 1
        if misstep.lost == "before":
            return None
        timestamp, nonce = str(int(self._clock.now().timestamp())), str(secrets.randbelow(10**10))
        query, body = signed_request(account, push.body, timestamp, nonce, push.user)
        kind = "application/json" if account.body_format == "json" else "text/xml"
        headers = {"Content-Type": kind, "User-Agent": "Mozilla/4.0"}
        try:
            async with self._session.post(
                account.callback_url, params=query, data=body.encode(), headers=headers, timeout=aiohttp.ClientTimeout(None)
            ) as response:
                if response.status != OK:  # anything else means: again
                    return None
                text = await response.text()
        except aiohttp.ClientError:
            return None
        return await self._received(account, push, misstep, text, nonce)

    async def _received(self, account: FakeAccount, push: Push, misstep: Misstep, text: str, nonce: str) -> Seen | None:
        if misstep.until is not None:
            await misstep.until.wait()
        if misstep.wait_s:
            await self._sleep(misstep.wait_s)
        if misstep.lost == "after":
            return None
        try:
            return read_answer(account, text, openid=push.user, nonce=nonce) or NOTHING
        except BadAnswer as bad:
            return Seen("fault", "fault", str(bad))

    def _paused(self, account: FakeAccount) -> bool:
        until = self._paused_until.get(account.name)
        return until is not None and self._clock.now() < until

    def _note(self, account: FakeAccount, push: Push) -> None:
        self._failures[account.name] = 0 if push.answered else self._failures[account.name] + 1
        if self._pause_after is not None and self._failures[account.name] >= self._pause_after:
            self._paused_until[account.name] = self._clock.now() + PAUSE
            self._failures[account.name] = 0


async def _hang_up(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
