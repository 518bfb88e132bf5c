"""Alembic's entry: the connection comes from ``bingjian.db.migrate``, nothing is read from files."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
