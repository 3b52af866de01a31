"""A simulated month on a plan: what our schedule costs and misses against checking everything each 30 s."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.plans import OVERVIEW, PLANS, Prices
from tests.bench.market import COOLDOWN, START, migrations, story_of
from tests.bench.naive import Found, follow
from tests.bench.schedule import Schedule

LATE = timedelta(minutes=10)  # an older alert is no news
MINTS = 10  # a glance's batch
PRICE = Prices().of(OVERVIEW)


@dataclass(frozen=True, slots=True)
class Report:
    """One line of the table. Delays in seconds; CU for the days simulated; shares of the naive schedules' alerts."""

    per_day: int
    lag_seconds: float
    days: float
    schedule: Schedule
    spent: int
    active_cu: float
    all_cu: float
    naive_delays: Sequence[float]
    delays: Sequence[float]
    unactivated: int
    naive_alerts: int
    missed: int
    alert_delays: Sequence[float]
    extra: int


def simulate(per_day: int, lag_seconds: float, days: float, seed: int, every: int) -> Report:
    """Run our schedule over all tokens and the naive ones over one in `every`, whose CU are scaled."""
    until = START + timedelta(days=days)
    heard = list(migrations(days, per_day, seed))
    schedule = Schedule(PLANS["lite"], lag_seconds, seed)
    schedule.run(heard, until)
    found = {
        number: follow(story_of(migration, number), lag_seconds, until)
        for number, migration in enumerate(heard, 1)
        if number % every == 0
    }
    return _compare(per_day, lag_seconds, days, schedule, found, every)


def _compare(
    per_day: int, lag_seconds: float, days: float, schedule: Schedule, found: dict[int, Found], every: int
) -> Report:
    ours = {number: schedule.tracked[number] for number in found}
    opened = {number: each.opened_at for number, each in found.items() if each.opened_at}
    pairs = [(each, ours[number].heard) for number, each in found.items()]
    caught = [_match(at, told) for each, told in pairs for at in each.heard]
    delays = [_delay(ours[n].token.activated_at, at) for n, at in opened.items() if ours[n].token.activated_at]
    return Report(
        per_day,
        lag_seconds,
        days,
        schedule,
        sum(schedule.tally.spent.values()),
        every * PRICE * sum(each.active_checks - each.saved_checks for each in found.values()),
        every * PRICE * sum(each.active_checks + each.initial_checks for each in found.values()),
        [_delay(found[n].activated_at, at) for n, at in opened.items() if found[n].activated_at],
        delays,
        len(opened) - len(delays),
        len(caught),
        caught.count(None),
        [delay for delay in caught if delay is not None],
        sum(_match(at, each.heard) is None for each, told in pairs for at in told),
    )


def _delay(at: datetime | None, truth: datetime) -> float:
    """Seconds after the truth; a check that counts the curve's trades may be before it, which is no delay."""
    return max(0.0, (at - truth).total_seconds()) if at else 0.0


def _match(at: datetime, others: Sequence[datetime]) -> float | None:
    """Seconds by which the first of the others is later; None when none comes in time.

    0 when one came within the cooldown before, in which the chat hears no second alert of the token.
    """
    near = [(other - at).total_seconds() for other in others if -COOLDOWN <= other - at <= LATE]
    return max(0.0, min(near)) if near else None


def share(values: Sequence[float], part: float) -> float:
    """The value below which that part of the values lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def fullest(times: Sequence[float], window: float) -> int:
    """The most requests within any window of that many seconds; `times` in order."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most


def lines(report: Report) -> list[str]:
    """The report in words and numbers."""
    tally = report.schedule.tally
    active = sum(tally.active) / max(len(tally.active), 1)
    tiers = [f"{tier.lower()} {count:,}" for tier, count in tally.tiers.most_common()]
    opened, alerts = len(report.delays) + report.unactivated, report.naive_alerts
    parts = [
        [f"{report.per_day:,} migrations a day", f"lag {report.lag_seconds:g} s", f"{report.days:g} days"],
        [f"  Active on average {active:.0f}", "checks: " + ", ".join(tiers)],
        _cost(report),
        [f"  activations {len(report.delays)} of {opened}", f"delay {_delays(report.delays)}"],
        [f"  naive activations: delay {_delays(report.naive_delays)}"],
        [f"  high-score alerts of naive {alerts}", f"missed {report.missed / max(alerts, 1):.1%}"],
        [f"  delay of the others {_delays(report.alert_delays)}", f"ours alone {report.extra}"],
        _limits(report),
    ]
    return [" · ".join(line) for line in parts]


def _cost(report: Report) -> list[str]:
    spent, month = report.spent, report.schedule.plan.monthly_cu
    week = sum(cu for day, cu in report.schedule.tally.spent.items() if day < 7) / month
    return [
        f"  CU {spent:,} ({spent / (month * report.days / 30):.1%} of the plan; first week {week:.1%} of the month)",
        f"Active-only {report.active_cu:,.0f} (ours 1/{report.active_cu / max(spent, 1):.1f})",
        f"all {report.all_cu:,.0f} (ours 1/{report.all_cu / max(spent, 1):.1f})",
    ]


def _delays(values: Sequence[float]) -> str:
    return f"median {share(values, 0.5):.0f} s, p95 {share(values, 0.95):.0f} s"


def _limits(report: Report) -> list[str]:
    tally, plan = report.schedule.tally, report.schedule.plan
    return [
        f"  at most {fullest(tally.times, 1)} of {plan.rps} a second",
        f"{fullest(tally.times, 60)} of {plan.rpm} a minute",
        f"{fullest(tally.glances, 60) / MINTS:.0f} glances of 60 a minute",
        f"oldest check of an Active token {tally.stalest / 60:.1f} min, bound up to {tally.bound / 60:.1f} min",
        f"beyond the bound {tally.beyond}",
    ]


def main(arguments: Sequence[str]) -> None:
    """Print the report of each rate and lag asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench budget", description=__doc__)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--rates", type=int, nargs="+", default=[150, 400, 1_000])
    parser.add_argument("--lags", type=float, nargs="+", default=[0, 60, 180])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--naive-tokens", type=int, default=4_500, help="follow at most so many tokens naively")
    asked = parser.parse_args(arguments)
    for per_day in asked.rates:
        every = max(1, round(per_day * asked.days / asked.naive_tokens))
        for lag in asked.lags:
            print("\n".join(lines(simulate(per_day, lag, asked.days, asked.seed, every))), flush=True)
