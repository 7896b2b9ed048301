"""The word index anew: grams filed under their day, tickets apart from messages, and on SQLite split at spaces alone.

What was indexed is let go and indexed again beside the turns, from the first conversation on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Numbers of two code points and a day need eight bytes."""
    op.create_index("ix_queue_entries_priority", "queue_entries", ["priority", "queued_at"])
    _empty()
    if op.get_bind().dialect.name == "sqlite":
        # A gram holds no ASCII but letters and digits: the plain tokenizer splits it like the one that knows Unicode.
        op.execute("CREATE VIRTUAL TABLE search_grams USING fts5(grams, content='', detail=none, columnsize=0, tokenize='ascii')")
    else:
        _retype(sa.BigInteger())


def downgrade() -> None:
    """Numbers of four bytes again."""
    op.drop_index("ix_queue_entries_priority", "queue_entries")
    _empty()
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_grams USING fts5(grams, content='', detail=none, columnsize=0)")
    else:
        _retype(sa.Integer())


def _empty() -> None:
    op.execute("DELETE FROM facts WHERE name IN ('search_cursor', 'search_tickets')")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM search_documents")
        op.execute("DROP TABLE search_grams")
    else:
        op.execute("TRUNCATE search_documents")


def _retype(number: "sa.types.TypeEngine[int]") -> None:
    op.execute("DROP INDEX ix_search_documents_grams")
    op.alter_column("search_documents", "grams", type_=sa.ARRAY(number), postgresql_using="NULL")
    # Without the list of pending entries: a search would read through all of it.
    op.execute("CREATE INDEX ix_search_documents_grams ON search_documents USING gin (grams) WITH (fastupdate = off)")
