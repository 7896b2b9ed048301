"""The lists of conversations: a view, narrowed to what somebody looks for, in pages."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, get_args

from aiohttp import web
from pydantic import AwareDatetime, Field, StringConstraints, ValidationError
from typing_extensions import TypedDict

from config.clock import Clock
from config.labels import Emotion, FeedbackChannel, Kind, Priority, Product
from config.operations import TEXT, Operation, Schema, Whole, described
from config.problem import Problem
from handoff import frames, sight
from handoff.auth import Auth
from handoff.bodies import Body
from handoff.endpoints import BASE, signed_in
from handoff.shapes import ListedConversation
from store import agents, desk_lists
from store.desk_lists import Counts, Place, Wanted
from store.engine import Store, Tx
from store.model import Agent

MOST_ROWS = 1000
ENDED_DAYS = 90  # what ended is narrowed within this time unless another is named: without it a rare word would read everything

Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=32)]


class Filters(Body):
    """What a list of conversations is narrowed to."""

    view: Literal["waiting", "mine", "all", "ended"] = "waiting"
    channel: FeedbackChannel | None = None
    kind: Kind | None = None
    product: Product | None = None
    priority: Priority | None = None
    department: Word | None = None
    emotion: Emotion | None = None
    tag: Word | None = None
    unread: bool = False
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    days: int | None = Field(None, ge=1, le=3650)

    def wanted(self, now: datetime) -> Wanted:
        """The filters as the store takes them, at the moment *now*."""
        values = self.model_dump(include=set(Filters.model_fields) - {"days"})
        if self.days and not self.since:
            values["since"] = now - timedelta(days=self.days)
        narrows = any(value for name, value in values.items() if name not in ("view", "since", "until"))
        if self.view == "ended" and narrows and values["since"] is None:
            values["since"] = now - timedelta(days=ENDED_DAYS)
        return Wanted(**values)


class Listing(Filters):
    """One page of a list."""

    limit: int = Field(200, ge=1, le=MOST_ROWS)
    after: str = Field("", max_length=100, description="`next` of the page before")


def _one_of(words: type[StrEnum]) -> Schema:
    return {"type": "string", "enum": [word.value for word in words]}


QUERY: dict[str, Schema] = {
    "view": {"type": "string", "enum": list(get_args(desk_lists.View)), "default": "waiting"},
    "channel": _one_of(FeedbackChannel),
    "kind": _one_of(Kind),
    "product": _one_of(Product),
    "priority": _one_of(Priority),
    "department": TEXT,
    "emotion": _one_of(Emotion),
    "tag": TEXT,
    "unread": {"type": "boolean", "default": False},
    "since": {"type": "string", "format": "date-time"},
    "until": {"type": "string", "format": "date-time"},
    "days": {"type": "integer", "minimum": 1, "maximum": 3650},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 200},
    "after": {"type": "string", "description": "`next` of the page before"},
}


class ConversationPage(TypedDict):
    """A page of a list, with what stands beside every list."""

    counts: Annotated[Counts, Field(description="How many conversations each view holds; `ended` is not counted")]
    unread: Annotated[
        dict[str, Whole],
        Field(description="One's own conversations with words not read yet, and the last one's number"),
    ]
    items: list[ListedConversation]
    next: Annotated[str | None, Field(description="For `after` of the next page; null on the last one")]


class ListsApi:
    """``GET /conversations``."""

    def __init__(self, store: Store, clock: Clock, auth: Auth) -> None:
        self._store = store
        self._clock = clock
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_get(f"{BASE}/conversations", signed_in(self._auth, self._list))

    @described(
        Operation(
            "Conversations of a view, newest or most urgent first, narrowed and in pages, with the counts of all views",
            "conversations",
            scope="conversations:read",
            query=QUERY,
            answers={200: ConversationPage},
        )
    )
    async def _list(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        asked, after = _asked(request.query)
        now = self._clock.now()
        wanted, seen = asked.wanted(now), sight.sight_of(agent)

        def look(tx: Tx) -> ConversationPage:
            names = agents.names(tx)
            page = desk_lists.desk_list(tx, wanted, seen, asked.limit, after)
            return {
                "counts": desk_lists.counts(tx, seen, now),
                "unread": desk_lists.unread_of(tx, agent.id),
                "items": [frames.row_frame(row, names) for row in page.rows],
                "next": desk_lists.place_text(page.next) if page.next else None,
            }

        return web.json_response(await self._store.read(look))


def _asked(query: Mapping[str, str]) -> tuple[Listing, Place | None]:
    try:
        asked = Listing.model_validate(dict(query))
        return asked, desk_lists.read_place(asked.after) if asked.after else None
    except ValidationError as error:
        fields = sorted({".".join(map(str, item["loc"])) for item in error.errors(include_url=False, include_input=False)})
        raise Problem(400, "bad_request", fields=fields) from None
    except ValueError:
        raise Problem(400, "bad_request", fields=["after"]) from None
