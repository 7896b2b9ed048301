"""What every request about one ticket by its customer's link needs: the ticket, its words, and what is shown of it."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Self

from aiohttp import web
from pydantic import Field

from config.answers import as_sent
from config.catalogue import Catalogue
from config.clock import Clock, in_shanghai
from config.labels import OPEN_TICKET_STATES, TicketState
from config.problem import Problem
from config.settings import Settings
from handoff.bodies import MAX_SEQ
from handoff.tickets.clocks import Clocks
from handoff.tickets.glance import Glance, first_words, glance
from handoff.tickets.verdict import may_rate, may_reopen, reopen_until
from handoff.tickets.views import customer_view, day_for_people, steps_for_customer
from intents.redact import redact
from intents.understanding import Redacted
from store import ratings, tickets
from store.engine import Store, Tx
from store.model import Ticket, TicketEvent
from store.ratings import Rating

ONE = "/api/v1/status/{token:[0-9a-f]{32}}"
UNKNOWN = ("unknown_link",)
Version = Annotated[int, Field(ge=1, le=MAX_SEQ, strict=True)]
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Look:
    """A ticket with its history, and what its customer said of how it was handled."""

    ticket: Ticket
    history: tuple[TicketEvent, ...]
    rating: Rating | None


def look(tx: Tx, fingerprint: str) -> Look | None:
    """The ticket whose link has that fingerprint."""
    found = tickets.by_link(tx, fingerprint)
    if found is None:
        return None
    return Look(found, tickets.history(tx, found.no), ratings.get(tx, ratings.of_ticket(found.no)))


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to the ticket, in the customer's words; ``said`` are the first of their own, masked."""

    at: str
    text: str
    said: str | None = None


@dataclass(frozen=True, slots=True)
class ShownTicket:
    """A ticket as its customer sees it, and nothing that another holder of the link must not.

    Days and moments are Shanghai's; what is not known or not due is empty.
    """

    ticket_no: str
    kind: str
    state: TicketState
    status: str
    received_at: str
    answer_by: str
    name: str
    contact: str
    about: Glance
    steps: tuple[Step, ...]
    version: int
    may_add: bool
    may_withdraw: bool
    may_confirm: bool
    may_reopen: bool
    reopen_until: str
    may_rate: bool
    score: int | None
    has_secret: bool | None = None  # of what was just sent: a password or code was in it, and was dropped


class Looks:
    """Finds tickets by their links, and shows them as their customers may see them."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, clocks: Clocks, catalogue: Catalogue) -> None:
        self.store = store
        self.clock = clock
        self.clocks = clocks
        self.catalogue = catalogue
        self._limit = settings.turn.max_text_chars
        self._valid_for = timedelta(days=settings.status_page.link_valid_days)

    def speaking(self, request: web.Request) -> Self:
        """The same in the language that *request* asks for; the ticket's own words stay as they were written."""
        other = copy(self)
        other.catalogue = self.catalogue.asked_for(request.headers.get("Accept-Language"))
        return other

    def fingerprint(self, request: web.Request) -> str:
        """What is stored of the link in the request's path."""
        return tickets.link_hmac(self.store.crypto, request.match_info["token"])

    async def found(self, fingerprint: str) -> Look:
        """The ticket. Raises the same 404 problem for a link that is unknown and one that is too old."""
        return self.alive(await self.store.read(lambda tx: look(tx, fingerprint)))

    def alive(self, found: Look | None) -> Look:
        """*found* if it is something and its link still good; else the 404 problem."""
        if found is None or found.ticket.updated_at + self._valid_for < self.clock.now():
            raise Problem(404, "unknown_link", self.catalogue.text("tickets.page.unknown"))
        return found

    def done(self, outcome: Look | str | None, statuses: Mapping[str, int]) -> Look:
        """The ticket after a change; raises the problem that *outcome* names instead."""
        if isinstance(outcome, str):
            raise Problem(statuses[outcome], outcome, self.catalogue.text(f"tickets.page.{outcome}"))
        return self.alive(outcome)

    def words(self, text: str) -> Redacted:
        """What the customer wrote, without secrets. Raises a 422 problem when that is nothing or too much."""
        if not text.strip():
            raise Problem(422, "empty", self.catalogue.text("tickets.page.empty"))
        if len(text) > self._limit:
            raise self.too_long()
        return redact(text.strip().replace("\0", ""))  # PostgreSQL stores no NUL

    def too_long(self) -> Problem:
        """What to tell of words that are too many."""
        return Problem(422, "too_long", self.catalogue.text("tickets.page.too_long", limit=self._limit))

    def answer(self, found: Look, status: int = 200, *, has_secret: bool | None = None) -> web.Response:
        """*found* as its customer sees it; *has_secret* tells of what they just sent."""
        return web.json_response(as_sent(self._shown(found, has_secret)), status=status, headers=NO_STORE)

    def _shown(self, found: Look, has_secret: bool | None) -> ShownTicket:
        ticket, history, now = found.ticket, found.history, self.clock.now()
        view = customer_view(ticket, history, self.catalogue)
        until = reopen_until(ticket, history, self.clocks)
        return ShownTicket(
            ticket_no=view.no,
            kind=view.kind,
            state=ticket.state,
            status=view.state,
            received_at=in_shanghai(ticket.received_at).isoformat(timespec="seconds"),
            answer_by=view.answer_by,
            name=view.name,
            contact=view.contact,
            about=glance(ticket, self.catalogue),
            steps=tuple(_step(step, ticket) for step in steps_for_customer(history, self.catalogue)),
            version=ticket.version,
            may_add=ticket.state in OPEN_TICKET_STATES,
            may_withdraw=ticket.state in OPEN_TICKET_STATES,
            may_confirm=ticket.state is TicketState.REPLIED,
            may_reopen=may_reopen(ticket, history, self.clocks, now),
            reopen_until=day_for_people(until, self.catalogue) if until else "",
            may_rate=may_rate(ticket) and (found.rating is None or found.rating.score is None),
            score=found.rating.score if found.rating else None,
            has_secret=has_secret,
        )


def _step(step: Mapping[str, Any], ticket: Ticket) -> Step:
    said = step.get("said")
    return Step(step["at"], step["text"], said and first_words(said, ticket.customer_name or ""))
