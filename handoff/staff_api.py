"""Colleagues: who is there, what they know, how much they hold; and setting what somebody knows and may hold."""

from aiohttp import web
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Role
from config.operations import Operation, described
from config.problem import Problem
from config.queueing import queueing
from config.settings import Settings
from handoff import frames
from handoff.auth import Auth
from handoff.bodies import Work, read_body
from handoff.endpoints import BASE, signed_in
from handoff.shapes import KnownSkill, OneStaffMember, StaffAtWork
from store import agents, audit
from store.bell import AGENTS, Bell
from store.engine import Store, Tx
from store.model import Agent

MAY_SET = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


class Colleagues(TypedDict):
    """Everybody with an account that works, and the skills there are."""

    agents: list[StaffAtWork]
    skills: list[KnownSkill]


class StaffApi:
    """``/colleagues`` and ``/colleagues/{id}/work``."""

    def __init__(self, settings: Settings, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        app.router.add_get(f"{BASE}/colleagues", signed_in(self._auth, self._list))
        app.router.add_put(f"{BASE}/colleagues/{{id:[0-9a-f]{{32}}}}/work", signed_in(self._auth, self._set_work))

    @described(Operation("Colleagues, with what they hold and know", "staff", scope="staff:read", answers={200: Colleagues}))
    async def _list(self, _request: web.Request, _agent: Agent) -> web.StreamResponse:
        """Everybody with an account that works, and the skills there are: to whom a conversation may go."""
        now, timeout_s = self._clock.now(), self._settings.desk.presence_timeout_s

        def look(tx: Tx) -> list[StaffAtWork]:
            loads = agents.loads(tx)
            there = {agent.id for agent in agents.on_duty(tx, now, timeout_s)}
            return [
                {**frames.agent_frame(agent), "load": loads.get(agent.id, 0), "on_duty": agent.id in there}
                for agent in agents.all(tx)
                if agent.active
            ]

        return web.json_response(Colleagues(agents=await self._store.read(look), skills=known_skills()))

    @described(
        Operation(
            "What somebody knows and how much they may hold",
            "staff",
            scope="staff:write",
            body=Work,
            answers={200: OneStaffMember},
            problems={403: ("not_allowed",), 404: ("no_agent",), 422: ("no_skill",)},
        )
    )
    async def _set_work(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        """How many conversations somebody may hold, and what they know. What they hold already stays theirs."""
        if agent.role not in MAY_SET:
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))
        body, agent_id, now = await read_body(request, Work), request.match_info["id"], self._clock.now()
        if queueing().unknown_skills(body.skills):
            raise Problem(422, "no_skill", self._catalogue.sentence("desk.problem.no_skill"))

        def change(tx: Tx) -> Agent | None:
            if agents.set_work(tx, agent_id, capacity=body.capacity, skills=body.skills):
                detail = {"capacity": body.capacity, "skills": body.skills}
                audit.record(tx, agent.id, "set_work", agent_id, detail, now)
            return agents.get(tx, agent_id)

        changed = await self._store.write(change)
        if changed is None:
            raise Problem(404, "no_agent", self._catalogue.sentence("desk.problem.no_agent"))
        self._bell.ring(AGENTS)
        return web.json_response(OneStaffMember(agent=frames.agent_frame(changed)))


def known_skills() -> list[KnownSkill]:
    """Everything that members of staff may know."""
    return [{"id": key, "name": skill.name} for key, skill in queueing().skills.items()]
