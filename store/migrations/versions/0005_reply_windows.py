"""How many messages a platform still takes to each customer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Customers known before have no row: the platform itself decides until they write again."""
    op.create_table(
        "reply_windows",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("long_until", sa.BigInteger(), nullable=True),
        sa.Column("long_left", sa.Integer(), nullable=False),
        sa.Column("brief_until", sa.BigInteger(), nullable=True),
        sa.Column("brief_left", sa.Integer(), nullable=False),
        sa.Column("holding", sa.Boolean(), nullable=False),
        sa.Column("unreachable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_reply_windows_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_reply_windows")),
    )


def downgrade() -> None:
    """Nothing is counted any more."""
    op.drop_table("reply_windows")
