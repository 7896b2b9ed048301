"""``/s/{token}``: the customer's own page of one ticket. Whoever holds the link may look, add, take back, and judge the answer.

A link is 128 bits that nobody can guess; the database holds a fingerprint of it. Unknown and outlived links get the same answer.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from bot.channels.status_looks import NO_STORE, ONE, UNKNOWN, Look, Looks, ShownTicket, Version, look
from bot.channels.status_verdict import Verdicts
from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import OPEN_TICKET_STATES, TicketState
from config.operations import LANGUAGE, Operation, described
from config.settings import Settings
from handoff.bodies import Body, read_body
from handoff.tickets.clocks import Clocks
from handoff.tickets.sealing import sealed_originals
from intents.redact import redact
from store import attempts, tickets
from store.engine import Store, Tx

STATIC = Path(__file__).parents[1] / "static" / "status"
AN_HOUR = timedelta(hours=1)
MAX_CLIENT_ID_CHARS = 64


class Addition(Body):
    """Something that the customer adds. Sent again under the same ``client_id`` it is written once."""

    text: str
    client_id: Annotated[str, StringConstraints(pattern=rf"^[0-9A-Za-z]{{1,{MAX_CLIENT_ID_CHARS}}}$")]


class Withdrawal(Body):
    """A ticket to take back. ``version`` is the one the customer saw: one that moved on is not withdrawn blindly."""

    version: Version
    statement: str | None = None


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

    @described(
        Operation(
            "A ticket as its customer sees it",
            "status",
            access="link",
            headers=LANGUAGE,
            answers={200: ShownTicket},
            problems={404: UNKNOWN},
        )
    )
    async def _show(self, request: web.Request) -> web.Response:
        looks = self._looks.speaking(request)
        return looks.answer(await looks.found(looks.fingerprint(request)))

    @described(
        Operation(
            "Add something to one's ticket",
            "status",
            access="link",
            body=Addition,
            headers=LANGUAGE,
            answers={201: ShownTicket},
            problems={404: UNKNOWN, 409: ("cannot_add",), 422: ("empty", "too_long"), 429: ("too_many",)},
        )
    )
    async def _add(self, request: web.Request) -> web.Response:
        """Something the customer adds. Sent again under the same ``client_id`` it is written once."""
        looks = self._looks.speaking(request)
        fingerprint, body, now = looks.fingerprint(request), await read_body(request, Addition), self._clock.now()
        words, client_id = looks.words(body.text), body.client_id
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
        Operation(
            "Take one's ticket back",
            "status",
            access="link",
            body=Withdrawal,
            headers=LANGUAGE,
            answers={200: ShownTicket},
            problems={404: UNKNOWN, 409: ("moved_on", "cannot_withdraw"), 422: ("too_long",)},
        )
    )
    async def _withdraw(self, request: web.Request) -> web.Response:
        """Take the ticket back. ``version`` is the one the customer saw: a ticket that moved on is not withdrawn blindly."""
        looks = self._looks.speaking(request)
        fingerprint, body, now = looks.fingerprint(request), await read_body(request, Withdrawal), self._clock.now()
        statement = redact(body.statement or "")
        if len(statement.text) > self._statement_chars:
            raise looks.too_long()
        found = await looks.found(fingerprint)
        if found.ticket.state is TicketState.WITHDRAWN:
            return looks.answer(found)
        no = found.ticket.no

        def withdraw(tx: Tx) -> Look | str | None:
            moved = tickets.move(
                tx,
                no,
                TicketState.WITHDRAWN,
                expected_version=body.version,
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
