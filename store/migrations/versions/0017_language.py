"""A conversation knows in which language its customer is spoken to."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there was spoken in Chinese, and none says so."""
    op.add_column("conversations", sa.Column("language", sa.String(8)))


def downgrade() -> None:
    """Everybody is spoken to in Chinese."""
    op.drop_column("conversations", "language")
