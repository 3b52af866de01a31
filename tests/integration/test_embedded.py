"""The embedded PostgreSQL with real servers: start, privacy, the lock, the end, refusals."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs

from engine.errors import ConfigError
from storage.embedded import embedded_postgres
from storage.server_user import server_user
from tests.integration.clusters import ask, cluster_of, server_pid, socket_folder

pytestmark = pytest.mark.timeout(120)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")


@contextmanager
def trap(path: Path, kind: str, target: Path) -> Iterator[None]:
    """Somebody else's folder, or a link, where the socket folder would be made."""
    if kind == "a link":
        target.mkdir(mode=0o700)
        path.symlink_to(target)
        yield
        path.unlink()
    else:
        path.mkdir()
        path.chmod(0o777)
        yield
        path.rmdir()


async def test_it_answers_and_keeps_what_was_written(data_dir: Path) -> None:
    async with embedded_postgres(data_dir) as address:
        assert await ask(address, "SELECT 1") == 1
        await ask(address, "CREATE TABLE kept AS SELECT 42 AS answer")
    async with embedded_postgres(data_dir) as address:
        assert await ask(address, "SELECT answer FROM kept") == 42


async def test_the_cluster_is_utf8_in_c_locale_with_checksums_and_fsync(data_dir: Path) -> None:
    async with embedded_postgres(data_dir) as address:
        assert await ask(address, "SHOW server_encoding") == "UTF8"
        assert await ask(address, "SHOW data_checksums") == "on"
        assert await ask(address, "SHOW fsync") == "on"
        assert await ask(address, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C"


async def test_nobody_is_trusted(data_dir: Path) -> None:
    async with embedded_postgres(data_dir) as address:
        rules = await ask(address, "SELECT array_agg(type || ' ' || auth_method) FROM pg_hba_file_rules")
        assert rules == ["local peer"]


async def test_the_server_listens_on_no_tcp_port_and_its_socket_folder_is_private(data_dir: Path) -> None:
    async with embedded_postgres(data_dir) as address:
        server = psutil.Process(server_pid(data_dir))
        listening = [c for p in (server, *server.children()) for c in p.net_connections(kind="inet")]
        facts = socket_folder(address).stat()
        assert listening == []
        assert stat.S_IMODE(facts.st_mode) == 0o700
        assert facts.st_uid == server.uids().effective == server_user().uid


async def test_the_server_hears_no_signal_and_no_secret_of_ours(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:made-up")
    async with embedded_postgres(data_dir):
        pid = server_pid(data_dir)
        assert os.getsid(pid) != os.getsid(0)
        assert "BOT_TOKEN" not in psutil.Process(pid).environ()


async def test_nothing_is_left_after_the_end(data_dir: Path) -> None:
    async with embedded_postgres(data_dir) as address:
        pid = server_pid(data_dir)
    assert not psutil.pid_exists(pid)
    assert not socket_folder(address).exists()


async def test_a_cancelled_program_stops_its_server(data_dir: Path) -> None:
    opened = asyncio.Event()

    async def run() -> None:
        async with embedded_postgres(data_dir):
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await asyncio.wait_for(opened.wait(), 30)
    pid = server_pid(data_dir)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(pid)


async def test_a_second_program_on_the_same_data_dir_is_refused(data_dir: Path) -> None:
    async with embedded_postgres(data_dir) as address:
        with pytest.raises(ConfigError, match="another ToTheMoon2 is running on DATA_DIR"):
            async with embedded_postgres(data_dir):
                pass
        assert await ask(address, "SELECT 1") == 1


async def test_two_data_dirs_have_two_servers(data_dir: Path) -> None:
    async with embedded_postgres(data_dir / "one") as one, embedded_postgres(data_dir / "two") as two:
        await ask(one, "CREATE TABLE only_here ()")
        assert await ask(two, "SELECT to_regclass('only_here')") is None


async def test_the_data_of_another_major_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres-9").mkdir()
    with pytest.raises(ConfigError, match="postgres-9 holds data of another PostgreSQL version"):
        async with embedded_postgres(data_dir):
            pass


async def test_a_server_that_dies_while_starting_is_told_with_its_last_words(data_dir: Path) -> None:
    async with embedded_postgres(data_dir):
        pass
    with (cluster_of(data_dir).folder / "postgresql.conf").open("a") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(ConfigError, match=r"ended while starting.*no_such_setting"):
        async with embedded_postgres(data_dir):
            pass


async def test_a_data_dir_that_is_a_file_is_refused_with_a_sentence(data_dir: Path) -> None:
    (data_dir / "file").touch()
    with pytest.raises(ConfigError, match="cannot be used for the embedded PostgreSQL"):
        async with embedded_postgres(data_dir / "file"):
            pass


async def test_a_deep_data_dir_still_gets_a_socket(data_dir: Path) -> None:
    deep = data_dir / ("d" * 100) / ("with space " * 8)
    async with embedded_postgres(deep) as address:
        assert await ask(address, "SELECT 1") == 1


@pytest.mark.parametrize("kind", ["open to all", "a link"])
async def test_a_prepared_socket_folder_of_somebody_else_is_refused(data_dir: Path, kind: str) -> None:
    async with embedded_postgres(data_dir) as address:
        sockets = socket_folder(address)
    with trap(sockets, kind, data_dir / "elsewhere"), pytest.raises(ConfigError, match="must be a private folder"):
        async with embedded_postgres(data_dir):
            pass


async def test_an_overgrown_server_log_is_begun_anew(data_dir: Path) -> None:
    log_file = data_dir / "postgres.log"
    log_file.write_bytes(b"x" * 10_000_001)
    async with embedded_postgres(data_dir):
        assert log_file.stat().st_size < 1_000_000


@as_root
async def test_as_root_parents_get_search_permission_and_nothing_more_and_the_log_says_so(data_dir: Path) -> None:
    closed = data_dir / "closed"
    (closed / "neighbour").mkdir(parents=True, mode=0o700)
    for folder in (closed, closed / "neighbour"):
        folder.chmod(0o700)
    with capture_logs() as logs:
        async with embedded_postgres(closed / "data"):
            assert psutil.Process(server_pid(closed / "data")).username() == "tothemoon"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o701
    assert stat.S_IMODE((closed / "neighbour").stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster_of(closed / "data").folder.stat().st_mode) == 0o700
    opened = [entry["path"] for entry in logs if entry["event"] == "embedded.parent_opened"]
    assert str(closed) in opened


@as_root
async def test_a_data_folder_of_another_user_is_refused(data_dir: Path) -> None:
    async with embedded_postgres(data_dir):
        pass
    folder = cluster_of(data_dir).folder
    os.chown(folder, 0, 0)
    with pytest.raises(ConfigError, match="does not belong to the user tothemoon"):
        async with embedded_postgres(data_dir):
            pass
