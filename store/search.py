"""Finding documents by their grams, newest first, within a window of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, or_, select, text

from store.engine import Tx
from store.search_index import MS_A_DAY, RANDOM_BITS, day_of, first_id, number_of
from store.tables import search_documents

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


def documents(tx: Tx, grams: Sequence[str], window: Window, most: int) -> tuple[Found, ...]:
    """Up to *most* documents that hold all of *grams*, newest first."""
    low = first_id(window.since)
    if tx.conn.dialect.name == "sqlite":
        words = " AND ".join(f'"{gram}"' for gram in grams)
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
    d = search_documents.c
    days = range(day_of(low), day_of(high - 1) + 1)
    held = or_(*(d.grams.contains([number_of(gram, day) for gram in grams]) for day in days))
    kind = d.seq == 0 if is_ticket else d.seq > 0
    # Materialised: otherwise the planner may walk all documents from the newest on in the hope of meeting some soon.
    hits = select(d.id, d.subject, d.seq).where(held, kind, and_(d.id >= bindparam("low"), d.id < bindparam("high")))
    hit = hits.cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
    newest = select(hit).order_by(hit.c.id.desc()).limit(bindparam("most"))
    return [Found(*row) for row in tx.conn.execute(newest, {"low": low, "high": high, "most": most})]
