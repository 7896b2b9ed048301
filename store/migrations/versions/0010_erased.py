"""When what was said in a conversation, and who a customer was, was forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEPT = sa.text("holder = 'ended' AND erased_at IS NULL")


def upgrade() -> None:
    """Two columns, and where to find what may be forgotten."""
    op.add_column("conversations", sa.Column("erased_at", sa.BigInteger()))
    op.add_column("customers", sa.Column("erased_at", sa.BigInteger()))
    op.create_index("ix_conversations_kept", "conversations", ["ended_at"], sqlite_where=KEPT, postgresql_where=KEPT)


def downgrade() -> None:
    """What was forgotten stays forgotten."""
    op.drop_index("ix_conversations_kept", table_name="conversations")
    op.drop_column("customers", "erased_at")
    op.drop_column("conversations", "erased_at")
