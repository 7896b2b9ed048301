"""Finding documents by their grams, newest first, within a window of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from store.engine import Tx
from store.search_index import MS_A_DAY, RANDOM_BITS, TICKET_WORD, day_of, first_id, number_of

LONGEST_STRIDE_DAYS = 32


@dataclass(frozen=True, slots=True)
class Found:
    """Where something stands; ``id`` says where to go on."""

    id: int
    subject: str
    seq: int


@dataclass(frozen=True, slots=True)
class Window:
    """Documents from *since* on, and before the one with the id *before*."""

    since: datetime
    before: int
    is_ticket: bool


_SQLITE = text(
    "SELECT d.id, d.subject, d.seq FROM search_grams g JOIN search_documents d ON d.id = g.rowid "
    "WHERE search_grams MATCH :words AND g.rowid >= :low AND g.rowid < :high AND (d.seq = 0) = :is_ticket "
    "ORDER BY g.rowid DESC LIMIT :most"
)


# One look into the index for each day. OFFSET 0 keeps the range of ids out of it: with it the planner, who knows nothing of how
# rare a gram is, would rather read every document of those days.
_POSTGRES = text(
    "SELECT d.id, d.subject, d.seq FROM unnest(CAST(:days AS text[])) AS day (grams) CROSS JOIN LATERAL "
    "(SELECT id, subject, seq FROM search_documents WHERE grams @> CAST(day.grams AS bigint[]) OFFSET 0) AS d "
    "WHERE d.id >= :low AND d.id < :high ORDER BY d.id DESC LIMIT :most"
)


def documents(tx: Tx, grams: Sequence[str], window: Window, most: int) -> tuple[Found, ...]:
    """Up to *most* documents that hold all of *grams*, newest first."""
    low = first_id(window.since)
    if tx.conn.dialect.name == "sqlite":
        words = " AND ".join(f'"{gram}"' for gram in (*grams, *([TICKET_WORD] if window.is_ticket else ())))
        values = {"words": words, "low": low, "high": window.before, "is_ticket": window.is_ticket, "most": most}
        return tuple(Found(*row) for row in tx.conn.execute(_SQLITE, values))
    found: list[Found] = []
    high, stride = window.before, 1
    while high > low and len(found) < most:
        begins = max(low, (day_of(high - 1) - stride + 1) * MS_A_DAY << RANDOM_BITS)
        found += _within(tx, grams, begins, high, window.is_ticket, most - len(found))
        high, stride = begins, min(stride * 2, LONGEST_STRIDE_DAYS)
    return tuple(found)


def _within(tx: Tx, grams: Sequence[str], low: int, high: int, is_ticket: bool, most: int) -> list[Found]:
    days = [
        "{" + ",".join(str(number_of(gram, day, is_ticket=is_ticket)) for gram in grams) + "}"
        for day in range(day_of(low), day_of(high - 1) + 1)
    ]
    values = {"days": days, "low": low, "high": high, "most": most}
    return [Found(*row) for row in tx.conn.execute(_POSTGRES, values)]
