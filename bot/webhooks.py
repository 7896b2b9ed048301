"""Tells other systems what happened: takes the deliveries that are due, signs and posts them, tries again for a day.

    POST <url>  {"id", "topic", "at", "data"}
    X-Huiyin-Signature: t=<seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>" under the webhook's secret>

For a day after the secret was changed there is a second ``v1``, under the one before: one that fits is enough.
Deliveries may arrive twice (same ``id``) and out of order: receivers go by ``id`` and ``at``.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import timedelta
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
AT_ONCE = 8  # a slow receiver must not hold back the others
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

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    async def deliver_due(self) -> int:
        """Send everything whose time has come; returns how many were attempted."""
        now, attempted = self._clock.now(), 0
        if not await self._store.read(lambda tx: webhooks.any_due(tx, now)):
            return 0
        while items := await self._store.write(lambda tx: webhooks.claim_due(tx, now), key="webhooks"):
            # Read after they are claimed: one of them may be for a webhook that was not there before.
            hooks = {hook.id: hook for hook in await self._store.read(webhooks.all)}
            slots = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(self._attempt(slots, hooks[item.webhook_id], item) for item in items))
            attempted += len(items)
        return attempted

    async def forget_old(self) -> int:
        """Drop what has been settled for long from the log."""
        before, dropped = self._clock.now() - KEPT, 0
        while batch := await self._store.write(lambda tx: webhooks.forget(tx, before), key="webhooks"):
            dropped += batch
        return dropped

    async def _attempt(self, slots: asyncio.Semaphore, hook: Webhook, item: WebhookDelivery) -> None:
        async with slots:
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
