"""The handoff queue: one entry a conversation, whoever asks and however often; and who holds what came out of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from config.labels import HandoffReason, Holder, Priority, Speaker, Topic
from config.queueing import queueing
from store import servings, webhooks
from store.engine import Tx
from store.events import ConversationClaimed, ConversationLeft, ConversationQueued
from store.model import QueueEntry
from store.prepared import Prepared
from store.servings import Ending, How
from store.tables import agents, conversations, outbox, queue_entries

RANK = {Priority.MAJOR: 0, Priority.URGENT: 1, Priority.NORMAL: 2}


@dataclass(frozen=True, slots=True)
class Claimed:
    """The conversation is now this agent's."""

    version: int


WAITING = and_(queue_entries.c.claimed_at.is_(None), queue_entries.c.left_at.is_(None))
_ENTRY = Prepared(select(queue_entries).where(queue_entries.c.conversation_id == bindparam("id")))
SERVING_ORDER = (queue_entries.c.serve_at, queue_entries.c.conversation_id)
_ENTRIES = select(queue_entries).where(WAITING).order_by(*SERVING_ORDER)
_LENGTH = select(func.count()).select_from(queue_entries).where(WAITING)
_AHEAD = Prepared(
    select(func.count().label("ahead"))
    .select_from(queue_entries)
    .where(
        WAITING,
        or_(
            queue_entries.c.serve_at < bindparam("serve_at"),
            and_(queue_entries.c.serve_at == bindparam("serve_at"), queue_entries.c.conversation_id < bindparam("id")),
        ),
    )
)
_LOCKED = select(conversations).where(conversations.c.id == bindparam("id")).with_for_update()
# Claims of one agent wait for each other here, so that the load they count is the load they find. Always taken before the
# conversation's lock; other tables may still refer to the agent meanwhile.
_LOCKED_AGENT = select(agents).where(agents.c.id == bindparam("id")).with_for_update(key_share=True)
_LOAD = select(func.count()).where(conversations.c.agent_id == bindparam("id"), conversations.c.holder == Holder.HUMAN)
_PREVIOUS_AGENT = (
    select(conversations.c.agent_id)
    .where(
        conversations.c.customer_id
        == select(conversations.c.customer_id).where(conversations.c.id == bindparam("id")).scalar_subquery(),
        conversations.c.holder == Holder.ENDED,
        conversations.c.agent_id.is_not(None),
        conversations.c.ended_at >= bindparam("since"),
    )
    .order_by(conversations.c.ended_at.desc())
    .limit(1)
)


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
        left_at=row.left_at,
        agent_id=row.agent_id,
        previous_agent_id=row.previous_agent_id,
        reserved_for=row.reserved_for,
        reserved_until=row.reserved_until,
        offered_by=row.offered_by,
    )


def entry(tx: Tx, conversation_id: str) -> QueueEntry | None:
    """The entry of that conversation, waiting, claimed or left."""
    row = _ENTRY.first(tx, {"id": conversation_id})
    return entry_from_row(row) if row else None


def entries(tx: Tx) -> tuple[QueueEntry, ...]:
    """Who waits, in serving order: by time, with a head start for what is urgent."""
    return tuple(entry_from_row(row) for row in tx.conn.execute(_ENTRIES))


def length(tx: Tx) -> int:
    """How many wait."""
    return tx.conn.execute(_LENGTH).scalar() or 0


def position(tx: Tx, conversation_id: str) -> int:
    """The place in the queue, 1 for the next one; 0 if it does not wait."""
    row = _ENTRY.first(tx, {"id": conversation_id})
    if row is None or row.claimed_at is not None or row.left_at is not None:
        return 0
    found = _AHEAD.first(tx, {"serve_at": row.serve_at, "id": conversation_id})
    return found.ahead + 1 if found else 1


def enter(tx: Tx, item: QueueEntry) -> bool:
    """Let the conversation wait. False if it does already; a higher priority is kept, and the first waiting time too.

    Only the queue is written here (and whose skill is needed); who may speak is the conversation's business and changes in the
    same transaction.
    """
    row = _ENTRY.first(tx, {"id": item.conversation_id})
    if row is not None and row.claimed_at is None and row.left_at is None:
        raise_priority(tx, item.conversation_id, item.priority)
        return False
    previous = item.previous_agent_id or _previous_agent(tx, item)
    _put(tx, item, item.queued_at - queueing().head_start(item.priority), previous, is_new=row is None)
    return True


def _previous_agent(tx: Tx, item: QueueEntry) -> str | None:
    since = item.queued_at - timedelta(days=queueing().previous_agent.within_days)
    found: str | None = tx.conn.execute(_PREVIOUS_AGENT, {"id": item.conversation_id, "since": since}).scalar()
    return found


def _put(tx: Tx, item: QueueEntry, serve_at: datetime, previous_agent_id: str | None, *, is_new: bool) -> None:
    values = {
        "reason": item.reason,
        "priority": item.priority.value,
        "priority_rank": RANK[item.priority],
        "skill": item.skill,
        "brief": item.brief,
        "queued_at": item.queued_at,
        "serve_at": serve_at,
        "claimed_at": None,
        "left_at": None,
        "agent_id": None,
        "previous_agent_id": previous_agent_id,
        "reserved_for": item.reserved_for,
        "reserved_until": item.reserved_until,
        "offered_by": item.offered_by,
        "told_at": None,
    }
    if is_new:
        tx.conn.execute(insert(queue_entries).values(conversation_id=item.conversation_id, **values))
    else:
        tx.conn.execute(update(queue_entries).where(queue_entries.c.conversation_id == item.conversation_id).values(**values))
    skill = queueing().skills.get(item.skill or "")
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == item.conversation_id)
        .values(department=skill.department if skill else None)
    )
    told: ConversationQueued = {
        "conversation_id": item.conversation_id,
        "reason": item.reason,
        "priority": item.priority,
        "skill": item.skill,
    }
    webhooks.emit(tx, Topic.CONVERSATION_QUEUED, told, item.queued_at)


def raise_priority(tx: Tx, conversation_id: str, priority: Priority) -> bool:
    """Serve it earlier. False if it was as urgent already."""
    row = _ENTRY.first(tx, {"id": conversation_id})
    if row is None or row.priority_rank <= RANK[priority]:
        return False
    serve_at = min(row.serve_at, row.queued_at - queueing().head_start(priority))
    tx.conn.execute(
        update(queue_entries)
        .where(queue_entries.c.conversation_id == conversation_id)
        .values(priority=priority.value, priority_rank=RANK[priority], serve_at=serve_at)
    )
    return True


def leave(tx: Tx, conversation_id: str, now: datetime) -> bool:
    """Stop waiting: the customer gave up, left a message, or the conversation ended. False if it did not wait."""
    left = tx.conn.execute(
        update(queue_entries).where(queue_entries.c.conversation_id == conversation_id, WAITING).values(left_at=now)
    )
    if left.rowcount == 0:
        return False
    webhooks.emit(tx, Topic.CONVERSATION_LEFT, ConversationLeft(conversation_id=conversation_id), now)
    return True


Refusal = Literal["taken", "not_waiting", "missing", "full", "reserved", "no_agent"]


def load(tx: Tx, agent_id: str) -> int:
    """How many conversations the agent holds."""
    return tx.conn.execute(_LOAD, {"id": agent_id}).scalar() or 0


def has_room(tx: Tx, agent_id: str) -> bool:
    """Whether the agent may hold one more; it stays so until the end of the transaction."""
    agent = tx.conn.execute(_LOCKED_AGENT, {"id": agent_id}).one_or_none()
    return agent is not None and agent.active and load(tx, agent_id) < agent.capacity


def claim(
    tx: Tx, conversation_id: str, agent_id: str, now: datetime, *, how: How = "pulled", reserved_too: bool = False
) -> Claimed | Refusal:
    """Make the waiting conversation *agent_id*'s. Of two at once one gets ``Claimed``, the other ``taken``.

    ``full`` when the agent holds as many as they may, ``reserved`` when a colleague is asked first (unless *reserved_too*).
    In the same transaction the bot's words that are not out yet are cancelled: nothing of it may follow the person's.
    """
    agent = tx.conn.execute(_LOCKED_AGENT, {"id": agent_id}).one_or_none()
    row = tx.conn.execute(_LOCKED, {"id": conversation_id}).one_or_none()
    if row is None:
        return "missing"
    if row.holder == Holder.HUMAN:
        return "taken"
    if row.holder != Holder.QUEUED:
        return "not_waiting"
    if agent is None or not agent.active:
        return "no_agent"
    if load(tx, agent_id) >= agent.capacity:
        return "full"
    waiting = entry(tx, conversation_id)
    if waiting is not None and waiting.reserved_at(now) not in (None, agent_id) and not reserved_too:
        return "reserved"
    _hold(tx, row, agent_id, now)
    if waiting is not None:
        servings.begin(
            tx,
            conversation_id,
            agent_id,
            how=how,
            skill=waiting.skill,
            priority=waiting.priority.value,
            queued_at=waiting.queued_at,
            now=now,
        )
    cancel_bot_words(tx, conversation_id, now)
    # Whoever takes conversations is there, whatever became of their last connection.
    there = {"seen_at": now, **({"presence": "online"} if agent.presence == "offline" else {})}
    tx.conn.execute(update(agents).where(agents.c.id == agent_id).values(**there))
    return Claimed(row.version + 1)


def _hold(tx: Tx, row: Any, agent_id: str, now: datetime) -> None:
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == row.id)
        .values(holder=Holder.HUMAN.value, agent_id=agent_id, version=row.version + 1, updated_at=now)
    )
    tx.conn.execute(
        update(queue_entries)
        .where(queue_entries.c.conversation_id == row.id)
        .values(claimed_at=now, agent_id=agent_id, reserved_for=None, reserved_until=None, offered_by=None)
    )
    told: ConversationClaimed = {"conversation_id": row.id, "channel": row.channel, "agent_id": agent_id}
    webhooks.emit(tx, Topic.CONVERSATION_CLAIMED, told, now)


def cancel_bot_words(tx: Tx, conversation_id: str, now: datetime) -> None:
    """Drop the bot's words that are not out yet."""
    tx.conn.execute(
        update(outbox)
        .where(
            outbox.c.conversation_id == conversation_id,
            outbox.c.speaker == Speaker.BOT,
            or_(outbox.c.status == "pending", and_(outbox.c.status == "leased", outbox.c.passive.is_(True))),
        )
        .values(status="cancelled", updated_at=now)
    )


@dataclass(frozen=True, slots=True)
class Return:
    """How a conversation that a person holds comes back into the queue."""

    outcome: Ending = "requeued"
    skill: str | None = None  # None: the one that it needed before
    reserved_for: str | None = None
    reserved_until: datetime | None = None
    offered_by: str | None = None


def requeue(tx: Tx, conversation_id: str, back: Return, now: datetime) -> bool:
    """Put a conversation that a person holds back into the queue, near its front. False if no person holds it."""
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
    servings.close(tx, conversation_id, back.outcome, now)
    before = entry(tx, conversation_id)
    priority = before.priority if before else Priority.NORMAL
    rules = queueing()
    item = QueueEntry(
        conversation_id=conversation_id,
        reason=before.reason if before else HandoffReason.POLICY.value,
        priority=priority,
        queued_at=now,
        skill=back.skill or (before.skill if before else None),
        brief={**(before.brief if before else {}), "returned": back.outcome},
        reserved_for=back.reserved_for,
        reserved_until=back.reserved_until,
        offered_by=back.offered_by,
    )
    serve_at = now - max(rules.head_start(priority), rules.head_start("returned"))
    previous = row.agent_id if back.outcome in ("lost", "left") else None
    _put(tx, item, serve_at, previous, is_new=before is None)
    return True


def untold(tx: Tx, before: datetime) -> tuple[str, ...]:
    """Who has waited since *before* and was not told that nobody is there."""
    waiting = select(queue_entries.c.conversation_id).where(
        WAITING, queue_entries.c.queued_at <= before, queue_entries.c.told_at.is_(None)
    )
    return tuple(tx.conn.execute(waiting.order_by(*SERVING_ORDER)).scalars())


def mark_told(tx: Tx, conversation_id: str, now: datetime) -> bool:
    """The customer is told now. False if they were before, or do not wait any more."""
    told = tx.conn.execute(
        update(queue_entries)
        .where(queue_entries.c.conversation_id == conversation_id, WAITING, queue_entries.c.told_at.is_(None))
        .values(told_at=now)
    )
    return told.rowcount > 0


def free_reservation(tx: Tx, conversation_id: str, agent_id: str) -> bool:
    """The agent does not want it: it is everybody's. False if it was not reserved for them."""
    freed = tx.conn.execute(
        update(queue_entries)
        .where(queue_entries.c.conversation_id == conversation_id, WAITING, queue_entries.c.reserved_for == agent_id)
        .values(reserved_for=None, reserved_until=None, offered_by=None)
    )
    return freed.rowcount > 0
