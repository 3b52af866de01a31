"""The command line, as the real command in a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot import __version__

PROJECT = Path(__file__).parents[2]
TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


def tothemoon(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "error", **variables}
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def test_the_version_is_printed(tmp_path: Path) -> None:
    result = tothemoon(tmp_path, "version")

    assert (result.returncode, result.stdout, result.stderr) == (0, f"{__version__}\n", "")


def test_a_missing_token_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    line = one_line(tothemoon(tmp_path, "run"))

    assert line.startswith("BOT_TOKEN is not set; ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIRDEYE_API_KEY", ""),
        ("HEALTH_PORT", "http"),
        ("ADMIN_IDS", "777000"),
        ("DB_DSN", "mysql://moon:hunter2@db/moon"),
        ("DATA_DIR", "occupied/below"),
        ("LOG_FILE", "occupied/below"),
        ("DATA_DIR", "two\nlines/" + "x" * 300),
    ],
)
def test_a_bad_value_is_one_line_and_exit_code_2(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder", encoding="utf-8")

    line = one_line(tothemoon(tmp_path, "run", **{"BOT_TOKEN": TOKEN, "BIRDEYE_API_KEY": "key", name: value}))

    assert line.startswith(f"{name} ")
    assert f"{name}=" in line
    assert "hunter2" not in line
    assert TOKEN not in line


def test_a_bad_value_in_the_env_file_is_told_just_so(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nBIRDEYE_API_KEY=key\nTIME_SPEED=nan\n", encoding="utf-8")

    assert one_line(tothemoon(tmp_path, "run")).startswith("TIME_SPEED is not a number from 1 to 600; ")


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run", "--fast"], ["version", "7"]])
def test_a_wrong_command_line_is_exit_code_2_without_a_traceback(tmp_path: Path, arguments: list[str]) -> None:
    result = tothemoon(tmp_path, *arguments)

    assert result.returncode == 2
    assert "Usage: tothemoon" in result.stderr
    assert "Traceback" not in result.stderr


def test_help_names_the_commands(tmp_path: Path) -> None:
    result = tothemoon(tmp_path, "--help")

    assert result.returncode == 0
    assert "run" in result.stdout
    assert "version" in result.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_obeyed_while_the_program_is_being_loaded(tmp_path: Path, number: signal.Signals) -> None:
    command = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "bot", "run"]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as process:  # noqa: S603 - ours
        while not caught(process.pid) & 1 << (number - 1):
            assert process.poll() is None, "it should still be loading"
        process.send_signal(number)
        _, words = process.communicate(timeout=10)
    assert (process.returncode, words) == (0, b"")


def caught(pid: int) -> int:
    """The signals for which the process has handlers, as a mask."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), 16)
