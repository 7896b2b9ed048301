"""Our actions for a real Rasa server: its action-server protocol, with our facts loaded and our effects committed."""

from aiohttp import web

from bot.channels.json_body import json_object
from bot.channels.rasa_call import action_call
from bot.dialogue import Dialogue
from bot.intake import Intake
from bot.intake.receive import UnknownAction
from bot.message import Inbound
from config.clock import Clock
from config.labels import FeedbackChannel, Scope
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
        body = await json_object(request)
        call = action_call(body)
        name, latest = call.next_action, call.tracker.latest_message
        inbound = Inbound(
            account=ACCOUNT,
            channel=FeedbackChannel.API,
            customer=call.sender_id,
            text=latest.text or "",
            # One commit for a message and an action, however often the server asks.
            message_id=f"{latest.message_id}:{name}"[:128] if latest.message_id else None,
        )
        try:
            result = await self._intake.act(inbound, name, body["tracker"])
        except UnknownAction:
            return web.json_response({"error": f"No registered action found for name '{name}'.", "action_name": name}, status=404)
        return web.json_response(result)
