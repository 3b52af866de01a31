"""A DB_DSN that names several hosts: one that hangs, closes or may not be written to hides none behind it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from engine.errors import ConfigError, DatabaseAway
from storage.database import ANSWER_SECONDS, HOST_OF_SEVERAL_SECONDS, Database
from tests.wires import Wire


@pytest.fixture
async def wire(fresh_database: dict[str, Any]) -> AsyncIterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="tothemoon-wire-") as folder:
        async with Wire(fresh_database, folder).laid() as laid:
            yield laid


def dsn(*addresses: dict[str, Any]) -> str:
    hosts, ports = (",".join(str(address[what]) for address in addresses) for what in ("host", "port"))
    named = f"postgresql://{addresses[0]['user']}@/{addresses[0]['database']}"
    return f"{named}?host={hosts}&port={ports}&target_session_attrs=read-write"


async def seconds(database: Database) -> float:
    began = time.monotonic()
    connection = await database.connect()
    took = time.monotonic() - began
    await connection.close()
    return took


async def test_a_host_that_hangs_hides_no_other_and_is_asked_last_from_then_on(
    fresh_database: dict[str, Any], wire: Wire
) -> None:
    wire.cut()
    database = Database(dsn(wire.address, fresh_database))
    assert HOST_OF_SEVERAL_SECONDS <= await seconds(database) < 2 * HOST_OF_SEVERAL_SECONDS
    assert await seconds(database) < HOST_OF_SEVERAL_SECONDS
    assert await database.ping() >= 0
    await database.close()


async def test_a_host_that_hangs_up_hides_no_other(fresh_database: dict[str, Any], wire: Wire) -> None:
    wire.hang_up()
    database = Database(dsn(wire.address, fresh_database))
    assert await seconds(database) < HOST_OF_SEVERAL_SECONDS
    await database.close()


async def test_a_host_that_refuses_is_no_reason_to_give_up_while_another_is_away(
    fresh_database: dict[str, Any], wire: Wire
) -> None:
    wire.hang_up()
    stranger, away = {**fresh_database, "database": "none"}, {**wire.address, "database": "none"}
    for addresses in [(away, stranger), (stranger, away)]:
        database = Database(dsn(*addresses))
        with pytest.raises(DatabaseAway):
            await database.ping()
        await database.close()
    database = Database(dsn(stranger, stranger))
    with pytest.raises(ConfigError):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("hosts", ["h1,,h2", ",", "h1,h2:port", "[::1,h2"])
async def test_hosts_that_make_no_sense_are_told(hosts: str) -> None:
    database = Database(f"postgresql://u@{hosts}/db")
    with pytest.raises(ConfigError, match="DB_DSN"):
        await database.ping()
    await database.close()


async def test_connections_to_a_server_that_is_gone_keep_nobody_waiting(wire: Wire) -> None:
    database = Database(wire.address)
    await asyncio.gather(*(database.ping() for _ in range(3)))
    wire.cut()
    began = time.monotonic()
    waiting = asyncio.create_task(database.ping())
    await asyncio.wait([waiting], timeout=0.1)
    await database.discard(in_use=True)
    with pytest.raises(DatabaseAway):
        await waiting
    assert time.monotonic() - began < ANSWER_SECONDS
    wire.mend()
    assert await database.ping() >= 0
    await database.close()
