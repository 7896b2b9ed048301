"""Tickets are found by the name of who they are for, also where that person never chatted."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A fingerprint of the name; ``store.filling_in`` fills it for older tickets."""
    op.add_column("tickets", sa.Column("name_hmac", sa.String(length=64)))
    op.create_index("ix_tickets_name_hmac", "tickets", ["name_hmac"])


def downgrade() -> None:
    """Names are sealed only."""
    op.drop_index("ix_tickets_name_hmac", table_name="tickets")
    op.drop_column("tickets", "name_hmac")
