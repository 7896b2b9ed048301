"""What all endpoints of the desk share: nobody gets in unsigned, nothing stays in a cache."""

import functools
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from aiohttp import web

from config.clock import Clock
from config.operations import operation_of
from config.problem import Problem
from handoff.auth import Auth
from store import audit
from store.engine import Store
from store.model import Agent

BASE = "/api/v1/desk"
NUMBER = "FB[0-9]{14}[0-9A-Z]"  # a ticket's, in paths and queries
LOOKED_AGAIN_AFTER = timedelta(minutes=10)
MAX_REMEMBERED = 10_000
MAX_NUMBER_DIGITS = 9  # what fits into a column

Handler = Callable[[web.Request, Agent], Awaitable[web.StreamResponse]]
Plain = Callable[[web.Request], Awaitable[web.StreamResponse]]


def signed_in(auth: Auth, handler: Handler) -> Plain:
    """*handler* for members of staff, and for API keys with its scope; what it answers is not kept by the browser."""
    operation = operation_of(handler)
    scope = operation.scope if operation else ""

    @functools.wraps(handler)
    async def checked(request: web.Request) -> web.StreamResponse:
        response = await handler(request, await auth.agent(request, scope))
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return checked


def number_in(text: str) -> int:
    """A small number in a path or query. 400 for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_DIGITS):
        raise Problem(400, "bad_request")
    return int(text)


class Looks:
    """Records who looked at what. A page that reads the same thing again for every news is one look, not a hundred."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last: dict[tuple[str, str, str], datetime] = {}

    async def record(self, agent: Agent, action: str, subject: str) -> None:
        """Write it down, unless this member of staff had it open a moment ago."""
        now, key = self._clock.now(), (agent.id, action, subject)
        last = self._last.get(key)
        if last is not None and now - last < LOOKED_AGAIN_AFTER:
            return
        if len(self._last) >= MAX_REMEMBERED:
            self._last.clear()
        await self._store.write(lambda tx: audit.record(tx, agent.id, action, subject, {}, now))
        self._last[key] = now
