"""What other systems are told: rows made in the transaction of what happened, so that nothing is told that did not, or missed.

With no webhook set up an event costs one empty look into a table.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from config.labels import FeedbackChannel, Topic
from store.crypto import Crypto
from store.engine import Tx
from store.events import ConversationEnded
from store.ids import new_id
from store.prepared import Prepared
from store.tables import Instant, webhook_deliveries, webhook_topics, webhooks

DeliveryStatus = Literal["pending", "leased", "delivered", "failed"]
LEASE = timedelta(seconds=60)  # longer than an attempt may take


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that wants to hear of some topics."""

    id: str
    url: str
    secret: str
    topics: tuple[Topic, ...]
    active: bool
    created_at: datetime
    former_secret: str | None = None
    former_until: datetime | None = None

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Those that a delivery is signed with: after a change the one before as well, until receivers know the new one."""
        if self.former_secret and self.former_until and now < self.former_until:
            return self.secret, self.former_secret
        return (self.secret,)


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One event on its way to one webhook."""

    event_id: str
    webhook_id: str
    topic: Topic
    data: str
    created_at: datetime
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    answer: str | None


_now = bindparam("now", type_=Instant())
_EMIT = Prepared(
    insert(webhook_deliveries).from_select(
        ["event_id", "webhook_id", "topic", "data", "created_at", "status", "attempts", "due_at"],
        select(
            cast(bindparam("event_id"), String(64)),
            webhook_topics.c.webhook_id,
            webhook_topics.c.topic,
            cast(bindparam("data"), Text),
            cast(_now, BigInteger),
            literal_column("'pending'"),
            literal_column("0"),
            cast(_now, BigInteger),
        ).where(webhook_topics.c.topic == bindparam("topic")),
    )
)


def emit(tx: Tx, topic: Topic, data: Mapping[str, Any], now: datetime) -> None:
    """Tell every webhook that wants *topic*. *data* holds ids and states, never names, numbers or words of customers."""
    _EMIT.run(tx, {"event_id": new_id(now), "topic": topic.value, "data": json.dumps(data, ensure_ascii=False), "now": now})


def emit_ended(tx: Tx, conversation_id: str, channel: FeedbackChannel, now: datetime) -> None:
    """Tell that a conversation is over."""
    emit(tx, Topic.CONVERSATION_ENDED, ConversationEnded(conversation_id=conversation_id, channel=channel), now)


def _secret_context(webhook_id: str) -> str:
    return f"webhooks.secret_enc.{webhook_id}"


def sealed_secret(crypto: Crypto, webhook_id: str, secret: str) -> str:
    """The secret as it is stored."""
    return crypto.encrypt(secret, _secret_context(webhook_id))


def add(tx: Tx, hook: Webhook, secret_enc: str) -> None:
    """Tell *hook* of its topics from now on."""
    row = {"id": hook.id, "url": hook.url, "secret_enc": secret_enc, "active": True, "created_at": hook.created_at}
    tx.conn.execute(insert(webhooks), row)
    tx.conn.execute(insert(webhook_topics), [{"topic": topic.value, "webhook_id": hook.id} for topic in hook.topics])


def change_secret(tx: Tx, webhook_id: str, secret_enc: str, former_until: datetime) -> bool:
    """Sign with another secret, and with the present one as well until *former_until*. False if it is not on.

    Both columns seal for the same context, so that what one holds can move into the other in a single statement.
    """
    mine = webhooks.c.id == webhook_id, webhooks.c.active.is_(True)
    former = {"former_secret_enc": webhooks.c.secret_enc, "former_until": former_until}
    return tx.conn.execute(update(webhooks).where(*mine).values(secret_enc=secret_enc, **former)).rowcount > 0


def switch_off(tx: Tx, webhook_id: str) -> bool:
    """Tell it nothing more, and give up what was on its way. The log stays. False if it was not on."""
    mine = webhooks.c.id == webhook_id, webhooks.c.active.is_(True)
    if tx.conn.execute(update(webhooks).where(*mine).values(active=False)).rowcount == 0:
        return False
    tx.conn.execute(delete(webhook_topics).where(webhook_topics.c.webhook_id == webhook_id))
    waiting = webhook_deliveries.c.webhook_id == webhook_id, webhook_deliveries.c.status != "delivered"
    tx.conn.execute(update(webhook_deliveries).where(*waiting).values(status="failed", answer="switched off"))
    return True


def all(tx: Tx) -> tuple[Webhook, ...]:  # noqa: A001 -- read as webhooks.all(tx)
    """Every webhook, those switched off too, oldest first."""
    topics: dict[str, list[Topic]] = {}
    for row in tx.conn.execute(select(webhook_topics).order_by(webhook_topics.c.topic)):
        topics.setdefault(row.webhook_id, []).append(Topic(row.topic))
    found = tx.conn.execute(select(webhooks).order_by(webhooks.c.created_at, webhooks.c.id))
    return tuple(_hook(tx, row, topics.get(row.id, ())) for row in found)


def _hook(tx: Tx, row: Any, topics: Sequence[Topic]) -> Webhook:
    context = _secret_context(row.id)
    secret = tx.crypto.decrypt(row.secret_enc, context)
    former = tx.crypto.decrypt(row.former_secret_enc, context) if row.former_secret_enc else None
    return Webhook(row.id, row.url, secret, tuple(topics), row.active, row.created_at, former, row.former_until)


def _delivery(row: Any) -> WebhookDelivery:
    return WebhookDelivery(
        row.event_id,
        row.webhook_id,
        Topic(row.topic),
        row.data,
        row.created_at,
        row.status,
        row.attempts,
        row.due_at,
        row.answer,
    )


_IS_DUE = and_(
    # A lease is a due time further off: whoever held it died if that has come.
    webhook_deliveries.c.status.in_(("pending", "leased")),
    webhook_deliveries.c.due_at <= bindparam("now"),
)
_WAITED_FOR = select(webhooks.c.id).where(exists().where(webhook_deliveries.c.webhook_id == webhooks.c.id, _IS_DUE))
_DUE = (
    select(webhook_deliveries)
    .where(webhook_deliveries.c.webhook_id == bindparam("webhook_id"), _IS_DUE)
    .order_by(webhook_deliveries.c.due_at, webhook_deliveries.c.event_id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def due(tx: Tx, now: datetime) -> tuple[str, ...]:
    """The webhooks that are to be told something by now: asked often, so cheap."""
    return tuple(tx.conn.execute(_WAITED_FOR, {"now": now}).scalars())


def get(tx: Tx, webhook_id: str) -> Webhook | None:
    """A webhook, switched off or not."""
    return next((hook for hook in all(tx) if hook.id == webhook_id), None)


def claim_due(tx: Tx, webhook_id: str, now: datetime, limit: int) -> tuple[WebhookDelivery, ...]:
    """Take up to *limit* of its deliveries whose time has come and hide them from other workers for a while.

    No more than are sent at once: one that waited for others would outlive its lease.
    """
    found = tuple(_delivery(row) for row in tx.conn.execute(_DUE, {"webhook_id": webhook_id, "now": now, "limit": limit}))
    for item in found:
        _change(tx, item, status="leased", attempts=item.attempts + 1, due_at=now + LEASE)
    return found


def _change(tx: Tx, item: WebhookDelivery, *conditions: ColumnElement[bool], **values: Any) -> None:
    mine = webhook_deliveries.c.event_id == item.event_id, webhook_deliveries.c.webhook_id == item.webhook_id
    tx.conn.execute(update(webhook_deliveries).where(*mine, *conditions).values(**values))


def settle(tx: Tx, item: WebhookDelivery, answer: str, *, status: DeliveryStatus, due_at: datetime) -> None:
    """How an attempt went: ``delivered``, ``failed`` for good, or ``pending`` again until *due_at*.

    What became of it meanwhile stands: it was asked for once more, its webhook was switched off, or another worker has it.
    """
    _change(
        tx,
        item,
        webhook_deliveries.c.status == "leased",
        webhook_deliveries.c.attempts == item.attempts + 1,
        status=status,
        answer=answer[:80],
        due_at=due_at,
    )


def log(
    tx: Tx, webhook_id: str, *, status: DeliveryStatus | None, before: str | None, limit: int
) -> tuple[WebhookDelivery, ...] | None:
    """What it was told, newest first: those of *status*, and those that follow *before*.

    None when there is no such webhook, or *before* is no event that it was told.
    """
    if tx.conn.execute(select(webhooks.c.id).where(webhooks.c.id == webhook_id)).first() is None:
        return None
    told = webhook_deliveries.c
    found = select(webhook_deliveries).where(told.webhook_id == webhook_id)
    if status:
        found = found.where(told.status == status)
    if before:
        at = tx.conn.execute(select(told.created_at).where(told.webhook_id == webhook_id, told.event_id == before)).scalar()
        if at is None:
            return None
        found = found.where(told.created_at <= at, or_(told.created_at < at, told.event_id < before))
    newest = found.order_by(told.created_at.desc(), told.event_id.desc()).limit(limit)
    return tuple(_delivery(row) for row in tx.conn.execute(newest))


def replay(tx: Tx, webhook_id: str, event_id: str, now: datetime) -> bool:
    """Tell it once more, under the same event id. False if there is no such delivery, or the webhook is switched off."""
    on = select(webhooks.c.id).where(webhooks.c.id == webhook_id, webhooks.c.active.is_(True))
    if tx.conn.execute(on).first() is None:
        return False
    mine = webhook_deliveries.c.event_id == event_id, webhook_deliveries.c.webhook_id == webhook_id
    changed = tx.conn.execute(update(webhook_deliveries).where(*mine).values(status="pending", attempts=0, due_at=now))
    return changed.rowcount > 0


def forget(tx: Tx, before: datetime, limit: int = 500) -> int:
    """Drop up to *limit* settled deliveries older than *before* from the log; returns how many."""
    old = (
        select(webhook_deliveries.c.event_id, webhook_deliveries.c.webhook_id)
        .where(webhook_deliveries.c.created_at < before, webhook_deliveries.c.status.in_(("delivered", "failed")))
        .limit(limit)
    )
    rows = tx.conn.execute(old).all()
    for row in rows:
        mine = webhook_deliveries.c.event_id == row.event_id, webhook_deliveries.c.webhook_id == row.webhook_id
        tx.conn.execute(delete(webhook_deliveries).where(*mine))
    return len(rows)
