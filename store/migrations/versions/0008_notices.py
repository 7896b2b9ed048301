"""Notices to customers: due, taken by a platform, agreed to; and pushes of kinds that we do not know."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Moves made before are not told any more: customers have heard of them or asked."""
    op.create_table(
        "notices_due",
        sa.Column("ticket_no", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["tickets.no"], name=op.f("fk_notices_due_ticket_no")),
        sa.PrimaryKeyConstraint("ticket_no", "n", name=op.f("pk_notices_due")),
    )
    op.create_index(op.f("ix_notices_due_at"), "notices_due", ["at"], unique=False)
    op.create_table(
        "sent_notices",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("msgid", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "msgid", name=op.f("pk_sent_notices")),
    )
    op.create_table(
        "consents",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("template_id", sa.String(length=128), nullable=False),
        sa.Column("left_over", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_consents_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "template_id", name=op.f("pk_consents")),
    )
    op.create_table(
        "odd_pushes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_odd_pushes_customer_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_odd_pushes")),
    )
    op.create_index(op.f("ix_odd_pushes_at"), "odd_pushes", ["at"], unique=False)


def downgrade() -> None:
    """Nobody is told any more."""
    for table in ("odd_pushes", "consents", "sent_notices", "notices_due"):
        op.drop_table(table)
