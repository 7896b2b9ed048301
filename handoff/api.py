"""The conversations of the desk under ``/api/v1/desk``: thin handlers that read a request, call a verb, answer with frames."""

from typing import Literal, get_args

from aiohttp import web
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock
from config.operations import WHOLE, Operation, described
from config.problem import Problem
from handoff import sight
from handoff.auth import Auth
from handoff.bodies import Filing, Reason, Reply, Seq, Text, read_body
from handoff.endpoints import BASE, Looks, number_in, signed_in
from handoff.filing import FilingDesk, TicketForm
from handoff.holding import WORDS_REFUSED
from handoff.opening import opened, read_on
from handoff.service import Service
from handoff.shapes import MessagePage, NumberedMessage, NumberedTicket, OpenedConversation, ShownMessage
from store import desk_views
from store.engine import Store, Tx
from store.model import Agent
from store.queue import Refusal

CLAIM_REFUSED = ("assigned_only", "skill", *(word for word in get_args(Refusal) if word != "missing"))
PAGE = 1000
MAX_ROWS = 500
INLINE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


class Claimed(TypedDict):
    """It is one's own now."""

    claimed: Literal[True]


class Declined(TypedDict):
    """It is written down why nothing is filed."""

    declined: Literal[True]


class Ended(TypedDict):
    """The conversation is over."""

    ended: Literal[True]


class DeskApi:
    """``/conversations``: the lists, everything about one, and what may be done with it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        catalogue: Catalogue,
        auth: Auth,
        service: Service,
        filing: FilingDesk,
        looks: Looks,
    ) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth
        self._service = service
        self._filing = filing
        self._looks = looks

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        one = f"{BASE}/conversations/{{id:[0-9a-f]{{32}}}}"
        for method, path, handler in (
            ("GET", one, self._open),
            ("GET", f"{one}/messages", self._messages),
            ("POST", f"{one}/claim", self._claim),
            ("POST", f"{one}/replies", self._reply),
            ("POST", f"{one}/notes", self._note),
            ("POST", f"{one}/ticket", self._ticket),
            ("POST", f"{one}/decline", self._decline),
            ("POST", f"{one}/end", self._end),
            ("POST", f"{one}/read", self._read),
        ):
            app.router.add_route(method, path, signed_in(self._auth, handler))

    # --- looking ---------------------------------------------------------------------------------------------------------

    @described(
        Operation(
            "Everything known of a conversation: brief, record, draft, tickets, earlier conversations",
            "conversations",
            scope="conversations:read",
            query={"after": WHOLE},
            answers={200: OpenedConversation},
        )
    )
    async def _open(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        """The first view: everything that is known, so that the customer repeats nothing."""
        conversation_id, now = request.match_info["id"], self._clock.now()
        after = number_in(request.query.get("after", "0"))
        view = await self._store.read(lambda tx: opened(tx, agent, conversation_id, now, self._catalogue, after))
        if view is None:
            raise Problem(404, "not_found")
        await self._looks.record(agent, "opened", conversation_id)
        return web.json_response(view)

    @described(
        Operation(
            "Messages in order, in pages",
            "conversations",
            scope="conversations:read",
            query={"after": WHOLE, "limit": WHOLE},
            answers={200: MessagePage},
        )
    )
    async def _messages(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        """A page of messages, from the first one on; ``more`` says whether another follows."""
        conversation_id, after = request.match_info["id"], number_in(request.query.get("after", "0"))
        limit = min(max(number_in(request.query.get("limit", str(PAGE))), 1), PAGE)

        def look(tx: Tx) -> tuple[int | None, list[ShownMessage]]:
            last = desk_views.last_seq(tx, conversation_id) if sight.sees(tx, agent, conversation_id) else None
            return last, read_on(tx, conversation_id, after, limit) if last is not None else []

        last, items = await self._store.read(look)
        if last is None:
            raise Problem(404, "not_found")
        await self._looks.record(agent, "opened", conversation_id)
        return web.json_response(MessagePage(items=items, more=bool(items) and items[-1]["seq"] < last))

    # --- doing -----------------------------------------------------------------------------------------------------------

    @described(
        Operation(
            "Take a waiting conversation",
            "conversations",
            scope="conversations:write",
            answers={200: Claimed},
            problems={403: ("not_allowed",), 404: ("missing",), 409: CLAIM_REFUSED},
        )
    )
    async def _claim(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        await self._service.claim(agent, request.match_info["id"])
        return web.json_response(Claimed(claimed=True))

    @described(
        Operation(
            "Answer the customer",
            "conversations",
            scope="conversations:write",
            body=Reply,
            answers={201: NumberedMessage},
            problems={409: ("not_holder", "unseen", "with_wecom"), 422: WORDS_REFUSED},
        )
    )
    async def _reply(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Reply)
        seq = await self._service.reply(
            agent, request.match_info["id"], body.text, body.client_id, seen=body.seen, outcome=body.outcome
        )
        return web.json_response(NumberedMessage(seq=seq), status=201)

    @described(
        Operation(
            "Write a note that colleagues alone see",
            "conversations",
            scope="conversations:write",
            body=Text,
            answers={201: NumberedMessage},
            problems={409: ("not_holder",), 422: WORDS_REFUSED},
        )
    )
    async def _note(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Text)
        seq = await self._service.note(agent, request.match_info["id"], body.text, body.client_id)
        return web.json_response(NumberedMessage(seq=seq), status=201)

    @described(
        Operation(
            "File a ticket from a conversation",
            "conversations",
            scope="conversations:write",
            body=Filing,
            answers={201: NumberedTicket},
            problems={403: ("not_allowed",), 409: ("not_holder", "draft_settled")},
        )
    )
    async def _ticket(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Filing)
        form = TicketForm(
            body.kind,
            body.product.value,
            body.priority,
            body.content,
            body.demand,
            body.phone,
            body.corrections(),
            body.client_id,
        )
        number = await self._filing.file(agent, request.match_info["id"], form)
        return web.json_response(NumberedTicket(ticket_no=number), status=201)

    @described(
        Operation(
            "Write down why no ticket is filed",
            "conversations",
            scope="conversations:write",
            body=Reason,
            answers={200: Declined},
            problems={409: ("not_holder",)},
        )
    )
    async def _decline(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Reason)
        await self._filing.decline(agent, request.match_info["id"], body.reason)
        return web.json_response(Declined(declined=True))

    @described(
        Operation(
            "End a conversation",
            "conversations",
            scope="conversations:write",
            answers={200: Ended},
            problems={409: ("not_holder", "draft_open")},
        )
    )
    async def _end(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        await self._service.end(agent, request.match_info["id"])
        return web.json_response(Ended(ended=True))

    @described(
        Operation(
            "Remember how far one has read",
            "conversations",
            scope="conversations:write",
            body=Seq,
            answers={200: NumberedMessage},
        )
    )
    async def _read(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        conversation_id, seq = request.match_info["id"], (await read_body(request, Seq)).seq

        def mark(tx: Tx) -> int | None:
            seen = sight.sees(tx, agent, conversation_id)
            return desk_views.read_up_to(tx, conversation_id, agent.id, seq) if seen else None

        reached = await self._store.write(mark)
        if reached is None:
            raise Problem(404, "not_found")
        return web.json_response(NumberedMessage(seq=reached))
