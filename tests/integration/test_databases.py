"""What tests stand on: a database that one test gives back is as good as new for the next."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.databases import Databases

ROW = """
    INSERT INTO tokens (address, status, created_at, next_check_at) VALUES ('mint', 'Initial', now(), now())
    RETURNING id
"""


async def used(databases: Databases, server: dict[str, Any], *statements: str) -> tuple[str, list[Any]]:
    """Take a database, let each statement happen in it, and give it back; its name, and what they told."""
    name, shape = await databases.take()
    connection = await asyncpg.connect(**{**server, "database": name})
    try:
        told = [await connection.fetchval(statement) for statement in statements]
    finally:
        await connection.close()
    await databases.give_back(name, shape)
    return name, told


@pytest.fixture
def own(postgres_server: dict[str, Any], migrated_template: str) -> Databases:
    return Databases(postgres_server, migrated_template)


async def test_rows_and_numbers_of_one_test_are_gone_for_the_next(
    own: Databases, postgres_server: dict[str, Any]
) -> None:
    first, told = await used(own, postgres_server, ROW, ROW.replace("mint", "mint2"))
    assert told == [1, 2]
    again, told = await used(own, postgres_server, "SELECT count(*) FROM tokens", ROW)
    assert (again, told) == (first, [0, 1])


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE outbox",
        "ALTER TABLE tokens ADD CHECK (id < 5)",
        "CREATE FUNCTION f() RETURNS bool LANGUAGE sql RETURN true",
        "CREATE RULE nothing AS ON DELETE TO tokens DO INSTEAD NOTHING",
        "ALTER TABLE tokens ALTER COLUMN address SET DEFAULT 'x'",
    ],
)
async def test_an_altered_database_is_thrown_away(own: Databases, postgres_server: dict[str, Any], change: str) -> None:
    altered, _ = await used(own, postgres_server, change)
    name, [tables] = await used(own, postgres_server, "SELECT count(*) FROM outbox")
    assert name != altered
    assert tables == 0
