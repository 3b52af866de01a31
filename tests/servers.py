"""PostgreSQL servers of a test's own, on TCP ports of this machine: stopped, started, copied and promoted at will."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.sandbox.playground import free_port
from storage.cluster import ROLE, child_options, newest_programs
from storage.server_user import open_parents, server_user
from tests.databases import execute

DATABASE = "tothemoon"
SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "''", "shared_buffers": "32MB"}


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A data folder and the port at which its server answers while it runs."""

    folder: Path
    port: int

    @property
    def address(self) -> dict[str, Any]:
        """Keyword arguments for `asyncpg.connect`."""
        return {"host": "127.0.0.1", "port": self.port, "user": ROLE, "database": DATABASE}

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        words = " ".join(f"-c {name}={value}" for name, value in {**SETTINGS, "port": self.port}.items())
        log = str(self.folder.parent / f"{self.folder.name}.log")
        await _run("pg_ctl", "start", "-w", "-D", str(self.folder), "-l", log, "-o", words)

    async def stop(self, mode: str) -> None:
        """Stop it, "fast" as an administrator does or "immediate" as a crash does."""
        await _run("pg_ctl", "stop", "-w", "-m", mode, "-D", str(self.folder))

    async def promote(self) -> None:
        """Make a replica a server that may be written to."""
        await _run("pg_ctl", "promote", "-w", "-D", str(self.folder))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[OwnServer]:
        """Start it; it is stopped at the end, if it still runs."""
        await self.start()
        try:
            yield self
        finally:
            if (self.folder / "postmaster.pid").exists():
                await self.stop("immediate")


@asynccontextmanager
async def own_server() -> AsyncIterator[OwnServer]:
    """A new server with an empty database, running; its folder goes with it."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-server-") as folder:
        user = server_user()
        open_parents(Path(folder) / "first")
        user.take(Path(folder))
        server = OwnServer(Path(folder) / "first", free_port())
        await _run("initdb", "-D", str(server.folder), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-sync")
        async with server.running():
            await execute({**server.address, "database": "postgres"}, f'CREATE DATABASE "{DATABASE}"')
            yield server


@asynccontextmanager
async def replicated(primary: OwnServer) -> AsyncIterator[OwnServer]:
    """A replica of the server, running, for which every commit of the primary waits from then on."""
    replica = OwnServer(primary.folder.parent / "second", free_port())
    where = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", ROLE)
    await _run("pg_basebackup", "-D", str(replica.folder), *where, "-R", "-X", "stream", "-c", "fast", "--no-sync")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(replica.running())
        await execute(primary.address, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        await execute(primary.address, "SELECT pg_reload_conf()")
        yield replica


def dsn(*servers: OwnServer) -> str:
    """The address of all of them, of which the one that may be written to is wanted."""
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return f"postgresql://{ROLE}@{hosts}/{DATABASE}?target_session_attrs=read-write"


async def _run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs as the user that may; fails with what it said."""
    programs, _major = newest_programs()
    with tempfile.TemporaryFile() as output:
        options = child_options(server_user(), output)
        command = [str(programs / program), *words]
        done = await asyncio.to_thread(lambda: subprocess.run(command, check=False, timeout=60, **options))  # noqa: S603 - PostgreSQL's own
        output.seek(0)
        assert done.returncode == 0, f"{program}: {output.read().decode(errors='replace')[-500:]}"
