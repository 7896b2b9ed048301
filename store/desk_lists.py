"""The lists of the desk: who waits, what is mine, narrowed and in pages; and how far somebody has read.

Light rows: the dialogue's memory stays closed. A page goes on after the last row of the one before, by what the list is ordered
by, so that rows which come, go or move between two pages leave no hole.
"""

import json
from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, insert, literal, or_, select, update
from typing_extensions import TypedDict

from config.labels import FeedbackChannel, Holder, Priority, Speaker
from store.engine import Tx
from store.model import QueueEntry
from store.of_many import OfMany
from store.prepared import Prepared
from store.queue import SERVING_ORDER, WAITING, entry_from_row
from store.sight import Sight
from store.tables import EPOCH, MICROSECOND, agent_reads, conversation_tags, conversations, customers, queue_entries, tickets
from store.tables import messages as lines

View = Literal["mine", "waiting", "all", "ended"]


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A line of a desk list."""

    id: str
    channel: FeedbackChannel
    holder: Holder
    preview: str
    urgent: bool
    updated_at: datetime
    ticket_no: str | None
    agent_id: str | None
    customer_name: str | None
    entry: QueueEntry | None
    unread: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations, narrowed to what."""

    view: View
    channel: str | None = None
    kind: str | None = None
    product: str | None = None
    priority: str | None = None
    department: str | None = None
    emotion: str | None = None
    tag: str | None = None
    unread: bool = False
    since: datetime | None = None
    until: datetime | None = None


class Counts(TypedDict):
    """How many conversations each view holds. ``to_take``: those of ``waiting`` that aren't kept for a colleague."""

    mine: int
    waiting: int
    to_take: int
    all: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the moment that the list is ordered by, and the conversation there."""

    moment: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and where to go on; None at the end."""

    rows: tuple[DeskRow, ...]
    next: Place | None


_c = conversations.c
_SPOKEN_AFTER = (
    lines.c.conversation_id == _c.id,
    lines.c.speaker == Speaker.CUSTOMER,
    lines.c.seq > func.coalesce(agent_reads.c.seq, 0),
)
_UNREAD = select(func.count()).select_from(lines).where(*_SPOKEN_AFTER).correlate(conversations, agent_reads).scalar_subquery()
_IS_UNREAD = select(lines.c.seq).where(*_SPOKEN_AFTER).correlate(conversations, agent_reads).exists()
_ENTRY = [column.label(f"entry_{column.name}") for column in queue_entries.c]
_EntryRow = namedtuple("_EntryRow", queue_entries.c.keys())  # type: ignore[misc]  # noqa: PYI024 -- named by the table
_COLUMNS = [
    _c[name] for name in ("id", "channel", "holder", "preview", "urgent", "updated_at", "ticket_no", "agent_id", "customer_id")
]
_LIST = (
    select(*_ENTRY, *_COLUMNS, customers.c.profile_enc.label("profile_enc"), _UNREAD.label("unread"))
    .join(customers, customers.c.id == _c.customer_id)
    .outerjoin(queue_entries, queue_entries.c.conversation_id == _c.id)
    .outerjoin(agent_reads, and_(agent_reads.c.conversation_id == _c.id, agent_reads.c.agent_id == bindparam("agent_id")))
)
_NEWEST_FIRST = (_c.updated_at.desc(), _c.id.desc())
_IS_MINE = and_(_c.holder == Holder.HUMAN, _c.agent_id == bindparam("agent_id"))
_IS_OPEN = _c.holder.in_((Holder.BOT, Holder.QUEUED, Holder.HUMAN))
# Written out, not bound: a database must see that the indexes of what ended hold all that is asked for.
_HAS_ENDED = _c.holder == literal(Holder.ENDED.value, literal_execute=True)
_VIEWS: dict[View, Select[Any]] = {
    "mine": _LIST.where(_IS_MINE).order_by(*_NEWEST_FIRST),
    "waiting": _LIST.where(_c.holder == Holder.QUEUED).order_by(*SERVING_ORDER),
    "all": _LIST.where(_IS_OPEN).order_by(*_NEWEST_FIRST),
    "ended": _LIST.where(_HAS_ENDED).order_by(*_NEWEST_FIRST),
}
_READ_UP_TO = Prepared(
    select(agent_reads.c.seq).where(
        agent_reads.c.conversation_id == bindparam("id"), agent_reads.c.agent_id == bindparam("agent_id")
    )
)
_TAGS = OfMany("SELECT t.conversation_id, t.tag FROM {keys} JOIN conversation_tags t ON t.conversation_id = c.id ORDER BY t.tag")


def desk_list(tx: Tx, wanted: Wanted, sight: Sight, limit: int = 200, after: Place | None = None) -> Page:
    """A page of a desk view: waiting ones in serving order, the others newest first."""
    statement = _VIEWS[wanted.view].where(sight.condition(), *_narrowed(wanted))
    if after is not None:
        statement = statement.where(_beyond(wanted.view, after))
    found = tx.conn.execute(statement.limit(limit + 1), {"agent_id": sight.agent_id}).all()
    rows = found[:limit]
    tags = _tags_of(tx, [row.id for row in rows])
    place = _place(wanted.view, rows[-1]) if len(found) > limit else None
    return Page(tuple(_row(tx, row, tags.get(row.id, ())) for row in rows), place)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    exact = {name: value for name in ("channel", "kind", "product", "emotion") if (value := getattr(wanted, name))}
    conditions: list[ColumnElement[bool]] = [_c[name] == value for name, value in exact.items()]
    if wanted.priority:
        is_so = queue_entries.c.priority == wanted.priority
        # Who never waited is normal. Said of no other: it would keep the database from beginning with the few that are.
        conditions.append(or_(is_so, queue_entries.c.priority.is_(None)) if wanted.priority == Priority.NORMAL else is_so)
    if wanted.department:
        works = select(tickets.c.no).where(tickets.c.conversation_id == _c.id, tickets.c.department == wanted.department)
        conditions.append(or_(_c.department == wanted.department, works.exists()))
    if wanted.tag:
        marked = select(conversation_tags.c.tag)
        conditions.append(
            marked.where(conversation_tags.c.conversation_id == _c.id, conversation_tags.c.tag == wanted.tag).exists()
        )
    if wanted.unread:
        conditions.append(_IS_UNREAD)
    if wanted.since:
        conditions.append(_c.updated_at >= wanted.since)
    if wanted.until:
        conditions.append(_c.updated_at < wanted.until)
    return conditions


def _beyond(view: View, place: Place) -> ColumnElement[bool]:
    if view == "waiting":
        moment, key = SERVING_ORDER
        return or_(moment > place.moment, and_(moment == place.moment, key > place.id))
    return or_(_c.updated_at < place.moment, and_(_c.updated_at == place.moment, _c.id < place.id))


def _place(view: View, row: Any) -> Place:
    return Place(row.entry_serve_at if view == "waiting" else row.updated_at, row.id)


def place_text(place: Place) -> str:
    """A place as a page is told of it."""
    return f"{(place.moment - EPOCH) // MICROSECOND}.{place.id}"


def read_place(text: str) -> Place:
    """The place in a text made by ``place_text``. Raises ``ValueError``, also for a moment that is none."""
    moment, _, key = text.partition(".")
    try:
        return Place(EPOCH + MICROSECOND * int(moment), key)
    except OverflowError:
        raise ValueError(text) from None


def _row(tx: Tx, row: Any, tags: Sequence[str]) -> DeskRow:
    context = f"customers.profile_enc.{row.customer_id}"
    profile = json.loads(tx.crypto.decrypt(row.profile_enc, context)) if row.profile_enc else {}
    return DeskRow(
        id=row.id,
        channel=FeedbackChannel(row.channel),
        holder=Holder(row.holder),
        preview=row.preview,
        urgent=row.urgent,
        updated_at=row.updated_at,
        ticket_no=row.ticket_no,
        agent_id=row.agent_id,
        customer_name=profile.get("name"),
        entry=entry_from_row(_EntryRow._make(row[: len(_ENTRY)])) if row.entry_conversation_id else None,
        unread=row.unread,
        tags=tuple(tags),
    )


def _tags_of(tx: Tx, conversation_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for of, tag in _TAGS.rows(tx, conversation_ids):
        found.setdefault(of, []).append(tag)
    return found


_COUNTS = select(_c.holder, func.count(), func.count().filter(_c.agent_id == bindparam("agent_id"))).where(_IS_OPEN)
_MINE_UNREAD = (
    select(_c.id, func.max(lines.c.seq))
    .outerjoin(agent_reads, and_(agent_reads.c.conversation_id == _c.id, agent_reads.c.agent_id == bindparam("agent_id")))
    .join(lines, and_(*_SPOKEN_AFTER))
    .where(_IS_MINE)
    .group_by(_c.id)
)


_KEPT = (
    select(func.count())
    .select_from(queue_entries.join(conversations, _c.id == queue_entries.c.conversation_id))
    .where(
        WAITING,  # by index: whoever was served once has a row there too
        queue_entries.c.reserved_for != bindparam("agent_id"),
        queue_entries.c.reserved_until > bindparam("now"),
    )
)


def counts(tx: Tx, sight: Sight, now: datetime) -> Counts:
    """How many conversations each view holds (``ended`` is not counted: it only grows).

    ``to_take``: those of ``waiting`` that aren't kept for a colleague.
    """
    held = tx.conn.execute(_COUNTS.where(sight.condition()).group_by(_c.holder), {"agent_id": sight.agent_id})
    by_holder = {holder: (count, own) for holder, count, own in held}
    waiting = by_holder.get(Holder.QUEUED, (0, 0))[0]
    mine = {"agent_id": sight.agent_id, "now": now}
    kept = tx.conn.execute(_KEPT.where(sight.condition()), mine).scalar_one() if waiting else 0
    return {
        "mine": by_holder.get(Holder.HUMAN, (0, 0))[1],
        "waiting": waiting,
        "to_take": waiting - kept,
        "all": sum(count for count, _ in by_holder.values()),
    }


def unread_of(tx: Tx, agent_id: str) -> dict[str, int]:
    """The conversations that the agent holds with words of the customer that the agent has not seen, and the last of these."""
    return {row[0]: row[1] for row in tx.conn.execute(_MINE_UNREAD, {"agent_id": agent_id})}


def mark_read(tx: Tx, conversation_id: str, agent_id: str, seq: int) -> None:
    """Remember that the agent has seen everything up to *seq*."""
    known = (
        agent_reads.c.conversation_id == conversation_id,
        agent_reads.c.agent_id == agent_id,
    )
    changed = tx.conn.execute(update(agent_reads).where(*known, agent_reads.c.seq < seq).values(seq=seq)).rowcount
    if not changed and tx.conn.execute(select(agent_reads.c.seq).where(*known)).scalar() is None:
        tx.conn.execute(insert(agent_reads).values(conversation_id=conversation_id, agent_id=agent_id, seq=seq))


def read_up_to(tx: Tx, conversation_id: str, agent_id: str) -> int:
    """How far the agent has read, 0 for not at all."""
    found = _READ_UP_TO.first(tx, {"id": conversation_id, "agent_id": agent_id})
    return found.seq if found else 0
