"""How many customer-service messages a customer may still get, and how long: the platform's allowances."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.calls import ApiError
from config.clock import Clock

MESSAGE = (5, timedelta(hours=48))
TAP = (3, timedelta(minutes=1))
ENTER = (2, timedelta(minutes=1))
TAPS = frozenset({"click", "scancode_push", "scancode_waitmsg", "subscribe", "scan"})
EXCHANGE = timedelta(seconds=30)  # typing needs one that is not older
TYPING = timedelta(seconds=15)


@dataclass(slots=True)
class _Allowance:
    left: int
    until: datetime


class Windows:
    """Allowances by account and customer. What a customer does opens them; what is sent uses them up."""

    def __init__(self, clock: Clock, *, strict: bool) -> None:
        """Unless *strict*, everything may be sent at any time."""
        self.strict = strict
        self._clock = clock
        self._allowances: dict[tuple[str, str], dict[str, _Allowance]] = defaultdict(dict)
        self._exchanged: dict[tuple[str, str], datetime] = {}
        self._typing: dict[tuple[str, str], datetime] = {}

    def opened_by(self, account: FakeAccount, user: str, fields: Mapping[str, Any]) -> None:
        """*user* did what the push *fields* says."""
        now = self._clock.now()
        self._exchanged[(account.name, user)] = now
        opened = _opened(account, fields)
        if opened is not None:
            kind, (count, lasts) = opened
            self._allowances[(account.name, user)][kind] = _Allowance(count, now + lasts)

    def left(self, account: FakeAccount, user: str) -> int:
        """How many messages *user* may get now."""
        now = self._clock.now()
        return sum(one.left for one in self._allowances[(account.name, user)].values() if one.until > now)

    def open(self, account: FakeAccount, user: str) -> bool:
        """Whether *user* has done something recent enough, used up or not."""
        now = self._clock.now()
        return any(one.until > now for one in self._allowances[(account.name, user)].values())

    def use(self, account: FakeAccount, user: str) -> None:
        """One message goes out, at the cost of the allowance that ends first. ``ApiError``: 45015 closed, 45047 used up."""
        now = self._clock.now()
        self._typing.pop((account.name, user), None)
        running = [one for one in self._allowances[(account.name, user)].values() if one.until > now]
        usable = [one for one in running if one.left > 0]
        if usable:
            min(usable, key=lambda one: one.until).left -= 1
        elif self.strict:
            raise ApiError(45047 if running else 45015)
        self._exchanged[(account.name, user)] = now

    def type(self, account: FakeAccount, user: str, command: str) -> None:
        """Show or take away "is typing". Raises ``ApiError``: 45072 command, 45080 no exchange, 45081 shown already."""
        if command not in ("Typing", "CancelTyping"):
            raise ApiError(45072)
        key, now = (account.name, user), self._clock.now()
        if command == "CancelTyping":
            self._typing.pop(key, None)
            return
        exchanged = self._exchanged.get(key)
        if self.strict and (exchanged is None or now - exchanged > EXCHANGE):
            raise ApiError(45080)
        if self.strict and self._typing.get(key, now) > now:
            raise ApiError(45081)
        self._typing[key] = now + TYPING


def _opened(account: FakeAccount, fields: Mapping[str, Any]) -> tuple[str, tuple[int, timedelta]] | None:
    kind = str(fields.get("MsgType", "")).lower()
    if kind != "event":
        return ("tap", TAP) if "bizmsgmenuid" in fields else ("message", MESSAGE)
    event = str(fields.get("Event", "")).lower()
    if account.family == "mini":
        return ("enter", ENTER) if event == "user_enter_tempsession" else None
    return ("tap", TAP) if event in TAPS else None
