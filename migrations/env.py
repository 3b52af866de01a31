"""Alembic's entry: runs migrations on the connection that the program hands over, or (by hand) on DB_DSN."""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.tables import Table


def run(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    context.configure(connection=connection, target_metadata=Table.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_by_hand() -> None:
    """Run on the database that `alembic -x dsn=postgresql://…` names."""
    dsn = context.get_x_argument(as_dictionary=True).get("dsn")
    if dsn is None:
        raise SystemExit("Say which database: alembic -x dsn=postgresql://user@host/name upgrade head")
    pool = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool)
    async with pool.begin() as connection:
        await connection.run_sync(run)


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    asyncio.run(run_by_hand())
