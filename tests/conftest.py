"""Fixtures of all tests: one real PostgreSQL for the whole run, and databases made on it."""

from __future__ import annotations

import asyncio
import gc
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from storage.database import Database
from storage.embedded import embedded_postgres
from tests.databases import Databases, execute

# Hypothesis by itself fails an example that takes 0.2 s, and slow drawing: on a busy machine that says nothing.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """What was imported stays: no collection of garbage needs to look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A new folder for an embedded server.

    Not in pytest's own temporary folder: another run beside this one would close that to the server's user.
    """
    with tempfile.TemporaryDirectory(prefix="tothemoon-tests-") as folder:
        yield Path(folder).resolve()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[dict[str, Any]]:
    """Keyword arguments for `asyncpg.connect` to the server of this test run.

    Not in pytest's own temporary folder: another run beside this one would close that to the server's user.
    """
    with (
        tempfile.TemporaryDirectory(prefix="tothemoon-tests-") as folder,
        asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner,
    ):
        server = embedded_postgres(Path(folder))
        address = runner.run(server.__aenter__())
        try:
            runner.run(_forgetful(address))
            yield address
        finally:
            runner.run(server.__aexit__(None, None, None))


async def _forgetful(address: dict[str, Any]) -> None:
    """This server waits for no disk, since nobody will miss its databases; what a crash leaves is tested elsewhere."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await execute(address, f"ALTER SYSTEM SET {setting} = off")
    await execute(address, "SELECT pg_reload_conf()")


@pytest.fixture
async def empty_database(postgres_server: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Keyword arguments for `asyncpg.connect` to a new, empty database; it goes with the test."""
    name = f"test_{secrets.token_hex(8)}"
    await execute(postgres_server, f'CREATE DATABASE "{name}"')
    yield {**postgres_server, "database": name}
    await execute(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated_template(postgres_server: dict[str, Any]) -> str:
    """The name of a database with all tables, migrated once and cloned by every test that wants one."""
    name = "migrated_template"

    async def make() -> None:
        await execute(postgres_server, f'CREATE DATABASE "{name}"')
        database = Database({**postgres_server, "database": name})
        await database.migrate()
        await database.close()

    asyncio.run(make())
    return name


@pytest.fixture(scope="session")
def databases(postgres_server: dict[str, Any], migrated_template: str) -> Databases:
    """The databases of this test run."""
    return Databases(postgres_server, migrated_template)


@pytest.fixture
async def fresh_database(postgres_server: dict[str, Any], databases: Databases) -> AsyncIterator[dict[str, Any]]:
    """Keyword arguments for `asyncpg.connect` to a database with all tables and no rows; nobody else uses it."""
    name, shape = await databases.take()
    yield {**postgres_server, "database": name}
    await databases.give_back(name, shape)


@pytest.fixture
async def database(fresh_database: dict[str, Any]) -> AsyncIterator[Database]:
    """An open database with all tables and no rows."""
    opened = Database(fresh_database)
    yield opened
    await opened.close()
