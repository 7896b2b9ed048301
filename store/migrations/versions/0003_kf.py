"""WeChat Customer Service: how far each address was read, and the sessions that are not over.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "kf_cursors",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("open_kfid", sa.String(length=128), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "open_kfid", name=op.f("pk_kf_cursors")),
    )
    op.create_table(
        "kf_sessions",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_kf_sessions_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_kf_sessions")),
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("kf_sessions")
    op.drop_table("kf_cursors")
