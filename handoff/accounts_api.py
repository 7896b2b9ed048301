"""Accounts of staff: an administrator adds them, changes what they are, switches them off, gives a new password."""

import asyncio
from dataclasses import replace
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Role
from config.operations import Operation, described
from config.problem import Problem
from config.queueing import queueing
from config.speakable import as_name
from handoff import frames
from handoff.auth import MAX_PASSWORD_CHARS, Auth, hash_password
from handoff.bodies import Body, read_body
from handoff.endpoints import BASE, signed_in
from handoff.routing import department_names
from handoff.shapes import KnownSkill, StaffMember
from handoff.staff_api import known_skills
from store import agents, audit
from store.bell import AGENTS, Bell
from store.engine import Store, Tx
from store.ids import new_id
from store.model import Agent

MIN_PASSWORD_CHARS = 10
LOOKS = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})


def _called(text: str) -> str:
    name = as_name(text)
    if not name:
        raise ValueError("nothing of it can be seen")
    return name


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32), AfterValidator(_called)]
Login = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{1,63}$")]
Password = Annotated[str, StringConstraints(min_length=MIN_PASSWORD_CHARS, max_length=MAX_PASSWORD_CHARS)]


class Account(Body):
    """What somebody is at the desk."""

    name: Name
    role: Role
    department: str | None = Field(None, max_length=32)
    capacity: int = Field(5, ge=1, le=50)
    skills: list[str] = Field(default_factory=list, max_length=20)


class NewAccount(Account):
    """An account to add."""

    login: Login
    password: Password


class ChangedAccount(Account):
    """An account as it shall be; a new password ends all sessions of its owner, and so does switching it off."""

    active: bool
    password: Password | None = None


class StaffAccount(StaffMember):
    """An account; one that is switched off is not ``active``."""

    login: str
    active: bool


class OneStaffAccount(TypedDict):
    """An account, alone."""

    agent: StaffAccount


class StaffAccounts(TypedDict):
    """All accounts and skills."""

    agents: list[StaffAccount]
    skills: list[KnownSkill]


class AccountsApi:
    """``/staff``."""

    def __init__(self, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        app.router.add_get(f"{BASE}/staff", signed_in(self._auth, self._list))
        app.router.add_post(f"{BASE}/staff", signed_in(self._auth, self._add))
        app.router.add_put(f"{BASE}/staff/{{id:[0-9a-f]{{32}}}}", signed_in(self._auth, self._change))

    @described(
        Operation(
            "All accounts of staff, those switched off too",
            "staff",
            scope="staff:read",
            answers={200: StaffAccounts},
            problems={403: ("not_allowed",)},
        )
    )
    async def _list(self, _request: web.Request, agent: Agent) -> web.StreamResponse:
        if agent.role not in LOOKS:
            raise self._forbidden()
        found = await self._store.read(agents.all)
        return web.json_response(StaffAccounts(agents=[_account_frame(item) for item in found], skills=known_skills()))

    @described(
        Operation(
            "Add an account",
            "staff",
            scope="staff:write",
            body=NewAccount,
            answers={201: OneStaffAccount},
            problems={403: ("not_allowed",), 409: ("login_taken",), 422: ("no_skill",)},
        )
    )
    async def _add(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        self._check_administrator(agent)
        body, now = await read_body(request, NewAccount), self._clock.now()
        self._check_words(body)
        member = Agent(
            id=new_id(now),
            login=body.login,
            name=body.name,
            role=body.role,
            department=body.department,
            active=True,
            capacity=body.capacity,
            presence="offline",
            skills=tuple(body.skills),
        )
        hashed = await asyncio.to_thread(hash_password, body.password)

        def add(tx: Tx) -> bool:
            done = agents.create(tx, member, hashed, now)
            if done:
                audit.record(tx, agent.id, "added_staff", member.id, {"role": member.role.value}, now)
            return done

        if not await self._store.write(add):
            raise Problem(409, "login_taken", self._catalogue.sentence("desk.problem.login_taken"))
        self._bell.ring(AGENTS)
        return web.json_response(OneStaffAccount(agent=_account_frame(member)), status=201)

    @described(
        Operation(
            "Change an account",
            "staff",
            scope="staff:write",
            body=ChangedAccount,
            answers={200: OneStaffAccount},
            problems={403: ("not_allowed",), 404: ("no_agent",), 409: ("own_account",), 422: ("no_skill",)},
        )
    )
    async def _change(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        self._check_administrator(agent)
        body, agent_id, now = await read_body(request, ChangedAccount), request.match_info["id"], self._clock.now()
        self._check_words(body)
        if agent_id == agent.id and (not body.active or body.role is not Role.ADMINISTRATOR):
            raise Problem(409, "own_account", self._catalogue.sentence("desk.problem.own_account"))
        hashed = await asyncio.to_thread(hash_password, body.password) if body.password else None

        def change(tx: Tx) -> Agent | None:
            before = agents.get(tx, agent_id)
            if before is None:
                return None
            after = replace(
                before,
                name=body.name,
                role=body.role,
                department=body.department,
                capacity=body.capacity,
                skills=tuple(body.skills),
                active=body.active,
            )
            agents.change(tx, after)
            if hashed:
                agents.set_password(tx, before.login, hashed)
            detail = {"role": after.role.value, "active": after.active, "new_password": hashed is not None}
            audit.record(tx, agent.id, "changed_staff", agent_id, detail, now)
            return after

        changed = await self._store.write(change)
        if changed is None:
            raise Problem(404, "no_agent", self._catalogue.sentence("desk.problem.no_agent"))
        self._bell.ring(AGENTS)
        return web.json_response(OneStaffAccount(agent=_account_frame(changed)))

    def _check_administrator(self, agent: Agent) -> None:
        if agent.role is not Role.ADMINISTRATOR:
            raise self._forbidden()

    def _check_words(self, body: Account) -> None:
        if body.department is not None and body.department not in department_names():
            raise Problem(422, "bad_request", fields=["department"])
        if queueing().unknown_skills(body.skills):
            raise Problem(422, "no_skill", self._catalogue.sentence("desk.problem.no_skill"))

    def _forbidden(self) -> Problem:
        return Problem(403, "not_allowed", self._catalogue.sentence("desk.problem.not_allowed"))


def _account_frame(agent: Agent) -> StaffAccount:
    return {**frames.agent_frame(agent), "login": agent.login, "active": agent.active}
