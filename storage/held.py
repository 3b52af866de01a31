"""The pool's connections, idle and in use, so that they can be dropped at once.

A dead connection that is closed politely waits for its server: without end while idle, for 2 s when cancelled.
"""

from __future__ import annotations

from weakref import WeakSet

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine.interfaces import AdaptedConnection
from sqlalchemy.ext.asyncio import AsyncEngine


class Held:
    """Follows a pool's connections from its birth."""

    def __init__(self, pool: AsyncEngine) -> None:
        self._idle: WeakSet[asyncpg.Connection] = WeakSet()
        self._in_use: WeakSet[asyncpg.Connection] = WeakSet()
        self._doomed: WeakSet[asyncpg.Connection] = WeakSet()  # in use when the others were dropped
        event.listen(pool.sync_engine, "checkout", self._taken)
        event.listen(pool.sync_engine, "checkin", self._given_back)

    def drop(self, *, in_use: bool) -> None:
        """End those that nobody uses, or all; never waits. Those in use end when they are given back."""
        self._doomed.update(self._in_use)
        for connection in [*self._idle, *(self._in_use if in_use else ())]:
            connection.terminate()

    def _taken(self, connection: AdaptedConnection, *_more: object) -> None:
        self._idle.discard(connection.driver_connection)
        self._in_use.add(connection.driver_connection)

    def _given_back(self, connection: AdaptedConnection | None, _record: object) -> None:
        if connection is not None:  # None when it broke meanwhile
            self._in_use.discard(connection.driver_connection)
            if connection.driver_connection in self._doomed:
                connection.driver_connection.terminate()
            else:
                self._idle.add(connection.driver_connection)
