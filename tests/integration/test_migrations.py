"""Migrations: from nothing to the newest tables, which are those of the models."""

import asyncio
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.database import Database, alembic_config
from storage.tables import Table


def differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Table.metadata))


async def test_the_models_equal_the_migrations(database: Database) -> None:
    async with database.transaction() as session:
        connection = await session.connection()
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_changes_nothing(empty_database: dict[str, Any]) -> None:
    database = Database(empty_database)
    await database.migrate()
    await database.migrate()
    async with database.transaction() as session:
        revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
    await database.close()
    assert revision == ScriptDirectory.from_config(alembic_config()).get_current_head()


def upgrade_to_the_first(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


async def test_rows_of_the_first_release_survive_the_newer_migrations(empty_database: dict[str, Any]) -> None:
    database = Database(empty_database)
    async with database.transaction() as session:
        await (await session.connection()).run_sync(upgrade_to_the_first)
        row = "INSERT INTO tokens (address, status, created_at, next_check_at) VALUES ('m', 'Initial', now(), now())"
        await session.execute(text(row))
    await database.migrate()
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM tokens")) == 1
        assert await session.scalar(text("SELECT count(*) FROM spending")) == 0
        assert await session.scalar(text("SELECT count(*) FROM feed_gaps")) == 0
        assert await session.scalar(text("SELECT count(*) FROM outcomes")) == 0
    await database.close()


async def test_several_programs_may_migrate_at_once(empty_database: dict[str, Any]) -> None:
    databases = [Database(empty_database) for _ in range(4)]
    await asyncio.gather(*(database.migrate() for database in databases))
    for database in databases:
        assert await database.ping() >= 0
        await database.close()


async def test_a_newer_revision_is_left_alone(fresh_database: dict[str, Any]) -> None:
    connection = await asyncpg.connect(**fresh_database)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    database = Database(fresh_database)
    await database.migrate()
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9999"
    await database.close()
    await connection.close()


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("tokens", "id address symbol status created_at activated_at last_score_value"),
        ("pools", "id token_id pool_address dex_name"),
        ("token_snapshots", "id token_id ts holders price"),
        ("pool_snapshots", "id pool_id ts liquidity volume buys_volume sells_volume tx_count"),
        ("token_scores", "id token_id ts score components"),
        ("settings", "key value updated_at"),
    ],
)
def test_the_given_tables_have_their_given_columns(table: str, columns: str) -> None:
    assert set(columns.split()) <= set(Table.metadata.tables[table].columns.keys())


def test_the_given_indexes_exist() -> None:
    names = {index.name for table in Table.metadata.tables.values() for index in table.indexes}
    given = (
        "ix_tokens_status ux_tokens_address ux_pools_address ix_pools_token_id ix_token_snapshots_token_ts "
        "ix_pool_snapshots_pool_ts ix_token_scores_token_ts"
    )
    assert set(given.split()) <= names
