"""Which message or ticket mentions which file: kept by the database itself, so that no writer can forget it.

A message names its files in ``payload.attachments``, a ticket in ``record.attachments``. Rows that name none pay one look at
their text for the word ``"blob_id"``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Table, what it carries files in, and how a row is named: subject and number.
CARRIERS = (("messages", "payload", "conversation_id", "seq"), ("tickets", "record", "no", "0"))
WORD = '"blob_id"'


def upgrade() -> None:
    """The table, what fills it from now on, and what it should hold of the rows that are there."""
    op.create_table(
        "file_mentions",
        sa.Column("blob_id", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    )
    op.create_index("ix_file_mentions_subject_seq", "file_mentions", ["subject", "seq"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for carrier in CARRIERS:
        if is_sqlite:
            _on_sqlite(*carrier)
        else:
            _on_postgresql(*carrier)


def _on_sqlite(table: str, column: str, subject: str, seq: str) -> None:
    def mentions(row: str) -> str:
        number = seq if seq == "0" else f"{row}.{seq}"
        return (
            f"INSERT OR IGNORE INTO file_mentions (blob_id, subject, seq) SELECT found.blob_id, found.subject, found.seq FROM ("
            f"SELECT CASE WHEN item.type = 'object' THEN json_extract(item.value, '$.blob_id') END AS blob_id, "
            f"{row}.{subject} AS subject, {number} AS seq FROM "
        )

    def has_any(row: str) -> str:
        return f"instr(coalesce({row}.{column}, ''), '{WORD}') > 0"

    forget = f"DELETE FROM file_mentions WHERE subject = OLD.{subject} AND seq = {seq if seq == '0' else f'OLD.{seq}'};"
    note = f"{mentions('NEW')} json_each(NEW.{column}, '$.attachments') AS item) AS found WHERE found.blob_id IS NOT NULL;"
    op.execute(f"CREATE TRIGGER {table}_mention_new AFTER INSERT ON {table} WHEN {has_any('NEW')} BEGIN {note} END")
    op.execute(
        f"CREATE TRIGGER {table}_mention_changed AFTER UPDATE OF {column} ON {table} WHEN {has_any('OLD')} OR {has_any('NEW')} "
        f"BEGIN {forget} {note} END"
    )
    op.execute(f"CREATE TRIGGER {table}_mention_gone AFTER DELETE ON {table} WHEN {has_any('OLD')} BEGIN {forget} END")
    op.execute(
        f"{mentions('kept')} {table} AS kept, json_each(kept.{column}, '$.attachments') AS item WHERE {has_any('kept')}) "
        "AS found WHERE found.blob_id IS NOT NULL"
    )


def _on_postgresql(table: str, column: str, subject: str, seq: str) -> None:
    def mentions(row: str) -> str:
        files = f"CASE WHEN json_typeof({row}.{column}->'attachments') = 'array' THEN {row}.{column}->'attachments' ELSE '[]' END"
        return (
            f"SELECT DISTINCT item->>'blob_id', {row}.{subject}, {seq if seq == '0' else f'{row}.{seq}'} "
            f"FROM {{rows}} json_array_elements({files}) AS item WHERE item->>'blob_id' IS NOT NULL"
        )

    def has_any(row: str) -> str:
        return f"({row}.{column}::text LIKE '%{WORD}%')"

    insert = "INSERT INTO file_mentions (blob_id, subject, seq)"
    forget = f"DELETE FROM file_mentions WHERE subject = OLD.{subject} AND seq = {seq if seq == '0' else f'OLD.{seq}'}"
    op.execute(
        f"CREATE FUNCTION {table}_mention() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {forget}; END IF; "
        f"IF TG_OP <> 'DELETE' THEN {insert} {mentions('NEW').format(rows='')} ON CONFLICT DO NOTHING; END IF; "
        "RETURN NULL; END $$"
    )
    run = f"FOR EACH ROW WHEN ({{when}}) EXECUTE FUNCTION {table}_mention()"
    op.execute(f"CREATE TRIGGER {table}_mention_new AFTER INSERT ON {table} {run.format(when=has_any('NEW'))}")
    either = f"{has_any('OLD')} OR {has_any('NEW')}"
    op.execute(f"CREATE TRIGGER {table}_mention_changed AFTER UPDATE OF {column} ON {table} {run.format(when=either)}")
    op.execute(f"CREATE TRIGGER {table}_mention_gone AFTER DELETE ON {table} {run.format(when=has_any('OLD'))}")
    kept = f"{mentions('kept').format(rows=f'{table} AS kept,')} AND {has_any('kept')}"
    op.execute(f"{insert} {kept} ON CONFLICT DO NOTHING")


def downgrade() -> None:
    """Messages and tickets are read through."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, *_ in CARRIERS:
        for what in ("new", "changed", "gone"):
            op.execute(f"DROP TRIGGER {table}_mention_{what}" + ("" if is_sqlite else f" ON {table}"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {table}_mention()")
    op.drop_table("file_mentions")
