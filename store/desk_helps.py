"""What makes the desk quicker to work with: canned replies and saved views."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from store.engine import Tx
from store.tables import canned_replies, saved_views


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A reply to choose by its shortcut; everybody's when it has no owner."""

    id: str
    owner_id: str | None
    shortcut: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list of conversations that an agent comes back to."""

    id: str
    name: str
    filters: dict[str, Any]


_CANNED = (
    select(canned_replies)
    .where(or_(canned_replies.c.owner_id.is_(None), canned_replies.c.owner_id == bindparam("agent_id")))
    .order_by(canned_replies.c.shortcut, canned_replies.c.title)
)
_VIEWS = select(saved_views).where(saved_views.c.agent_id == bindparam("agent_id")).order_by(saved_views.c.created_at)


def canned_for(tx: Tx, agent_id: str) -> tuple[CannedReply, ...]:
    """Everybody's canned replies and the agent's own, by shortcut."""
    rows = tx.conn.execute(_CANNED, {"agent_id": agent_id})
    return tuple(CannedReply(row.id, row.owner_id, row.shortcut, row.title, row.text) for row in rows)


def canned(tx: Tx, reply_id: str) -> CannedReply | None:
    """The canned reply of that id."""
    row = tx.conn.execute(select(canned_replies).where(canned_replies.c.id == reply_id)).one_or_none()
    return CannedReply(row.id, row.owner_id, row.shortcut, row.title, row.text) if row else None


def keep_canned(tx: Tx, reply: CannedReply, now: datetime) -> None:
    """Add *reply*, or change the one of that id."""
    values = {"owner_id": reply.owner_id, "shortcut": reply.shortcut, "title": reply.title, "text": reply.text, "updated_at": now}
    if not tx.conn.execute(update(canned_replies).where(canned_replies.c.id == reply.id).values(**values)).rowcount:
        tx.conn.execute(insert(canned_replies).values(id=reply.id, **values))


def drop_canned(tx: Tx, reply_id: str) -> None:
    """Remove a canned reply."""
    tx.conn.execute(delete(canned_replies).where(canned_replies.c.id == reply_id))


def views_of(tx: Tx, agent_id: str) -> tuple[SavedView, ...]:
    """The agent's saved views in the order in which they were made."""
    return tuple(SavedView(row.id, row.name, row.filters) for row in tx.conn.execute(_VIEWS, {"agent_id": agent_id}))


def save_view(tx: Tx, agent_id: str, view: SavedView, now: datetime, most: int) -> bool:
    """Save a view. False when the agent has *most* of them."""
    held = select(func.count()).select_from(saved_views).where(saved_views.c.agent_id == agent_id)
    if (tx.conn.execute(held).scalar() or 0) >= most:
        return False
    tx.conn.execute(
        insert(saved_views).values(id=view.id, agent_id=agent_id, name=view.name, filters=view.filters, created_at=now)
    )
    return True


def drop_view(tx: Tx, agent_id: str, view_id: str) -> None:
    """Remove one of the agent's saved views."""
    tx.conn.execute(delete(saved_views).where(saved_views.c.id == view_id, saved_views.c.agent_id == agent_id))
