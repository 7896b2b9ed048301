"""API keys may end by themselves, and a webhook's secret may be changed without losing a delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keys that are there last until they are revoked, as before."""
    op.add_column("api_keys", sa.Column("expires_at", sa.BigInteger()))
    op.add_column("webhooks", sa.Column("former_secret_enc", sa.Text()))
    op.add_column("webhooks", sa.Column("former_until", sa.BigInteger()))


def downgrade() -> None:
    """Keys that were to end are revoked: without the column nothing would end them."""
    op.execute("UPDATE api_keys SET revoked_at = expires_at WHERE expires_at IS NOT NULL AND revoked_at IS NULL")
    op.drop_column("webhooks", "former_until")
    op.drop_column("webhooks", "former_secret_enc")
    op.drop_column("api_keys", "expires_at")
