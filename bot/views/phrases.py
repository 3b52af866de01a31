"""Pieces that sentences are built from: filled templates, ages, moments, and fitting into Telegram's limits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from string import Formatter
from typing import Any

from aiogram.utils.formatting import DateTime, Text, as_list
from aiogram.utils.i18n import gettext as _

from bot.views.numbers import MISSING

TEXT_LIMIT = 4096  # UTF-16 units
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100  # Telegram drops the formatting of further ones

_LONGEST_AGE_DAYS = 9999
_JUST_NOW_SECONDS = 5


def fill(template: str, **nodes: Any) -> Text:
    """A translated template with its `{placeholders}` replaced by texts or formatted nodes."""
    parts: list[Any] = []
    for literal, field, _spec, _conversion in Formatter().parse(template):
        parts.append(literal)
        if field is not None:
            parts.append(nodes[field])
    return Text(*parts)


def lines(*items: Text | str | None) -> Text:
    """The items below each other; None is left out, an empty one is an empty line."""
    present = [item for item in items if item is not None]
    return as_list(*present) if present else Text()


def joined(items: Iterable[Text]) -> Text:
    """The items on one line, with dots between them."""
    return as_list(*items, sep=" · ")


def age(seconds: float | None) -> str:
    """A span of time in short: "45s", "3m", "2h 5m", "3d 4h"; negative ones count as 0."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    whole = max(int(seconds), 0)
    if whole < 60:
        return _("{seconds}s").format(seconds=whole)
    days, hours, minutes = min(whole // 86_400, _LONGEST_AGE_DAYS), whole % 86_400 // 3600, whole % 3600 // 60
    parts = [
        _("{days}d").format(days=days) if days else "",
        _("{hours}h").format(hours=hours) if hours else "",
        _("{minutes}m").format(minutes=minutes) if minutes and not days else "",
    ]
    return " ".join(filter(None, parts))


def age_since(then: datetime | None, now: datetime) -> str:
    """The span from `then` to `now` as `age` writes it; "–" when unknown."""
    return age(None if then is None else (now - then).total_seconds())


def ago(then: datetime | None, now: datetime) -> str:
    """How long ago something was: "3m ago", "just now"; "–" when unknown."""
    if is_now(then, now):
        return _("just now")
    return MISSING if then is None else _("{age} ago").format(age=age_since(then, now))


def is_now(then: datetime | None, now: datetime) -> bool:
    """Whether so little time went by that counting it would tell nothing."""
    return then is not None and (now - then).total_seconds() < _JUST_NOW_SECONDS


def moment(at: datetime) -> Text:
    """A time of day that each reader's client shows in their own time zone; UTC where it cannot."""
    return DateTime(f"{at:%H:%M} UTC", unix_time=at, date_time_format="t")


def fitting(candidates: Iterable[Text], limit: int) -> Text:
    """The first candidate within `limit` UTF-16 units and Telegram's entities; candidates go from rich to bare.

    Raises ValueError when even the barest does not fit: a fault of the view, found by its tests.
    """
    for candidate in candidates:
        text, entities = candidate.render()
        if utf16_units(text) <= limit and len(entities) <= ENTITY_LIMIT:
            return candidate
    raise ValueError(f"no form of this message fits into {limit} UTF-16 units")


def utf16_units(text: str) -> int:
    """The length as Telegram counts it: most emoji are two."""
    return len(text.encode("utf-16-le")) // 2
