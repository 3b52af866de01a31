"""The embedded PostgreSQL's server process: launch, one left behind by an earlier program, stop, its socket folder."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import structlog

from engine.errors import ConfigError
from storage.cluster import Cluster, child_options, server_log
from storage.server_user import open_parents

PORT = 5432  # only a part of the socket's name: no TCP port is listened on
SOCKET_PATH_BYTES = 103  # the lowest limit of the systems we run on (macOS; Linux takes 107)
# Sends in flight may have taken 4 s of the 8 that stopping may take. A server ended at once recovers at its next start.
STOP_STEPS = ((signal.SIGINT, 2.0), (signal.SIGQUIT, 0.7), (signal.SIGKILL, 0.5))
STRAY_SECONDS = 5.0

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "fsync": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "logging_collector": "off",
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Server:
    """A server's postmaster and where its socket is."""

    process: psutil.Process
    socket_folder: Path
    port: int = PORT


def launch(cluster: Cluster) -> Server:
    """A new server as our child, in its own session; it does not answer yet. Raises `ConfigError`, `OSError`."""
    sockets = make_socket_folder(cluster)
    settings = {**SETTINGS, "unix_socket_directories": str(sockets), "cluster_name": cluster.name}
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [str(cluster.programs / "postgres"), "-D", str(cluster.folder), *words]
    with server_log(cluster) as output:
        return Server(psutil.Popen(command, **child_options(cluster.user, output)), sockets)


def find_leftover(cluster: Cluster) -> Server | None:
    """The server that an earlier program left running on this folder. Strays are ended, a stale pid file is dropped.

    A pid alone proves nothing, it may be somebody else's by now: the process must be seen to serve this folder.
    """
    family = list(_family(cluster))
    recorded = _read_pid_file(cluster.folder / "postmaster.pid")
    for process in family:
        if recorded and process.pid == recorded[0]:
            return Server(process, recorded[1], recorded[2])
    _end_strays(family)
    (cluster.folder / "postmaster.pid").unlink(missing_ok=True)
    return None


def stop(cluster: Cluster, server: Server) -> None:
    """End the server: politely, then at once, then by force, within 3.2 s. Its socket folder goes too."""
    for how, patience_seconds in STOP_STEPS:
        try:
            server.process.send_signal(how)
        except psutil.NoSuchProcess:
            break
        if _all_end([server.process], patience_seconds):
            break
        log.warning("embedded.stop_slow", signal=how.name, waited_seconds=patience_seconds)
    if isinstance(server.process, psutil.Popen):
        server.process.wait()
    if owned_privately(server.socket_folder, cluster.user.uid):
        shutil.rmtree(server.socket_folder, ignore_errors=True)


def is_alive(process: psutil.Process) -> bool:
    """Whether the process still runs; one that has ended and waits to be reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def make_socket_folder(cluster: Cluster) -> Path:
    """An empty private folder for the server's socket. Raises `ConfigError` when somebody else's is in its place."""
    folder = Path(tempfile.gettempdir()).resolve() / cluster.name
    if len(bytes(folder / f".s.PGSQL.{PORT}")) > SOCKET_PATH_BYTES:
        folder = Path("/tmp").resolve() / cluster.name  # noqa: S108 - owner and mode are checked below
    if not cluster.user.is_program:
        open_parents(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    if not (owned_privately(folder, os.geteuid()) or owned_privately(folder, cluster.user.uid)):
        raise ConfigError(
            f"{folder} must be a private folder of the user {cluster.user.name}: see whose it is, remove it"
        )
    cluster.user.take(folder)
    for stale in folder.glob(".s.PGSQL.*"):
        stale.unlink()
    return folder


def owned_privately(folder: Path, uid: int) -> bool:
    """Whether this is a real folder (no link) of that user, closed to everybody else."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == uid and stat.S_IMODE(facts.st_mode) == 0o700


def _family(cluster: Cluster) -> Iterator[psutil.Process]:
    """The live processes of this folder's server, told by owner and command line.

    Their working folder would say the same, but root in a container may not read it.
    """
    for process in psutil.process_iter():
        try:
            if process.name() != "postgres" or process.uids().effective != cluster.user.uid:
                continue
            words = process.cmdline()
        except psutil.Error:
            continue  # it ended, or is none of ours
        served = str(cluster.folder) in words or " ".join(words).startswith(f"postgres: {cluster.name}:")
        if served and is_alive(process):
            yield process


def _read_pid_file(path: Path) -> tuple[int, Path, int] | None:
    """The postmaster's pid, socket folder and port as its file says; None when missing or not complete."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return int(lines[0]), Path(lines[4]), int(lines[3])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _end_strays(family: Sequence[psutil.Process]) -> None:
    """Processes whose postmaster is gone end by themselves, soon; no new server may start beside them."""
    if _all_end(family, STRAY_SECONDS):
        return
    log.warning("embedded.strays_killed", pids=[process.pid for process in family])
    for process in filter(is_alive, family):
        process.kill()
    if not _all_end(family, STRAY_SECONDS):
        raise ConfigError(f"processes of an earlier PostgreSQL do not end: {[process.pid for process in family]}")


def _all_end(family: Sequence[psutil.Process], patience_seconds: float) -> bool:
    deadline = time.monotonic() + patience_seconds
    while any(is_alive(process) for process in family):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
