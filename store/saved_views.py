"""Lists of conversations that agents come back to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from store.engine import Tx
from store.tables import saved_views


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list of conversations that an agent comes back to."""

    id: str
    name: str
    filters: dict[str, Any]


_VIEWS = select(saved_views).where(saved_views.c.agent_id == bindparam("agent_id")).order_by(saved_views.c.created_at)


def of(tx: Tx, agent_id: str) -> tuple[SavedView, ...]:
    """The agent's saved views in the order in which they were made."""
    return tuple(SavedView(row.id, row.name, row.filters) for row in tx.conn.execute(_VIEWS, {"agent_id": agent_id}))


def save(tx: Tx, agent_id: str, view: SavedView, now: datetime, most: int) -> bool:
    """Save a view. False when the agent has *most* of them."""
    held = select(func.count()).select_from(saved_views).where(saved_views.c.agent_id == agent_id)
    if (tx.conn.execute(held).scalar() or 0) >= most:
        return False
    tx.conn.execute(
        insert(saved_views).values(id=view.id, agent_id=agent_id, name=view.name, filters=view.filters, created_at=now)
    )
    return True


def drop(tx: Tx, agent_id: str, view_id: str) -> None:
    """Remove one of the agent's saved views."""
    tx.conn.execute(delete(saved_views).where(saved_views.c.id == view_id, saved_views.c.agent_id == agent_id))
