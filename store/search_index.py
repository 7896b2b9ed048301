"""The word index: which messages and tickets hold a gram.

A document's id is its moment in milliseconds followed by random bits, so that ids sort by time and a window of time is a range
of ids. SQLite keeps the grams in an FTS5 table whose rows have the same ids. PostgreSQL keeps them as numbers in an indexed
array; each number is of a gram on one day, because a search goes from day to day, newest first, and ends when it has enough:
a character that stands in every fifth message is then read for a day, not for a year. The day leads the number, so that what is
written today falls into the few pages of today and not all over the index of a year.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select

from store import grams
from store.engine import Tx
from store.of_many import OfMany
from store.prepared import Prepared
from store.tables import EPOCH, MICROSECOND, conversations, search_documents, tickets

RANDOM_BITS = 20
MS_A_DAY = 86_400_000
CHARACTER_BITS = 21  # of a code point
GRAM_BITS = 2 * CHARACTER_BITS
TICKETS = 1 << 61  # grams of tickets have numbers of their own: there are few, and a search for them reads no messages
TICKET_WORD = "t"  # the same on SQLite; a single letter is no gram


@dataclass(frozen=True, slots=True)
class Document:
    """A message (*seq* from 1) or a ticket (*seq* 0), and what it says."""

    subject: str
    seq: int
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A conversation that moved, and how far."""

    id: str
    last_seq: int
    updated_at: datetime


def first_id(at: datetime) -> int:
    """The lowest id that a document of that moment can have."""
    return ((at - EPOCH) // timedelta(milliseconds=1)) << RANDOM_BITS


def moment_of(document_id: int) -> datetime:
    """The moment in a document's id."""
    return EPOCH + timedelta(milliseconds=document_id >> RANDOM_BITS)


def day_of(document_id: int) -> int:
    """The day, counted from 1970 in UTC, that a document's grams are filed under."""
    return (document_id >> RANDOM_BITS) // MS_A_DAY


@lru_cache(1 << 17)
def code_of(gram: str) -> int:
    """A gram as a number of its own, below 2 to the power of ``GRAM_BITS``: its code points, one after the other."""
    code = 0
    for character in gram:
        code = code << CHARACTER_BITS | ord(character)
    return code


def number_of(gram: str, day: int, *, is_ticket: bool) -> int:
    """A gram of that day's messages, or tickets, as a number that nothing else has."""
    return (TICKETS if is_ticket else 0) | day << GRAM_BITS | code_of(gram)


_CHANGED = (
    select(conversations.c.id, conversations.c.last_seq, conversations.c.updated_at)
    .where(
        or_(
            conversations.c.updated_at > bindparam("since"),
            and_(conversations.c.updated_at == bindparam("since"), conversations.c.id > bindparam("after")),
        )
    )
    .order_by(conversations.c.updated_at, conversations.c.id)
    .limit(bindparam("most"))
)
# What the bot and the system say is the same a thousand times.
_SAID = OfMany(
    "SELECT m.conversation_id, m.seq, m.at, m.text FROM {keys} JOIN messages m ON m.conversation_id = c.id "
    "AND m.seq > (SELECT coalesce(max(d.seq), 0) FROM search_documents d WHERE d.subject = c.id) "
    "WHERE m.speaker IN ('customer', 'agent') AND m.text <> '' ORDER BY m.conversation_id, m.seq"
)
_TICKETS = (
    select(tickets.c.no, tickets.c.content, tickets.c.record, tickets.c.received_at)
    .where(
        tickets.c.no > bindparam("after"),
        ~select(search_documents.c.id)
        .where(search_documents.c.subject == tickets.c.no, search_documents.c.seq == 0)
        .correlate(tickets)
        .exists(),
    )
    .order_by(tickets.c.no)
    .limit(bindparam("most"))
)


def changed(tx: Tx, since: datetime, after: str, most: int) -> tuple[Changed, ...]:
    """Conversations that moved after the one named *after* at *since*, in the order in which they did."""
    rows = tx.conn.execute(_CHANGED, {"since": since, "after": after, "most": most})
    return tuple(Changed(row.id, row.last_seq, row.updated_at) for row in rows)


def unindexed_messages(tx: Tx, conversation_ids: Sequence[str]) -> tuple[Document, ...]:
    """What customer and staff said in those conversations after the last message of each that is indexed.

    Messages get their numbers in the order of their commits and are indexed in order: there is nothing before the last one.
    """
    rows = _SAID.rows(tx, conversation_ids)
    return tuple(Document(of, seq, EPOCH + MICROSECOND * at, said) for of, seq, at, said in rows)


def unindexed_tickets(tx: Tx, after: str, most: int) -> tuple[Document, ...]:
    """Tickets with a number after *after* that are not indexed yet."""
    rows = tx.conn.execute(_TICKETS, {"after": after, "most": most})
    return tuple(Document(row.no, 0, row.received_at, ticket_text(row)) for row in rows)


def ticket_text(row: Any) -> str:
    """What is indexed of a ticket: its content and the words of its record."""
    said = [row.content, *(value for value in (row.record or {}).values() if isinstance(value, str))]
    return "\n".join(said)


@dataclass(frozen=True, slots=True)
class Posted:
    """Documents as rows: everything that takes computing is done before the write."""

    rows: tuple[dict[str, Any], ...]
    words: tuple[tuple[int, str], ...]  # of SQLite's table


def _words(document: Document) -> str:
    found = grams.grams(document.text)
    return " ".join(found if document.seq else (*found, TICKET_WORD))


def posted(documents: Iterable[Document], *, is_sqlite: bool) -> Posted:
    """*documents* ready to be added."""
    rows, words = [], []
    for document in documents:
        key = first_id(document.at) + secrets.randbits(RANDOM_BITS)
        numbers = None
        if is_sqlite:
            words.append((key, _words(document)))
        else:
            first = number_of("", day_of(key), is_ticket=document.seq == 0)
            numbers = [first | code_of(gram) for gram in grams.grams(document.text)]
        rows.append({"id": key, "subject": document.subject, "seq": document.seq, "grams": numbers})
    return Posted(tuple(rows), tuple(words))


_INSERT = Prepared(insert(search_documents))
_INSERT_WORDS = "INSERT INTO search_grams (rowid, grams) VALUES (?, ?)"
_DELETE_WORDS = "INSERT INTO search_grams (search_grams, rowid, grams) VALUES ('delete', ?, ?)"


def add(tx: Tx, documents: Posted) -> None:
    """Add *documents*. A ``Conflict``: another process indexed one of them, or two drew the same id; look again."""
    if documents.rows:
        _INSERT.run_many(tx, documents.rows)
    if documents.words:
        tx.cursor().executemany(_INSERT_WORDS, documents.words)


def forget(tx: Tx, documents: Sequence[Document]) -> None:
    """Take *documents* out of the index; their texts must still be those that were indexed."""
    for document in documents:
        of = (search_documents.c.subject == document.subject, search_documents.c.seq == document.seq)
        key = tx.conn.execute(select(search_documents.c.id).where(*of)).scalar()
        if key is None:
            continue
        if tx.conn.dialect.name == "sqlite":
            tx.cursor().execute(_DELETE_WORDS, (key, _words(document)))
        tx.conn.execute(delete(search_documents).where(*of))
