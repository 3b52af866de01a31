"""Two real servers, one a replica of the other: the one that may be written to is found, and nothing is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sqlalchemy import text

from engine.errors import DatabaseAway
from storage.database import Database
from tests.databases import execute
from tests.integration.test_leader import candidate
from tests.servers import OwnServer, dsn, own_server, replicated
from tests.waiting import until


@pytest.fixture
async def primary() -> AsyncIterator[OwnServer]:
    async with own_server() as server:
        yield server


async def write(database: Database, kept: list[int]) -> None:
    """Insert one number after the other for ever; `kept` are those of which the database said that they are kept."""
    number = 0
    while True:
        number += 1
        with suppress(DatabaseAway):
            async with database.transaction() as session:
                await session.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
            kept.append(number)
        await asyncio.sleep(0)


async def read(database: Database) -> set[int]:
    async with database.transaction() as session:
        return set(await session.scalars(text("SELECT number FROM numbers")))


async def test_nothing_acknowledged_is_lost_when_a_replica_takes_the_place_of_its_primary(primary: OwnServer) -> None:
    await execute(primary.address, "CREATE TABLE numbers (number bigint)")
    async with replicated(primary) as replica:
        address = dsn(replica, primary)
        database, kept = Database(address), list[int]()
        async with candidate(address, "berlin-1") as leader:
            writer = asyncio.create_task(write(database, kept))
            await until(lambda: leader.works and len(kept) > 50, 15, "a leader, and numbers")
            await primary.stop("immediate")
            await replica.promote()
            promoted_at, count = time.monotonic(), len(kept)
            await until(lambda: leader.terms == 2 and leader.works and len(kept) > count + 50, 15, "the second term")
            assert time.monotonic() - promoted_at < 10
            writer.cancel()
            await asyncio.wait([writer])
        assert set(kept) <= await read(database)
        await database.close()


async def test_a_leader_leaves_a_primary_that_may_no_longer_be_written_to(primary: OwnServer) -> None:
    async with replicated(primary) as replica, candidate(dsn(primary, replica)) as leader:
        await until(lambda: leader.works, what="the first term")
        await execute(primary.address, "ALTER SYSTEM SET default_transaction_read_only = on")
        await execute(primary.address, "SELECT pg_reload_conf()")
        await until(lambda: not leader.works, what="the end of the first term")
        await replica.promote()
        await until(lambda: leader.works, 10, "the second term")
