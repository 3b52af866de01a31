"""What lies between a program and its PostgreSQL in a test: a wire that can be cut, and then stays silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from storage.database import BROKEN


class Wire:
    """Forwards to the server's socket, from a socket in `folder` or, without one, from a TCP port of this machine."""

    def __init__(self, address: dict[str, Any], folder: str | None = None) -> None:
        self._address = address
        self._whole = asyncio.Event()
        self._whole.set()
        self._refusing = False
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.address = {**address, "host": folder or "127.0.0.1"}

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[Wire]:
        if self.address["host"] == "127.0.0.1":
            server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
            self.address["port"] = server.sockets[0].getsockname()[1]
        else:
            server = await asyncio.start_unix_server(self._joined, _socket(self.address))
        try:
            yield self
        finally:
            server.close()
            for pump in self._pumps:
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)

    def cut(self) -> None:
        """Forward nothing more; new connections are taken and hear nothing."""
        self._whole.clear()

    def mend(self) -> None:
        """Forward again, beginning with what was held back."""
        self._whole.set()
        self._refusing = False

    def hang_up(self) -> None:
        """End every connection, and each new one at once."""
        self._refusing = True
        for writer in self._writers:
            writer.transport.abort()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.close()
            return
        server_reader, server_writer = await asyncio.open_unix_connection(_socket(self._address))
        self._writers |= {writer, server_writer}
        for work in (self._pump(reader, server_writer), self._pump(server_reader, writer)):
            self._pumps.add(asyncio.create_task(work))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*BROKEN):
                while data := await reader.read(65_536):
                    await self._whole.wait()
                    writer.write(data)
        finally:
            writer.close()


def _socket(address: dict[str, Any]) -> Path:
    return Path(address["host"]) / f".s.PGSQL.{address['port']}"
