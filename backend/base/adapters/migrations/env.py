"""How Alembic runs the migrations: in the connection, and so the transaction, that it is handed.

Alembic runs this file by its name; nothing imports it.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["schema"],
    # SQLite changes a column by copying its table.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
