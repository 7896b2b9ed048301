"""Figures of the day for those who lead the desk: who waits, who works, how fast, and how content customers are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from config.labels import Holder
from store.engine import Tx
from store.tables import agents, conversations, queue_entries, servings


@dataclass(frozen=True, slots=True)
class Waiting:
    """Those who wait for one skill, or for anybody."""

    skill: str | None
    count: int
    since: datetime  # the longest wait


@dataclass(frozen=True, slots=True)
class Work:
    """One agent's day."""

    agent_id: str
    seen_at: datetime | None
    moved_at: datetime | None  # when something last moved in what they hold
    served: int
    held_s: float  # together, of what has ended


@dataclass(frozen=True, slots=True)
class Pickups:
    """How long those fetched today had waited."""

    count: int
    average_s: float | None


_MICROSECONDS = 1_000_000


def waiting(tx: Tx) -> tuple[Waiting, ...]:
    """Who waits, by skill, the longest wait first."""
    q = queue_entries.c
    found = (
        select(q.skill, func.count().label("number"), func.min(q.queued_at).label("since"))
        .where(q.claimed_at.is_(None), q.left_at.is_(None))
        .group_by(q.skill)
        .order_by(func.min(q.queued_at))
    )
    return tuple(Waiting(row.skill, row.number, row.since) for row in tx.conn.execute(found))


def pickups(tx: Tx, since: datetime) -> Pickups:
    """Of those fetched since then; who was taken over from a colleague had not waited."""
    s = servings.c
    found = select(func.count(), func.avg(s.began_at - s.queued_at)).where(s.began_at >= since, s.how != "taken_over")
    count, average = tx.conn.execute(found).one()
    return Pickups(count, round(_seconds(average), 1) if average is not None else None)


def served(tx: Tx, since: datetime) -> int:
    """How many conversations a person has ended since then."""
    found = select(func.count()).where(servings.c.ended_at >= since, servings.c.outcome == "ended")
    return tx.conn.execute(found).scalar() or 0


def work(tx: Tx, since: datetime) -> dict[str, Work]:
    """Each agent's day since then."""
    moved = (
        select(conversations.c.agent_id, func.max(conversations.c.updated_at).label("at"))
        .where(conversations.c.holder == Holder.HUMAN)
        .group_by(conversations.c.agent_id)
        .subquery()
    )
    s = servings.c
    day = (
        select(s.agent_id, func.count().label("served"), func.sum(s.ended_at - s.began_at).label("held"))
        .where(s.ended_at >= since, s.outcome == "ended")
        .group_by(s.agent_id)
        .subquery()
    )
    found = (
        select(agents.c.id, agents.c.seen_at, moved.c.at, day.c.served, day.c.held)
        .outerjoin(moved, moved.c.agent_id == agents.c.id)
        .outerjoin(day, day.c.agent_id == agents.c.id)
        .where(agents.c.active.is_(True))
    )
    return {row.id: Work(row.id, row.seen_at, row.at, row.served or 0, _seconds(row.held or 0)) for row in tx.conn.execute(found)}


def _seconds(microseconds: object) -> float:
    """A sum or mean of column differences: a plain number of microseconds, whatever the database calls it."""
    return float(str(microseconds)) / _MICROSECONDS
