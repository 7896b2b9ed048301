"""The handoff queue: one entry a conversation, whoever asks and however often."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from config.labels import Holder, Priority, Speaker
from store.engine import Tx
from store.model import QueueEntry
from store.tables import conversations, outbox, queue_entries

RANK = {Priority.MAJOR: 0, Priority.URGENT: 1, Priority.NORMAL: 2}


@dataclass(frozen=True, slots=True)
class Claimed:
    """The conversation is now this agent's."""

    version: int


_WAITING = and_(queue_entries.c.claimed_at.is_(None), queue_entries.c.left_at.is_(None))
_ENTRY = select(queue_entries).where(queue_entries.c.conversation_id == bindparam("id"))
_SERVING_ORDER = (queue_entries.c.priority_rank, queue_entries.c.queued_at, queue_entries.c.conversation_id)
_ENTRIES = select(queue_entries).where(_WAITING).order_by(*_SERVING_ORDER)
_LENGTH = select(func.count()).select_from(queue_entries).where(_WAITING)
_AHEAD = _LENGTH.where(
    or_(
        queue_entries.c.priority_rank < bindparam("rank"),
        and_(
            queue_entries.c.priority_rank == bindparam("rank"),
            queue_entries.c.queued_at < bindparam("queued_at"),
        ),
    )
)
_LOCKED = select(conversations).where(conversations.c.id == bindparam("id")).with_for_update()


def entry_from_row(row: Any) -> QueueEntry:
    """The entry in a row."""
    return QueueEntry(
        conversation_id=row.conversation_id,
        reason=row.reason,
        priority=Priority(row.priority),
        queued_at=row.queued_at,
        skill=row.skill,
        brief=row.brief,
        claimed_at=row.claimed_at,
        agent_id=row.agent_id,
    )


def entry(tx: Tx, conversation_id: str) -> QueueEntry | None:
    """The entry of that conversation, waiting, claimed or left."""
    row = tx.conn.execute(_ENTRY, {"id": conversation_id}).one_or_none()
    return entry_from_row(row) if row else None


def entries(tx: Tx) -> tuple[QueueEntry, ...]:
    """Who waits, in serving order: by urgency, then by time."""
    return tuple(entry_from_row(row) for row in tx.conn.execute(_ENTRIES))


def length(tx: Tx) -> int:
    """How many wait."""
    return tx.conn.execute(_LENGTH).scalar() or 0


def position(tx: Tx, conversation_id: str) -> int:
    """The place in the queue, 1 for the next one; 0 if it does not wait."""
    row = tx.conn.execute(_ENTRY, {"id": conversation_id}).one_or_none()
    if row is None or row.claimed_at is not None or row.left_at is not None:
        return 0
    ahead = tx.conn.execute(_AHEAD, {"rank": row.priority_rank, "queued_at": row.queued_at}).scalar() or 0
    return ahead + 1


def enter(tx: Tx, item: QueueEntry) -> bool:
    """Let the conversation wait. False if it does already; a higher priority is kept, and the first waiting time too.

    Only the queue is written here; who may speak is the conversation's business and changes in the same transaction.
    """
    row = tx.conn.execute(_ENTRY, {"id": item.conversation_id}).one_or_none()
    values = {
        "reason": item.reason,
        "priority": item.priority.value,
        "priority_rank": RANK[item.priority],
        "skill": item.skill,
        "brief": item.brief,
        "queued_at": item.queued_at,
        "claimed_at": None,
        "left_at": None,
        "agent_id": None,
    }
    if row is None:
        tx.conn.execute(insert(queue_entries).values(conversation_id=item.conversation_id, **values))
        return True
    if row.claimed_at is None and row.left_at is None:
        raise_priority(tx, item.conversation_id, item.priority)
        return False
    tx.conn.execute(update(queue_entries).where(queue_entries.c.conversation_id == item.conversation_id).values(**values))
    return True


def raise_priority(tx: Tx, conversation_id: str, priority: Priority) -> bool:
    """Serve it earlier. False if it was as urgent already."""
    changed = tx.conn.execute(
        update(queue_entries)
        .where(
            queue_entries.c.conversation_id == conversation_id,
            queue_entries.c.priority_rank > RANK[priority],
        )
        .values(priority=priority.value, priority_rank=RANK[priority])
    )
    return changed.rowcount > 0


def leave(tx: Tx, conversation_id: str, now: datetime) -> bool:
    """Stop waiting: the customer gave up, left a message, or the conversation ended. False if it did not wait."""
    left = tx.conn.execute(
        update(queue_entries).where(queue_entries.c.conversation_id == conversation_id, _WAITING).values(left_at=now)
    )
    return left.rowcount > 0


def claim(tx: Tx, conversation_id: str, agent_id: str, now: datetime) -> Claimed | Literal["taken", "not_waiting", "missing"]:
    """Make the waiting conversation *agent_id*'s. Of two at once one gets ``Claimed``, the other ``taken``.

    In the same transaction the bot's words that are not out yet are cancelled: nothing of it may follow the person's.
    """
    row = tx.conn.execute(_LOCKED, {"id": conversation_id}).one_or_none()
    if row is None:
        return "missing"
    if row.holder == Holder.HUMAN:
        return "taken"
    if row.holder != Holder.QUEUED:
        return "not_waiting"
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(
            holder=Holder.HUMAN.value,
            agent_id=agent_id,
            version=row.version + 1,
            updated_at=now,
        )
    )
    tx.conn.execute(
        update(queue_entries).where(queue_entries.c.conversation_id == conversation_id).values(claimed_at=now, agent_id=agent_id)
    )
    tx.conn.execute(
        update(outbox)
        .where(
            outbox.c.conversation_id == conversation_id,
            outbox.c.speaker == Speaker.BOT,
            or_(outbox.c.status == "pending", and_(outbox.c.status == "leased", outbox.c.passive.is_(True))),
        )
        .values(status="cancelled", updated_at=now)
    )
    return Claimed(row.version + 1)


def requeue(tx: Tx, conversation_id: str, reason: str, now: datetime) -> bool:
    """Put a conversation that a person holds back into the queue. False if no person holds it."""
    row = tx.conn.execute(_LOCKED, {"id": conversation_id}).one_or_none()
    if row is None or row.holder != Holder.HUMAN:
        return False
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(
            holder=Holder.QUEUED.value,
            agent_id=None,
            version=row.version + 1,
            updated_at=now,
        )
    )
    known = tx.conn.execute(_ENTRY, {"id": conversation_id}).one_or_none()
    before = entry_from_row(known) if known else None
    enter(
        tx,
        QueueEntry(
            conversation_id=conversation_id,
            reason=reason,
            priority=before.priority if before else Priority.NORMAL,
            queued_at=now,
            skill=before.skill if before else None,
            brief=before.brief if before else {},
        ),
    )
    return True
