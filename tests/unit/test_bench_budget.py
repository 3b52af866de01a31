"""The bench of the budget, a small world of one day: the same policy as the month's, its hard limits and its aims."""

from functools import cache

from tests.bench.budget import MINTS, Report, fullest, lines, share, simulate


@cache
def day() -> Report:
    return simulate(per_day=400, lag_seconds=60, days=0.5, seed=3, every=1)


def test_no_second_minute_or_day_is_overspent() -> None:
    tally, plan = day().schedule.tally, day().schedule.plan
    assert 0 < fullest(tally.times, 1) <= plan.rps
    assert 0 < fullest(tally.times, 60) <= plan.rpm
    assert fullest(tally.glances, 60) <= 60 * MINTS
    assert day().spent <= plan.monthly_cu * (day().days / 30 + 1 / 30)


def test_most_tokens_become_active_soon_and_most_alerts_are_heard_soon() -> None:
    report = day()
    assert report.unactivated <= 0.05 * len(report.delays)
    assert share(report.delays, 0.5) <= 60
    assert report.naive_alerts > 0
    assert report.missed <= 0.2 * report.naive_alerts
    assert share(report.alert_delays, 0.95) <= 180


def test_no_active_token_waits_beyond_the_bound() -> None:
    assert day().schedule.tally.beyond == 0
    assert day().schedule.tally.stalest > 0


def test_the_report_names_every_figure() -> None:
    text = "\n".join(lines(day()))
    for word in ("CU", "Active-only", "activations", "missed", "a second", "oldest check"):
        assert word in text
