"""Our actions for a real Rasa server: its action-server protocol, with our facts loaded and our effects committed."""

from typing import Any

from aiohttp import web

from bot.channels.json_body import json_object
from bot.dialogue import Dialogue
from bot.intake import Intake
from bot.intake.receive import UnknownAction
from bot.message import Inbound
from config.clock import Clock
from config.labels import FeedbackChannel, Scope
from config.problem import Problem
from config.settings import Settings
from handoff.api_keys import ApiKeys
from store.engine import Store

ACCOUNT = "rest:rasa"


class ActionServer:
    """``/actions/webhook`` and its two companions."""

    def __init__(self, settings: Settings, intake: Intake, dialogue: Dialogue, store: Store, clock: Clock) -> None:
        self._keys = ApiKeys(settings.rest, store, clock)
        self._intake = intake
        self._dialogue = dialogue

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        app.router.add_get("/actions/health", self._health)
        app.router.add_get("/actions/actions", self._actions)
        app.router.add_post("/actions/webhook", self._webhook)

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _actions(self, request: web.Request) -> web.Response:
        await self._keys.caller(request, Scope.CHAT)
        return web.json_response([{"name": name} for name in self._dialogue.runner.names])

    async def _webhook(self, request: web.Request) -> web.Response:
        """Run one action on a tracker. What it files or hands over is committed before the answer."""
        await self._keys.caller(request, Scope.CHAT)
        call = await json_object(request)
        name, sender, tracker = call.get("next_action"), call.get("sender_id"), call.get("tracker")
        if not isinstance(name, str) or not isinstance(sender, str) or not sender or not isinstance(tracker, dict):
            raise Problem(400, "bad_request", "next_action, sender_id and tracker are needed")
        latest: dict[str, Any] = tracker.get("latest_message") or {}
        inbound = Inbound(
            account=ACCOUNT,
            channel=FeedbackChannel.API,
            customer=sender,
            text=str(latest.get("text") or ""),
            # One commit for a message and an action, however often the server asks.
            message_id=f"{latest['message_id']}:{name}"[:128] if latest.get("message_id") else None,
        )
        try:
            result = await self._intake.act(inbound, name, tracker)
        except UnknownAction:
            return web.json_response({"error": f"No registered action found for name '{name}'.", "action_name": name}, status=404)
        return web.json_response(result)
