"""Programs and their API keys: in ``Authorization: Bearer`` or, as Rasa's clients send it, in ``?token=``.

Keys made with ``huiyin key add`` have scopes; those in the settings (``rest.api_keys``) may do all that needs no member of staff.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from config.clock import Clock
from config.labels import Scope
from config.problem import Problem
from config.settings import RestChannel
from store import api_keys
from store.engine import Store
from store.model import Agent

PREFIX = "hy_"  # so that scanners for leaked secrets know one when they see it
NOTED_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls with a key. ``name`` tells two callers apart and gives nothing of the key away."""

    name: str
    scopes: frozenset[Scope]
    agent: Agent | None = None


_EVERYTHING = frozenset(Scope)


def new_key() -> str:
    """A fresh key, to be shown once."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """What is stored of a key. Its 256 random bits need no salt and no slow hash."""
    return _digest(key).hex()


class ApiKeys:
    """Checks keys. Those of the settings are compared in constant time; the others are found by their hash."""

    def __init__(self, settings: RestChannel, store: Store, clock: Clock) -> None:
        self._open = settings.open
        self._digests = tuple(_digest(key.get_secret_value()) for key in settings.api_keys)
        self._store = store
        self._clock = clock

    async def caller(self, request: web.Request, scope: Scope) -> Caller:
        """Who calls. Raises a 401 problem when the key is missing or wrong, 403 when it isn't allowed *scope*."""
        offered = offered_key(request)
        found = await self._find(offered) if offered else None
        if found is None and self._open:
            return Caller("open", _EVERYTHING)
        if found is None:
            raise Problem(
                401,
                "api_key_required",
                "An API key is needed: send it as Authorization: Bearer <key>.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if scope not in found.scopes:
            raise Problem(403, "scope_missing", f"This API key is not allowed {scope}.")
        return found

    async def _find(self, offered: str) -> Caller | None:
        digest = _digest(offered)
        # Every key is compared, also after a match.
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        if any(matches):
            return Caller(hashlib.sha256(b"caller" + digest).hexdigest()[:16], _EVERYTHING)
        if not offered.startswith(PREFIX):
            return None
        now = self._clock.now()
        key = await self._store.read(lambda tx: api_keys.by_hash(tx, digest.hex(), now))
        if key is None:
            return None
        await self._note_use(key, now)
        return Caller(key.id, key.scopes, key.agent)

    async def _note_use(self, key: api_keys.ApiKey, now: datetime) -> None:
        if key.last_used_at is None or now - key.last_used_at > NOTED_AGAIN_AFTER:
            await self._store.write(lambda tx: api_keys.used(tx, key.id, now))


def offered_key(request: web.Request) -> str:
    """The key that came with a request; empty if none did."""
    return bearer(request) or request.query.get("token", "")


def bearer(request: web.Request) -> str:
    """The credential in ``Authorization: Bearer``; empty if there is none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _digest(key: str) -> bytes:
    # Digests are equally long, so comparing them tells nothing about the length of a key.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
