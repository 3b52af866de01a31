"""The line between the program and its PostgreSQL, which can be cut and mended: a Unix socket before the server's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHUNK_BYTES = 65536


class Line:
    """Use with `async with`; then `dsn` leads through it. `server` is the address of `asyncpg.connect`, on a socket.

    The socket lies in `folder`, which nobody else may enter.
    """

    def __init__(self, server: Mapping[str, Any], folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def dsn(self) -> str:
        """The database's address as a URL."""
        facts = self._server
        return f"postgresql://{facts['user']}@/{facts['database']}?host={self._folder}&port={facts['port']}"

    @property
    def is_cut(self) -> bool:
        """Whether nobody gets through now."""
        return self._listener is None

    async def cut(self) -> None:
        """Break all connections and refuse new ones."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in list(self._open):
            writer.transport.abort()

    async def mend(self) -> None:
        """Let connections through again."""
        if self._listener is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._listener = await asyncio.start_unix_server(self._connect, self._folder / self._socket_name)

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()

    @property
    def _socket_name(self) -> str:
        return f".s.PGSQL.{self._server['port']}"

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            beyond = await asyncio.open_unix_connection(str(Path(self._server["host"]) / self._socket_name))
            self._open.add(beyond[1])
            try:
                await asyncio.wait(
                    [
                        asyncio.create_task(_carry(reader, beyond[1])),
                        asyncio.create_task(_carry(beyond[0], writer)),
                    ]
                )
            finally:
                self._open.discard(beyond[1])
        except OSError:
            pass  # the server is away: so is the line
        finally:
            self._open.discard(writer)
            writer.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until either end is gone; then the other end goes too."""
    with suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
