"""Rasa's shapes for programs: its REST channel and its NLU server. What such programs send and get stays as they know it."""

from typing import Any

from aiohttp import web

from bot.channels.json_body import json_object
from bot.intake import Intake
from bot.message import Inbound, Outbound, Receipt
from bot.second_opinion import SecondOpinion
from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, FeedbackChannel, Scope, Speaker
from config.problem import Problem
from config.settings import Settings
from handoff.api_keys import ApiKeys
from handoff.endpoints import number_in
from intents.redact import redact
from store import conversations
from store.engine import Store, Tx
from store.model import Message

ACCOUNT = "rest:main"
MAX_ID_CHARS = 128
PAGE = 200


class RasaChannel:
    """``/webhooks/rest`` and ``/model/parse``."""

    def __init__(
        self, settings: Settings, intake: Intake, store: Store, understander: SecondOpinion, clock: Clock, catalogue: Catalogue
    ) -> None:
        self._keys = ApiKeys(settings.rest, store, clock)
        self._limit = settings.turn.max_text_chars
        self._intake = intake
        self._store = store
        self._understander = understander
        self._clock = clock
        self._catalogue = catalogue

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        app.router.add_get("/webhooks/rest/", self._status)
        app.router.add_post("/webhooks/rest/webhook", self._message)
        app.router.add_get("/webhooks/rest/messages", self._messages)
        app.router.add_post("/model/parse", self._parse)

    async def _status(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _message(self, request: web.Request) -> web.Response:
        """One customer message in, the bot's answers out. 200 means that both are committed."""
        await self._keys.caller(request, Scope.CHAT)
        body = await json_object(request)
        metadata = body.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise Problem(400, "bad_request", "metadata must be an object")
        text = body.get("message")
        if not isinstance(text, str):
            raise Problem(400, "bad_request", "message must be a string")
        sender = _identifier(body, "sender", required=True)
        receipt = await self._intake.receive(
            Inbound(
                account=ACCOUNT,
                channel=FeedbackChannel.API,
                customer=sender or "",
                text=text,
                message_id=_identifier(metadata, "message_id"),
                payload=_button(metadata),
            )
        )
        if receipt.status == "rejected":
            raise Problem(422, receipt.reason, self._catalogue.text(f"intake.{receipt.reason}", limit=self._limit))
        headers = {
            "X-Huiyin-Status": receipt.status,
            "X-Huiyin-Conversation": receipt.conversation_id,
            "X-Huiyin-Seq": str(receipt.seq),
        }
        return web.json_response(self._items(sender or "", receipt), headers=headers)

    def _items(self, sender: str, receipt: Receipt) -> list[dict[str, Any]]:
        if receipt.status == "unanswered":
            return [{"recipient_id": sender, "text": self._catalogue.text("intake.later")}]
        return [item for reply in receipt.replies for item in _rasa_items(sender, reply)]

    async def _messages(self, request: web.Request) -> web.Response:
        """What was said to a sender after a seq: how a program without a socket hears a person's answers."""
        await self._keys.caller(request, Scope.CHAT)
        sender = request.query.get("sender", "")
        after = number_in(request.query.get("after", "0"))
        if not sender:
            raise Problem(400, "bad_request", "sender is needed")

        def find(tx: Tx) -> tuple[Message, ...]:
            found = conversations.of_customer(tx, ACCOUNT, sender)
            return conversations.messages(tx, found.id, after, PAGE, Audience.ALL) if found else ()

        said = await self._store.read(find)
        return web.json_response(
            [
                {"recipient_id": sender, "seq": message.seq, "speaker": message.speaker.value, "text": message.text}
                for message in said
                if message.speaker is not Speaker.CUSTOMER
            ]
        )

    async def _parse(self, request: web.Request) -> web.Response:
        await self._keys.caller(request, Scope.CHAT)
        body = await json_object(request)
        text = body.get("text")
        if not isinstance(text, str):
            raise Problem(400, "bad_request", "text must be a string")
        if len(text) > self._limit:
            raise Problem(422, "too_long", self._catalogue.text("intake.too_long", limit=self._limit))
        understanding = await self._understander.understand(redact(text), self._clock.now())
        return web.json_response(await self._understander.parse_result(understanding))


def _identifier(source: dict[str, Any], name: str, *, required: bool = False) -> str | None:
    """An id of the caller's. Without a sender there is no conversation: a shared one would mix customers."""
    value = source.get(name)
    if value is None and not required:
        return None
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_ID_CHARS:
        raise Problem(400, "bad_request", f"{name} must be a string of 1 to {MAX_ID_CHARS} characters")
    return value


def _button(metadata: dict[str, Any]) -> dict[str, Any]:
    button = metadata.get("button")
    return {"button": button} if isinstance(button, str) else {}


def _rasa_items(sender: str, reply: Outbound) -> list[dict[str, Any]]:
    """A reply in Rasa's shape: text and custom become two items."""
    items: list[dict[str, Any]] = []
    if reply.text:
        item: dict[str, Any] = {"recipient_id": sender, "text": reply.text}
        if reply.buttons:
            item["buttons"] = [{"title": button.title, "payload": button.payload} for button in reply.buttons]
        items.append(item)
    if reply.custom:
        items.append({"recipient_id": sender, "custom": reply.custom})
    return items
