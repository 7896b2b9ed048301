"""How often a password may be tried, so that strangers neither guess it nor, by guessing, keep its owner out.

A browser in which somebody has signed in before counts for itself (the device cookies that OWASP describes): whatever strangers
do with that login elsewhere, it still works there. All others are counted three times: for the login from one network, for the
network, and for the login from everywhere. Logins that do not exist are counted alike.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.addresses import household
from store import attempts
from store.crypto import Crypto
from store.engine import Tx

DEVICE_COOKIE = "huiyin_device"
DEVICE_LASTS = timedelta(days=180)
WINDOW = timedelta(minutes=15)
AN_HOUR = timedelta(hours=1)
OFFICE = 5  # a whole office may come from one address, and signs in at nine
EVERYWHERE = 6  # more than one network can use up within the hour: one stranger alone shuts nobody out
MOST_LOGINS = 8  # of one device: shifts share a computer
MARK_CHARS = 32
_DEVICE = "desk_device"


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many tries within a time."""

    name: str
    limit: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Try:
    """Where a try counts. Who gets in is forgiven the earlier tries of ``own``; of ``shared``, this one alone."""

    own: Bucket
    shared: tuple[Bucket, ...] = ()
    is_known: bool = False  # made where this login got in before

    def count(self, tx: Tx, now: datetime) -> timedelta | None:
        """Count it everywhere; if it is one too many, nowhere: then the longest that one may have to wait."""
        buckets = (self.own, *self.shared)
        full = [it.window for it in buckets if attempts.count(tx, it.name, now, it.window) >= it.limit]
        if full:
            return max(full)
        for it in buckets:
            attempts.add(tx, it.name, now, it.window, it.limit)
        return None

    def went_well(self, tx: Tx, now: datetime) -> None:
        """It was the owner, at *now*."""
        attempts.clear(tx, self.own.name)
        for it in self.shared:
            attempts.take_back(tx, it.name, now)


@dataclass(frozen=True, slots=True)
class _Device:
    """A browser by a name of its own, and the marks of the logins that got in there, the latest first."""

    id: str
    marks: tuple[str, ...]


class Guessing:
    """Who may still try, and which devices are known."""

    def __init__(self, crypto: Crypto, limit: int) -> None:
        """*limit* is how many failures in a quarter of an hour a login may have on one device or from one network."""
        self._crypto = crypto
        self._limit = limit

    def a_try(self, login: str, address: str | None, cookie: str, now: datetime) -> Try:
        """Where a try with *login* from *address* counts, made by a browser with that device *cookie* ("" for none)."""
        mark, device = self._mark(login), self._device(cookie, now)
        if device and mark in device.marks:
            return Try(self._bucket(f"device:{device.id}:{mark}", self._limit), is_known=True)
        network = household(address)
        return Try(
            self._bucket(f"login:{mark}:{network}", self._limit),
            (
                self._bucket(f"address:{network}", self._limit * OFFICE),
                self._bucket(f"login:{mark}", self._limit * EVERYWHERE, AN_HOUR),
            ),
        )

    def with_login(self, login: str, cookie: str, now: datetime) -> str:
        """The device cookie of a browser in which *login* has just signed in, and which brought *cookie*."""
        mark, device = self._mark(login), self._device(cookie, now) or _Device(secrets.token_hex(16), ())
        marks = (mark, *(other for other in device.marks if other != mark))[:MOST_LOGINS]
        until = int((now + DEVICE_LASTS).timestamp())
        return self._crypto.sign(_DEVICE, ":".join((str(until), device.id, *marks)))

    def _device(self, cookie: str, now: datetime) -> _Device | None:
        text = self._crypto.verify(_DEVICE, cookie)
        if text is None:
            return None
        until, name, *marks = text.split(":")
        return _Device(name, tuple(marks)) if int(until) > now.timestamp() else None

    def _mark(self, login: str) -> str:
        """However it is spelt, it is the same login to guess."""
        return self._crypto.hmac("sign_in", f"login:{login.lower()}")[:MARK_CHARS]

    def _bucket(self, what: str, limit: int, window: timedelta = WINDOW) -> Bucket:
        return Bucket(self._crypto.hmac("sign_in", what), limit, window)
