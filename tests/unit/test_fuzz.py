"""A small, seeded run of the fuzzer, and that it would tell if anything escaped."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.__main__ import Escape, fuzz, main
from tests.fuzz.kinds import KINDS, Kind


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_inputs_end_as_values_or_counted_reasons(kind: str) -> None:
    outcomes = list(fuzz(kind, 2026, range(1500)))
    escapes = [outcome for outcome in outcomes if isinstance(outcome, Escape)]
    assert escapes == []
    assert len(set(outcomes)) >= 4, "the inputs are too much alike to find anything"


def test_the_same_seed_gives_the_same_inputs_and_another_seed_others() -> None:
    assert list(fuzz("frame", 1, range(300))) == list(fuzz("frame", 1, range(300)))
    assert list(fuzz("frame", 1, range(300))) != list(fuzz("frame", 2, range(300)))


def test_the_command_prints_outcomes_and_no_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3", "--count", "250"]) == 0
    told = capsys.readouterr().out
    assert "overview: " in told
    assert "250 inputs, seed 3" in told
    assert told.endswith("\n0 escapes\n")


def test_an_escape_is_told_with_the_seed_and_the_input_and_can_be_made_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fragile(raw: bytes, _random: Random) -> str:
        return str(7 // (len(raw) % 9))

    monkeypatch.setitem(KINDS, "fragile", Kind(('{"a": [1, 2, 3]}',), fragile))
    assert main(["--seed", "5", "--count", "200", "--kind", "fragile"]) == 1
    told = capsys.readouterr().out
    assert "ZeroDivisionError" in told
    again = next(line for line in told.splitlines() if line.startswith("ESCAPE ")).removeprefix("ESCAPE ").split()
    assert main(again) == 1
    assert "1 escapes" in capsys.readouterr().out
