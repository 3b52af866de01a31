"""The few words that a chart carries. Token names never do: captions carry those."""

from __future__ import annotations

from aiogram.utils.i18n import gettext as _

from bot.charts import Cell, ChartLabels
from engine.shown import Portrait


def chart_labels() -> ChartLabels:
    """The labels in the current language."""
    return ChartLabels(
        score=_("Score"),
        price=_("Price"),
        now=_("now"),
        no_data=_("no data yet"),
        begins=_("chart starts now"),
        active=_("active"),
        minutes=_("{minutes}m"),
        hours=_("{hours}h"),
        days=_("{days}d"),
        flow=_("Buyers against sellers"),
    )


def chart_cell(rank: int, portrait: Portrait) -> Cell:
    """The portrait as one cell of the grid; its price's change is None unless both prices are known and positive."""
    price = portrait.prices[-1].value if portrait.prices else None
    return Cell(rank, portrait.scores, portrait.prices, _change(price, portrait.standing.token.first_price))


def _change(price: float | None, first_price: float | None) -> float | None:
    if price is None or first_price is None or price <= 0 or first_price <= 0:
        return None
    return price / first_price - 1
