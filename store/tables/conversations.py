"""Who writes to us, and what is said."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from store.tables.columns import Instant, id_column, metadata

customers = Table(
    "customers",
    metadata,
    id_column("id", primary_key=True),
    Column("account", String(64), nullable=False),
    Column("external_hmac", String(64), nullable=False),
    Column("external_enc", Text, nullable=False),
    Column("signed_hmac", String(64)),
    Column("profile_enc", Text),  # JSON: signed_id, name, phone
    Column("phone_hmac", String(64), index=True),
    Column("name_hmac", String(64), index=True),
    Column("privacy_notice_version", String(32)),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant),  # who they were is forgotten
    Index("uq_customers_account_external", "account", "external_hmac", unique=True),
    Index("ix_customers_signed_hmac", "signed_hmac"),
)

conversations = Table(
    "conversations",
    metadata,
    id_column("id", primary_key=True),
    Column("account", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    id_column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("holder", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("state_enc", Text, nullable=False),
    id_column("agent_id"),
    Column("ticket_no", String(32)),
    Column("urgent", Boolean, nullable=False),
    # What was understood last, also in the sealed state: here for lists to filter by.
    Column("kind", String(32)),
    Column("product", String(32)),
    Column("emotion", String(32)),
    Column("preview", String(200), nullable=False),
    Column("department", String(32)),  # whose skill it needs; None: the desk's own
    Column("language", String(8)),  # what the customer's window speaks; None: Chinese
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("last_customer_at", Instant),
    Column("ended_at", Instant),
    Column("erased_at", Instant),  # what was said is forgotten
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
    # Ended, and not forgotten yet.
    Index(
        "ix_conversations_kept",
        "ended_at",
        sqlite_where=text("holder = 'ended' AND erased_at IS NULL"),
        postgresql_where=text("holder = 'ended' AND erased_at IS NULL"),
    ),
    # What ended, narrowed to what may be rare among it. A conversation has no row here before.
    Index(
        "ix_conversations_ended_product",
        "product",
        "updated_at",
        sqlite_where=text("holder = 'ended'"),
        postgresql_where=text("holder = 'ended'"),
    ),
    Index(
        "ix_conversations_ended_emotion",
        "emotion",
        "updated_at",
        sqlite_where=text("holder = 'ended'"),
        postgresql_where=text("holder = 'ended'"),
    ),
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
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("account", String(64), nullable=False),
    Column("external_id", String(128)),
    Column("speaker", String(8), nullable=False),
    Column("type", String(16), nullable=False),
    Column("audience", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", JSON(none_as_null=True)),
    Column("understanding", JSON(none_as_null=True)),
    id_column("agent_id"),
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
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("token", String(64), nullable=False),
    Column("value_enc", Text, nullable=False),
    Column("value_hmac", String(64), nullable=False, index=True),
)

conversation_tags = Table(
    "conversation_tags",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("tag", String(32), primary_key=True),
    id_column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_conversation_tags_tag", "tag"),
)

# One row for each question after satisfaction; whether it was asked decides whether it may be asked.
ratings = Table(
    "ratings",
    metadata,
    Column("subject", String(80), primary_key=True),  # conversation:<id> or ticket:<no>
    id_column("conversation_id", ForeignKey("conversations.id")),
    id_column("agent_id"),
    Column("asked_at", Instant, nullable=False),
    Column("score", Integer),
    Column("comment", Text),
    Column("answered_at", Instant),
    Index("ix_ratings_answered", "answered_at"),
)
