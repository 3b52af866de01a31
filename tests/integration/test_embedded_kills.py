"""The embedded PostgreSQL after kill -9 at every moment: of the program, of the server, of both, within initdb."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from storage.embedded import embedded_postgres
from storage.server_process import find_leftover
from storage.server_user import server_user
from tests.integration.clusters import ask, cluster_of, server_pid
from tests.waiting import until

pytestmark = pytest.mark.timeout(120)

PROJECT = Path(__file__).resolve().parents[2]
PROGRAM = """
import asyncio, sys
from pathlib import Path
from storage.embedded import embedded_postgres

async def main():
    async with embedded_postgres(Path(sys.argv[1])):
        print("open", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@contextmanager
def program(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """A program of its own that opens `data_dir`; killed at the latest when the test is over."""
    command = [sys.executable, "-c", PROGRAM, str(data_dir)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's user that has nothing to do with it."""
    user = server_user()
    options: dict[str, Any] = {} if user.is_program else {"user": user.uid, "group": user.gid, "extra_groups": []}
    with subprocess.Popen(["/bin/sleep", "100"], **options) as process:
        try:
            yield process
        finally:
            process.kill()


async def has_opened(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in iter(process.stdout.readline, ""):
        if line.strip() == "open":
            return
    raise AssertionError(f"the program ended with code {process.wait()} before it had opened its database")


@asynccontextmanager
async def killed_program(data_dir: Path) -> AsyncIterator[int]:
    """What a kill -9 of the program leaves behind: yields the pid of its server, which still runs."""
    with program(data_dir) as process:
        await has_opened(process)
        pid = server_pid(data_dir)
        process.kill()
        process.wait()
        assert not ended(pid)
        yield pid


async def test_a_killed_program_leaves_a_server_that_the_next_one_adopts_and_stops(data_dir: Path) -> None:
    async with killed_program(data_dir) as pid:
        async with embedded_postgres(data_dir) as address:
            assert server_pid(data_dir) == pid
            assert await ask(address, "SELECT 1") == 1
        assert ended(pid)


async def test_a_leftover_whose_socket_is_gone_is_stopped_and_a_new_server_started(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.embedded.ADOPT_SECONDS", 0.2)
    async with killed_program(data_dir) as pid:
        leftover = find_leftover(cluster_of(data_dir))
        assert leftover is not None
        for path in leftover.socket_folder.iterdir():
            path.unlink()
        async with embedded_postgres(data_dir) as address:
            assert ended(pid)
            assert await ask(address, "SELECT 1") == 1


async def test_killing_program_and_server_loses_nothing_committed(data_dir: Path) -> None:
    async with killed_program(data_dir) as pid:
        leftover = find_leftover(cluster_of(data_dir))
        assert leftover is not None
        address = {"host": str(leftover.socket_folder), "user": "tothemoon", "database": "tothemoon"}
        await ask(address, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(pid, signal.SIGKILL)
        async with embedded_postgres(data_dir) as recovered:
            assert server_pid(data_dir) != pid
            assert await ask(recovered, "SELECT answer FROM kept") == 42


async def test_the_pid_of_a_stranger_is_neither_trusted_nor_harmed(data_dir: Path) -> None:
    async with embedded_postgres(data_dir):
        pid_file = cluster_of(data_dir).folder / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    with stranger() as process:
        pid_file.write_text("\n".join([str(process.pid), *lines[1:]]) + "\n")
        server_user().take(pid_file)
        async with embedded_postgres(data_dir) as address:
            assert await ask(address, "SELECT 1") == 1
        assert process.poll() is None


async def test_a_program_killed_within_initdb_does_not_poison_the_next_start(data_dir: Path) -> None:
    half_made = cluster_of(data_dir).folder.with_suffix(".new-abandoned")
    (half_made / "base").mkdir(parents=True)
    with program(data_dir) as process:
        await until(lambda: list(data_dir.glob("postgres-*.new-*/base/1")), 30, "initdb to be at work")
        process.kill()
    assert not cluster_of(data_dir).folder.exists()
    assert not half_made.exists()
    async with embedded_postgres(data_dir) as address:
        assert await ask(address, "SELECT 1") == 1


async def test_a_server_that_dies_under_the_program_is_started_again(data_dir: Path) -> None:
    async with embedded_postgres(data_dir) as address:
        first = server_pid(data_dir)
        os.kill(first, signal.SIGKILL)
        await until(lambda: answers_anew(address, data_dir, first), 20, "another server at the same address")
        second = server_pid(data_dir)
    assert ended(first)
    assert ended(second)


async def answers_anew(address: dict[str, Any], data_dir: Path, first: int) -> bool:
    try:
        return server_pid(data_dir) != first and await ask(address, "SELECT 1") == 1
    except (OSError, asyncpg.PostgresError, IndexError):
        return False


async def test_a_start_cancelled_within_initdb_ends_it_before_the_folder_is_free(data_dir: Path) -> None:
    loud: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: loud.append(context["message"]))
    start = asyncio.create_task(embedded_postgres(data_dir).__aenter__())
    await until(lambda: suspended_initdb(data_dir), 20, "initdb to run")
    start.cancel()
    await asyncio.wait({start}, timeout=5)
    assert start.cancelled()
    del start
    gc.collect()
    assert loud == [], "initdb's end was ordered, so its failure is no news"
    assert suspended_initdb(data_dir) == []
    async with embedded_postgres(data_dir) as address:
        assert await ask(address, "SELECT 1") == 1


def suspended_initdb(data_dir: Path) -> list[int]:
    """The initdb of this folder, stopped where it stands: as slow as a disk can be."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "initdb" and str(data_dir.resolve()) in " ".join(process.info["cmdline"] or ()):
            process.suspend()
            found.append(process.pid)
    return found
