"""Tickets as the desk sees them: lists, files with their history, moves."""

import re

from aiohttp import web
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import TicketState
from config.operations import Operation, described
from config.problem import Problem
from handoff import frames, policy
from handoff.auth import Auth
from handoff.bodies import Move, read_body
from handoff.endpoints import BASE, NUMBER, Looks, signed_in
from handoff.shapes import ListedTicket, TicketFile
from handoff.tickets.draft import missing_from_group_a
from store import agents, tickets
from store.engine import Store, Tx
from store.model import Agent, Ticket, TicketEvent

PAGE = 100


class ListedTickets(TypedDict):
    """Tickets, newest first. ``next``: the ``before`` of the page that follows; null when there is none."""

    items: list[ListedTicket]
    next: str | None


class TicketApi:
    """``/tickets``. Whoever may not see a ticket is told the same as for one that does not exist."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, auth: Auth, looks: Looks) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth
        self._looks = looks

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        one = f"{BASE}/tickets/{{no:{NUMBER}}}"
        add = app.router.add_route
        add("GET", f"{BASE}/tickets", signed_in(self._auth, self._list))
        add("GET", one, signed_in(self._auth, self._open))
        add("POST", f"{one}/move", signed_in(self._auth, self._move))

    @described(
        Operation(
            "Tickets, newest first",
            "tickets",
            scope="tickets:read",
            query={
                "state": {"type": "string", "enum": list(TicketState)},
                "before": {"type": "string", "pattern": f"^{NUMBER}$", "description": "`next` of the page before"},
            },
            answers={200: ListedTickets},
        )
    )
    async def _list(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        wanted, before = request.query.get("state"), request.query.get("before")
        if wanted not in (None, *TicketState) or (before is not None and not re.fullmatch(NUMBER, before)):
            raise Problem(400, "bad_request")
        state, department = TicketState(wanted) if wanted else None, policy.department_seen(agent)
        found = await self._store.read(
            lambda tx: tickets.search(tx, state=state, department=department, before=before, limit=PAGE + 1)
        )
        page = found[:PAGE]
        seen = [frames.ticket_frame(ticket, self._catalogue) for ticket in page if policy.sees_ticket(agent, ticket)]
        return web.json_response(ListedTickets(items=seen, next=page[-1].no if len(found) > PAGE else None))

    @described(Operation("A ticket with its history", "tickets", scope="tickets:read", answers={200: TicketFile}))
    async def _open(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        number = request.match_info["no"]

        def look(tx: Tx) -> tuple[Ticket | None, tuple[TicketEvent, ...], dict[str, str]]:
            return tickets.get(tx, number), tickets.history(tx, number), agents.names(tx)

        ticket, history, names = await self._store.read(look)
        if ticket is None or not policy.sees_ticket(agent, ticket):
            raise Problem(404, "not_found")
        await self._looks.record(agent, "opened", number)
        return web.json_response(frames.ticket_file(ticket, history, names, self._catalogue))

    @described(
        Operation(
            "Move a ticket on",
            "tickets",
            scope="tickets:write",
            body=Move,
            answers={200: ListedTicket},
            problems={404: ("missing",), 409: ("incomplete", "stale", "illegal")},
        )
    )
    async def _move(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        """Move a ticket on: 409 when somebody else did meanwhile, or when there is no such move."""
        number, body, now = request.match_info["no"], await read_body(request, Move), self._clock.now()
        ticket = await self._store.read(lambda tx: tickets.get(tx, number))
        if ticket is None or not policy.sees_ticket(agent, ticket):
            raise Problem(404, "missing", self._catalogue.sentence("desk.problem.missing"))
        if ticket.state is TicketState.PENDING and body.to is TicketState.IN_PROGRESS:
            lacking = missing_from_group_a(ticket)
            if lacking:
                raise Problem(409, "incomplete", self._catalogue.sentence("desk.problem.incomplete"), missing=list(lacking))
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
            raise Problem(404 if outcome == "missing" else 409, outcome, self._catalogue.sentence(f"desk.problem.{outcome}"))
        return web.json_response(frames.ticket_frame(outcome, self._catalogue))
