"""``/s/{token}``: the customer's own page of one ticket. Whoever holds the link may look, add, take back, and judge the answer.

A link is 128 bits that nobody can guess; the database holds a fingerprint of it. Unknown and outlived links get the same answer.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.channels.json_body import json_object
from bot.channels.status_looks import NO_STORE, ONE, Look, Looks, ShownTicket, look
from bot.channels.status_verdict import Verdicts
from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import OPEN_TICKET_STATES, TicketState
from config.operations import Operation, described
from config.problem import Problem
from config.settings import Settings
from handoff.tickets.clocks import Clocks
from handoff.tickets.sealing import sealed_originals
from intents.redact import redact
from store import attempts, tickets
from store.engine import Store, Tx

STATIC = Path(__file__).parents[1] / "static" / "status"
AN_HOUR = timedelta(hours=1)
MAX_CLIENT_ID_CHARS = 64

ADDITION = {
    "type": "object",
    "required": ["text", "client_id"],
    "properties": {
        "text": {"type": "string", "minLength": 1},
        "client_id": {"type": "string", "pattern": f"^[0-9A-Za-z]{{1,{MAX_CLIENT_ID_CHARS}}}$"},
    },
}
WITHDRAWAL = {
    "type": "object",
    "required": ["version"],
    "properties": {"version": {"type": "integer"}, "statement": {"type": "string"}},
}


class StatusPage:
    """The page, and what it asks of us."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, clocks: Clocks, catalogue: Catalogue) -> None:
        self._additions_per_h = settings.status_page.additions_per_h
        self._statement_chars = settings.turn.max_text_chars
        self._looks = Looks(settings, store, clock, clocks, catalogue)
        self._store = store
        self._clock = clock

    def add_routes(self, app: web.Application) -> None:
        """Mount the page and its API."""
        app.router.add_get("/s/{token}", self._page)
        app.router.add_static("/status/assets/", STATIC)
        app.router.add_get(ONE, self._show)
        app.router.add_post(f"{ONE}/additions", self._add)
        app.router.add_post(f"{ONE}/withdrawal", self._withdraw)
        Verdicts(self._looks).add_routes(app)

    async def _page(self, _request: web.Request) -> web.FileResponse:
        # The same page for every link: what it may show, its script asks for.
        return web.FileResponse(STATIC / "index.html", headers={**NO_STORE, "Content-Type": "text/html; charset=utf-8"})

    @described(Operation("A ticket as its customer sees it", "status", access="link", answers={200: ShownTicket}))
    async def _show(self, request: web.Request) -> web.Response:
        looks = self._looks.speaking(request)
        return looks.answer(await looks.found(looks.fingerprint(request)))

    @described(
        Operation(
            "Add something to one's ticket",
            "status",
            access="link",
            body=ADDITION,
            answers={201: ShownTicket},
            problems=(409, 429),
        )
    )
    async def _add(self, request: web.Request) -> web.Response:
        """Something the customer adds. Sent again under the same ``client_id`` it is written once."""
        looks = self._looks.speaking(request)
        fingerprint, body, now = looks.fingerprint(request), await json_object(request), self._clock.now()
        words, client_id = looks.words(body), _client_id(body)
        no = (await looks.found(fingerprint)).ticket.no
        sealed = sealed_originals(self._store.crypto, no, f"addition.{client_id}", (words,))
        detail = {"text": words.text, "client_id": client_id, "from": "status_page", **sealed}
        bucket, limit = f"addition:{fingerprint}", self._additions_per_h

        def add(tx: Tx) -> Look | str | None:
            current = look(tx, fingerprint)
            if current is None or any(event.detail.get("client_id") == client_id for event in current.history):
                return current
            if current.ticket.state not in OPEN_TICKET_STATES:
                return "cannot_add"
            if not attempts.add(tx, bucket, now, AN_HOUR, limit):
                return "too_many"
            tickets.note(tx, no, "customer", tickets.SUPPLEMENTED, detail, now)
            return look(tx, fingerprint)

        outcome = await self._store.write(add, key=no)
        added = looks.done(outcome, {"cannot_add": 409, "too_many": 429})
        return looks.answer(added, 201, has_secret=words.has_secret)

    @described(
        Operation("Take one's ticket back", "status", access="link", body=WITHDRAWAL, answers={200: ShownTicket}, problems=(409,))
    )
    async def _withdraw(self, request: web.Request) -> web.Response:
        """Take the ticket back. ``version`` is the one the customer saw: a ticket that moved on is not withdrawn blindly."""
        looks = self._looks.speaking(request)
        fingerprint, body, now = looks.fingerprint(request), await json_object(request), self._clock.now()
        version, statement = body.get("version"), redact(str(body.get("statement") or ""))
        if not isinstance(version, int) or isinstance(version, bool) or len(statement.text) > self._statement_chars:
            raise Problem(422, "bad_request")
        found = await looks.found(fingerprint)
        if found.ticket.state is TicketState.WITHDRAWN:
            return looks.answer(found)
        no = found.ticket.no

        def withdraw(tx: Tx) -> Look | str | None:
            moved = tickets.move(
                tx,
                no,
                TicketState.WITHDRAWN,
                expected_version=version,
                actor="customer",
                role="customer",
                now=now,
                detail={"statement": statement.text, "from": "status_page"},
            )
            if isinstance(moved, str):
                return "moved_on" if moved == "stale" else "cannot_withdraw"
            return look(tx, fingerprint)

        outcome = await self._store.write(withdraw, key=no)
        return looks.answer(looks.done(outcome, {"moved_on": 409, "cannot_withdraw": 409}))


def _client_id(body: Mapping[str, Any]) -> str:
    value = body.get("client_id")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_CLIENT_ID_CHARS or not value.isalnum() or not value.isascii():
        raise Problem(422, "bad_request")
    return value
