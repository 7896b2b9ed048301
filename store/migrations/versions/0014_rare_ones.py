"""Ended conversations are narrowed by index to what is rare among them; tickets are listed newest first without being sorted."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ENDED = sa.text("holder = 'ended'")


def upgrade() -> None:
    """Four indexes. The first two have no row of a conversation before it ends: a turn pays nothing for them."""
    for column in ("product", "emotion"):
        columns = [column, "updated_at"]
        op.create_index(f"ix_conversations_ended_{column}", "conversations", columns, sqlite_where=ENDED, postgresql_where=ENDED)
    op.create_index("ix_tickets_received", "tickets", ["received_at", "no"])
    op.create_index("ix_tickets_department", "tickets", ["department", "received_at"])


def downgrade() -> None:
    """All that ended is read through."""
    op.drop_index("ix_tickets_department", table_name="tickets")
    op.drop_index("ix_tickets_received", table_name="tickets")
    for column in ("emotion", "product"):
        op.drop_index(f"ix_conversations_ended_{column}", table_name="conversations")
