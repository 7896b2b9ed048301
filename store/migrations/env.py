"""Alembic's entry: runs on the connection, and inside the transaction and lock, that ``store.migrate`` hands over."""

from alembic import context

from store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
