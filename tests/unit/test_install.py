"""deploy/install.py: what decides between the bot and the sandbox, when .venv is remade, how the start is ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deploy import install
from tests.waiting import until

PROJECT = Path(__file__).resolve().parents[2]
FAKE_PYTHON = """#!/bin/sh
[ "$1" = -c ] && exit 0
echo "$0 $*" > started
exec /bin/sleep 100
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project, with a space in its path, whose .venv seems complete but holds stand-ins that only sleep."""
    root = tmp_path.resolve() / "a project"
    programs = root / ".venv" / "bin"
    programs.mkdir(parents=True)
    (root / "deploy").mkdir()
    for name in ("start", "install.py"):
        shutil.copy(PROJECT / "deploy" / name, root / "deploy" / name)
    for name in (install.RUN, install.TEST, "pyproject.toml"):
        (root / name).write_text(name)
    for name in ("python", "tothemoon"):
        (programs / name).write_text(FAKE_PYTHON)
        (programs / name).chmod(0o755)
    (root / ".venv" / "pyvenv.cfg").write_text(f"command = python -m venv {root}/.venv")
    (root / ".venv" / "installed.txt").write_text(install.digest(root, install.RUN))
    return root


@contextmanager
def started_in_background(project: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """deploy/start from another directory, with SIGINT ignored as in the background job of a script."""
    clean = {name: value for name, value in os.environ.items() if name != "BOT_TOKEN"}  # noqa: TID251 - for the child
    command = ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", str(project / "deploy" / "start"), *words]
    with subprocess.Popen(command, cwd=project.parent, env=clean | environment) as process:  # noqa: S603 - our own
        try:
            yield process
        finally:
            process.kill()


async def words_of_the_started(project: Path) -> str:
    told = project / "started"
    await until(lambda: told.exists() and told.read_text(), 20, "the program to run")
    return told.read_text().strip().removeprefix(str(project))


async def test_without_a_token_the_sandbox_is_started(project: Path) -> None:
    with started_in_background(project):
        assert await words_of_the_started(project) == "/.venv/bin/python -m deploy.sandbox"


async def test_with_a_token_the_real_bot_is_started(project: Path) -> None:
    with started_in_background(project, BOT_TOKEN="1:made-up"):
        assert await words_of_the_started(project) == "/.venv/bin/tothemoon run"


@pytest.mark.parametrize("environment", [{}, {"BOT_TOKEN": "1:made-up"}])
async def test_without_the_bot_the_engine_is_started_with_a_token_or_none(
    project: Path, environment: dict[str, str]
) -> None:
    with started_in_background(project, "--no-bot", **environment):
        assert await words_of_the_started(project) == "/.venv/bin/tothemoon run --no-bot"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_start_in_the_background_ends_on_a_signal(project: Path, number: signal.Signals) -> None:
    with started_in_background(project) as process:
        await words_of_the_started(project)
        process.send_signal(number)
        assert process.wait(10) == -number


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("BOT_TOKEN=1:abc\n", "1:abc"),
        ("# BOT_TOKEN=1:abc\n", ""),
        ("BOT_TOKEN=\n", ""),
        ("export BOT_TOKEN='1:abc'\n", "1:abc"),
        ('LOG_LEVEL=INFO\n BOT_TOKEN = "1:abc" \n', "1:abc"),
        ("MY_BOT_TOKEN=1:abc\n", ""),
    ],
)
def test_the_token_is_found_in_the_env_file(tmp_path: Path, text: str, token: str) -> None:
    (tmp_path / ".env").write_text(text)
    assert install.bot_token(tmp_path, {}) == token


def test_the_environment_wins_over_the_env_file_unless_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\ufeffbot_token=1:abc")
    assert install.bot_token(tmp_path, {"BOT_TOKEN": "2:def"}) == "2:def"
    assert install.bot_token(tmp_path, {"BOT_TOKEN": " "}) == "1:abc"


def test_without_an_env_file_there_is_no_token(tmp_path: Path) -> None:
    assert install.bot_token(tmp_path, {}) == ""


def test_a_venv_is_usable_until_it_is_unfinished_or_moved_or_its_python_fails(project: Path) -> None:
    venv = project / ".venv"
    assert install.is_usable(venv)
    (venv / "unfinished").touch()
    assert not install.is_usable(venv)
    (venv / "unfinished").unlink()
    (venv / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    assert not install.is_usable(venv)
    (venv / "bin" / "python").write_text(FAKE_PYTHON)
    moved = project.rename(project.with_name("another place"))
    assert not install.is_usable(moved / ".venv")


def test_a_change_of_the_pins_or_of_our_metadata_asks_for_a_new_installation(project: Path) -> None:
    before = install.digest(project, install.RUN)
    (project / install.RUN).write_text("other pins")
    changed_pins = install.digest(project, install.RUN)
    (project / "pyproject.toml").write_text("other metadata")
    assert len({before, changed_pins, install.digest(project, install.RUN)}) == 3


def test_an_ended_step_takes_its_children_with_it() -> None:
    script = 'import subprocess, sys; c = subprocess.Popen(["/bin/sleep", "100"]); print(c.pid, flush=True); c.wait()'
    command = ["/bin/sh", "-c", 'exec "$0" -c "$1" 2>/dev/null', sys.executable, script]
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE) as child:  # noqa: S603 - our own
        assert child.stdout is not None
        grandchild = psutil.Process(int(child.stdout.readline()))
        install.interrupt(child)
        assert child.returncode
        grandchild.wait(10)


def test_the_requirements_of_the_tests_hold_all_pins_of_the_program() -> None:
    run, test = ((PROJECT / name).read_text().split("\n") for name in (install.RUN, install.TEST))
    pins = {line for line in run if "==" in line and not line.startswith("#")}
    assert len(pins) > 20
    assert pins <= set(test)
