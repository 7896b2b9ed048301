"""Endpoints that change whose conversation it is."""

from typing import Literal

from aiohttp import web
from typing_extensions import TypedDict

from config.operations import Operation, described
from handoff.auth import Auth
from handoff.bodies import Reason, Transfer, read_body
from handoff.endpoints import BASE, signed_in
from handoff.passing import Passing
from store.model import Agent


class Requeued(TypedDict):
    """It waits for somebody else."""

    requeued: Literal[True]


class Transferred(TypedDict):
    """It is offered."""

    transferred: Literal[True]


class OfferRefused(TypedDict):
    """It waits for others again."""

    refused: Literal[True]


class TakenOver(TypedDict):
    """One goes on in another's place."""

    taken_over: Literal[True]


class PassingApi:
    """``/conversations/{id}/requeue``, ``transfer``, ``refuse`` and ``take-over``."""

    def __init__(self, auth: Auth, passing: Passing) -> None:
        self._auth = auth
        self._passing = passing

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        one = f"{BASE}/conversations/{{id:[0-9a-f]{{32}}}}"
        for path, handler in (
            ("requeue", self._requeue),
            ("transfer", self._transfer),
            ("refuse", self._refuse),
            ("take-over", self._take_over),
        ):
            app.router.add_post(f"{one}/{path}", signed_in(self._auth, handler))

    @described(
        Operation(
            "Let a conversation wait for somebody else",
            "conversations",
            scope="conversations:write",
            body=Reason,
            answers={200: Requeued},
            problems={409: ("not_holder",)},
        )
    )
    async def _requeue(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Reason)
        await self._passing.requeue(agent, request.match_info["id"], body.reason)
        return web.json_response(Requeued(requeued=True))

    @described(
        Operation(
            "Offer a conversation to a colleague, or to who has a skill",
            "conversations",
            scope="conversations:write",
            body=Transfer,
            answers={200: Transferred},
            problems={409: ("target_away", "target_full", "not_holder"), 422: ("no_skill",)},
        )
    )
    async def _transfer(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Transfer)
        conversation_id = request.match_info["id"]
        if body.agent:
            await self._passing.to_agent(agent, conversation_id, body.agent, body.reason)
        else:
            await self._passing.to_skill(agent, conversation_id, body.skill or "", body.reason)
        return web.json_response(Transferred(transferred=True))

    @described(
        Operation(
            "Say no to an offered conversation",
            "conversations",
            scope="conversations:write",
            body=Reason,
            answers={200: OfferRefused},
            problems={409: ("not_offered",)},
        )
    )
    async def _refuse(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Reason)
        await self._passing.refuse(agent, request.match_info["id"], body.reason)
        return web.json_response(OfferRefused(refused=True))

    @described(
        Operation(
            "Go on in place of a colleague or the bot (supervisors)",
            "conversations",
            scope="conversations:write",
            body=Reason,
            answers={200: TakenOver},
            problems={
                403: ("supervisor_only",),
                404: ("missing",),
                409: ("full", "not_waiting", "with_wecom", "taken", "no_agent"),
            },
        )
    )
    async def _take_over(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        body = await read_body(request, Reason)
        await self._passing.take_over(agent, request.match_info["id"], body.reason)
        return web.json_response(TakenOver(taken_over=True))
