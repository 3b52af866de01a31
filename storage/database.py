"""Opens the database, hands out transactions, runs migrations. Its errors leave as DatabaseAway or BadData."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg
import structlog
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from engine.errors import BadData, ConfigError, DatabaseAway
from storage.held import Held
from storage.hosts import each_host

log = structlog.get_logger()

PROJECT = Path(__file__).resolve().parent.parent
PLAIN = {"synchronize_session": False}  # for a bare UPDATE: no object of the session needs to follow it
MIGRATION_LOCK = 0x70_74_68_6D  # any constant will do; it spells "ptm" for those who read pg_locks
GUARDS = {
    "application_name": "tothemoon",
    "timezone": "UTC",
    "statement_timeout": "15s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
}
HOST_SECONDS = 5.0  # for the only host
HOST_OF_SEVERAL_SECONDS = 2.5  # one that hangs must not keep a takeover waiting
ANSWER_SECONDS = 20.0  # longer than any statement may take: then the server or the way to it is gone
# Connection lost, out of resources, shutting down, system error; serialization, deadlock, lock time-out; read-only.
AWAY = ("08", "53", "57P", "58", "25006")
BUSY = ("40", "55P03", "57014")  # a deadlock, a lock or a statement that took too long: the connections are well
REFUSED = ("28", "3D000", "42501")  # a wrong user, password or database, or one without rights
BAD_DATA = ("22", "23")
# asyncpg calls it an internal error when a connection is used between the server's last word and its end.
BROKEN = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
FOREIGN = (DBAPIError, PoolTimeoutError, *BROKEN)
ADVICE = "check DB_DSN, such as postgresql://user:password@127.0.0.1/tothemoon"


class Database:
    """The pool of connections. `where` is a libpq URL, or the keyword arguments of `asyncpg.connect`."""

    def __init__(self, where: str | Mapping[str, Any]) -> None:
        self._where: dict[str, Any] = {"dsn": where} if isinstance(where, str) else dict(where)
        self._hosts = each_host(where) if isinstance(where, str) else [{}]  # the one that answered last is first
        self._pool: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://", async_creator=self.connect, pool_size=10, max_overflow=5, pool_timeout=10
        )
        self._held = Held(self._pool)
        self._sessions = async_sessionmaker(self._pool, expire_on_commit=False)
        self._migrated = False  # from then on a refusal is a passing trouble of the server, not a wrong DB_DSN

    async def connect(
        self, settings: Mapping[str, str] = MappingProxyType({}), answer_seconds: float | None = ANSWER_SECONDS
    ) -> asyncpg.Connection:
        """A new connection, of the pool or not, with more settings of its session than the guards.

        Each host is tried by itself. Raises ConfigError for an address that can never work, else foreign errors: see
        `ours`.
        """
        session = {"server_settings": {**GUARDS, **settings}, "command_timeout": answer_seconds}
        errors, generation = list[Exception](), self._held.generation
        for host in list(self._hosts):
            try:
                connection = await self._connect_to(host, session)
            except FOREIGN as error:
                errors.append(error)
                continue
            self._hosts.sort(key=lambda other: other is not host)
            self._held.note(connection, generation)
            return connection
        # One host may refuse what another one that is away just now would allow.
        raise next((error for error in errors if not _refuses(error)), errors[-1])

    async def _connect_to(self, host: Mapping[str, Any], session: Mapping[str, Any]) -> asyncpg.Connection:
        seconds = HOST_SECONDS if len(self._hosts) == 1 else HOST_OF_SEVERAL_SECONDS
        try:
            return await asyncpg.connect(**{**self._where, **host}, **session, timeout=seconds)
        except (ValueError, OverflowError, IndexError) as error:  # asyncpg's ClientConfigurationError is a ValueError
            raise ConfigError(f"DB_DSN is not a usable address ({type(error).__name__}): {ADVICE}") from None

    async def discard(self, *, in_use: bool = False) -> None:
        """Drop the pool's idle connections, or all: they may lead to a server that is gone. Never waits for it."""
        self._held.drop(in_use=in_use)
        await self._pool.dispose()
        self._held.generation += 1  # what was begun meanwhile belongs to the pool that is gone

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed at the end of the block. Raises DatabaseAway or BadData; then nothing changed."""
        async with self.ours(), self._sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def ours(self) -> AsyncIterator[None]:
        """Foreign errors of the block leave as DatabaseAway, BadData or ConfigError."""
        try:
            yield
        except FOREIGN as error:
            await self._raise_ours(error)

    async def _raise_ours(self, error: Exception) -> None:
        """Raise the error of ours that says what to do; foreign bugs pass unchanged."""
        state = _sqlstate(error)
        if _refuses(error) and not self._migrated:
            raise ConfigError(f"PostgreSQL refuses DB_DSN's user, password, database or rights: {ADVICE}") from None
        if state is not None and state.startswith(BUSY):
            raise DatabaseAway(f"the database was too busy ({state})") from None
        if state is None or state.startswith((*AWAY, *REFUSED)):
            if not isinstance(error, PoolTimeoutError):
                await self.discard()
            raise DatabaseAway(f"the database is away ({_cause(error)})") from None
        if state.startswith(BAD_DATA):
            raise BadData(f"the database refuses a value ({state})") from None
        raise error

    async def ping(self) -> float:
        """Seconds that one round trip takes. Raises DatabaseAway."""
        begin = asyncio.get_running_loop().time()
        async with self.transaction() as session:
            await session.execute(text("SELECT 1"))
        return asyncio.get_running_loop().time() - begin

    async def migrate(self) -> None:
        """Bring the tables up to this release; wait for another program that is doing so."""
        async with self.ours(), self._patient().connect() as connection:
            try:
                await _lock(connection)
                await connection.execute(text("SET statement_timeout = 0"))
                await connection.commit()
                await connection.run_sync(_upgrade)
                await connection.commit()
                self._migrated = True
            finally:
                await connection.invalidate()  # ends the session, and its lock and time-out with it

    def _patient(self) -> AsyncEngine:
        """For work that may take long."""
        creator = partial(self.connect, answer_seconds=None)
        return create_async_engine("postgresql+asyncpg://", async_creator=creator, poolclass=NullPool)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.dispose()


async def _lock(connection: AsyncConnection) -> None:
    """Take the migrations' lock by asking again and again: a blocked lock deadlocks with CREATE INDEX CONCURRENTLY."""
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": MIGRATION_LOCK}):
        await connection.commit()
        await asyncio.sleep(0.2)
    await connection.commit()


def alembic_config() -> AlembicConfig:
    """Alembic's configuration, found relative to the code."""
    config = AlembicConfig(PROJECT / "alembic.ini")
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and not _known(config, current):
        log.warning("database.newer_revision_met", revision=current)
        return
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _known(config: AlembicConfig, revision: str) -> bool:
    try:
        ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError:
        return False
    return True


def _sqlstate(error: Exception) -> str | None:
    """The five characters of PostgreSQL's verdict; None when there was no server to give one."""
    inner: Any = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(inner, "sqlstate", None)
    return state if isinstance(state, str) else None


def _refuses(error: Exception) -> bool:
    """Whether the server knows no such user, password or database, or grants no rights."""
    return (_sqlstate(error) or "").startswith(REFUSED)


def _cause(error: Exception) -> str:
    """The kind of error without its text, which may carry the DSN."""
    inner = error.orig if isinstance(error, DBAPIError) else error
    return _sqlstate(error) or type(inner).__name__
