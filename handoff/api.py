"""The desk's API under ``/api/v1/desk``: thin handlers that read a request, call a verb, and answer with frames."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_args

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Priority, Product, TicketKind, TicketState
from config.problem import Problem
from handoff import frames
from handoff.auth import COOKIE, Auth
from handoff.brief import brief, draft_for_desk
from handoff.service import Service, TicketForm
from handoff.tickets.draft import missing_from_group_a
from store import agents, audit, conversations, queue, tickets
from store.bell import AGENTS, QUEUE, Bell
from store.blobs import Blobs
from store.engine import Store, Tx
from store.model import Agent, Message

BASE = "/api/v1/desk"
PAGE = 1000
INLINE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
PRESENCES = frozenset({"online", "busy", "away"})

Handler = Callable[[web.Request, Agent], Awaitable[web.StreamResponse]]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


B = TypeVar("B", bound=_Body)


class SignIn(_Body):
    """Login and password."""

    login: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class Text(_Body):
    """A reply or a note."""

    text: str
    client_id: str | None = Field(None, max_length=64)


class Reason(_Body):
    """Why something is done."""

    reason: str = Field(min_length=1, max_length=500)


class Seq(_Body):
    """How far somebody has read."""

    seq: int = Field(ge=0)


class Presence(_Body):
    """Whether somebody takes conversations."""

    presence: str


class Filing(_Body):
    """A ticket to file."""

    kind: TicketKind
    product: Product
    priority: Priority = Priority.NORMAL
    content: str = Field(min_length=1, max_length=8000)
    demand: str = Field("", max_length=2000)
    phone: str = Field("", max_length=20)


class Move(_Body):
    """A ticket's next state."""

    to: TicketState
    expected_version: int
    reason: str = Field(min_length=1, max_length=500)


class DeskApi:
    """Everything that the desk's pages ask for."""

    def __init__(
        self, store: Store, blobs: Blobs, bell: Bell, clock: Clock, catalogue: Catalogue, auth: Auth, service: Service
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth
        self._service = service

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        one = f"{BASE}/conversations/{{id:[0-9a-f]{{32}}}}"
        add = app.router.add_route
        add("POST", f"{BASE}/session", self._sign_in)
        for method, path, handler in (
            ("DELETE", f"{BASE}/session", self._sign_out),
            ("GET", f"{BASE}/me", self._me),
            ("PUT", f"{BASE}/presence", self._presence),
            ("GET", f"{BASE}/conversations", self._list),
            ("GET", one, self._open),
            ("GET", f"{one}/messages", self._messages),
            ("GET", f"{one}/files/{{seq:[0-9]{{1,9}}}}/{{n:[0-9]{{1,2}}}}", self._file),
            ("POST", f"{one}/claim", self._claim),
            ("POST", f"{one}/replies", self._reply),
            ("POST", f"{one}/notes", self._note),
            ("POST", f"{one}/ticket", self._ticket),
            ("POST", f"{one}/decline", self._decline),
            ("POST", f"{one}/end", self._end),
            ("POST", f"{one}/requeue", self._requeue),
            ("POST", f"{one}/read", self._read),
            ("GET", f"{BASE}/tickets", self._tickets),
            ("GET", f"{BASE}/tickets/{{no:FB[0-9]{{14}}[0-9A-Z]}}", self._ticket_file),
            ("POST", f"{BASE}/tickets/{{no:FB[0-9]{{14}}[0-9A-Z]}}/move", self._move),
        ):
            add(method, path, self._signed_in(handler))

    def _signed_in(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def checked(request: web.Request) -> web.StreamResponse:
            return await handler(request, await self._auth.agent(request))

        return checked

    # --- who -------------------------------------------------------------------------------------------------------------

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        self._auth.same_origin(request)
        body = await self._body(request, SignIn)
        agent, token = await self._auth.sign_in(request, body.login, body.password)
        now = self._clock.now()
        await self._store.write(lambda tx: agents.set_presence(tx, agent.id, "online", now))
        self._bell.ring(AGENTS)
        response = web.json_response({"agent": {**frames.agent_frame(agent), "presence": "online"}})
        self._auth.set_cookie(request, response, token)
        return response

    async def _sign_out(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        now = self._clock.now()
        await self._store.write(lambda tx: agents.set_presence(tx, agent.id, "offline", now))
        await self._auth.sign_out(request)
        self._bell.ring(AGENTS)
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    async def _me(self, _request: web.Request, agent: Agent) -> web.StreamResponse:
        return web.json_response({"agent": frames.agent_frame(agent)})

    async def _presence(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        chosen = (await self._body(request, Presence)).presence
        if chosen not in PRESENCES:
            raise Problem(422, "bad_request")
        now = self._clock.now()
        await self._store.write(lambda tx: agents.set_presence(tx, agent.id, chosen, now))
        self._bell.ring(AGENTS)
        return web.json_response({"agent": {**frames.agent_frame(agent), "presence": chosen}})

    # --- looking ---------------------------------------------------------------------------------------------------------

    async def _list(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        view = request.query.get("view", "waiting")
        if view not in get_args(conversations.View):
            raise Problem(400, "bad_request")

        def look(tx: Tx) -> tuple[dict[str, int], tuple[conversations.DeskRow, ...]]:
            return conversations.counts(tx, agent.id), conversations.desk_list(tx, view, agent.id)  # type: ignore[arg-type]  # checked above

        counts, rows = await self._store.read(look)
        return web.json_response({"counts": counts, "items": [frames.row_frame(row) for row in rows]})

    async def _open(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        """The first view: everything that is known, so that the customer repeats nothing."""
        conversation_id, now = request.match_info["id"], self._clock.now()

        def look(tx: Tx) -> dict[str, Any] | None:
            found = conversations.get(tx, conversation_id)
            if found is None:
                return None
            customer = conversations.customer_of(tx, conversation_id)
            said = conversations.messages(tx, conversation_id)
            holder = agents.get(tx, found.agent_id) if found.agent_id else None
            return {
                "id": found.id,
                "holder": found.holder.value,
                "agent": {"id": holder.id, "name": holder.name} if holder else None,
                "channel": found.channel.value,
                "customer": frames.customer_frame(customer),
                "urgent": found.urgent,
                "last_seq": found.last_seq,
                "brief": brief(found, said, queue.entry(tx, conversation_id)),
                "draft": draft_for_desk(found),
                "tickets": [frames.ticket_frame(ticket, self._catalogue) for ticket in conversations.tickets_of(tx, customer)],
                "earlier": [
                    frames.earlier_frame(item) for item in conversations.earlier(tx, customer.id) if item.id != conversation_id
                ],
            }

        view = await self._store.read(look)
        if view is None:
            raise Problem(404, "not_found")
        await self._store.write(lambda tx: audit.record(tx, agent.id, "opened", conversation_id, {}, now))
        return web.json_response(view)

    async def _messages(self, request: web.Request, _agent: Agent) -> web.StreamResponse:
        conversation_id, after = request.match_info["id"], request.query.get("after", "0")
        if not after.isdecimal():
            raise Problem(400, "bad_request")

        def look(tx: Tx) -> tuple[tuple[Message, ...], dict[str, str]]:
            names = {item.id: item.name for item in agents.all(tx)}
            return conversations.messages(tx, conversation_id, int(after), PAGE), names

        found, names = await self._store.read(look)
        items, prev = [], int(after)
        for message in found:
            items.append(frames.message_frame(message, prev, names))
            prev = message.seq
        return web.json_response({"items": items, "more": len(found) == PAGE})

    async def _file(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        conversation_id, seq, n = request.match_info["id"], int(request.match_info["seq"]), int(request.match_info["n"])
        found = await self._store.read(lambda tx: conversations.messages(tx, conversation_id, seq - 1, 1))
        attachments = found[0].payload.get("attachments", []) if found and found[0].seq == seq else []
        if n >= len(attachments):
            raise Problem(404, "not_found")
        item, now = attachments[n], self._clock.now()
        try:
            data = await self._blobs.get(item["blob_id"])
        except FileNotFoundError:
            raise Problem(404, "not_found") from None
        await self._store.write(lambda tx: audit.record(tx, agent.id, "opened_file", f"{conversation_id}:{seq}:{n}", {}, now))
        shown = item["media_type"] in INLINE_TYPES
        return web.Response(
            body=data,
            headers={
                "Content-Type": item["media_type"] if shown else "application/octet-stream",
                "Content-Disposition": "inline" if shown else "attachment",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "private, max-age=3600",
            },
        )

    # --- doing -----------------------------------------------------------------------------------------------------------

    async def _claim(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        await self._service.claim(agent, request.match_info["id"])
        return web.json_response({"claimed": True})

    async def _reply(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await self._body(request, Text)
        seq = await self._service.reply(agent, request.match_info["id"], body.text, body.client_id)
        return web.json_response({"seq": seq}, status=201)

    async def _note(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await self._body(request, Text)
        return web.json_response({"seq": await self._service.note(agent, request.match_info["id"], body.text)}, status=201)

    async def _ticket(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await self._body(request, Filing)
        form = TicketForm(body.kind, body.product.value, body.priority, body.content, body.demand, body.phone)
        number = await self._service.file_ticket(agent, request.match_info["id"], form)
        return web.json_response({"ticket_no": number}, status=201)

    async def _decline(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await self._body(request, Reason)
        await self._service.decline_to_file(agent, request.match_info["id"], body.reason)
        return web.json_response({"declined": True})

    async def _end(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        await self._service.end(agent, request.match_info["id"])
        return web.json_response({"ended": True})

    async def _requeue(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await self._body(request, Reason)
        await self._service.requeue(agent, request.match_info["id"], body.reason)
        return web.json_response({"requeued": True})

    async def _read(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        conversation_id, seq = request.match_info["id"], (await self._body(request, Seq)).seq
        await self._store.write(lambda tx: conversations.mark_read(tx, conversation_id, agent.id, seq))
        self._bell.ring(QUEUE)
        return web.json_response({"seq": seq})

    # --- tickets ---------------------------------------------------------------------------------------------------------

    async def _tickets(self, request: web.Request, _agent: Agent) -> web.StreamResponse:
        wanted = request.query.get("state")
        if wanted is not None and wanted not in set(TicketState):
            raise Problem(400, "bad_request")
        found = await self._store.read(lambda tx: tickets.search(tx, state=TicketState(wanted) if wanted else None))
        return web.json_response({"items": [frames.ticket_frame(ticket, self._catalogue) for ticket in found]})

    async def _ticket_file(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        number, now = request.match_info["no"], self._clock.now()
        found = await self._store.read(lambda tx: (tickets.get(tx, number), tickets.history(tx, number)))
        ticket, history = found
        if ticket is None:
            raise Problem(404, "not_found")
        await self._store.write(lambda tx: audit.record(tx, agent.id, "opened", number, {}, now))
        lines = [
            {
                "n": event.n,
                "at": frames.instant(event.at),
                "actor": event.actor,
                "action": event.action,
                "from": event.from_state,
                "to": event.to_state,
                "detail": event.detail,
            }
            for event in history
        ]
        return web.json_response({**frames.ticket_frame(ticket, self._catalogue), "record": ticket.record, "history": lines})

    async def _move(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        """Move a ticket on: 409 when somebody else did meanwhile, or when there is no such move."""
        number, body, now = request.match_info["no"], await self._body(request, Move), self._clock.now()
        ticket = await self._store.read(lambda tx: tickets.get(tx, number))
        if ticket is not None and ticket.state is TicketState.PENDING and body.to is TicketState.IN_PROGRESS:
            lacking = missing_from_group_a(ticket)
            if lacking:
                raise Problem(409, "incomplete", self._catalogue.text("desk.problem.incomplete"), missing=list(lacking))
        outcome = await self._store.write(
            lambda tx: tickets.move(
                tx,
                number,
                body.to,
                expected_version=body.expected_version,
                actor=agent.id,
                role=agent.role.value,
                now=now,
                detail={"reason": body.reason},
            )
        )
        if isinstance(outcome, str):
            raise Problem(404 if outcome == "missing" else 409, outcome, self._catalogue.text(f"desk.problem.{outcome}"))
        return web.json_response(frames.ticket_frame(outcome, self._catalogue))

    async def _body(self, request: web.Request, model: type[B]) -> B:
        try:
            return model.model_validate(json.loads(await request.read()))
        except (ValidationError, ValueError, RecursionError):
            raise Problem(422, "bad_request") from None
