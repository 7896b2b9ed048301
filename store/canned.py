"""Canned replies: everybody's, and agents' own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, or_, select, update

from store.engine import Tx
from store.tables import canned_replies


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A reply to choose by its shortcut; everybody's when it has no owner."""

    id: str
    owner_id: str | None
    shortcut: str
    title: str
    text: str


_CANNED = (
    select(canned_replies)
    .where(or_(canned_replies.c.owner_id.is_(None), canned_replies.c.owner_id == bindparam("agent_id")))
    .order_by(canned_replies.c.shortcut, canned_replies.c.title)
)


def of(tx: Tx, agent_id: str) -> tuple[CannedReply, ...]:
    """Everybody's canned replies and the agent's own, by shortcut."""
    rows = tx.conn.execute(_CANNED, {"agent_id": agent_id})
    return tuple(CannedReply(row.id, row.owner_id, row.shortcut, row.title, row.text) for row in rows)


def get(tx: Tx, reply_id: str) -> CannedReply | None:
    """The canned reply of that id."""
    row = tx.conn.execute(select(canned_replies).where(canned_replies.c.id == reply_id)).one_or_none()
    return CannedReply(row.id, row.owner_id, row.shortcut, row.title, row.text) if row else None


def keep(tx: Tx, reply: CannedReply, now: datetime) -> None:
    """Add *reply*, or change the one of that id."""
    values = {"owner_id": reply.owner_id, "shortcut": reply.shortcut, "title": reply.title, "text": reply.text, "updated_at": now}
    if not tx.conn.execute(update(canned_replies).where(canned_replies.c.id == reply.id).values(**values)).rowcount:
        tx.conn.execute(insert(canned_replies).values(id=reply.id, **values))


def drop(tx: Tx, reply_id: str) -> None:
    """Remove a canned reply."""
    tx.conn.execute(delete(canned_replies).where(canned_replies.c.id == reply_id))
