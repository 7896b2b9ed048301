"""How content customers were: asked once for each matter, answered once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from store.engine import Tx
from store.tables import ratings


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer says of *subject*: a score from 1 to 5, or afterwards a word why."""

    subject: str
    score: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How many were asked, how many answered, and their average."""

    asked: int
    answered: int
    average: float | None


def of_conversation(conversation_id: str) -> str:
    """The subject of a question after a person's service."""
    return f"conversation:{conversation_id}"


def conversation_of(subject: str) -> str | None:
    """The conversation that a question was about; None for a ticket's."""
    kind, _, name = subject.partition(":")
    return name if kind == "conversation" else None


def of_ticket(ticket_no: str) -> str:
    """The subject of a question after a ticket was answered."""
    return f"ticket:{ticket_no}"


def ask(tx: Tx, subject: str, now: datetime, *, conversation_id: str | None, agent_id: str | None) -> bool:
    """Note that the customer is asked. False, and they must not be, when they were before."""
    if tx.conn.execute(select(ratings.c.subject).where(ratings.c.subject == subject)).first() is not None:
        return False
    tx.conn.execute(insert(ratings).values(subject=subject, conversation_id=conversation_id, agent_id=agent_id, asked_at=now))
    return True


def answer(tx: Tx, rating: Rating, now: datetime) -> None:
    """Keep the first score, and the first word why."""
    for name, value in (("score", rating.score), ("comment", rating.comment)):
        if value is not None:
            unanswered = ratings.c.subject == rating.subject, ratings.c[name].is_(None)
            tx.conn.execute(update(ratings).where(*unanswered).values({name: value, "answered_at": now}))


def satisfaction(tx: Tx, since: datetime) -> Satisfaction:
    """Of the questions asked since then."""
    row = tx.conn.execute(
        select(func.count(), func.count(ratings.c.score), func.avg(ratings.c.score)).where(ratings.c.asked_at >= since)
    ).one()
    return Satisfaction(row[0], row[1], round(float(row[2]), 2) if row[2] is not None else None)


def get(tx: Tx, subject: str) -> Rating | None:
    """What was answered; None if it was not asked."""
    row = tx.conn.execute(select(ratings).where(ratings.c.subject == subject)).one_or_none()
    return Rating(row.subject, row.score, row.comment) if row else None
