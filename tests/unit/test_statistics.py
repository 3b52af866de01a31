"""The pretend migrations are held against the measured ones, row by row."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from deploy.sandbox import statistics
from deploy.sandbox.births import BIRTHS_A_DAY, migrating_share
from deploy.sandbox.clock import HandClock
from deploy.sandbox.courses import spread
from deploy.sandbox.fates import draw_curve_minutes, draw_fate
from deploy.sandbox.oddities import migrants
from deploy.sandbox.statistics import BEGAN_AT, DAYS, Row, facts_of, rows, simulated, table
from deploy.sandbox.tapes import generator
from deploy.sandbox.trades import Move, Tape, join, tape_of
from deploy.sandbox.world import World


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
    beyond = [row.what for row in rows(simulated(migrants(World(11, HandClock(BEGAN_AT)), 700))) if not row.good]
    assert beyond == []


def test_the_fates_keep_to_the_measured_rates_within_one_in_thirty() -> None:
    """20,000 fates: an error three times smaller than that of the 2,000 migrations of the table."""
    random = Random(11)
    fates = [draw_fate(random) for _ in range(20_000)]
    measured = {
        "first_minute": (110, 212, 331),
        "first_five": (222, 558, 901),
        "trade_usd": (41, 57, 77),
        "hour_multiple": (0.05, 0.11, 0.56),
    }
    for name, quartiles in measured.items():
        found = np.percentile([getattr(fate, name) for fate in fates], (25, 50, 75))
        assert found == pytest.approx(quartiles, rel=0.1 if name == "hour_multiple" else 1 / 30), name
    shares = {
        "idle": (48, [fate.idle for fate in fates]),
        "above the entry": (18, [fate.hour_multiple > 1 for fate in fates]),
        "twice the entry": (11, [fate.hour_multiple >= 2 for fate in fates]),
        "touch twice the entry": (72, [fate.peak_multiple >= 2 for fate in fates]),
        "revive": (3, [fate.second_wave == "strong" for fate in fates]),
        "second wave": (9.9, [fate.second_wave is not None for fate in fates]),
    }
    for name, (percent, hits) in shares.items():
        assert 100 * np.mean(hits) == pytest.approx(percent, abs=1.2), name


@pytest.mark.parametrize("seed", [1, 11, 60])
def test_a_month_has_slow_days_of_a_hundred_migrations_and_fast_ones_of_eleven_hundred(seed: int) -> None:
    noons = [int((day + 0.5) * BIRTHS_A_DAY) for day in range(DAYS)]
    expected = sorted(migrating_share(seed, number) * BIRTHS_A_DAY for number in noons)
    assert 100 <= expected[0] <= 130
    assert 1_000 <= expected[-1] <= 1_100
    assert 250 < expected[DAYS // 2] < 450


def test_curves_take_a_median_of_four_to_five_minutes() -> None:
    random = Random(11)
    assert 4 < np.median([draw_curve_minutes(random) for _ in range(20_000)]) < 5


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
