"""Who served whom and for how long: a row for every stretch in which one agent held a conversation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, func, insert, select, update

from store.engine import Tx
from store.tables import servings

How = Literal["pulled", "assigned", "taken_over"]
Ending = Literal["ended", "requeued", "transferred", "taken_over", "lost", "left"]


@dataclass(frozen=True, slots=True)
class Pickup:
    """Somebody was fetched out of the queue."""

    agent_id: str
    queued_at: datetime
    began_at: datetime


_LAST_N = select(func.max(servings.c.n)).where(servings.c.conversation_id == bindparam("id"))
_SINCE = (
    select(servings.c.agent_id, servings.c.queued_at, servings.c.began_at)
    .where(servings.c.began_at >= bindparam("since"), servings.c.how != "taken_over")
    .order_by(servings.c.began_at.desc())
    .limit(bindparam("most"))
)


def begin(
    tx: Tx, conversation_id: str, agent_id: str, *, how: How, skill: str | None, priority: str, queued_at: datetime, now: datetime
) -> None:
    """The agent holds the conversation from *now* on."""
    n = (tx.conn.execute(_LAST_N, {"id": conversation_id}).scalar() or 0) + 1
    tx.conn.execute(
        insert(servings).values(
            conversation_id=conversation_id,
            n=n,
            agent_id=agent_id,
            how=how,
            skill=skill,
            priority=priority,
            queued_at=queued_at,
            began_at=now,
        )
    )


def close(tx: Tx, conversation_id: str, outcome: Ending, now: datetime) -> None:
    """Whoever held the conversation does not any more. Changes nothing when nobody did."""
    open_one = servings.c.conversation_id == conversation_id, servings.c.ended_at.is_(None)
    tx.conn.execute(update(servings).where(*open_one).values(ended_at=now, outcome=outcome))


def pickups_since(tx: Tx, since: datetime, most: int = 200) -> tuple[Pickup, ...]:
    """Who was fetched out of the queue since then, newest first."""
    rows = tx.conn.execute(_SINCE, {"since": since, "most": most})
    return tuple(Pickup(row.agent_id, row.queued_at, row.began_at) for row in rows)
