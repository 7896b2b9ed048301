"""Who works at the desk, and what each of them keeps there."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text

from store.tables.columns import Instant, id_column, metadata

agents = Table(
    "agents",
    metadata,
    id_column("id", primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department", String(32)),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("skills", JSON, nullable=False),  # ids of config/queue.yaml; none: everything
    Column("presence", String(8), nullable=False),
    Column("seen_at", Instant),
    Column("created_at", Instant, nullable=False),
)

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    id_column("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

agent_reads = Table(
    "agent_reads",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    id_column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
)

# What an agent has typed and not sent: it may hold what a customer must keep secret.
agent_drafts = Table(
    "agent_drafts",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    id_column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("mode", String(8), primary_key=True),
    Column("text_enc", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    id_column("id", primary_key=True),
    id_column("owner_id", ForeignKey("agents.id"), index=True),  # None: everybody's
    Column("shortcut", String(32), nullable=False),
    Column("title", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

saved_views = Table(
    "saved_views",
    metadata,
    id_column("id", primary_key=True),
    id_column("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("filters", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
)
