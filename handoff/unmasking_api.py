"""Showing in full what is masked: with a reason, to who may, and written down."""

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, StringConstraints, model_validator
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock
from config.operations import Operation, described
from config.problem import Problem
from handoff import policy, sight
from handoff.auth import Auth
from handoff.bodies import MAX_SEQ, Reason, read_body
from handoff.endpoints import BASE, NUMBER, signed_in
from intents.redact import redact
from store import audit, conversations, tickets
from store.engine import Store, Tx
from store.model import Agent

Field_ = Literal["phone", "name"]


class OfConversation(Reason):
    """What to show: a field of the customer, or what stands behind a token of a message; and why."""

    field: Field_ | None = None
    seq: int | None = Field(None, ge=1, le=MAX_SEQ)
    token: Annotated[str, StringConstraints(max_length=64)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "OfConversation":
        if (self.field is None) == (self.seq is None or not self.token):
            raise ValueError("field, or seq and token")
        return self


class OfTicket(Reason):
    """Which field of a ticket to show, and why."""

    field: Field_


class Unmasked(TypedDict):
    """What was masked, in full."""

    value: str


class UnmaskingApi:
    """``POST /conversations/{id}/unmask`` and ``/tickets/{no}/unmask``."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        add = app.router.add_post
        add(f"{BASE}/conversations/{{id:[0-9a-f]{{32}}}}/unmask", signed_in(self._auth, self._of_conversation))
        add(f"{BASE}/tickets/{{no:{NUMBER}}}/unmask", signed_in(self._auth, self._of_ticket))

    @described(
        Operation(
            "Show a masked value of a conversation in full",
            "conversations",
            scope="unmask",
            body=OfConversation,
            answers={200: Unmasked},
            problems={403: ("not_allowed",)},
        )
    )
    async def _of_conversation(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body, conversation_id = await read_body(request, OfConversation), request.match_info["id"]

        def look(tx: Tx) -> tuple[str, str] | Literal["missing", "not_allowed"]:
            found = conversations.get(tx, conversation_id)
            if found is None or not sight.sees(tx, agent, conversation_id):
                return "missing"
            if not policy.may_unmask(agent, found.agent_id):
                return "not_allowed"
            if body.field is not None:
                value = getattr(conversations.customer_of(tx, conversation_id), body.field)
                return (body.field, value) if value else "missing"
            hidden = conversations.protected_in(tx, conversation_id, body.seq or 0)
            return next(((item.kind, item.original) for item in hidden if item.token == body.token), "missing")

        return await self._tell(agent, f"conversation:{conversation_id}", body.reason, await self._store.read(look), body.seq)

    @described(
        Operation(
            "Show a masked value of a ticket in full",
            "tickets",
            scope="unmask",
            body=OfTicket,
            answers={200: Unmasked},
            problems={403: ("not_allowed",)},
        )
    )
    async def _of_ticket(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body, number = await read_body(request, OfTicket), request.match_info["no"]

        def look(tx: Tx) -> tuple[str, str] | Literal["missing", "not_allowed"]:
            ticket = tickets.get(tx, number)
            if ticket is None or not policy.sees_ticket(agent, ticket):
                return "missing"
            if not policy.may_unmask_ticket(agent, ticket):
                return "not_allowed"
            value = ticket.contact_phone if body.field == "phone" else ticket.customer_name
            return (body.field, value) if value else "missing"

        return await self._tell(agent, number, body.reason, await self._store.read(look))

    async def _tell(
        self,
        agent: Agent,
        subject: str,
        reason: str,
        found: tuple[str, str] | Literal["missing", "not_allowed"],
        seq: int | None = None,
    ) -> web.StreamResponse:
        if found == "missing":
            raise Problem(404, "not_found")
        if found == "not_allowed":
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))
        kind, value = found
        now = self._clock.now()
        detail: dict[str, Any] = {"what": kind, "reason": redact(reason).text, **({"seq": seq} if seq else {})}
        # Written down before it is shown: what nobody knows of is not seen.
        await self._store.write(lambda tx: audit.record(tx, agent.id, "unmasked", subject, detail, now))
        return web.json_response(Unmasked(value=value))
