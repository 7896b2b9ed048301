"""What happened at a customer-service account (微信客服), as ``sync_msg`` gives it out: items, cursors and callback tokens."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.channels.wechat.fake.calls import ApiError
from config.clock import Clock

KEPT = timedelta(days=3)
TOKEN_LASTS = timedelta(minutes=10)
MOST_ITEMS = 1000
WITHOUT_TOKEN_A_MINUTE = 10  # the real limit is not documented, only that it is strict
ID_CHARS = 44


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the log."""

    at: datetime
    values: Mapping[str, Any]


class KfLog:
    """The items of *open_kfid*, oldest first."""

    def __init__(self, open_kfid: str, clock: Clock) -> None:
        self._open_kfid = open_kfid
        self._clock = clock
        self._items: list[Item] = []
        self._tokens: dict[str, datetime] = {}
        self._without_token: list[datetime] = []

    def add(self, values: Mapping[str, Any]) -> str:
        """Append an item and return its msgid; an event's ids stand inside of it, and it has no msgid of the customer's."""
        now = self._clock.now()
        msgid = secrets.token_urlsafe(ID_CHARS)[:ID_CHARS]
        self._items.append(Item(now, {"msgid": msgid, "send_time": int(now.timestamp()), **values}))
        return msgid

    def new_token(self) -> str:
        """A token for the callback that says there is something new."""
        token = f"ENC{secrets.token_urlsafe(24)}"
        self._tokens[token] = self._clock.now() + TOKEN_LASTS
        return token

    def read(self, cursor: str, token: str, limit: int) -> dict[str, Any]:
        """Items after *cursor*; without one, from the oldest that is kept. Raises ``ApiError``."""
        self._let_in(token)
        oldest = self._clock.now() - KEPT
        begin = self._position(cursor) if cursor else 0
        while begin < len(self._items) and self._items[begin].at < oldest:
            begin += 1
        end = min(begin + limit, len(self._items))
        return {
            "errcode": 0,
            "errmsg": "ok",
            "next_cursor": self._cursor(end),
            "has_more": int(end < len(self._items)),
            "msg_list": [dict(item.values) for item in self._items[begin:end]],
        }

    def _let_in(self, token: str) -> None:
        now = self._clock.now()
        if token:
            if self._tokens.get(token, now) <= now:
                raise ApiError(95007)
            return
        self._without_token = [at for at in self._without_token if now - at < timedelta(minutes=1)]
        if len(self._without_token) >= WITHOUT_TOKEN_A_MINUTE:
            raise ApiError(45009)
        self._without_token.append(now)

    def _cursor(self, position: int) -> str:
        """Opaque, and of this account only."""
        return base64.urlsafe_b64encode(f"{position}:{self._check(position)}".encode()).decode()

    def _position(self, cursor: str) -> int:
        try:
            position, _, check = base64.urlsafe_b64decode(cursor).decode().partition(":")
            number = int(position)
        except ValueError:
            raise ApiError(40058, "cursor") from None
        if check != self._check(number) or not 0 <= number <= len(self._items):
            raise ApiError(40058, "cursor")
        return number

    def _check(self, position: int) -> str:
        return hashlib.sha256(f"{self._open_kfid}:{position}".encode()).hexdigest()[:8]
