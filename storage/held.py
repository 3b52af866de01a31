"""The pool's connections, idle and in use, so that they can be dropped at once.

A dead connection that is closed politely waits for its server: without end while idle, for 2 s when cancelled.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary, WeakSet

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine.interfaces import AdaptedConnection
from sqlalchemy.ext.asyncio import AsyncEngine


class Held:
    """Follows a pool's connections from its birth. Those born before the latest drop end when they are given back."""

    def __init__(self, pool: AsyncEngine) -> None:
        self.generation = 0
        self._born: WeakKeyDictionary[asyncpg.Connection, int] = WeakKeyDictionary()
        self._idle: WeakSet[asyncpg.Connection] = WeakSet()
        self._in_use: WeakSet[asyncpg.Connection] = WeakSet()
        event.listen(pool.sync_engine, "checkout", self._taken)
        event.listen(pool.sync_engine, "checkin", self._given_back)

    def note(self, connection: asyncpg.Connection, generation: int) -> None:
        """The connection was begun in this generation; another one may have come while it was made."""
        self._born[connection] = generation

    def drop(self, *, in_use: bool) -> None:
        """End those that nobody uses, or all; never waits."""
        self.generation += 1
        for connection in [*self._idle, *(self._in_use if in_use else ())]:
            connection.terminate()

    def _taken(self, connection: AdaptedConnection, *_more: object) -> None:
        self._idle.discard(connection.driver_connection)
        self._in_use.add(connection.driver_connection)

    def _given_back(self, connection: AdaptedConnection | None, _record: object) -> None:
        if connection is None:  # it broke meanwhile
            return
        self._in_use.discard(connection.driver_connection)
        if self._born.get(connection.driver_connection, 0) < self.generation:
            connection.driver_connection.terminate()  # what takes it back is a pool that nobody asks any more
        else:
            self._idle.add(connection.driver_connection)
