"""The tables of programs that work with us: their keys, and what they are told."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from store.tables.columns import Instant, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("agent_id", String(64), ForeignKey("agents.id")),  # in whose name it acts at the desk
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret_enc", Text, nullable=False),
    Column("former_secret_enc", Text),  # the one before; deliveries are signed with both for a while
    Column("former_until", Instant),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# What each webhook wants to hear; nothing of one that is switched off.
webhook_topics = Table(
    "webhook_topics",
    metadata,
    Column("topic", String(40), primary_key=True),
    Column("webhook_id", String(64), ForeignKey("webhooks.id"), primary_key=True),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("webhook_id", String(64), ForeignKey("webhooks.id"), primary_key=True),
    Column("topic", String(40), nullable=False),
    Column("data", Text, nullable=False),  # JSON: ids and states, nothing of what anybody said
    Column("created_at", Instant, nullable=False),
    Column("status", String(10), nullable=False),  # pending, leased, delivered, failed
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("answer", String(80)),  # the last one: an HTTP status, or what went wrong
    Index("ix_webhook_deliveries_due_of", "webhook_id", "status", "due_at"),
    Index("ix_webhook_deliveries_log", "webhook_id", "created_at"),
)
