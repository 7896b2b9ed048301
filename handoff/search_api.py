"""Search over customers, messages and tickets: one box, words of one character and more, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, NotRequired

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, FeedbackChannel, Holder, Speaker
from config.operations import Moment, Operation, Whole, described
from config.problem import Problem
from handoff import frames, policy, sight
from handoff.auth import Auth
from handoff.endpoints import BASE, Looks, number_in, signed_in
from handoff.excerpts import excerpt
from handoff.shapes import ListedTicket, Reference, ShownCustomer
from handoff.tickets.masking import mask_name
from store import agents, grams, search, search_hits
from store import sight as store_sight
from store.engine import Store, Tx
from store.model import Agent, Ticket
from store.search import Found, Window
from store.search_hits import Spoken
from store.search_index import first_id, moment_of

PAGE = 20
COUNTED = 100  # no further: a count over everything would cost more than the search
ROUNDS = 5  # words of three characters may be found by their pairs and not be there
DAYS = 90
MAX_DAYS = 3650
SCOPES = ("all", "customers", "tickets", "messages")
MAX_ID_DIGITS = 19
LONGEST_GRAM = 2
NUMBER_DIGITS = 7  # shorter ones are words like any other
# Of a ticket's record: what the service wrote for itself, in no words that anybody would look for or want to see.
NOT_WORDS = frozenset({"nature_rule", "occurred_at", "occurred_at_precision", "preferred_channel", "acting"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as it was asked."""

    words: str
    terms: tuple[str, ...]
    grams: tuple[str, ...]
    since: datetime
    before: int
    scope: str


class Marked(TypedDict):
    """A line of text, and where in it the words stand: start and end, in characters (an emoji of one code point is one)."""

    excerpt: str
    marks: tuple[tuple[int, int], ...]


class FoundCustomer(ShownCustomer):
    """A customer, and their latest conversation."""

    conversation: Reference
    channel: FeedbackChannel
    holder: Holder
    preview: str
    updated_at: Moment


class FoundTicket(ListedTicket, Marked):
    """A ticket, and the line in it that says so."""


class FoundMessage(Marked):
    """A message that says so, and whose it is."""

    conversation: Reference
    seq: Whole
    at: Moment
    speaker: Speaker
    audience: Audience
    agent_name: str | None
    customer_name: str | None
    channel: FeedbackChannel
    holder: Holder
    ticket_no: str | None


class FoundCustomers(TypedDict):
    """Customers whose name or number it is."""

    items: list[FoundCustomer]
    count: Whole
    more: bool


class FoundTickets(TypedDict):
    """Tickets that say so. ``count``: as far as they were counted."""

    items: list[FoundTicket]
    count: Whole
    more: bool


class FoundMessages(TypedDict):
    """A page of messages that say so. ``count``: as far as they were counted."""

    items: list[FoundMessage]
    count: Whole
    more: bool
    next: Annotated[str | None, Field(description="For `before` of the next page")]
    looked_back_to: NotRequired[Moment]


class FoundAll(TypedDict):
    """What was found of each kind that was asked for."""

    query: str
    terms: tuple[str, ...]
    since: Moment
    customers: NotRequired[FoundCustomers]
    tickets: NotRequired[FoundTickets]
    messages: NotRequired[FoundMessages]


class SearchApi:
    """``GET /search``. It finds what the member of staff may open, and no more; what is looked for is written down sealed."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, auth: Auth, looks: Looks) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth
        self._looks = looks

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_get(f"{BASE}/search", signed_in(self._auth, self._search))

    @described(
        Operation(
            "Search customers, messages and tickets by words of one character and more, newest first",
            "search",
            scope="conversations:read",
            query={
                "q": {"type": "string", "maxLength": grams.MAX_QUERY_CHARS},
                "in": {"type": "string", "enum": list(SCOPES), "default": "all"},
                "days": {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": DAYS},
                "before": {"type": "string", "description": "`messages.next` of the page before"},
            },
            answers={200: FoundAll},
            problems={422: ("no_words",)},
        )
    )
    async def _search(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        wanted = self._wanted(request)
        # The words may be somebody's name: an auditor can tell whether certain words were looked for, not read them.
        await self._looks.record(agent, "searched", self._store.crypto.hmac("search", wanted.words))
        found = FoundAll(query=wanted.words, terms=wanted.terms, since=frames.instant(wanted.since))
        if wanted.scope in ("all", "customers"):
            found["customers"] = await self._store.read(lambda tx: self._customers(tx, agent, wanted))
        if wanted.scope in ("all", "tickets"):
            found["tickets"] = await self._store.read(lambda tx: self._tickets(tx, agent, wanted))
        if wanted.scope in ("all", "messages"):
            found["messages"] = await self._store.read(lambda tx: self._messages(tx, agent, wanted))
        return web.json_response(found)

    def _wanted(self, request: web.Request) -> Wanted:
        words = " ".join(request.query.get("q", "").split())
        scope = request.query.get("in", "all")
        days = number_in(request.query.get("days", str(DAYS)))
        before = request.query.get("before", "")
        if scope not in SCOPES or not 1 <= days <= MAX_DAYS:
            raise Problem(400, "bad_request")
        if before and not (before.isascii() and before.isdecimal() and len(before) <= MAX_ID_DIGITS):
            raise Problem(400, "bad_request")
        if not words or len(words) > grams.MAX_QUERY_CHARS:
            raise Problem(422, "no_words", self._catalogue.sentence("desk.problem.no_words", limit=grams.MAX_QUERY_CHARS))
        terms = grams.terms(words)
        if not terms:
            raise Problem(422, "no_words", self._catalogue.sentence("desk.problem.short_words"))
        now = self._clock.now()
        newest = first_id(now + timedelta(days=1))
        found = sorted({gram for term in terms for gram in grams.wanted(term)})
        return Wanted(words, terms, tuple(found), now - timedelta(days=days), int(before) if before else newest, scope)

    # --- customers -------------------------------------------------------------------------------------------------------

    def _customers(self, tx: Tx, agent: Agent, wanted: Wanted) -> FoundCustomers:
        known = search_hits.people(tx, "".join(wanted.words.split()), PAGE)
        seen = store_sight.seen(tx, sight.sight_of(agent), {item.conversation_id for item in known})
        found = [item for item in known if item.conversation_id in seen]
        items: list[FoundCustomer] = [
            {
                **frames.customer_frame(item.customer),
                "conversation": item.conversation_id,
                "channel": item.channel,
                "holder": item.holder,
                "preview": item.preview,
                "updated_at": frames.instant(item.updated_at),
            }
            for item in found
        ]
        return {"items": items, "count": len(items), "more": False}

    # --- tickets ---------------------------------------------------------------------------------------------------------

    def _tickets(self, tx: Tx, agent: Agent, wanted: Wanted) -> FoundTickets:
        exact = self._exact_tickets(tx, wanted)
        found = search.documents(tx, wanted.grams, Window(wanted.since, wanted.before, is_ticket=True), COUNTED + 1)
        named = {ticket.no for ticket in exact}
        matching = [
            ticket for ticket in search_hits.tickets_at(tx, found) if ticket.no not in named and _says(ticket, wanted.terms)
        ]
        seen = [ticket for ticket in (*exact, *matching) if policy.sees_ticket(agent, ticket)]
        items: list[FoundTicket] = [
            {**frames.ticket_frame(ticket, self._catalogue), **_marked(_line_of(ticket), wanted.terms)} for ticket in seen[:PAGE]
        ]
        return {"items": items, "count": min(len(seen), COUNTED), "more": len(seen) > PAGE}

    def _exact_tickets(self, tx: Tx, wanted: Wanted) -> tuple[Ticket, ...]:
        words = "".join(wanted.words.split())
        joined = words.upper()
        if joined.startswith("FB") and joined[2:].isalnum() and joined.isascii():
            return search_hits.tickets_numbered(tx, joined, PAGE)
        return search_hits.tickets_of_contact(tx, words, PAGE)

    # --- messages --------------------------------------------------------------------------------------------------------

    def _messages(self, tx: Tx, agent: Agent, wanted: Wanted) -> FoundMessages:
        joined = "".join(wanted.words.split())
        kept: list[tuple[int, Spoken]] = []
        if _is_number(joined) and (places := search_hits.holding(tx, joined, PAGE)):
            held = search_hits.spoken(tx, places)
            kept = [(0, held[place]) for place in places if place in held]
            kept = self._allowed(tx, agent, kept)
            return {"items": self._lines(tx, kept, ()), "count": len(kept), "more": False, "next": None}
        found = search.documents(tx, wanted.grams, Window(wanted.since, wanted.before, is_ticket=False), COUNTED + 1)
        seen = sight.sight_of(agent)
        if all(len(term) <= LONGEST_GRAM for term in wanted.terms) and seen.department is None and not seen.nothing:
            # What the index finds is what is there: only the page that is shown need be read.
            hits = self._saying(tx, found[:PAGE], wanted.terms)
            more = len(found) > PAGE
            return self._page(tx, wanted, hits, min(len(found), COUNTED), found[PAGE - 1].id if more else None)
        hits, ends_at = self._allowed(tx, agent, self._saying(tx, found, wanted.terms)), None
        for _ in range(ROUNDS):
            ends_at = found[-1].id if len(found) > COUNTED else None
            if ends_at is None or len(hits) > PAGE:
                break
            found = search.documents(tx, wanted.grams, Window(wanted.since, ends_at, is_ticket=False), COUNTED + 1)
            hits += self._allowed(tx, agent, self._saying(tx, found, wanted.terms))
        if len(hits) > PAGE:
            ends_at = hits[PAGE - 1][0]
        return self._page(tx, wanted, hits[:PAGE], min(len(hits), COUNTED), ends_at)

    def _page(self, tx: Tx, wanted: Wanted, hits: Sequence[tuple[int, Spoken]], count: int, ends_at: int | None) -> FoundMessages:
        """Lines, how many there are as far as they were counted, and where to go on; with how far back was looked."""
        return {
            "items": self._lines(tx, hits, wanted.terms),
            "count": count,
            "more": ends_at is not None,
            "next": str(ends_at) if ends_at is not None else None,
            "looked_back_to": frames.instant(wanted.since if ends_at is None else moment_of(ends_at)),
        }

    def _saying(self, tx: Tx, found: Sequence[Found], terms: Sequence[str]) -> list[tuple[int, Spoken]]:
        texts = search_hits.spoken(tx, [(item.subject, item.seq) for item in found])
        hits = [(item.id, texts.get((item.subject, item.seq))) for item in found]
        return [(key, hit) for key, hit in hits if hit is not None and _holds(hit.text, terms)]

    def _allowed(self, tx: Tx, agent: Agent, hits: list[tuple[int, Spoken]]) -> list[tuple[int, Spoken]]:
        seen = store_sight.seen(tx, sight.sight_of(agent), {hit.conversation_id for _, hit in hits})
        return [(key, hit) for key, hit in hits if hit.conversation_id in seen]

    def _lines(self, tx: Tx, hits: Sequence[tuple[int, Spoken]], terms: Sequence[str]) -> list[FoundMessage]:
        customers = search_hits.names_of(tx, list({hit.customer_id for _, hit in hits}))
        staff = agents.names(tx)
        return [
            {
                "conversation": hit.conversation_id,
                "seq": hit.seq,
                "at": frames.instant(hit.at),
                "speaker": hit.speaker,
                "audience": hit.audience,
                "agent_name": staff.get(hit.agent_id or ""),
                "customer_name": mask_name(customers[hit.customer_id]) if hit.customer_id in customers else None,
                "channel": hit.channel,
                "holder": hit.holder,
                "ticket_no": hit.ticket_no,
                **_marked(hit.text, terms),
            }
            for _, hit in hits
        ]


def _is_number(words: str) -> bool:
    return words.isascii() and words[:-1].isdigit() and words[-1:].isalnum() and len(words) >= NUMBER_DIGITS


def _holds(text: str, terms: Sequence[str]) -> bool:
    plain = grams.normal(text)
    return all(term in plain for term in terms)


def _line_of(ticket: Ticket) -> str:
    said = (value for name, value in ticket.record.items() if isinstance(value, str) and name not in NOT_WORDS)
    return " ".join((ticket.content, *said))


def _says(ticket: Ticket, terms: Sequence[str]) -> bool:
    return _holds(_line_of(ticket), terms)


def _marked(text: str, terms: Sequence[str]) -> Marked:
    shown = excerpt(text, terms)
    return {"excerpt": shown.text, "marks": shown.marks}
