"""Logs: what a line looks like, where it goes, and that writing one never fails."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs
from tests.unit.terminal import logging_to, restored_logging

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    with restored_logging():
        yield


def raise_chained() -> None:
    try:
        raise ValueError("inner")  # noqa: TRY301 - the chain is what is tested
    except ValueError as inner:
        raise RuntimeError("outer") from inner


def test_lines_are_json_with_the_common_keys_first(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = logging_to(monkeypatch)
    structlog.contextvars.bind_contextvars(request_id="r1", token="mint1")

    structlog.get_logger().info("token.activated", score=1.5, day=float("nan"), label="Луна\n\udcff")
    logging.getLogger("aiogram.dispatcher").warning("Run %s", "polling")

    ours, theirs = map(json.loads, terminal.text.splitlines())
    assert list(ours) == ["ts", "level", "msg", "module", "token", "request_id", "score", "day", "label"]
    assert ours["ts"].endswith("Z")
    assert (ours["level"], ours["msg"], ours["module"]) == ("info", "token.activated", __name__)
    assert (ours["label"], ours["token"], ours["request_id"]) == ("Луна\n\udcff", "mint1", "r1")
    assert list(theirs) == ["ts", "level", "msg", "module", "token", "request_id"]
    assert (theirs["level"], theirs["msg"], theirs["module"]) == ("warning", "Run polling", "aiogram.dispatcher")


def test_json_is_strict_even_for_values_that_json_cannot_say(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ZeroDivisionError

    circle: list[object] = []
    circle.append(circle)
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    terminal = logging_to(monkeypatch)
    log = structlog.get_logger("tests")

    for value in (Broken(), [Broken()], circle, deep, {(1, 2): 3}, float("inf"), b"\xff", "\udcff", object()):
        log.info("thing.seen", value=value)
    log.info(Broken())
    log.info("with %s", "arguments")
    logging.getLogger("other").info("broken %s", Broken())
    logging.getLogger("other").info("too %s %s", "few")  # noqa: PLE1206 - a fault that some library will have
    logging.getLogger("other").info(Broken())

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    lines = [json.loads(line, parse_constant=refuse) for line in terminal.text.splitlines()]
    assert len(lines) == 14
    assert [line["msg"] for line in lines[:9]] == ["thing.seen"] * 9
    assert [line["log_fault"] for line in lines[11:]] == ["ZeroDivisionError", "TypeError", "ZeroDivisionError"]
    assert all(line["level"] == "info" and line["module"] for line in lines)


def test_a_traceback_shows_no_local_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = logging_to(monkeypatch)
    hidden = "".join(["local", "-", "value"])

    try:
        raise_chained()
    except RuntimeError:
        structlog.get_logger("tests").exception("thing.failed", length=len(hidden))

    line = json.loads(terminal.text)
    assert "RuntimeError" in line["exception"]
    assert "ValueError: inner" in line["exception"]
    assert hidden not in terminal.text


def test_a_terminal_gets_readable_lines_without_control_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = logging_to(monkeypatch, tty=True)

    structlog.get_logger("tests").warning("token.renamed", symbol="\x1b[31mRED\x9b", count=3)
    logging.getLogger("aiogram").warning("hostile \x1b]0;title\x07")

    ours, theirs = terminal.text.splitlines()
    assert ours.split(" ", 1)[1] == "warning token.renamed module='tests' symbol='\\x1b[31mRED\\x9b' count=3"
    assert theirs.endswith("warning hostile \\x1b]0;title\\x07 module='aiogram'")


def test_the_level_silences_what_is_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = logging_to(monkeypatch)
    logs.configure("WARNING", None, ())

    structlog.get_logger("tests").info("thing.seen")
    logging.getLogger("aiogram").info("seen")
    structlog.get_logger("tests").warning("thing.seen")

    assert [json.loads(line)["level"] for line in terminal.text.splitlines()] == ["warning"]


def test_the_access_log_of_aiohttp_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = logging_to(monkeypatch)

    logging.getLogger("aiohttp.access").info("GET /bot%s/getMe", TOKEN)

    assert terminal.text == ""


def test_a_second_configuration_replaces_the_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terminal = logging_to(monkeypatch, log_file=tmp_path / "first.log")
    logs.configure("INFO", tmp_path / "second.log", ())

    structlog.get_logger("tests").info("thing.seen")

    assert len(terminal.text.splitlines()) == 1
    assert (tmp_path / "first.log").read_text(encoding="utf-8") == ""
    assert json.loads((tmp_path / "second.log").read_text(encoding="utf-8"))["msg"] == "thing.seen"


def test_the_file_is_rotated_by_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(logs, "_FILE_BYTES", 2_000)
    logging_to(monkeypatch, log_file=tmp_path / "moon.log")

    for number in range(200):
        structlog.get_logger("tests").info("thing.seen", number=number)

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["moon.log", *(f"moon.log.{n}" for n in range(1, 6))]
    assert all(file.stat().st_size <= 2_000 for file in files)


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = logging_to(monkeypatch)

    def refuse_lines(text: str) -> int:
        if text.startswith("{"):
            raise OSError(28, "No space left on device")
        terminal.text += text  # a report about the line that could not be written
        return len(text)

    monkeypatch.setattr(terminal, "write", refuse_lines)

    structlog.get_logger("tests").error("thing.failed", value=TOKEN)
    logging.getLogger("aiogram").error("failed %s", TOKEN)

    assert terminal.text == ""
