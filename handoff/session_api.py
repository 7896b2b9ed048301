"""Who works at the desk, and whether they take conversations: endpoints for signing in and out, and for presence."""

from aiohttp import web

from config.catalogue import Catalogue
from config.clock import Clock
from config.operations import Operation, described
from config.problem import Problem
from handoff import frames, policy
from handoff.absence import Absences
from handoff.auth import COOKIE, Auth
from handoff.bodies import Presence, SignIn, read_body
from handoff.endpoints import BASE, signed_in
from handoff.shapes import OneStaffMember
from store import agents
from store.bell import AGENTS, Bell
from store.engine import Store
from store.model import Agent


class SessionApi:
    """``/session``, ``/me`` and ``/presence``."""

    def __init__(self, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue, auth: Auth, absences: Absences) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth
        self._absences = absences

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        add = app.router.add_route
        add("POST", f"{BASE}/session", self._sign_in)
        add("DELETE", f"{BASE}/session", signed_in(self._auth, self._sign_out))
        add("GET", f"{BASE}/me", signed_in(self._auth, self._me))
        add("PUT", f"{BASE}/presence", signed_in(self._auth, self._presence))

    @described(
        Operation(
            "Sign in at the desk",
            "session",
            access="anybody",
            body=SignIn,
            answers={200: OneStaffMember},
            problems={401: ("wrong_sign_in",), 403: ("foreign_origin",), 429: ("too_many_sign_ins",)},
        )
    )
    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        self._auth.same_origin(request)
        body = await read_body(request, SignIn)
        agent, token = await self._auth.sign_in(request, body.login, body.password)
        presence = "offline"
        if policy.takes_conversations(agent):
            presence = "online"
            await self._set(agent, presence)
        response = web.json_response(OneStaffMember(agent={**frames.agent_frame(agent), "presence": presence}))
        response.headers["Cache-Control"] = "no-store"
        self._auth.set_cookie(request, response, token)
        self._auth.know_device(request, response, body.login)
        return response

    @described(Operation("Sign out", "session", answers={204: None}))
    async def _sign_out(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        await self._absences.leave(agent)
        await self._auth.sign_out(request)
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    @described(Operation("Who is signed in", "session", scope="conversations:read", answers={200: OneStaffMember}))
    async def _me(self, _request: web.Request, agent: Agent) -> web.StreamResponse:
        return web.json_response(OneStaffMember(agent=frames.agent_frame(agent)))

    @described(
        Operation(
            "Say whether one takes conversations",
            "session",
            scope="conversations:write",
            body=Presence,
            answers={200: OneStaffMember},
            problems={403: ("not_allowed",)},
        )
    )
    async def _presence(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        chosen = (await read_body(request, Presence)).presence
        if not policy.takes_conversations(agent):
            raise Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.administrator"))
        await self._set(agent, chosen)
        return web.json_response(OneStaffMember(agent={**frames.agent_frame(agent), "presence": chosen}))

    async def _set(self, agent: Agent, presence: str) -> None:
        now = self._clock.now()
        await self._store.write(lambda tx: agents.set_presence(tx, agent.id, presence, now))
        self._bell.ring(AGENTS)
