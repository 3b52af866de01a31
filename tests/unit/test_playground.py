"""The sandbox's command line."""

from __future__ import annotations

import pytest

from deploy.sandbox.playground import parse


def test_a_world_runs_at_the_speed_that_is_asked_for() -> None:
    assert parse(["--speed", "60", "--seed", "4"]).speed == 60
    assert parse([]).speed == 1


@pytest.mark.parametrize("word", ["0", "0.5", "601", "nan", "inf", "-1", "fast", ""])
def test_a_speed_that_is_none_gets_a_sentence(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--speed", word])
    assert f"argument --speed: {word} is not a number from 1 to 600" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["0", "0.09", "10001", "nan", "1e-300", "-1", "fast", ""])
def test_a_replays_speed_that_is_none_gets_a_sentence(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--replay-speed", word])
    assert f"argument --replay-speed: {word} is not a number from 0.1 to 10000" in capsys.readouterr().err
