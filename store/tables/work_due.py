"""What is still to be done for a message: a turn, a file to fetch, a row to send, a session to move."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from store.tables.columns import Instant, id_column, metadata

pending_turns = Table(
    "pending_turns",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
)

pending_media = Table(
    "pending_media",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("account", String(64), nullable=False),
    Column("media_id", Text, nullable=False),
    Column("media_type", String(16), nullable=False),
    Column("status", String(8), nullable=False),  # pending, done, withheld, unopened, failed
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Index("ix_pending_media_status", "status", "due_at"),
)

outbox = Table(
    "outbox",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("account", String(64), nullable=False),
    Column("speaker", String(8), nullable=False),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("passive", Boolean, nullable=False),
    Column("error", String(200)),
    Column("updated_at", Instant, nullable=False),
    Index("ix_outbox_status", "status", "due_at"),
)

# How far each address of WeChat Customer Service was read. The cursor moves in the commit of what was read.
kf_cursors = Table(
    "kf_cursors",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("open_kfid", String(128), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# Sessions of WeChat Customer Service that are not over: one row an open conversation.
kf_sessions = Table(
    "kf_sessions",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("state", Integer, nullable=False),  # the platform's number, as last known
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
)
