"""One leader per database: the program that holds an advisory lock on a connection of its own; the others stand by.

The lock spares the providers a second feed and a second poller. Correctness never rests on it: the leases of rows do.
It needs a session, so no pgbouncer that pools transactions may stand between.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

import asyncpg
import structlog

from engine.errors import DatabaseAway
from engine.shown import Leader, Term
from storage.database import BROKEN, Database

log = structlog.get_logger()

LEADER_LOCK = 0x6C_65_61_64  # it spells "lead" for those who read pg_locks
TRY_SECONDS = 1.0
PING_SECONDS = 1.0
LOST_SECONDS = 3.5  # a leader without an answer for so long stops; its sends and handlers end within 4 s
SILENT_SECONDS = 6.0  # a leader that the server has not heard for so long is deposed; it has stopped before
NAME_LENGTH = 64
# The server frees the lock of a lost connection later than its holder stopped. Unix sockets ignore these.
SESSION = {
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "8000",
    "synchronous_commit": "off",  # who leads is told to people alone: no replica is waited for
}

# Also of a primary that was made read-only before another one is promoted: the pool moves on, and so must the lock.
READ_ONLY = "(pg_is_in_recovery() OR current_setting('transaction_read_only')::bool)"
TRY = f"SELECT CASE WHEN {READ_ONLY} THEN NULL ELSE pg_try_advisory_lock($1) END"
PING = f"SELECT {READ_ONLY}"
ELECT = """
    INSERT INTO leaders (id, name, elected_at) VALUES (1, $1, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, elected_at = excluded.elected_at
    RETURNING name, elected_at, 0.0::float8 AS seconds
"""
READ = """
    SELECT name, elected_at, extract(epoch FROM clock_timestamp() - elected_at)::float8 AS seconds
    FROM leaders WHERE id = 1
"""
# A process that was stopped keeps its connection, and its kernel answers keepalives: only its pings are missing.
DEPOSE = """
    SELECT pg_terminate_backend(holder.pid)
    FROM pg_locks AS held JOIN pg_stat_activity AS holder USING (pid)
    WHERE held.locktype = 'advisory' AND held.classid = 0 AND held.objid = $1 AND held.objsubid = 1 AND held.granted
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND holder.usename = current_user
        AND clock_timestamp() - holder.state_change > make_interval(secs => $2)
"""

Patiently = Callable[[Callable[[], Awaitable[bool]]], Awaitable[bool]]
Work = Callable[[], Coroutine[Any, Any, None]]


class Leadership:
    """Does work while this program leads. `patiently` repeats a try while the database is away, until it gives up.

    `name` tells people which program leads.
    """

    def __init__(self, database: Database, patiently: Patiently, name: str = "") -> None:
        self._database = database
        self._patiently = patiently
        self._name = name
        self._leader: Leader | None = None
        self._connection: asyncpg.Connection | None = None
        self._heard_at = -math.inf
        self._leading = False
        self._since: float | None = None
        self._read_at = 0.0

    def term(self) -> Term | None:
        """Whether this program leads or stands by, for how long, and who leads; None until the database has told."""
        if self._since is None:
            return None
        return Term(self._leading, _now() - self._since, self._leader_now())

    def _leader_now(self) -> Leader | None:
        """Who leads, as the database said when it was last asked."""
        leader = self._leader
        return None if leader is None else replace(leader, seconds=leader.seconds + _now() - self._read_at)

    def holds(self) -> bool:
        """Whether the lock is surely ours at this very moment; asks nobody, so it may stand before every send.

        A process that was stopped for long and wakes in the middle of its work finds out here, before any timer fires.
        """
        if self._connection is None or self._connection.is_closed():  # the server frees the lock of an ended session
            return False
        return self._leading and _now() - self._heard_at < LOST_SECONDS

    async def lead(self, work: Work) -> None:
        """Wait for the lock, do the work, and stand by again as soon as the lock may be lost. Runs until cancelled.

        The work must run until it is cancelled; each term of office calls it anew, after the one before has ended.
        Raises its errors in a group, and DatabaseAway or ConfigError when waiting is in vain.
        """
        try:
            while True:
                await self._win()
                await self._serve(work)
        finally:
            self._hang_up()

    async def _win(self) -> None:
        while not await self._patiently(self._try):
            self._turn(leading=False)
            await asyncio.sleep(TRY_SECONDS)
        self._turn(leading=True)

    async def _try(self) -> bool:
        """Whether the lock is ours now; a leader that fell silent is deposed for the next try."""
        try:
            async with self._database.ours():
                if self._connection is None:
                    self._connection = await self._database.connect(SESSION)
                async with asyncio.timeout(LOST_SECONDS):
                    return await self._ask(self._connection)
        except BaseException:
            self._hang_up()
            raise

    async def _ask(self, connection: asyncpg.Connection) -> bool:
        self._heard_at = _now()
        won: bool | None = await connection.fetchval(TRY, LEADER_LOCK)
        if won is None:
            raise DatabaseAway("the database is read-only")
        if not won and await connection.fetch(DEPOSE, LEADER_LOCK, SILENT_SECONDS):
            log.warning("leader.deposed", reason=f"it was silent for {SILENT_SECONDS:g} s")
        self._leader, self._read_at = await self._told(connection, won=won), _now()
        return won

    async def _told(self, connection: asyncpg.Connection, *, won: bool) -> Leader | None:
        """Who leads by the table, which is for people alone: where it cannot be used, nobody is kept from leading."""
        try:
            row = await (connection.fetchrow(ELECT, self._name) if won else connection.fetchrow(READ))
        except (asyncpg.SyntaxOrAccessError, asyncpg.LockNotAvailableError) as error:
            if won:
                log.warning("leader.not_named", reason=type(error).__name__)
            return None
        return None if row is None else Leader(row["name"][:NAME_LENGTH], row["elected_at"], max(row["seconds"], 0.0))

    async def _serve(self, work: Work) -> None:
        """One term of office. The lock is kept until the work has ended, so that nobody else begins before."""
        lost = asyncio.create_task(self._until_lost(), name="leader-ping")  # goes on while the work comes to its end
        try:
            async with asyncio.TaskGroup() as group:
                term = group.create_task(work(), name="term")
                await asyncio.wait({lost})
                self._heard_at = -math.inf
                log.warning("leader.lost", reason=lost.result())
                term.cancel()
        finally:
            lost.cancel()
            self._hang_up()
        self._turn(leading=False)

    async def _until_lost(self) -> str:
        """Ping until the lock may be lost; why it may be."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            asked_at = _now()
            try:
                async with asyncio.timeout(self._heard_at + LOST_SECONDS - asked_at):
                    await self._ping()
            except TimeoutError:
                await self._database.discard(in_use=True)  # they hear nothing either, and loops that wait must stop now
                return f"no answer for {LOST_SECONDS:g} s"
            except BROKEN as error:
                await self._database.discard()
                return f"the connection broke ({type(error).__name__})"
            self._heard_at = asked_at

    async def _ping(self) -> None:
        """Raises BROKEN, also when the server has become read-only."""
        if self._connection is not None and await self._connection.fetchval(PING):
            raise asyncpg.ReadOnlySQLTransactionError("the server is read-only")

    def _turn(self, *, leading: bool) -> None:
        if self._since is None or leading is not self._leading:
            self._leading, self._since = leading, _now()
            log.info("leader.elected" if leading else "leader.awaited")

    def _hang_up(self) -> None:
        """End the session, and the lock with it; never waits."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
        self._heard_at = -math.inf


def _now() -> float:
    """The monotonic clock itself: uvloop's is as old as the present round of callbacks."""
    return time.monotonic()
