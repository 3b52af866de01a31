"""Which OS user the embedded server runs as, and the folders opened so that it gets through.

PostgreSQL refuses to run as root; for anybody else the server runs as that very user and nothing is opened.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import structlog

from engine.errors import ConfigError

ROOT_RUNS_AS = "tothemoon"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The server's OS user, and the name of the program's own."""

    name: str
    uid: int
    gid: int
    program_name: str

    @property
    def is_program(self) -> bool:
        """Whether program and server are the same OS user."""
        return self.uid == os.geteuid()

    def take(self, path: Path) -> None:
        """Hand a file or folder of the program to the server; a symbolic link itself, never its target."""
        if not self.is_program:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_user() -> ServerUser:
    """The user to run the server as. As root: `tothemoon`, created when missing. Raises `ConfigError`."""
    program = _program_name()
    if os.geteuid() != 0:
        return ServerUser(program, os.geteuid(), os.getegid(), program)
    entry = _entry(ROOT_RUNS_AS) or _created(ROOT_RUNS_AS)
    if entry.pw_uid == 0:
        raise ConfigError(f"the user {ROOT_RUNS_AS} is another name of root: give it its own user id, or set DB_DSN")
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid, program)


def open_parents(path: Path) -> None:
    """Give each folder above `path` o+x where missing, and nothing more, so that the server's user gets through."""
    for parent in path.resolve().parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
            log.warning("embedded.parent_opened", path=str(parent), mode_before=f"{mode:04o}")


def _program_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise ConfigError(
            f"user id {os.geteuid()} has no name on this machine and the embedded PostgreSQL needs one: "
            "add it to /etc/passwd, or set DB_DSN to a database of your own"
        ) from None


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _created(name: str) -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)  # noqa: S603 - fixed words
    except (OSError, subprocess.SubprocessError) as error:
        if (entry := _entry(name)) is not None:  # another program was quicker
            return entry
        reason = (getattr(error, "stderr", None) or str(error)).strip()
        raise ConfigError(
            f"as root the embedded PostgreSQL runs as the system user {name}, which is missing and cannot be created "
            f"({reason}): create it, run as an ordinary user, or set DB_DSN to a database of your own"
        ) from error
    log.warning("embedded.user_created", user=name)
    return pwd.getpwnam(name)
