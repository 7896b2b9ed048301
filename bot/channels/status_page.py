"""``/s/{token}``: the customer's own page of one ticket. Whoever holds the link may look, add something, and take it back.

A link is 128 bits that nobody can guess; the database holds a fingerprint of it. Unknown and outlived links get the same answer.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.channels.json_body import json_object
from config.catalogue import Catalogue
from config.clock import Clock, in_shanghai
from config.labels import OPEN_TICKET_STATES, TicketState
from config.operations import OBJECT, Operation, described
from config.problem import Problem
from config.settings import Settings
from handoff.tickets.sealing import sealed_originals
from handoff.tickets.views import customer_view, steps_for_customer
from intents.redact import redact
from intents.understanding import Redacted
from store import attempts, tickets
from store.engine import Store, Tx
from store.model import Ticket, TicketEvent

STATIC = Path(__file__).parents[1] / "static" / "status"
ONE = "/api/v1/status/{token:[0-9a-f]{32}}"
AN_HOUR = timedelta(hours=1)
MAX_CLIENT_ID_CHARS = 64
WITHDRAWABLE = frozenset(OPEN_TICKET_STATES)
NO_STORE = {"Cache-Control": "no-store"}

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

Look = tuple[Ticket, tuple[TicketEvent, ...]]


class StatusPage:
    """The page, and the three things that it asks of us."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, catalogue: Catalogue) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._catalogue = catalogue

    def add_routes(self, app: web.Application) -> None:
        """Mount the page and its API."""
        app.router.add_get("/s/{token}", self._page)
        app.router.add_static("/status/assets/", STATIC)
        app.router.add_get(ONE, self._show)
        app.router.add_post(f"{ONE}/additions", self._add)
        app.router.add_post(f"{ONE}/withdrawal", self._withdraw)

    async def _page(self, _request: web.Request) -> web.FileResponse:
        # The same page for every link: what it may show, its script asks for.
        return web.FileResponse(STATIC / "index.html", headers={**NO_STORE, "Content-Type": "text/html; charset=utf-8"})

    @described(Operation("A ticket as its customer sees it", "status", access="link"))
    async def _show(self, request: web.Request) -> web.Response:
        ticket, history = await self._found(self._fingerprint(request))
        return web.json_response(self._shown(ticket, history), headers=NO_STORE)

    @described(
        Operation(
            "Add something to one's ticket", "status", access="link", body=ADDITION, answers={201: OBJECT}, problems=(409, 429)
        )
    )
    async def _add(self, request: web.Request) -> web.Response:
        """Something the customer adds. Sent again under the same ``client_id`` it is written once."""
        fingerprint, body, now = self._fingerprint(request), await json_object(request), self._clock.now()
        words, client_id = self._words(body), _client_id(body)
        no = (await self._found(fingerprint))[0].no
        sealed = sealed_originals(self._store.crypto, no, f"addition.{client_id}", (words,))
        detail = {"text": words.text, "client_id": client_id, "from": "status_page", **sealed}
        bucket, limit = f"addition:{fingerprint}", self._settings.status_page.additions_per_h

        def add(tx: Tx) -> Look | str | None:
            look = _look(tx, fingerprint)
            if look is None or any(event.detail.get("client_id") == client_id for event in look[1]):
                return look
            if look[0].state not in OPEN_TICKET_STATES:
                return "cannot_add"
            if not attempts.add(tx, bucket, now, AN_HOUR, limit):
                return "too_many"
            tickets.note(tx, no, "customer", tickets.SUPPLEMENTED, detail, now)
            return _look(tx, fingerprint)

        outcome = await self._store.write(add, key=no)
        ticket, history = self._alive(self._refused(outcome, {"cannot_add": 409, "too_many": 429}))
        return web.json_response({**self._shown(ticket, history), "has_secret": words.has_secret}, status=201, headers=NO_STORE)

    @described(Operation("Take one's ticket back", "status", access="link", body=WITHDRAWAL, problems=(409,)))
    async def _withdraw(self, request: web.Request) -> web.Response:
        """Take the ticket back. ``version`` is the one the customer saw: a ticket that moved on is not withdrawn blindly."""
        fingerprint, body, now = self._fingerprint(request), await json_object(request), self._clock.now()
        version, statement = body.get("version"), redact(str(body.get("statement") or ""))
        if not isinstance(version, int) or isinstance(version, bool) or len(statement.text) > self._limit:
            raise Problem(422, "bad_request")
        ticket, history = await self._found(fingerprint)
        if ticket.state is TicketState.WITHDRAWN:
            return web.json_response(self._shown(ticket, history), headers=NO_STORE)
        no = ticket.no

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
            return _look(tx, fingerprint)

        outcome = await self._store.write(withdraw, key=no)
        ticket, history = self._alive(self._refused(outcome, {"moved_on": 409, "cannot_withdraw": 409}))
        return web.json_response(self._shown(ticket, history), headers=NO_STORE)

    # --- what the three share ---------------------------------------------------------------------------------------------

    @property
    def _limit(self) -> int:
        return self._settings.turn.max_text_chars

    def _fingerprint(self, request: web.Request) -> str:
        return tickets.link_hmac(self._store.crypto, request.match_info["token"])

    async def _found(self, fingerprint: str) -> Look:
        return self._alive(await self._store.read(lambda tx: _look(tx, fingerprint)))

    def _outlived(self, ticket: Ticket) -> bool:
        return ticket.updated_at + timedelta(days=self._settings.status_page.link_valid_days) < self._clock.now()

    def _alive(self, found: Look | None) -> Look:
        if found is None or self._outlived(found[0]):
            raise Problem(404, "unknown_link", self._catalogue.text("tickets.page.unknown"))
        return found

    def _refused(self, outcome: Look | str | None, statuses: Mapping[str, int]) -> Look | None:
        if isinstance(outcome, str):
            raise Problem(statuses[outcome], outcome, self._catalogue.text(f"tickets.page.{outcome}"))
        return outcome

    def _words(self, body: Mapping[str, Any]) -> Redacted:
        text = body.get("text")
        if not isinstance(text, str) or not text.strip():
            raise Problem(422, "empty", self._catalogue.text("tickets.page.empty"))
        if len(text) > self._limit:
            raise Problem(422, "too_long", self._catalogue.text("tickets.page.too_long", limit=self._limit))
        # PostgreSQL stores no NUL.
        return redact(text.strip().replace("\0", ""))

    def _shown(self, ticket: Ticket, history: tuple[TicketEvent, ...]) -> dict[str, Any]:
        view = customer_view(ticket, history, self._catalogue)
        return {
            "ticket_no": view.no,
            "kind": view.kind,
            "state": ticket.state.value,
            "status": view.state,
            "received_at": in_shanghai(ticket.received_at).isoformat(timespec="seconds"),
            "answer_by": view.answer_by,
            "name": view.name,
            "contact": view.contact,
            "content": ticket.content,
            "steps": list(steps_for_customer(history, self._catalogue)),
            "version": ticket.version,
            "may_add": ticket.state in OPEN_TICKET_STATES,
            "may_withdraw": ticket.state in WITHDRAWABLE,
        }


def _look(tx: Tx, fingerprint: str) -> Look | None:
    found = tickets.by_link(tx, fingerprint)
    return (found, tickets.history(tx, found.no)) if found else None


def _client_id(body: Mapping[str, Any]) -> str:
    value = body.get("client_id")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_CLIENT_ID_CHARS or not value.isalnum() or not value.isascii():
        raise Problem(422, "bad_request")
    return value
