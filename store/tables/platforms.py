"""The tables of what platforms allow and tell: reply windows, notices, consents."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text

from store.tables.columns import Instant, id_column, metadata

# How many messages a platform still takes to a customer; see store/windows.py.
reply_windows = Table(
    "reply_windows",
    metadata,
    Column("customer_id", String(64), ForeignKey("customers.id"), primary_key=True),
    Column("long_until", Instant),  # of the customer's last message
    Column("long_left", Integer, nullable=False),
    Column("brief_until", Instant),  # of their last tap on the menu or scanned code
    Column("brief_left", Integer, nullable=False),
    Column("holding", Boolean, nullable=False),  # outbox rows wait for the customer to write
    Column("unreachable", Boolean, nullable=False),
)

# Moves of tickets that their customers have not been told of; see store/notices.py.
notices_due = Table(
    "notices_due",
    metadata,
    Column("ticket_no", String(32), ForeignKey("tickets.no"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("to_state", String(20), nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

# Template and subscription messages that a platform took, and what it said became of them.
sent_notices = Table(
    "sent_notices",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("msgid", String(64), primary_key=True),
    Column("conversation_id", String(64)),  # None: the platform told the end before its answer reached us
    Column("seq", Integer),
    Column("result", String(8), nullable=False),  # empty, sent, refused, failed
    Column("at", Instant, nullable=False),
)

# How many more subscription messages of a template a customer agreed to.
consents = Table(
    "consents",
    metadata,
    Column("customer_id", String(64), ForeignKey("customers.id"), primary_key=True),
    Column("template_id", String(128), primary_key=True),
    Column("left_over", Integer, nullable=False),
)

# Signed pushes of kinds that we do not know: what may be kept of them.
odd_pushes = Table(
    "odd_pushes",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("customer_id", String(64), ForeignKey("customers.id")),
    Column("fields", JSON, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

# Codes that branches put up, made by a platform, which lists them nowhere; see store/branch_codes.py.
branch_codes = Table(
    "branch_codes",
    metadata,
    id_column("id", primary_key=True),
    Column("account", String(64), nullable=False),
    Column("branch", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("picture", Text, nullable=False),
    id_column("made_by", ForeignKey("agents.id"), nullable=False),
    Column("made_at", Instant, nullable=False, index=True),
    Column("lasts_until", Instant),  # None: for ever
)
