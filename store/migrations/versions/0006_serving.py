"""Serving order, skills, stretches of service, tags and ratings.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

HEAD_START_US = (120 * 60_000_000, 30 * 60_000_000, 0)  # by rank, as config/queue.yaml has it at this revision


def upgrade() -> None:
    """Add what routing and figures need; who waits keeps a place by urgency and time."""
    op.add_column("agents", sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("conversations", sa.Column("department", sa.String(length=32), nullable=True))
    human = sa.text("holder = 'human'")
    op.create_index("ix_conversations_held", "conversations", ["agent_id"], sqlite_where=human, postgresql_where=human)
    for column in (
        sa.Column("serve_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("previous_agent_id", sa.String(length=64), nullable=True),
        sa.Column("reserved_for", sa.String(length=64), nullable=True),
        sa.Column("reserved_until", sa.BigInteger(), nullable=True),
        sa.Column("offered_by", sa.String(length=64), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("queue_entries", column)
    major, urgent, normal = HEAD_START_US
    op.execute(
        "UPDATE queue_entries SET serve_at = queued_at - "
        f"CASE priority_rank WHEN 0 THEN {major} WHEN 1 THEN {urgent} ELSE {normal} END"
    )
    op.drop_index("ix_queue_entries_waiting", "queue_entries")
    op.create_index("ix_queue_entries_waiting", "queue_entries", ["left_at", "claimed_at", "serve_at"])
    _servings()
    _tags()
    _ratings()


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=64), nullable=nullable)


def _instant(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _servings() -> None:
    op.create_table(
        "servings",
        _id("conversation_id"),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        _id("agent_id"),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=True),
        sa.Column("priority", sa.String(length=8), nullable=False),
        _instant("queued_at", nullable=False),
        _instant("began_at", nullable=False),
        _instant("ended_at"),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        _refers("servings", "conversation_id", "conversations"),
        _refers("servings", "agent_id", "agents"),
        sa.PrimaryKeyConstraint("conversation_id", "n", name=op.f("pk_servings")),
    )
    op.create_index("ix_servings_began", "servings", ["began_at"])
    op.create_index("ix_servings_agent", "servings", ["agent_id", "began_at"])


def _tags() -> None:
    op.create_table(
        "conversation_tags",
        _id("conversation_id"),
        sa.Column("tag", sa.String(length=32), nullable=False),
        _id("agent_id"),
        _instant("at", nullable=False),
        _refers("conversation_tags", "conversation_id", "conversations"),
        _refers("conversation_tags", "agent_id", "agents"),
        sa.PrimaryKeyConstraint("conversation_id", "tag", name=op.f("pk_conversation_tags")),
    )
    op.create_index("ix_conversation_tags_tag", "conversation_tags", ["tag"])


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("subject", sa.String(length=80), nullable=False),
        _id("conversation_id", nullable=True),
        _id("agent_id", nullable=True),
        _instant("asked_at", nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        _instant("answered_at"),
        _refers("ratings", "conversation_id", "conversations"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_ratings")),
    )
    op.create_index("ix_ratings_answered", "ratings", ["answered_at"])


def downgrade() -> None:
    """Remove what was added."""
    for table in ("ratings", "conversation_tags", "servings"):
        op.drop_table(table)
    op.drop_index("ix_queue_entries_waiting", "queue_entries")
    for name in ("told_at", "offered_by", "reserved_until", "reserved_for", "previous_agent_id", "serve_at"):
        op.drop_column("queue_entries", name)
    op.create_index("ix_queue_entries_waiting", "queue_entries", ["left_at", "claimed_at", "priority_rank", "queued_at"])
    op.drop_index("ix_conversations_held", "conversations")
    op.drop_column("conversations", "department")
    op.drop_column("agents", "skills")
