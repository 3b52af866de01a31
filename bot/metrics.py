"""Writes a health report and the heartbeat's counts in Prometheus' text format. Measures nothing itself."""

import re
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.vitals import WELL, Report, State


def write_metrics(report: Report, counts: Mapping[tuple[str, str], int]) -> bytes:
    """The text of GET /metrics: gauges from the report, a counter for each thing that was counted, by kind."""
    registry = CollectorRegistry()
    registry.register(_Collected([*_gauges(report), *_part_facts(report), *_counters(counts)]))
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _gauges(report: Report) -> Iterator[Metric]:
    yield GaugeMetricFamily("tothemoon_up", "1 while /health answers 200.", value=report.status in WELL)
    yield GaugeMetricFamily("tothemoon_uptime_seconds", "Seconds since the start.", value=report.uptime_seconds)
    states = GaugeMetricFamily("tothemoon_part_state", "1 for the state a part is in.", labels=["part", "state"])
    ages = GaugeMetricFamily("tothemoon_part_age_seconds", "Seconds since a part last did its work.", labels=["part"])
    for name, part in report.parts.items():
        for state in State:
            states.add_metric([name, state], part.state is state)
        if part.pulse.beat_seconds is not None:
            ages.add_metric([name], part.pulse.beat_seconds)
    yield from (states, ages)


def _part_facts(report: Report) -> Iterator[Metric]:
    for name, part in report.parts.items():
        for fact, value in part.facts.items():
            if value is not None and not isinstance(value, str):  # a gauge is a number
                yield GaugeMetricFamily(f"tothemoon_{name}_{fact}", f"See /health: {name}, {fact}.", value=value)


def _counters(counts: Mapping[tuple[str, str], int]) -> Iterator[Metric]:
    families: dict[str, CounterMetricFamily] = {}
    for (what, kind), count in sorted(counts.items()):
        name = re.sub(r"\W", "_", f"tothemoon_{what}", flags=re.ASCII)
        if name not in families:
            families[name] = CounterMetricFamily(name, f"How often: {what}, by kind.", labels=["kind"])
        families[name].add_metric([kind.encode(errors="replace").decode()], count)
    yield from families.values()
