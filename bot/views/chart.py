"""The few words that a chart carries. Token names never do: captions carry those."""

from __future__ import annotations

from aiogram.utils.i18n import gettext as _

from bot.charts import ChartLabels


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
    )
