"""How the database's errors leave storage."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from engine.errors import BadData, ConfigError, DatabaseAway
from storage.database import Database


async def run(database: Database, sql: str) -> Any:
    async with database.transaction() as session:
        return await session.scalar(text(sql))


async def test_a_server_that_is_not_there_is_away() -> None:
    database = Database("postgresql://nobody:secret@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseAway) as away:
        await database.ping()
    assert "secret" not in str(away.value)
    await database.close()


async def test_a_broken_connection_is_away_and_the_next_one_works(database: Database) -> None:
    await database.ping()
    with pytest.raises(DatabaseAway):
        await run(database, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert await database.ping() >= 0


async def test_connections_ended_behind_our_back_are_away_once(
    database: Database, fresh_database: dict[str, Any]
) -> None:
    await database.ping()
    other = await asyncpg.connect(**fresh_database)
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await other.close()
    with pytest.raises(DatabaseAway):
        await database.ping()
    assert await database.ping() >= 0


async def test_a_read_only_server_is_away(database: Database) -> None:
    with pytest.raises(DatabaseAway, match="25006"):
        await run(database, "SELECT set_config('transaction_read_only', 'on', true), nextval('tokens_id_seq')")


async def test_a_value_out_of_range_is_bad_data(database: Database) -> None:
    with pytest.raises(BadData):
        await run(database, "SELECT 2147483648::int")


async def test_a_broken_rule_is_bad_data(database: Database) -> None:
    with pytest.raises(BadData):
        await run(database, "INSERT INTO settings (key, value) VALUES ('x', '1')")


async def test_a_mistake_of_ours_stays_visible(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_table"):
        await run(database, "SELECT * FROM no_such_table")


async def test_every_session_is_guarded(database: Database) -> None:
    guards = {}
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone"):
        guards[name] = await run(database, f"SELECT current_setting('{name}')")
    assert guards == {
        "statement_timeout": "15s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
    }


async def test_a_url_with_several_hosts_reaches_the_one_that_lives(fresh_database: dict[str, Any]) -> None:
    socket, port = fresh_database["host"], fresh_database["port"]
    url = f"postgresql://{fresh_database['user']}@/{fresh_database['database']}?host={socket}-gone,{socket}&port={port},{port}"
    database = Database(url)
    assert await database.ping() >= 0
    await database.close()


def url(address: dict[str, Any], **other: str) -> str:
    parts = {key: str(value) for key, value in address.items()} | other
    return f"postgresql://{parts['user']}@/{parts['database']}?host={parts['host']}&port={parts['port']}"


@pytest.mark.parametrize("fault", ["user=nobody-knows", "database=none", "query=sslmode=bogus", "port=no-number"])
async def test_a_dsn_that_can_never_work_is_told_at_once(fresh_database: dict[str, Any], fault: str) -> None:
    what, _, value = fault.partition("=")
    dsn = url(fresh_database) + f"&{value}" if what == "query" else url(fresh_database, **{what: value})
    database = Database(dsn)
    with pytest.raises(ConfigError, match="DB_DSN"):
        await database.migrate()
    await database.close()


async def test_a_refusal_after_a_good_start_is_waited_for(fresh_database: dict[str, Any]) -> None:
    database = Database(fresh_database)
    await database.migrate()
    await database.close()
    database._where["database"] = "gone"
    with pytest.raises(DatabaseAway):
        await database.ping()
    await database.close()


async def test_an_exhausted_pool_is_away_and_keeps_its_connections(database: Database) -> None:
    database._pool = create_async_engine(
        "postgresql+asyncpg://", async_creator=database.connect, pool_size=1, max_overflow=0, pool_timeout=0.1
    )
    database._sessions = async_sessionmaker(database._pool)
    async with database.transaction() as session:
        await session.execute(text("SELECT 1"))
        with pytest.raises(DatabaseAway):
            await database.ping()
        assert await session.scalar(text("SELECT 2")) == 2


async def test_a_statement_that_takes_too_long_is_no_bug_and_costs_no_connection(database: Database) -> None:
    async with database.transaction() as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
    with pytest.raises(DatabaseAway):
        await dawdle(database)
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) == pid


async def dawdle(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("SET LOCAL statement_timeout = 20"))
        await session.execute(text("SELECT pg_sleep(5)"))
