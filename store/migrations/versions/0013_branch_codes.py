"""Codes that branches put up are listed."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.create_table(
        "branch_codes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("lasts_until", sa.BigInteger()),
        sa.ForeignKeyConstraint(["made_by"], ["agents.id"], name=op.f("fk_branch_codes_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_codes")),
    )
    op.create_index("ix_branch_codes_made_at", "branch_codes", ["made_at"])


def downgrade() -> None:
    """Codes work as before, but are listed nowhere."""
    op.drop_table("branch_codes")
