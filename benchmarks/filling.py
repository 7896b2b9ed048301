"""Fills PostgreSQL with a year of conversations by COPY, in minutes."""

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from benchmarks.year import COLUMNS, Documents, Row, Year, message_line, micros
from store.crypto import Crypto
from store.filling_in import DONE as FILLED_IN

LINES_A_WRITE = 2000
Connection = psycopg.Connection[Any]
# Made after the rows: an index that grows row by row takes many times as long.
DROP = (
    "ALTER TABLE messages DROP CONSTRAINT pk_messages",
    "DROP INDEX ix_search_documents_grams",
    "DROP INDEX uq_search_documents_subject",
)
MAKE = (
    "ALTER TABLE messages ADD CONSTRAINT pk_messages PRIMARY KEY (conversation_id, seq)",
    "CREATE INDEX ix_search_documents_grams ON search_documents USING gin (grams) WITH (fastupdate = off)",
    "CREATE UNIQUE INDEX uq_search_documents_subject ON search_documents (subject, seq)",
)
HOLD = """
UPDATE conversations SET holder = held.holder, ended_at = NULL,
updated_at = %(now)s - held.n * 1000000, last_customer_at = %(now)s, agent_id = CASE WHEN held.holder = 'human' THEN %(agent)s END
FROM unnest(%(ids)s::text[], %(holders)s::text[]) WITH ORDINALITY AS held (id, holder, n) WHERE conversations.id = held.id
"""
WAIT = """
INSERT INTO queue_entries (conversation_id, reason, priority, priority_rank, brief, queued_at, serve_at, claimed_at, agent_id)
SELECT id, 'asked', 'normal', 2, '{}', updated_at, updated_at, CASE WHEN holder = 'human' THEN updated_at END, agent_id
FROM conversations WHERE id = ANY(%s) AND holder IN ('queued', 'human')
"""


def connected(url: str) -> Connection:
    connection: Connection = psycopg.connect(url.replace("+psycopg", ""))
    connection.execute("SET session_replication_role = replica")  # the rows fit each other: no foreign key need be looked up
    connection.execute("SET synchronous_commit = off")
    connection.execute("SET maintenance_work_mem = '1GB'")
    return connection


def into(table: str) -> str:
    return f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN"


def copy(connection: Connection, table: str, rows: Iterator[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(into(table)) as stream:
        for row in rows:
            stream.write_row(row)


def said(first: Connection, second: Connection, year: Year) -> None:
    """Messages and the word index, side by side."""
    documents, rows = Documents(), year.messages()
    with (
        first.cursor() as one,
        second.cursor() as two,
        one.copy(into("messages")) as spoken,
        two.copy(into("search_documents")) as found,
    ):
        while batch := list(itertools.islice(rows, LINES_A_WRITE)):
            spoken.write("".join(itertools.starmap(message_line, batch)))
            found.write("".join(documents.line(n, seq, text, at) for n, seq, speaker, text, at in batch if speaker != "bot"))


def filed(first: Connection, second: Connection, year: Year) -> None:
    """Tickets and their words."""
    documents = Documents()
    with (
        first.cursor() as one,
        second.cursor() as two,
        one.copy(into("tickets")) as kept,
        two.copy(into("search_documents")) as found,
    ):
        for row in year.tickets():
            kept.write_row(row)
            values = dict(zip(COLUMNS["tickets"], row, strict=True))
            found.write(documents.ticket_line(values["no"], values["content"], values["received_at"]))


def fill(url: str, crypto: Crypto, year: Year) -> dict[str, Any]:
    """Build the year, all of it ended; returns how long each part took and how large it is."""
    spent = {}
    with connected(url) as connection, connected(url) as other:
        steps = {
            "indexes_dropped_s": lambda: [connection.execute(drop) for drop in DROP] and connection.commit(),
            "customers_s": lambda: copy(connection, "customers", year.customers(crypto)),
            "conversations_s": lambda: copy(connection, "conversations", year.conversations()),
            "messages_s": lambda: said(connection, other, year),
            "tickets_s": lambda: filed(connection, other, year),
            "commit_s": lambda: other.commit() or connection.commit(),
            "indexes_s": lambda: [connection.execute(make) for make in MAKE] and connection.commit(),
            "vacuum_s": lambda: vacuum(url),
        }
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            spent[name] = round(time.perf_counter() - started)
        names = "messages", "search_documents", "ix_search_documents_grams", "conversations", "customers", "tickets"
        size = "SELECT pg_total_relation_size(%s::regclass) >> 20"
        sizes = {f"{name}_mb": connection.execute(size, [name]).fetchone() for name in names}
    return {**spent, **{name: row[0] if row else 0 for name, row in sizes.items()}}


def vacuum(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM (FREEZE, ANALYZE)")
        connection.execute("CHECKPOINT")


def open_up(url: str, year: Year) -> None:
    """The newest conversations are not over, however long ago they were made."""
    ids, holders = zip(*year.open_ones(), strict=True)
    with connected(url) as connection:
        agent = connection.execute("SELECT id FROM agents WHERE login = 'desk'").fetchone()
        now = micros(datetime.now(UTC))
        there = now + 600_000_000  # until their page is open; else whom they serve would wait again
        connection.execute("UPDATE agents SET presence = 'online', seen_at = %s WHERE login = 'desk'", [there])
        connection.execute("DELETE FROM agents WHERE login = 'admin'")  # every service under measurement makes its own
        connection.execute("DELETE FROM queue_entries")
        connection.execute("DELETE FROM agent_reads")
        values = {"ids": list(ids), "holders": list(holders), "now": now, "agent": agent and agent[0]}
        connection.execute(HOLD, values)
        connection.execute(WAIT, [list(ids)])
        connection.execute("DELETE FROM facts WHERE name IN (%s, 'search_cursor')", [FILLED_IN])
        later = str(micros(datetime.now(UTC) + timedelta(days=1)))
        connection.execute("INSERT INTO facts (name, value) VALUES (%s, '1'), ('search_cursor', %s)", [FILLED_IN, later])
        connection.execute("ANALYZE conversations, queue_entries")
