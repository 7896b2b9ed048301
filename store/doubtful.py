"""Messages that the bot did not understand, or only just: what a bank looks through to teach it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from config.labels import Speaker
from store.engine import Tx
from store.tables import messages

SCANNED = 50_000  # newest messages looked at: more would take long and teach no more


class Doubtful(NamedTuple):
    """A customer's words as stored (secrets already taken out) and what they were taken for."""

    text: str
    understanding: dict[str, Any]


def doubtful(tx: Tx, since: datetime, *, below: float, limit: int) -> list[Doubtful]:
    """At most *limit* messages since *since*, newest first, that were not understood or with less confidence than *below*."""
    return [found for _, found in zip(range(limit), _each(tx, since, below), strict=False)]


def _each(tx: Tx, since: datetime, below: float) -> Iterator[Doubtful]:
    rows = tx.conn.execute(
        select(messages.c.text, messages.c.understanding)
        .where(messages.c.at >= since, messages.c.speaker == Speaker.CUSTOMER, messages.c.type == "text")
        .order_by(messages.c.at.desc())
        .limit(SCANNED)
    )
    for text, understanding in rows:
        if understanding and (not understanding["understood"] or understanding["confidence"] < below):
            yield Doubtful(text, understanding)
