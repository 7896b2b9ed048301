"""Tells other systems what happened: takes the deliveries that are due, signs and posts them, tries again for a day.

    POST <url>  {"id", "topic", "at", "data"}
    X-Huiyin-Signature: t=<seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>" under the webhook's secret>

For a day after the secret was changed there is a second ``v1``, under the one before: one that fits is enough.
Deliveries may arrive twice (same ``id``) and out of order: receivers go by ``id`` and ``at``.
"""

import asyncio
import functools
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
import structlog

from bot.reach import Reach, ReachableOnly
from config.clock import Clock
from store import webhooks
from store.engine import Store
from store.events import SentEvent
from store.webhooks import DeliveryStatus, Webhook, WebhookDelivery

log = structlog.get_logger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
# After each failed attempt; when the last has passed, the delivery is given up and stays in the log to be replayed.
WAITS = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21_600, 43_200))
AT_ONCE = 8  # deliveries to one receiver
KEPT = timedelta(days=30)


def signature(secrets: Iterable[str], seconds: int, body: bytes) -> str:
    """The value of ``X-Huiyin-Signature``: one ``v1`` for each of *secrets*."""
    signed = f"{seconds}.".encode() + body
    made = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join((f"t={seconds}", *(f"v1={each}" for each in made)))


class WebhookSender:
    """Delivers what is due. Several processes may run it: deliveries are claimed by lease."""

    def __init__(self, store: Store, clock: Clock, reach: Reach) -> None:
        """To be made in a running event loop; *reach* says where receivers may be."""
        self._store = store
        self._clock = clock
        self._reach = reach
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=ReachableOnly(reach)))
        self._rounds: dict[str, asyncio.Task[int]] = {}  # of the receivers that are being told something right now

    async def close(self) -> None:
        """Stop, and let go of the connections. What was under way is told again by whoever comes after us."""
        for task in self._rounds.values():
            task.cancel()
        await asyncio.gather(*self._rounds.values(), return_exceptions=True)
        await self._session.close()

    async def deliver_due(self) -> int:
        """Send everything whose time has come; returns how many were attempted."""
        await self.begin_due()
        return sum(await asyncio.gather(*self._rounds.values()))

    async def begin_due(self) -> None:
        """Begin to send everything whose time has come. Each receiver is told apart: one that hangs delays none of the others."""
        now = self._clock.now()
        for webhook_id in await self._store.read(lambda tx: webhooks.due(tx, now)):
            if webhook_id not in self._rounds:
                task = asyncio.create_task(self._round(webhook_id, now))
                self._rounds[webhook_id] = task
                task.add_done_callback(functools.partial(self._over, webhook_id))

    def _over(self, webhook_id: str, task: "asyncio.Task[int]") -> None:
        del self._rounds[webhook_id]
        if not task.cancelled() and (error := task.exception()):
            log.warning("webhook_round_failed", webhook=webhook_id, kind=type(error).__name__)

    async def _round(self, webhook_id: str, now: datetime) -> int:
        """Tell one receiver what is due, until it takes nothing more; the rest is for the next round."""
        attempted, hook = 0, await self._store.read(lambda tx: webhooks.get(tx, webhook_id))
        while hook and (items := await self._claim(webhook_id, now)):
            attempted += len(items)
            if not any(await asyncio.gather(*(self._attempt(hook, item) for item in items))):
                break
        return attempted

    async def _claim(self, webhook_id: str, now: datetime) -> tuple[WebhookDelivery, ...]:
        return await self._store.write(lambda tx: webhooks.claim_due(tx, webhook_id, now, AT_ONCE), key="webhooks")

    async def forget_old(self) -> int:
        """Drop what has been settled for long from the log."""
        before, dropped = self._clock.now() - KEPT, 0
        while batch := await self._store.write(lambda tx: webhooks.forget(tx, before), key="webhooks"):
            dropped += batch
        return dropped

    async def _attempt(self, hook: Webhook, item: WebhookDelivery) -> bool:
        """Try once, and write down how it went. Whether the receiver took it."""
        good, answer = await self._post(hook, item)
        now, tries = self._clock.now(), item.attempts
        status: DeliveryStatus
        if good:
            status, due_at = "delivered", now
        elif tries < len(WAITS):
            status, due_at = "pending", now + WAITS[tries]
        else:
            status, due_at = "failed", now
            log.warning("webhook_given_up", webhook=hook.id, event_id=item.event_id, answer=answer)
        await self._store.write(lambda tx: webhooks.settle(tx, item, answer, status=status, due_at=due_at), key="webhooks")
        return good

    async def _post(self, hook: Webhook, item: WebhookDelivery) -> tuple[bool, str]:
        """Whether the receiver took it, and what it answered. Its body is not read: it is nobody's business here."""
        now = self._clock.now()
        content: SentEvent = {
            "id": item.event_id,
            "topic": item.topic,
            "at": item.created_at.isoformat(),
            "data": json.loads(item.data),
        }
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Huiyin-Event": item.event_id,
            "X-Huiyin-Topic": item.topic.value,
            "X-Huiyin-Signature": signature(hook.secrets(now), int(now.timestamp()), body),
        }
        if self._reach.refuses(urlsplit(hook.url).hostname or ""):
            return False, "AddressNotAllowed"
        try:
            # A redirect is no answer: it could lead the signed body anywhere.
            async with self._session.post(
                hook.url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            ) as response:
                return response.status // 100 == 2, str(response.status)  # noqa: PLR2004 -- the class of success
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return False, type(error).__name__
