"""The pretend migrations are held against the measured ones, row by row."""

from __future__ import annotations

import pytest

from deploy.sandbox import statistics
from deploy.sandbox.courses import spread
from deploy.sandbox.statistics import Row, facts_of, rows, simulated, table
from deploy.sandbox.tapes import generator
from deploy.sandbox.trades import Move, Tape, join, tape_of


def even(begin: float, end: float, count: int, change: float = 0.0) -> Tape:
    """So many trades of $50, nearly evenly spread."""
    random = generator("even")
    return tape_of(random, spread(random, begin, end, count), Move(change), 50)


def test_the_facts_of_a_migration_are_read_from_its_trades() -> None:
    curve, first = even(0, 100, 40), even(100, 160, 60, 1.0)
    later, wave = even(160, 400, 40, -2.0), even(9_000, 9_200, 120)
    facts = facts_of(join([curve, first, later, wave]), 100)
    assert (facts.first_minute, facts.first_five, facts.wave_trades) == (60, 100, 120)
    assert facts.hour_multiple == pytest.approx(0.368, abs=0.001)
    assert facts.peak_multiple == pytest.approx(2.72, abs=0.1)
    assert facts.idle
    assert facts.trade_usd == pytest.approx(50)
    assert facts.hour_usd == pytest.approx(5_000)
    assert facts.rest_usd == 0


def test_an_hour_without_a_pause_is_not_idle_and_has_no_second_wave() -> None:
    facts = facts_of(even(0, 4_000, 400), 100)
    assert not facts.idle
    assert facts.wave_trades == 0


def test_the_world_meets_the_measured_rates() -> None:
    beyond = [row.what for row in rows(simulated(700, 11)) if not row.good]
    assert beyond == []


def test_a_row_beyond_its_tolerance_is_named_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = Row("fine", 1.0, 1.1, 0.2, ".1f"), Row("off", 1.0, 1.3, 0.2, ".1f")
    assert [line.endswith("BEYOND") for line in table([good, bad]).splitlines()] == [False, False, True]
    monkeypatch.setattr(statistics, "a_day", lambda _: [100, 1_100])
    for row, code in ((good, 0), (bad, 1)):
        monkeypatch.setattr(statistics, "rows", lambda _, row=row: [row])
        assert statistics.main(["--migrations", "5", "--seed", "3"]) == code
    assert "5 simulated migrations of seed 3" in capsys.readouterr().out


def test_a_number_of_migrations_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--migrations", "0"], ["--migrations", "many"]):
        with pytest.raises(SystemExit):
            statistics.main(words)
    assert "whole number" in capsys.readouterr().err
