"""The words on a picture, translated by whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass

_DAY = 1440
_HOURS_FROM, _DAYS_FROM = 90, 36 * 60  # minutes from which a length reads better in the next unit


@dataclass(frozen=True, slots=True)
class ChartLabels:
    """The words on the card, translated; `minutes`, `hours` and `days` are templates such as "{minutes}m"."""

    score: str
    price: str
    now: str
    no_data: str
    begins: str
    active: str
    minutes: str
    hours: str
    days: str
    flow: str


def ago(minutes: int, labels: ChartLabels) -> str:
    """A whole number of minutes before now, in the largest unit that needs no fraction: "−90m", "−2h"."""
    if minutes % _DAY == 0 and minutes > _DAY:
        return "−" + labels.days.format(days=minutes // _DAY)
    if minutes % 60 == 0:
        return "−" + labels.hours.format(hours=minutes // 60)
    return "−" + labels.minutes.format(minutes=minutes)


def about(seconds: float, labels: ChartLabels) -> str:
    """How long before now, rounded to the unit that reads best: "−47m", "−2h", "−9d"."""
    minutes = max(round(seconds / 60), 1)
    unit = 1 if minutes < _HOURS_FROM else 60 if minutes < _DAYS_FROM else _DAY
    return ago(round(minutes / unit) * unit, labels)
