"""Run one service's migrations in its own schema; `migrations.py` configures it."""

from alembic import context
from sqlalchemy import create_engine, pool, text

schema = context.config.attributes["schema"]
engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)

with engine.connect() as connection:
    # Two processes that start at once must not migrate at once.
    connection.execute(
        text("select pg_advisory_lock(hashtextextended(:name, 0))"), {"name": f"migrate:{schema}"}
    )
    connection.execute(text(f'create schema if not exists "{schema}"'))
    connection.execute(text(f'set search_path to "{schema}"'))
    connection.commit()
    context.configure(connection=connection, version_table_schema=schema)
    with context.begin_transaction():
        context.run_migrations()
