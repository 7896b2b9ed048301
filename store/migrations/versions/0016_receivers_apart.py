"""What is due is found a receiver at a time: one that is away has much waiting, and the others are not to wait behind it."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index instead of another."""
    op.create_index("ix_webhook_deliveries_due_of", "webhook_deliveries", ["webhook_id", "status", "due_at"])
    op.drop_index("ix_webhook_deliveries_due", table_name="webhook_deliveries")


def downgrade() -> None:
    """All that is due is found at once."""
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["status", "due_at"])
    op.drop_index("ix_webhook_deliveries_due_of", table_name="webhook_deliveries")
