"""Who sits in front of a chat window: a customer whose login the bank's app signed, or an anonymous visitor we signed ourselves.

Nothing a window merely says about itself counts. Both credentials are kept by the page and sent again with every request.
"""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from config.clock import Clock
from config.settings import InAppChannel
from config.speakable import as_name
from store.crypto import Crypto

SIGNED_PREFIX = "s:"
VISITOR_PREFIX = "v:"
HASHED_PREFIX = "h:"  # h:<hex HMAC>:<the bank's customer id>
PURPOSE = "in_app_visitor"
MAX_SUBJECT = 128
LONGEST_CREDENTIAL = 8192  # what a request's head may hold
PHONE = re.compile(r"\+?[0-9][0-9 -]{5,19}")


class NotBelievable(Exception):
    """The credential proves nothing. ``code`` is ``identity_invalid`` or ``identity_expired``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Visitor:
    """A proven identity. ``key`` is the customer's id on our account: ``s:`` and the bank's id, or ``v:`` and a random one."""

    key: str
    signed_id: str | None = None
    name: str | None = None
    phone: str | None = None
    expires_at: datetime | None = None


class Identity:
    """Makes and checks credentials."""

    def __init__(self, crypto: Crypto, clock: Clock, settings: InAppChannel) -> None:
        self._crypto = crypto
        self._clock = clock
        secret = settings.identity_secret.get_secret_value() if settings.identity_secret else None
        # One key an algorithm: a public key taken for a shared secret would let anybody sign.
        self._keys = {name: key for name, key in (("HS256", secret), ("RS256", settings.identity_public_key)) if key is not None}
        self._hash_secret = settings.identifier_secret.get_secret_value() if settings.identifier_secret else None
        self._audience = settings.identity_audience
        self._longest = timedelta(hours=settings.identity_longest_h)

    def new_visitor(self) -> tuple[Visitor, str]:
        """An anonymous visitor and the token by which they are known again."""
        key = VISITOR_PREFIX + secrets.token_hex(16)
        return Visitor(key), self._crypto.sign(PURPOSE, key)

    def read(self, credential: str) -> Visitor:
        """Whose credential it is. Raises ``NotBelievable``."""
        if len(credential) > LONGEST_CREDENTIAL:
            raise NotBelievable("identity_invalid")
        if credential.startswith(VISITOR_PREFIX):
            key = self._crypto.verify(PURPOSE, credential)
            if key is None:
                raise NotBelievable("identity_invalid")
            return Visitor(key)
        if credential.startswith(HASHED_PREFIX):
            return self._hashed(credential)
        return self._signed(credential)

    def is_over(self, visitor: Visitor) -> bool:
        """Whether the login has run out since it was read."""
        return visitor.expires_at is not None and visitor.expires_at <= self._clock.now()

    def _hashed(self, credential: str) -> Visitor:
        """An id whose HMAC only the bank's server can make. It proves the id and nothing else: no name, no phone."""
        offered, _, subject = credential.removeprefix(HASHED_PREFIX).partition(":")
        if self._hash_secret is None or not 0 < len(subject) <= MAX_SUBJECT:
            raise NotBelievable("identity_invalid")
        expected = hmac.new(self._hash_secret.encode(), subject.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), offered.encode("utf-8", "replace")):
            raise NotBelievable("identity_invalid")
        return Visitor(SIGNED_PREFIX + subject, subject)

    def _signed(self, token: str) -> Visitor:
        now = self._clock.now()
        try:
            claims = _claims(self._payload(token))
            subject, audience = claims["sub"], claims.get("aud")
            expires_at, not_before = _moment(claims["exp"]), _moment(claims.get("nbf", 0))
            if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not_before > now:
                raise NotBelievable("identity_invalid")
            subject.encode()  # half a character names nobody
        except (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError, OSError, RecursionError):
            raise NotBelievable("identity_invalid") from None
        if expires_at - now > self._longest or not self._is_meant(audience):
            raise NotBelievable("identity_invalid")
        visitor = Visitor(SIGNED_PREFIX + subject, subject, _name(claims.get("name")), _phone(claims.get("phone")), expires_at)
        if self.is_over(visitor):
            raise NotBelievable("identity_expired")
        return visitor

    def _payload(self, token: str) -> bytes:
        """What was signed with our key of the algorithm that the token names. Headers choose nothing else: no key, no address."""
        algorithm = jwt.get_unverified_header(token).get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._keys:
            raise NotBelievable("identity_invalid")
        payload: bytes = jwt.PyJWS([algorithm]).decode(token, self._keys[algorithm], [algorithm])
        return payload

    def _is_meant(self, audience: object) -> bool:
        """Whether a login is for this chat: the bank's other systems may be signed in to with the same key."""
        if self._audience is None:
            return audience is None
        return self._audience in audience if isinstance(audience, list) else audience == self._audience


def _claims(payload: bytes) -> dict[str, Any]:
    """The claims, each named once: of two ``sub`` one may have been smuggled into another's value.

    Raises ``ValueError`` or ``TypeError``.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("named twice")
        return found

    claims = json.loads(payload, object_pairs_hook=once)
    if not isinstance(claims, dict):
        raise TypeError("no claims")
    return claims


def _moment(value: object) -> datetime:
    """A ``NumericDate``: a number, and nothing that could be read as one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return datetime.fromtimestamp(int(value), UTC)


def _name(value: object) -> str | None:
    return as_name(value)[:64].strip() or None if isinstance(value, str) else None


def _phone(value: object) -> str | None:
    return value if isinstance(value, str) and PHONE.fullmatch(value) else None
