"""Webhooks for whoever administers: set up, looked into, told again, switched off."""

import re
import secrets
from datetime import timedelta
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import Field, field_validator
from typing_extensions import TypedDict

from config.clock import Clock, in_shanghai
from config.labels import Role, Scope, Topic
from config.operations import Moment, Operation, Whole, described
from config.problem import Problem
from handoff.auth import Auth
from handoff.bodies import Body, read_body
from handoff.endpoints import BASE, signed_in
from handoff.shapes import Reference
from store import audit, webhooks
from store.engine import Store, Tx
from store.ids import new_id
from store.model import Agent
from store.webhooks import DeliveryStatus, Webhook, WebhookDelivery

MAX_URL_CHARS = 500
BOTH_SECRETS_FOR = timedelta(days=1)  # time enough for receivers to learn the new one
PAGE = 100
STATUSES: tuple[DeliveryStatus, ...] = get_args(DeliveryStatus)
_EVENT = re.compile(r"[0-9a-f]{32}")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NewWebhook(Body):
    """An address and what it wants to hear of."""

    url: str = Field(max_length=MAX_URL_CHARS)
    topics: list[Topic] = Field(min_length=1, max_length=len(Topic))

    @field_validator("url")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable() or " " in value:
            raise ValueError("letters, digits and signs alone")
        parts = urlsplit(value)  # raises ValueError for what is no address; so does its port
        allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not allowed or not parts.hostname or parts.username is not None or parts.port == 0:
            raise ValueError("https, or http to this machine; no name or password in it")
        return value


class ShownWebhook(TypedDict):
    """An address that is told of some topics. ``created_at`` is Shanghai's time."""

    id: Reference
    url: str
    topics: list[Topic]
    active: bool
    created_at: Moment


class ShownWebhooks(TypedDict):
    """All of them, those switched off too."""

    items: list[ShownWebhook]


class WebhookWithSecret(ShownWebhook):
    """With its new secret, which is shown this once."""

    secret: str


class WebhookOff(TypedDict):
    """It is told nothing more."""

    active: Literal[False]


class TriedDelivery(TypedDict):
    """Something that an address was told, or is to be told. ``answer``: what it said the last time, or why nothing came."""

    event: Annotated[Reference, Field(description="The id that it is told under, the same each time")]
    topic: Topic
    data: Annotated[str, Field(description="The body that is sent, as JSON")]
    at: Moment
    status: DeliveryStatus
    attempts: Whole
    answer: str | None


class TriedDeliveries(TypedDict):
    """What an address was told, newest first. ``next``: the ``before`` of the page that follows; null when there is none."""

    items: list[TriedDelivery]
    next: Reference | None


class Replayed(TypedDict):
    """It is told once more."""

    replayed: Literal[True]


class WebhookApi:
    """``/webhooks``, for administrators and for keys with that scope in an administrator's name."""

    def __init__(self, store: Store, clock: Clock, auth: Auth) -> None:
        self._store = store
        self._clock = clock
        self._auth = auth

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        one = f"{BASE}/webhooks/{{id:[0-9a-f]{{32}}}}"
        add = app.router.add_route
        add("GET", f"{BASE}/webhooks", signed_in(self._auth, self._list))
        add("POST", f"{BASE}/webhooks", signed_in(self._auth, self._add))
        add("POST", f"{one}/secret", signed_in(self._auth, self._change_secret))
        add("DELETE", one, signed_in(self._auth, self._switch_off))
        add("GET", f"{one}/deliveries", signed_in(self._auth, self._log))
        add("POST", f"{one}/deliveries/{{event:[0-9a-f]{{32}}}}/replay", signed_in(self._auth, self._replay))

    @described(
        Operation(
            "Webhooks and what they want to hear of",
            "webhooks",
            scope=Scope.WEBHOOKS,
            answers={200: ShownWebhooks},
            problems={403: ("not_allowed",)},
        )
    )
    async def _list(self, _request: web.Request, agent: Agent) -> web.StreamResponse:
        _administrator(agent)
        return web.json_response(ShownWebhooks(items=[_frame(hook) for hook in await self._store.read(webhooks.all)]))

    @described(
        Operation(
            "Tell an address of some topics from now on; the answer has the secret, this once",
            "webhooks",
            scope=Scope.WEBHOOKS,
            body=NewWebhook,
            answers={201: WebhookWithSecret},
            problems={403: ("not_allowed",)},
        )
    )
    async def _add(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        _administrator(agent)
        body, now = await read_body(request, NewWebhook), self._clock.now()
        topics = tuple(dict.fromkeys(body.topics))
        hook = Webhook(new_id(now), body.url, _new_secret(), topics, active=True, created_at=now)
        secret_enc = webhooks.sealed_secret(self._store.crypto, hook.id, hook.secret)

        def add(tx: Tx) -> None:
            webhooks.add(tx, hook, secret_enc)
            audit.record(tx, agent.id, "added_webhook", hook.id, {"topics": topics}, now)

        await self._store.write(add)
        return web.json_response(WebhookWithSecret(**_frame(hook), secret=hook.secret), status=201)

    @described(
        Operation(
            "Sign with a new secret, which the answer has, this once; for a day with the one before as well",
            "webhooks",
            scope=Scope.WEBHOOKS,
            answers={200: WebhookWithSecret},
            problems={403: ("not_allowed",)},
        )
    )
    async def _change_secret(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        _administrator(agent)
        hook_id, secret, now = request.match_info["id"], _new_secret(), self._clock.now()
        secret_enc = webhooks.sealed_secret(self._store.crypto, hook_id, secret)

        def change(tx: Tx) -> Webhook | None:
            if not webhooks.change_secret(tx, hook_id, secret_enc, now + BOTH_SECRETS_FOR):
                return None
            audit.record(tx, agent.id, "changed_webhook_secret", hook_id, {}, now)
            return webhooks.get(tx, hook_id)

        hook = await self._store.write(change)
        if hook is None:
            raise Problem(404, "not_found")
        return web.json_response(WebhookWithSecret(**_frame(hook), secret=secret))

    @described(
        Operation(
            "Tell an address nothing more",
            "webhooks",
            scope=Scope.WEBHOOKS,
            answers={200: WebhookOff},
            problems={403: ("not_allowed",)},
        )
    )
    async def _switch_off(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        _administrator(agent)
        hook_id, now = request.match_info["id"], self._clock.now()

        def switch_off(tx: Tx) -> bool:
            done = webhooks.switch_off(tx, hook_id)
            if done:
                audit.record(tx, agent.id, "switched_off_webhook", hook_id, {}, now)
            return done

        if not await self._store.write(switch_off):
            raise Problem(404, "not_found")
        return web.json_response(WebhookOff(active=False))

    @described(
        Operation(
            "What an address was told, newest first, and how it answered",
            "webhooks",
            scope=Scope.WEBHOOKS,
            query={
                "status": {"type": "string", "enum": list(STATUSES)},
                "before": {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "`next` of the page before"},
            },
            answers={200: TriedDeliveries},
            problems={403: ("not_allowed",)},
        )
    )
    async def _log(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        _administrator(agent)
        hook_id, wanted, before = request.match_info["id"], request.query.get("status"), request.query.get("before")
        if wanted not in (None, *STATUSES) or (before is not None and not _EVENT.fullmatch(before)):
            raise Problem(400, "bad_request")
        found = await self._store.read(lambda tx: webhooks.log(tx, hook_id, status=wanted, before=before, limit=PAGE + 1))
        if found is None:
            raise Problem(404, "not_found")
        page = found[:PAGE]
        following = page[-1].event_id if len(found) > PAGE else None
        return web.json_response(TriedDeliveries(items=[_delivery_frame(item) for item in page], next=following))

    @described(
        Operation(
            "Tell it once more, under the same id",
            "webhooks",
            scope=Scope.WEBHOOKS,
            answers={200: Replayed},
            problems={403: ("not_allowed",)},
        )
    )
    async def _replay(self, request: web.Request, agent: Agent) -> web.StreamResponse:
        _administrator(agent)
        hook_id, event_id, now = request.match_info["id"], request.match_info["event"], self._clock.now()
        if not await self._store.write(lambda tx: webhooks.replay(tx, hook_id, event_id, now)):
            raise Problem(404, "not_found")
        return web.json_response(Replayed(replayed=True))


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _administrator(agent: Agent) -> None:
    if agent.role is not Role.ADMINISTRATOR:
        raise Problem(403, "not_allowed")


def _frame(hook: Webhook) -> ShownWebhook:
    created = in_shanghai(hook.created_at).isoformat(timespec="seconds")
    return {"id": hook.id, "url": hook.url, "topics": list(hook.topics), "active": hook.active, "created_at": created}


def _delivery_frame(item: WebhookDelivery) -> TriedDelivery:
    return {
        "event": item.event_id,
        "topic": item.topic,
        "data": item.data,
        "at": in_shanghai(item.created_at).isoformat(timespec="seconds"),
        "status": item.status,
        "attempts": item.attempts,
        "answer": item.answer,
    }
