"""The embedded PostgreSQL, used when DB_DSN is empty: one program, one DATA_DIR, one server that lives as long as it.

The data folder is made in `storage.cluster`, the process handled in `storage.server_process`.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import structlog

from engine.errors import ConfigError
from storage.cluster import ROLE, Cluster, last_log_lines, prepare
from storage.server_process import Server, find_leftover, is_alive, launch, owned_privately, stop

DATABASE = "tothemoon"
LOCK_FILE = "tothemoon.lock"
START_SECONDS = 60.0  # a crash recovery included
ADOPT_SECONDS = 15.0
WATCH_SECONDS = 1.0

log = structlog.get_logger()


@asynccontextmanager
async def embedded_postgres(data_dir: Path) -> AsyncIterator[dict[str, Any]]:
    """Run the server of `data_dir` and yield host, port, user and database for `asyncpg.connect`.

    Raises `ConfigError` with one sentence when the folder is unusable, is another version's or another program's.
    """
    data_dir = _make_data_dir(data_dir)
    with _locked(data_dir):
        with _told(data_dir):
            cluster = await _prepared(data_dir)
            servers = [await _adopted(cluster) or launch(cluster)]
        try:
            await _wait_for_answer(cluster, servers[-1])
            await _make_database(servers[-1])
            log.info("embedded.server_started", pid=servers[-1].process.pid, folder=str(cluster.folder))
            async with _kept_alive(cluster, servers):
                yield {**_address(servers[-1]), "database": DATABASE}
        finally:
            await asyncio.shield(
                asyncio.to_thread(stop, cluster, servers[-1])
            )  # whoever cancels twice must not leave it


async def _prepared(data_dir: Path) -> Cluster:
    """The data folder; when cancelled, initdb is ended before anybody else may touch the folder."""
    children: list[subprocess.Popen[bytes]] = []
    work = asyncio.ensure_future(asyncio.to_thread(prepare, data_dir, children))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            for child in children:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
            await asyncio.wait({work}, timeout=0.1)
        if not work.cancelled():
            work.exception()  # it is asked for, or asyncio would log that initdb was ended
        raise


@asynccontextmanager
async def _kept_alive(cluster: Cluster, servers: list[Server]) -> AsyncIterator[None]:
    """While the block runs, a server that died is started again, at the same address; `servers[-1]` is the latest."""
    watch = asyncio.create_task(_revive(cluster, servers))
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.wait({watch})


async def _revive(cluster: Cluster, servers: list[Server]) -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if is_alive(servers[-1].process):
            continue
        log.error("embedded.server_died", pid=servers[-1].process.pid, last_words=last_log_lines(cluster))
        try:
            await asyncio.to_thread(stop, cluster, servers[-1])  # nothing is left to stop, but it is reaped
            await asyncio.to_thread(find_leftover, cluster)  # its own children end first
            servers.append(launch(cluster))
        except (ConfigError, OSError) as error:
            log.warning("embedded.server_not_revived", error=str(error))


def _make_data_dir(data_dir: Path) -> Path:
    with _told(data_dir):
        data_dir = data_dir.expanduser().resolve()
        data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)  # what lies in it is closed; as root the server passes
        return data_dir


@contextmanager
def _told(data_dir: Path) -> Iterator[None]:
    """Turn the operating system's refusals into a sentence for the operator."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"DATA_DIR {data_dir} cannot be used for the embedded PostgreSQL ({error}): "
            "choose a folder that may be written, such as DATA_DIR=./data, or set DB_DSN"
        ) from error


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Hold DATA_DIR for this program alone; children do not inherit the lock, so it ends with the program."""
    with _told(data_dir):
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"another ToTheMoon2 is running on DATA_DIR {data_dir}: stop it, or choose another DATA_DIR"
            ) from None
        yield
    finally:
        os.close(descriptor)


async def _adopted(cluster: Cluster) -> Server | None:
    """The server of a program that was killed, if it serves our folder; one that does not answer is stopped."""
    leftover = await asyncio.to_thread(find_leftover, cluster)
    if leftover is None:
        return None
    private = owned_privately(leftover.socket_folder, cluster.user.uid)
    if private and await _data_directory(leftover, ADOPT_SECONDS) == cluster.folder:
        log.info("embedded.server_adopted", pid=leftover.process.pid)
        return leftover
    log.warning("embedded.leftover_stopped", pid=leftover.process.pid)
    await asyncio.to_thread(stop, cluster, leftover)
    return None


async def _wait_for_answer(cluster: Cluster, server: Server) -> None:
    if await _data_directory(server, START_SECONDS) == cluster.folder:
        return
    fate = f"does not answer after {START_SECONDS:g} s" if is_alive(server.process) else "ended while starting"
    raise ConfigError(f"the embedded PostgreSQL {fate}, see {cluster.log_file}: {last_log_lines(cluster)}")


async def _data_directory(server: Server, patience_seconds: float) -> Path | None:
    """The folder that the server says it serves; None when it ended or did not answer in time."""
    deadline = time.monotonic() + patience_seconds
    while is_alive(server.process) and time.monotonic() < deadline:
        try:
            connection = await asyncpg.connect(**_address(server), database="postgres", timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(0.02)  # still starting, or stopping
            continue
        try:
            return Path(await connection.fetchval("SHOW data_directory"))
        finally:
            await connection.close()
    return None


async def _make_database(server: Server) -> None:
    connection = await asyncpg.connect(**_address(server), database="postgres", timeout=10)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        await connection.close()


def _address(server: Server) -> dict[str, Any]:
    return {"host": str(server.socket_folder), "port": server.port, "user": ROLE}
