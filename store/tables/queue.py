"""Who waits for a person, and who served whom."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table

from store.tables.columns import Instant, id_column, metadata

queue_entries = Table(
    "queue_entries",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("priority_rank", Integer, nullable=False),  # 0 major, 1 urgent, 2 normal
    Column("skill", String(64)),
    Column("brief", JSON, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("serve_at", Instant, nullable=False),  # queued_at less the head start: the order in which they are served
    Column("claimed_at", Instant),
    Column("left_at", Instant),
    id_column("agent_id"),
    id_column("previous_agent_id"),  # who served this customer before
    id_column("reserved_for"),  # nobody else may take it until then
    Column("reserved_until", Instant),
    id_column("offered_by"),  # the colleague who asked the one it is reserved for
    Column("told_at", Instant),  # when the customer was told that nobody is there
    Index("ix_queue_entries_priority", "priority", "queued_at"),
    Index("ix_queue_entries_waiting", "left_at", "claimed_at", "serve_at"),
)

# Each stretch of a conversation that one agent held: what figures and estimates are made of.
servings = Table(
    "servings",
    metadata,
    id_column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    id_column("agent_id", ForeignKey("agents.id"), nullable=False),
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
