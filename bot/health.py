"""Answers the questions of those who run us: alive, ready, and what the numbers are."""

import asyncio

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.attention import Attention
from store import outbox, queue
from store.engine import Store, Tx
from store.errors import StoreError

READY_TIMEOUT_S = 2.0


class Health:
    """``/livez``, ``/readyz`` and ``/metrics``."""

    def __init__(self, store: Store, registry: CollectorRegistry, attention: Attention | None = None) -> None:
        self._store = store
        self._attention = attention or Attention()
        self._registry = registry
        self._waiting = Gauge("huiyin_queue_waiting", "Conversations waiting for a person.", registry=registry)
        self._unsent = Gauge("huiyin_outbox_unsent", "Messages on their way to a channel.", ["status"], registry=registry)

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        app.router.add_get("/livez", self._live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _ready(self, _request: web.Request) -> web.Response:
        """200 when the database answers; 503 otherwise, so that no customers are sent here.

        An account that a platform refuses is named beside it, but is no reason to stay away: the others work.
        """
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await self._store.read(queue.length)
                await self._store.write(lambda _tx: None, key="ready")
        except (TimeoutError, StoreError):
            return web.json_response({"status": "unavailable"}, status=503)
        points = self._attention.points()
        return web.json_response({"status": "ok", **({"needs_attention": points} if points else {})})

    async def _metrics(self, _request: web.Request) -> web.Response:
        def count(tx: Tx) -> tuple[int, dict[str, int]]:
            return queue.length(tx), outbox.counts(tx)

        waiting, unsent = await self._store.read(count)
        self._waiting.set(waiting)
        for status in ("pending", "leased", "shut"):
            self._unsent.labels(status).set(unsent.get(status, 0))
        body = await asyncio.to_thread(generate_latest, self._registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
