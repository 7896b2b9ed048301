"""Who works at the desk: passwords, sessions, and where a request came from."""

import asyncio
import hashlib
import secrets
from base64 import b64encode
from datetime import timedelta

from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from config.clock import Clock
from config.labels import Scope
from config.problem import Problem
from config.settings import Settings
from handoff.api_keys import ApiKeys, bearer
from handoff.guessing import DEVICE_COOKIE, DEVICE_LASTS, Guessing
from store import agents, audit
from store.engine import Store, Tx
from store.model import Agent

COOKIE = "huiyin_desk"
MAX_LOGIN_CHARS = 64
MAX_PASSWORD_CHARS = 256  # argon2 reads it all: a longer one would only cost time
HASHES_AT_ONCE = {False: 2, True: 1}  # each takes 64 MB while it runs
_HASHER = PasswordHasher()


def _nobodys() -> str:
    """A hash that no password fits: of its form, but never worked out, which would take a third of a second of every start."""
    salt, digest = (b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (_HASHER.salt_len, _HASHER.hash_len))
    return f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${salt}${digest}"


# Checked when the login is unknown, so that both refusals take equally long.
_NOBODY = _nobodys()


def hash_password(password: str) -> str:
    """The argon2id hash to store; takes some 50 ms on purpose."""
    return _HASHER.hash(password)


def password_fits(password_hash: str, password: str) -> bool:
    """Whether *password* belongs to the hash."""
    try:
        return _HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


class Auth:
    """Sign-in, sign-out, and the question who is asking."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        # Open house is for programs that bring no key; the desk never is.
        self._keys = ApiKeys(settings.rest.model_copy(update={"open": False}), store, clock)
        self._guessing = Guessing(store.crypto, settings.desk.failed_sign_ins_per_15min)
        # Many strangers make a long line: whoever is known does not stand in it.
        self._hashing = {is_known: asyncio.Semaphore(count) for is_known, count in HASHES_AT_ONCE.items()}

    async def sign_in(self, request: web.Request, login: str, password: str) -> tuple[Agent, str]:
        """The member of staff and a fresh session token. 401 for a wrong pair, 429 after too many of them."""
        now = self._clock.now()
        login = login[:MAX_LOGIN_CHARS]
        this = self._guessing.a_try(login, request.remote, request.cookies.get(DEVICE_COOKIE, ""), now)
        # Counted before the password is looked at: however many are tried at once, only so many are looked at.
        wait = await self._store.write(lambda tx: this.count(tx, now))
        if wait:
            raise Problem(429, "too_many_sign_ins", headers={"Retry-After": str(int(wait.total_seconds()))})
        known = await self._store.read(lambda tx: agents.by_login(tx, login))
        async with self._hashing[this.is_known]:
            fits = await asyncio.to_thread(password_fits, known[1] if known else _NOBODY, password[:MAX_PASSWORD_CHARS])
        if known is None or not fits or not known[0].active or len(password) > MAX_PASSWORD_CHARS:
            raise Problem(401, "wrong_sign_in")
        agent, token = known[0], secrets.token_urlsafe(32)
        expires_at = now + timedelta(hours=self._settings.desk.session_h)

        def begin(tx: Tx) -> None:
            this.went_well(tx, now)
            agents.new_session(tx, agent.id, _token_hash(token), now, expires_at)
            audit.record(tx, agent.id, "signed_in", "session", {}, now)

        await self._store.write(begin)
        return agent, token

    def set_cookie(self, request: web.Request, response: web.Response, token: str) -> None:
        """Hand the token to the browser: out of scripts' reach, never to other sites, only encrypted where we are reached so."""
        self._set(request, response, COOKIE, token, timedelta(hours=self._settings.desk.session_h), "/")

    def know_device(self, request: web.Request, response: web.Response, login: str) -> None:
        """Let the browser, in which *login* has just signed in, be known by that from now on; also after signing out."""
        cookie = self._guessing.with_login(login[:MAX_LOGIN_CHARS], request.cookies.get(DEVICE_COOKIE, ""), self._clock.now())
        self._set(request, response, DEVICE_COOKIE, cookie, DEVICE_LASTS, request.path)

    def _set(self, request: web.Request, response: web.Response, name: str, value: str, lasts: timedelta, path: str) -> None:
        response.set_cookie(
            name,
            value,
            httponly=True,
            samesite="Strict",
            secure=request.secure or (self._settings.server.public_url or "").startswith("https://"),
            max_age=int(lasts.total_seconds()),
            path=path,
        )

    async def sign_out(self, request: web.Request) -> None:
        """End the session; it is worth nothing any more, also in other windows."""
        token = request.cookies.get(COOKIE)
        if token:
            await self._store.write(lambda tx: agents.end_session(tx, _token_hash(token)))

    async def agent(self, request: web.Request, scope: str = "") -> Agent:
        """Who is asking: by session, or by an API key that is allowed *scope* and acts in somebody's name.

        401 without either; 403 when the key may not, or another site makes the browser ask.
        """
        if bearer(request):
            return await self._by_key(request, scope)
        self.same_origin(request)
        session, now = session_in(request), self._clock.now()
        found = await self._store.peek(lambda tx: agents.by_session(tx, session, now)) if session else None
        if found is None:
            raise Problem(401, "sign_in_needed")
        return found

    async def _by_key(self, request: web.Request, scope: str) -> Agent:
        if not scope:
            raise Problem(403, "session_needed", "This is for people who are signed in.")
        caller = await self._keys.caller(request, Scope(scope))
        if caller.agent is None:
            raise Problem(403, "scope_missing", "This API key acts in nobody's name: make one with huiyin key add --as LOGIN.")
        return caller.agent

    def same_origin(self, request: web.Request) -> None:
        """Refuse what another site makes a signed-in browser send: changes, and sockets."""
        if request.method in ("GET", "HEAD") and request.headers.get("Upgrade", "").lower() != "websocket":
            return
        origin = request.headers.get("Origin")
        own = {f"{request.scheme}://{request.host}", (self._settings.server.public_url or "").rstrip("/")}
        if not origin or origin not in own:
            raise Problem(403, "foreign_origin")


def session_in(request: web.Request) -> str:
    """The session that *request* brings as the database knows it: hashed. Empty when it brings none."""
    token = request.cookies.get(COOKIE)
    return _token_hash(token) if token else ""


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
