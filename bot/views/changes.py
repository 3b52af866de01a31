"""What changed within 5 and 15 minutes and an hour, in one line each: "5m +12% · 15m −3% · 1h –"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiogram.utils.formatting import Text

from bot.views import numbers
from bot.views.phrases import age
from engine.changes import Change


def price(changes: Sequence[Change]) -> Text | None:
    """How far the price came; None where nothing is told of changes."""
    return _line(changes, lambda change: numbers.change(change.price, 1))


def liquidity(changes: Sequence[Change]) -> Text | None:
    """How far the liquidity came."""
    return _line(changes, lambda change: numbers.change(change.liquidity, 1))


def score(changes: Sequence[Change]) -> Text | None:
    """By how much the score moved."""
    return _line(changes, lambda change: numbers.decimal(change.score, plus=True))


def _line(changes: Sequence[Change], shown: Callable[[Change], str]) -> Text | None:
    return Text(" · ".join(f"{age(change.minutes * 60)} {shown(change)}" for change in changes)) if changes else None
