"""The tables. Statements live in the module of their subject; migrations build what stands here.

Columns that end in ``_enc`` are sealed (AES-256-GCM bound to table, column and row); ``_hmac`` are fingerprints for equality.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A UTC moment as whole microseconds since 1970: exact, sortable, and the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Microseconds of an aware datetime."""
        del dialect
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The aware datetime again."""
        del dialect
        return None if value is None else EPOCH + timedelta(microseconds=value)


def _id(name: str, *args: Any, **options: Any) -> Column[str]:
    return Column(name, String(64), *args, **options)


customers = Table(
    "customers",
    metadata,
    _id("id", primary_key=True),
    Column("account", String(64), nullable=False),
    Column("external_hmac", String(64), nullable=False),
    Column("external_enc", Text, nullable=False),
    Column("signed_hmac", String(64)),
    Column("profile_enc", Text),  # JSON: signed_id, name, phone
    Column("phone_hmac", String(64), index=True),
    Column("name_hmac", String(64), index=True),
    Column("privacy_notice_version", String(32)),
    Column("created_at", Instant, nullable=False),
    Index("uq_customers_account_external", "account", "external_hmac", unique=True),
    Index("ix_customers_signed_hmac", "signed_hmac"),
)

conversations = Table(
    "conversations",
    metadata,
    _id("id", primary_key=True),
    Column("account", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    _id("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("holder", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("state_enc", Text, nullable=False),
    _id("agent_id"),
    Column("ticket_no", String(32)),
    Column("urgent", Boolean, nullable=False),
    # What was understood last, also in the sealed state: here for lists to filter by.
    Column("kind", String(32)),
    Column("product", String(32)),
    Column("emotion", String(32)),
    Column("preview", String(200), nullable=False),
    Column("department", String(32)),  # whose skill it needs; None: the desk's own
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("last_customer_at", Instant),
    Column("ended_at", Instant),
    # At most one conversation of a customer is not ended.
    Index(
        "uq_conversations_open",
        "customer_id",
        unique=True,
        sqlite_where=text("holder <> 'ended'"),
        postgresql_where=text("holder <> 'ended'"),
    ),
    Index("ix_conversations_customer", "customer_id", "created_at"),
    Index("ix_conversations_holder", "holder", "updated_at"),
    Index("ix_conversations_updated", "updated_at"),
    # What an agent holds now; there are never many.
    Index(
        "ix_conversations_held",
        "agent_id",
        sqlite_where=text("holder = 'human'"),
        postgresql_where=text("holder = 'human'"),
    ),
)

messages = Table(
    "messages",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("account", String(64), nullable=False),
    Column("external_id", String(128)),
    Column("speaker", String(8), nullable=False),
    Column("type", String(16), nullable=False),
    Column("audience", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", JSON(none_as_null=True)),
    Column("understanding", JSON(none_as_null=True)),
    _id("agent_id"),
    Column("cause_seq", Integer),
    Column("at", Instant, nullable=False),
    # A redelivered message is recognised here, whatever raced before.
    Index(
        "uq_messages_external",
        "account",
        "external_id",
        unique=True,
        sqlite_where=text("external_id IS NOT NULL"),
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

protected_values = Table(
    "protected_values",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("token", String(64), nullable=False),
    Column("value_enc", Text, nullable=False),
    Column("value_hmac", String(64), nullable=False, index=True),
)

pending_turns = Table(
    "pending_turns",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
)

pending_media = Table(
    "pending_media",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("account", String(64), nullable=False),
    Column("media_id", Text, nullable=False),
    Column("media_type", String(16), nullable=False),
    Column("status", String(8), nullable=False),  # pending, done, failed
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Index("ix_pending_media_status", "status", "due_at"),
)

outbox = Table(
    "outbox",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
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
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("state", Integer, nullable=False),  # the platform's number, as last known
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
)

queue_entries = Table(
    "queue_entries",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("priority_rank", Integer, nullable=False),  # 0 major, 1 urgent, 2 normal
    Column("skill", String(64)),
    Column("brief", JSON, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("serve_at", Instant, nullable=False),  # queued_at less the head start: the order in which they are served
    Column("claimed_at", Instant),
    Column("left_at", Instant),
    _id("agent_id"),
    _id("previous_agent_id"),  # who served this customer before
    _id("reserved_for"),  # nobody else may take it until then
    Column("reserved_until", Instant),
    _id("offered_by"),  # the colleague who asked the one it is reserved for
    Column("told_at", Instant),  # when the customer was told that nobody is there
    Index("ix_queue_entries_waiting", "left_at", "claimed_at", "serve_at"),
)

# Each stretch of a conversation that one agent held: what figures and estimates are made of.
servings = Table(
    "servings",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _id("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("how", String(12), nullable=False),  # pulled, assigned, taken_over
    Column("skill", String(64)),
    Column("priority", String(8), nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(12)),  # ended, requeued, transferred, taken_over, lost, left
    Index("ix_servings_began", "began_at"),
    Index("ix_servings_agent", "agent_id", "began_at"),
)

conversation_tags = Table(
    "conversation_tags",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("tag", String(32), primary_key=True),
    _id("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_conversation_tags_tag", "tag"),
)

# One row for each question after satisfaction; whether it was asked decides whether it may be asked.
ratings = Table(
    "ratings",
    metadata,
    Column("subject", String(80), primary_key=True),  # conversation:<id> or ticket:<no>
    _id("conversation_id", ForeignKey("conversations.id")),
    _id("agent_id"),
    Column("asked_at", Instant, nullable=False),
    Column("score", Integer),
    Column("comment", Text),
    Column("answered_at", Instant),
    Index("ix_ratings_answered", "answered_at"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("no", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(20), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("account", String(64)),
    _id("customer_id", ForeignKey("customers.id")),
    _id("conversation_id", ForeignKey("conversations.id")),
    Column("signed_hmac", String(64)),
    Column("product", String(32), nullable=False),
    Column("nature", String(32), nullable=False),
    Column("department", String(32), nullable=False),
    Column("content", Text, nullable=False),
    Column("record", JSON, nullable=False),
    Column("confirmed_text", Text, nullable=False),
    Column("contact_enc", Text),  # JSON: phone, name
    Column("phone_hmac", String(64)),
    Column("phone_ending_hmac", String(64)),
    Column("link_hmac", String(64)),  # of the customer's link to the ticket; the link itself is stored nowhere
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Index("ix_tickets_customer", "customer_id", "received_at"),
    Index("ix_tickets_signed", "signed_hmac", "received_at"),
    Index("ix_tickets_state", "state", "received_at"),
    Index("ix_tickets_conversation", "conversation_id"),
    Index("uq_tickets_link_hmac", "link_hmac", unique=True),
    Index("ix_tickets_phone_hmac", "phone_hmac"),
)

# Rows here are never changed: triggers made by the first migration refuse UPDATE and DELETE.
ticket_events = Table(
    "ticket_events",
    metadata,
    Column("ticket_no", String(32), ForeignKey("tickets.no"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("from_state", String(20)),
    Column("to_state", String(20)),
    Column("detail", JSON, nullable=False),
)

agents = Table(
    "agents",
    metadata,
    _id("id", primary_key=True),
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
    _id("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

agent_reads = Table(
    "agent_reads",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    _id("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
)

# What an agent has typed and not sent: it may hold what a customer must keep secret.
agent_drafts = Table(
    "agent_drafts",
    metadata,
    _id("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    _id("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("mode", String(8), primary_key=True),
    Column("text_enc", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    _id("id", primary_key=True),
    _id("owner_id", ForeignKey("agents.id"), index=True),  # None: everybody's
    Column("shortcut", String(32), nullable=False),
    Column("title", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

saved_views = Table(
    "saved_views",
    metadata,
    _id("id", primary_key=True),
    _id("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("filters", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# A message or a ticket that can be searched. On PostgreSQL ``grams`` has its own index; SQLite keeps them in the virtual
# table ``search_grams`` under the same id.
search_documents = Table(
    "search_documents",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # sorts by time, see ``store.search_index``
    _id("subject", nullable=False),  # a conversation's id, or a ticket's number
    Column("seq", Integer, nullable=False),  # 0 for a ticket
    Column("grams", ARRAY(Integer).with_variant(JSON(none_as_null=True), "sqlite")),
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

ticket_sequences = Table(
    "ticket_sequences",
    metadata,
    Column("day", String(8), primary_key=True),
    Column("next", Integer, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
