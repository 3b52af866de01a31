"""Databases with all tables and no rows, for one test after the other: emptying one takes a tenth of copying it."""

from __future__ import annotations

import secrets
from typing import Any

import asyncpg

Address = dict[str, Any]  # the keyword arguments of `asyncpg.connect`

ALONE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
# What a test has made, changed or dropped in the schema shows in the rows of these catalogs; plain work does not.
SHAPE = " UNION ALL ".join(
    f"SELECT count(*), sum(xmin::text::bigint) FROM {catalog}"  # noqa: S608 - names of this file
    for catalog in ("pg_class", "pg_attribute", "pg_proc", "pg_constraint", "pg_trigger", "pg_db_role_setting")
)
EMPTY = """
    SET session_replication_role = replica;
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
        PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
    END $$
"""


class Databases:
    """The databases of one server. A test takes one and gives it back; one that it has altered is thrown away."""

    def __init__(self, server: Address, template: str) -> None:
        self._server = server
        self._template = template
        self._spare: list[tuple[str, list[asyncpg.Record]]] = []

    async def take(self) -> tuple[str, list[asyncpg.Record]]:
        """A name, and the shape that it had when it was new."""
        if self._spare:
            return self._spare.pop()
        name = f"test_{secrets.token_hex(8)}"
        # By file: half the work of the usual strategy where nothing waits for a disk.
        copy = f'CREATE DATABASE "{name}" TEMPLATE "{self._template}" STRATEGY FILE_COPY'
        await execute(self._server, copy)
        return name, await self._shape(name)

    async def give_back(self, name: str, shape: list[asyncpg.Record]) -> None:
        """Empty it for the next test, or throw it away if that would not make it as it was."""
        if await self._emptied(name, shape):
            self._spare.append((name, shape))
        else:
            await execute(self._server, f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _emptied(self, name: str, shape: list[asyncpg.Record]) -> bool:
        connection = await asyncpg.connect(**{**self._server, "database": name})
        try:
            await connection.fetch(ALONE, name)
            if await connection.fetch(SHAPE) != shape:
                return False
            await connection.execute(EMPTY)
            return True
        finally:
            await connection.close()

    async def _shape(self, name: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(**{**self._server, "database": name})
        try:
            return list(await connection.fetch(SHAPE))
        finally:
            await connection.close()


async def execute(address: Address, sql: str) -> None:
    """Run one statement outside of any transaction, on a connection of its own."""
    connection = await asyncpg.connect(**address)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
