"""A ticket is found by the fingerprint of its customer's link."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tickets filed before have no link: their fingerprint needs keys that a migration does not hold."""
    op.add_column("tickets", sa.Column("link_hmac", sa.String(length=64), nullable=True))
    op.create_index("uq_tickets_link_hmac", "tickets", ["link_hmac"], unique=True)


def downgrade() -> None:
    """Links end."""
    op.drop_index("uq_tickets_link_hmac", "tickets")
    with op.batch_alter_table("tickets") as batch:
        batch.drop_column("link_hmac")
