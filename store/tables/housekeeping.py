"""What belongs to nobody's subject: the search index, limits, keys seen before, the audit, small facts."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from store.tables.columns import Instant, id_column, metadata

# A message or a ticket that can be searched. On PostgreSQL ``grams`` has its own index; SQLite keeps them in the virtual
# table ``search_grams`` under the same id.
search_documents = Table(
    "search_documents",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # sorts by time, see ``store.search_index``
    id_column("subject", nullable=False),  # a conversation's id, or a ticket's number
    Column("seq", Integer, nullable=False),  # 0 for a ticket
    Column("grams", ARRAY(BigInteger).with_variant(JSON(none_as_null=True), "sqlite")),
    Index("uq_search_documents_subject", "subject", "seq", unique=True),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bucket", String(80), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_attempts_bucket", "bucket", "at"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("status", Integer),
    Column("body", JSON(none_as_null=True)),
    Column("created_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_subject", "subject", "at"),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# Which message (conversation, number) or ticket (its number, 0) mentions which file: kept by triggers that migration 0018 makes.
file_mentions = Table(
    "file_mentions",
    metadata,
    Column("blob_id", String(64), primary_key=True),
    id_column("subject", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Index("ix_file_mentions_subject_seq", "subject", "seq"),
)
