"""Tickets, their append-only history and their numbers."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from store.tables.columns import Instant, id_column, metadata

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
    id_column("customer_id", ForeignKey("customers.id")),
    id_column("conversation_id", ForeignKey("conversations.id")),
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
    Column("name_hmac", String(64)),
    Column("link_hmac", String(64)),  # of the customer's link to the ticket; the link itself is stored nowhere
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Index("ix_tickets_customer", "customer_id", "received_at"),
    Index("ix_tickets_signed", "signed_hmac", "received_at"),
    Index("ix_tickets_state", "state", "received_at"),
    Index("ix_tickets_received", "received_at", "no"),
    Index("ix_tickets_department", "department", "received_at"),
    Index("ix_tickets_conversation", "conversation_id"),
    Index("uq_tickets_link_hmac", "link_hmac", unique=True),
    Index("ix_tickets_phone_hmac", "phone_hmac"),
    Index("ix_tickets_name_hmac", "name_hmac"),
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

ticket_sequences = Table(
    "ticket_sequences",
    metadata,
    Column("day", String(8), primary_key=True),
    Column("next", Integer, nullable=False),
)
