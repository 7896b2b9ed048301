"""One step for many conversations: each is done or refused for itself, and each answer is told."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints, model_validator
from typing_extensions import TypedDict

from config.catalogue import Catalogue
from config.operations import Operation, described
from config.problem import Problem
from handoff.auth import Auth
from handoff.bodies import Body, read_body
from handoff.endpoints import BASE, signed_in
from handoff.passing import Passing
from handoff.service import Service
from handoff.tagging import Tagging
from handoff.tags_api import Tag
from store.model import Agent

MOST = 100

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Bulk(Body):
    """What to do with which conversations."""

    ids: list[Id] = Field(min_length=1, max_length=MOST)
    action: Literal["end", "requeue", "transfer", "assign", "tag", "untag"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    agent: Annotated[str, StringConstraints(max_length=64)] | None = None
    skill: Annotated[str, StringConstraints(max_length=64)] | None = None
    tag: Tag | None = None

    @model_validator(mode="after")
    def _with_what_it_needs(self) -> "Bulk":
        lacks = {
            "end": False,
            "requeue": not self.reason,
            "transfer": not self.reason or bool(self.agent) == bool(self.skill),
            "assign": not self.reason or not self.agent,
            "tag": not self.tag,
            "untag": not self.tag,
        }
        if lacks[self.action]:
            raise ValueError(f"{self.action} needs more")
        return self


class StepDone(TypedDict):
    """It was done."""

    done: Literal[True]


class StepRefused(TypedDict):
    """It was not done: the stable word of a problem, and a sentence for people."""

    done: Literal[False]
    code: str
    detail: str


class BulkDone(TypedDict):
    """How it went with each conversation, by its id."""

    results: dict[str, StepDone | StepRefused]


class BulkApi:
    """``POST /conversations/bulk``."""

    def __init__(self, auth: Auth, service: Service, passing: Passing, tagging: Tagging, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._auth = auth
        self._service = service
        self._passing = passing
        self._tagging = tagging

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoint."""
        app.router.add_post(f"{BASE}/conversations/bulk", signed_in(self._auth, self._do))

    @described(
        Operation(
            "One step for many conversations", "conversations", scope="conversations:write", body=Bulk, answers={200: BulkDone}
        )
    )
    async def _do(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Bulk)
        words = self._catalogue.asked_for(request.headers.get("Accept-Language"))
        results: dict[str, StepDone | StepRefused] = {}
        for conversation_id in dict.fromkeys(body.ids):
            try:
                await self._step(agent, body)(conversation_id)
            except Problem as problem:
                results[conversation_id] = {"done": False, "code": problem.code, "detail": words.says(problem.detail)}
            else:
                results[conversation_id] = {"done": True}
        return web.json_response(BulkDone(results=results))

    def _step(self, agent: Agent, body: Bulk) -> Callable[[str], Awaitable[object]]:
        passing, reason = self._passing, body.reason
        match body.action:
            case "end":
                return lambda found: self._service.end(agent, found)
            case "requeue":
                return lambda found: passing.requeue(agent, found, reason)
            case "transfer" if body.skill:
                return lambda found: passing.to_skill(agent, found, body.skill or "", reason)
            case "transfer":
                return lambda found: passing.to_agent(agent, found, body.agent or "", reason)
            case "assign":
                return lambda found: passing.assign(agent, found, body.agent or "", reason)
            case "tag":
                return lambda found: self._tagging.change(agent, found, add=[body.tag or ""])
            case "untag":
                return lambda found: self._tagging.change(agent, found, remove=[body.tag or ""])
