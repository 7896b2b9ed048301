"""The tables of programs that work with us: their keys."""

from sqlalchemy import JSON, Column, ForeignKey, String, Table

from store.tables import Instant, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("agent_id", String(64), ForeignKey("agents.id")),  # in whose name it acts at the desk
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)
