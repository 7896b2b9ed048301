"""What the desk keeps: a word index, drafts, canned replies, saved views; and what lists are filtered by."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them. Old rows are filled in and indexed by a loop of the running service."""
    with op.batch_alter_table("conversations") as table:
        for name in ("kind", "product", "emotion"):
            table.add_column(sa.Column(name, sa.String(length=32), nullable=True))
    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("name_hmac", sa.String(length=64), nullable=True))
        table.create_index("ix_customers_name_hmac", ["name_hmac"])
    op.create_index("ix_tickets_phone_hmac", "tickets", ["phone_hmac"])
    op.create_table(
        "search_documents",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("grams", sa.ARRAY(sa.Integer()).with_variant(sa.JSON(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_documents")),
    )
    op.create_index("uq_search_documents_subject", "search_documents", ["subject", "seq"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_grams USING fts5(grams, content='', detail=none, columnsize=0)")
    else:
        # Without the list of pending entries: a search would read through all of it.
        op.execute("CREATE INDEX ix_search_documents_grams ON search_documents USING gin (grams) WITH (fastupdate = off)")
    op.create_table(
        "agent_drafts",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("text_enc", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_agent_drafts_conversation_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_agent_drafts_agent_id")),
        sa.PrimaryKeyConstraint("conversation_id", "agent_id", "mode", name=op.f("pk_agent_drafts")),
    )
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("shortcut", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["agents.id"], name=op.f("fk_canned_replies_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
    )
    op.create_index("ix_canned_replies_owner_id", "canned_replies", ["owner_id"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_saved_views_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index("ix_saved_views_agent_id", "saved_views", ["agent_id"])


def downgrade() -> None:
    """Remove them; what they held is lost."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_grams")
    for name in ("saved_views", "canned_replies", "agent_drafts", "search_documents"):
        op.drop_table(name)
    op.drop_index("ix_tickets_phone_hmac", "tickets")
    with op.batch_alter_table("customers") as table:
        table.drop_index("ix_customers_name_hmac")
        table.drop_column("name_hmac")
    with op.batch_alter_table("conversations") as table:
        for name in ("kind", "product", "emotion"):
            table.drop_column(name)
