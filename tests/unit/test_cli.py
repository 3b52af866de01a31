"""The command line, as the real command in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot import __version__

PROJECT = Path(__file__).parents[2]
ENDLESS_LOADING = """
import sys, threading

class Loading:
    def find_spec(self, name, path=None, target=None):
        while name == "bot.cli":  # in short steps: a handler runs between them, as between any two lines
            threading.Event().wait(0.01)

sys.meta_path.insert(0, Loading())
"""
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


@pytest.mark.parametrize("token", ["", "no token at all"])
def test_without_the_bot_no_token_is_asked_for(tmp_path: Path, token: str) -> None:
    line = one_line(tothemoon(tmp_path, "run", "--no-bot", BOT_TOKEN=token, HEALTH_HOST="192.0.2.1"))

    assert line.startswith("HEALTH_HOST is not an address of this machine; "), "the first thing that it opens"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIRDEYE_API_KEY", "two words"),
        ("BIRDEYE_PLAN", "gold"),
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
    (tmp_path / "sitecustomize.py").write_text(ENDLESS_LOADING)
    environment = {"PATH": os.defpath, "PYTHONPATH": f"{tmp_path}:{PROJECT}"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as process:  # noqa: S603 - ours
        while not caught(process.pid) & 1 << (signal.SIGTERM - 1):  # the last one; a fresh fork still has our SIGINT
            assert process.poll() is None, "it should still be loading"
        process.send_signal(number)
        _, words = process.communicate(timeout=10)
    assert (process.returncode, words) == (0, b"")


def caught(pid: int) -> int:
    """The signals for which the process has handlers, as a mask."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), 16)


def overview(**data: object) -> dict[str, object]:
    return {"success": True, "data": {"address": "x", "symbol": "PI", **BUSY, **data}}


BUSY = {
    "price": 0.001,
    "trade5m": 400,
    "trade1h": 1200,
    "v5mUSD": 40_000,
    "v1hUSD": 120_000,
    "vBuy5mUSD": 25_000,
    "vSell5mUSD": 15_000,
}


def score(folder: Path, body: object, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "answer.json").write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    return tothemoon(folder, "score", "answer.json", *arguments)


def test_a_score_is_printed_with_its_components_for_a_whole_hour_unless_told(tmp_path: Path) -> None:
    result = score(tmp_path, overview())

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "token    x",
        "symbol   PI",
        "dropped  –",
        "",
        "component            value    weight  adds",
        "tx_accel             4.0000   0.25    1.0000",
        "vol_momentum         4.0000   0.25    1.0000",
        "holder_growth        missing  0.25    –",
        "orderflow_imbalance  0.2500   0.25    0.0625",
        "",
        "W         60 min",
        "coverage  75%",
        "raw       2.0625",
        "score     2.0625",
    ]


@pytest.mark.parametrize(
    ("age", "minutes", "accel"), [("15", "15", "1.0000"), ("0", "5", "0.3333"), ("1e9", "60", "4")]
)
def test_the_age_gives_the_window(tmp_path: Path, age: str, minutes: str, accel: str) -> None:
    shown = score(tmp_path, overview(), "--age", age).stdout

    assert f"W         {minutes} min" in shown
    assert f"tx_accel             {accel}" in shown


def test_what_is_missing_is_told_and_too_little_makes_no_score(tmp_path: Path) -> None:
    shown = score(tmp_path, overview(v5mUSD=7, trade1h=None)).stdout

    assert "dropped  v5mUSD against vBuy5mUSD + vSell5mUSD" in shown
    assert "tx_accel             missing" in shown
    assert "score     –, for too little is known" in shown


def test_a_hostile_symbol_cannot_command_the_terminal(tmp_path: Path) -> None:
    result = score(tmp_path, overview(symbol="\x07\x9bRED\u202e\ud800", address="\x07\x9b\u202ex\ud800"))

    assert result.stdout.startswith("token    x\nsymbol   RED\n")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("not json", "is not JSON"),
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1]", "holds no figures"),
        ('{"success": false, "message": "token not found"}', "holds no figures"),
        ('{"success": true, "data": {"symbol": "PI"}}', "holds no figures"),
    ],
)
def test_an_unusable_answer_is_one_line_and_exit_code_2(tmp_path: Path, body: str, said: str) -> None:
    assert said in one_line(score(tmp_path, body))


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_an_unreadable_file_is_one_line_and_exit_code_2(tmp_path: Path, name: str) -> None:
    assert one_line(tothemoon(tmp_path, "score", name)).startswith(f"{name} cannot be read: ")


@pytest.mark.parametrize("age", ["-1", "nan", "inf"])
def test_an_age_that_is_none_is_one_line_and_exit_code_2(tmp_path: Path, age: str) -> None:
    assert one_line(score(tmp_path, overview(), "--age", age)).startswith("--age takes minutes")


def test_a_recording_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text("precious")
    result = tothemoon(tmp_path, "record", "run.jsonl", HEALTH_PORT="0")

    assert one_line(result).startswith("run.jsonl exists already; ")
    assert (tmp_path / "run.jsonl").read_text() == "precious"


def test_a_recording_that_cannot_begin_leaves_no_file(tmp_path: Path) -> None:
    result = tothemoon(tmp_path, "record", "run.jsonl", HEALTH_HOST="192.0.2.1", BOT_TOKEN="no token at all")

    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith("HEALTH_HOST is not an address of this machine; ")
    assert not (tmp_path / "run.jsonl").exists()


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf"])
def test_minutes_that_are_none_are_one_line_and_exit_code_2(tmp_path: Path, minutes: str) -> None:
    line = one_line(tothemoon(tmp_path, "record", "run.jsonl", "--minutes", minutes))

    assert line.startswith("--minutes takes a number above 0")
