"""Alembic's entry: runs on the connection, and inside the transaction and lock, that ``store.migrate`` hands over."""

from alembic import context

from store import platform_tables, program_tables  # noqa: F401 -- their tables belong to the same metadata
from store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
