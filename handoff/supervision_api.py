"""What those who lead the desk see: who waits, who works, and how the day goes."""

from datetime import UTC, datetime

from aiohttp import web
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.clock import Clock, in_shanghai
from config.labels import Role
from config.operations import Moment, Operation, Whole, described
from config.problem import Problem
from config.queueing import queueing
from config.settings import Settings
from handoff import frames
from handoff.auth import Auth
from handoff.endpoints import BASE, signed_in
from handoff.frames import instant
from handoff.shapes import StaffAtWork
from store import agents, figures, ratings
from store.engine import Store, Tx
from store.figures import Waiting, Work
from store.model import Agent

MAY_SEE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


class WaitingForSkill(TypedDict):
    """Those who wait for one skill; null: for anybody."""

    id: str | None
    name: str | None
    count: Whole
    longest_s: Whole


class WaitingNow(TypedDict):
    """Those who wait."""

    count: Whole
    longest_s: Whole
    skills: list[WaitingForSkill]


class Day(TypedDict):
    """What a member of staff did today."""

    seen_at: Moment | None
    last_activity: Moment | None
    served_today: Whole
    average_handling_s: Whole | None


class StaffDay(StaffAtWork, Day):
    """A member of staff at work, and their day."""


class SatisfactionToday(TypedDict):
    """How many were asked how content they are, how many answered, and the average of their scores."""

    asked: Whole
    answered: Whole
    average: float | None


class Today(TypedDict):
    """How the day goes. ``since``: its beginning in Shanghai."""

    since: Moment
    served: Whole
    picked_up: Whole
    average_pick_up_s: float | None
    satisfaction: SatisfactionToday


class Supervision(TypedDict):
    """Who waits, who works, and how the day goes."""

    now: Moment
    waiting: WaitingNow
    agents: list[StaffDay]
    today: Today


class SupervisionApi:
    """``GET /supervision``. Figures alone: no customer is named in it, so an administrator may see it too."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, catalogue: Catalogue, auth: Auth) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_get(f"{BASE}/supervision", signed_in(self._auth, self._show))

    @described(
        Operation(
            "Who waits, who works, and how the day goes",
            "staff",
            scope="staff:read",
            answers={200: Supervision},
            problems={403: ("supervisor_only",)},
        )
    )
    async def _show(self, _request: web.Request, agent: Agent) -> web.StreamResponse:
        if agent.role not in MAY_SEE:
            raise Problem(403, "supervisor_only", self._catalogue.sentence("desk.problem.supervisor_only"))
        now = self._clock.now()
        today = in_shanghai(now).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)

        def look(tx: Tx) -> Supervision:
            waits, picked, content = figures.waiting(tx), figures.pickups(tx, today), ratings.satisfaction(tx, today)
            return {
                "now": instant(now),
                "waiting": _waiting(waits, now),
                "agents": self._agents(tx, today, now),
                "today": {
                    "since": instant(today),
                    "served": figures.served(tx, today),
                    "picked_up": picked.count,
                    "average_pick_up_s": picked.average_s,
                    "satisfaction": {"asked": content.asked, "answered": content.answered, "average": content.average},
                },
            }

        return web.json_response(await self._store.read(look))

    def _agents(self, tx: Tx, today: datetime, now: datetime) -> list[StaffDay]:
        loads, work = agents.loads(tx), figures.work(tx, today)
        there = {agent.id for agent in agents.on_duty(tx, now, self._settings.desk.presence_timeout_s)}
        return [
            {
                **frames.agent_frame(agent),
                "load": loads.get(agent.id, 0),
                "on_duty": agent.id in there,
                **_work(work[agent.id]),
            }
            for agent in agents.all(tx)
            if agent.id in work
        ]


def _waiting(waits: tuple[Waiting, ...], now: datetime) -> WaitingNow:
    longest = min((item.since for item in waits), default=None)
    return {
        "count": sum(item.count for item in waits),
        "longest_s": round((now - longest).total_seconds()) if longest else 0,
        "skills": [
            {
                "id": item.skill,
                "name": queueing().skill_name(item.skill) if item.skill else None,
                "count": item.count,
                "longest_s": round((now - item.since).total_seconds()),
            }
            for item in waits
        ],
    }


def _work(work: Work) -> Day:
    return {
        "seen_at": instant(work.seen_at),
        "last_activity": instant(work.moved_at),
        "served_today": work.served,
        "average_handling_s": round(work.held_s / work.served) if work.served else None,
    }
