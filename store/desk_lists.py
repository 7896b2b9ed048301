"""The lists of the desk: who waits, what is mine, and how far somebody has read."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from config.labels import Holder, Speaker
from store.conversations import from_row
from store.engine import Tx
from store.model import Conversation, QueueEntry
from store.queue import SERVING_ORDER, entry_from_row
from store.sight import Sight
from store.tables import agent_reads, conversations, customers, queue_entries
from store.tables import messages as lines


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A line of a desk list."""

    conversation: Conversation
    customer_name: str | None
    entry: QueueEntry | None
    unread: int


_UNREAD = (
    select(func.count())
    .select_from(lines)
    .where(
        lines.c.conversation_id == conversations.c.id,
        lines.c.speaker == Speaker.CUSTOMER,
        lines.c.seq > func.coalesce(agent_reads.c.seq, 0),
    )
    .correlate(conversations, agent_reads)
    .scalar_subquery()
)
_ENTRY = [column.label(f"entry_{column.name}") for column in queue_entries.c]
_LIST = (
    select(
        conversations,
        customers.c.profile_enc.label("profile_enc"),
        *_ENTRY,
        _UNREAD.label("unread"),
    )
    .join(customers, customers.c.id == conversations.c.customer_id)
    .outerjoin(queue_entries, queue_entries.c.conversation_id == conversations.c.id)
    .outerjoin(
        agent_reads,
        and_(
            agent_reads.c.conversation_id == conversations.c.id,
            agent_reads.c.agent_id == bindparam("agent_id"),
        ),
    )
)
_VIEWS = {
    "mine": _LIST.where(
        conversations.c.holder == Holder.HUMAN,
        conversations.c.agent_id == bindparam("agent_id"),
    ).order_by(conversations.c.updated_at.desc()),
    "waiting": _LIST.where(conversations.c.holder == Holder.QUEUED).order_by(*SERVING_ORDER),
    "all": _LIST.where(conversations.c.holder != Holder.ENDED).order_by(conversations.c.updated_at.desc()),
    "ended": _LIST.where(conversations.c.holder == Holder.ENDED).order_by(conversations.c.updated_at.desc()),
}
View = Literal["mine", "waiting", "all", "ended"]


class _EntryView:
    def __init__(self, row: Any) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"entry_{name}")


def desk_list(tx: Tx, view: View, sight: Sight, limit: int = 200) -> tuple[DeskRow, ...]:
    """The conversations of a desk view: waiting ones in serving order, the others newest first."""
    rows = tx.conn.execute(_VIEWS[view].where(sight.condition()).limit(limit), {"agent_id": sight.agent_id})
    result = []
    for row in rows:
        context = f"customers.profile_enc.{row.customer_id}"
        profile = json.loads(tx.crypto.decrypt(row.profile_enc, context)) if row.profile_enc else {}
        entry = entry_from_row(_EntryView(row)) if row.entry_conversation_id else None
        result.append(DeskRow(from_row(tx, row), profile.get("name"), entry, row.unread))
    return tuple(result)


_COUNTS = select(conversations.c.holder, func.count()).where(
    or_(
        conversations.c.holder.in_((Holder.QUEUED, Holder.BOT)),
        conversations.c.holder == Holder.HUMAN,
    )
)
_MINE = select(func.count()).where(
    conversations.c.holder == Holder.HUMAN,
    conversations.c.agent_id == bindparam("agent_id"),
)


def counts(tx: Tx, sight: Sight) -> dict[str, int]:
    """How many conversations each view holds (``ended`` is not counted: it only grows)."""
    by_holder = {row[0]: row[1] for row in tx.conn.execute(_COUNTS.where(sight.condition()).group_by(conversations.c.holder))}
    mine = tx.conn.execute(_MINE, {"agent_id": sight.agent_id}).scalar() or 0
    return {
        "mine": mine,
        "waiting": by_holder.get(Holder.QUEUED, 0),
        "all": sum(by_holder.values()),
    }


def mark_read(tx: Tx, conversation_id: str, agent_id: str, seq: int) -> None:
    """Remember that the agent has seen everything up to *seq*."""
    known = (
        agent_reads.c.conversation_id == conversation_id,
        agent_reads.c.agent_id == agent_id,
    )
    changed = tx.conn.execute(update(agent_reads).where(*known, agent_reads.c.seq < seq).values(seq=seq)).rowcount
    if not changed and tx.conn.execute(select(agent_reads.c.seq).where(*known)).scalar() is None:
        tx.conn.execute(insert(agent_reads).values(conversation_id=conversation_id, agent_id=agent_id, seq=seq))
