"""Charts drawn once and off the event loop. What a chart looks like stands in `charts`."""

from __future__ import annotations

import asyncio
from datetime import datetime

from cachetools import TTLCache

from bot.charts import ChartLabels, sparklines
from bot.views.chart import chart_labels
from engine.scoring import rings_at
from engine.settings import Settings
from engine.shown import Portrait

KEPT_PICTURES = 256  # of at most 100 kB each
KEPT_SECONDS = 120.0
AT_ONCE = 2

_Key = tuple[int, datetime, int, ChartLabels, float]


class Pictures:
    """PNGs of portraits, cached by token, latest point, minute, language and alert level."""

    def __init__(self) -> None:
        self._drawn: TTLCache[_Key, bytes] = TTLCache(KEPT_PICTURES, KEPT_SECONDS)
        self._pens = asyncio.Semaphore(AT_ONCE)

    async def chart(self, portrait: Portrait, now: datetime, settings: Settings) -> bytes:
        """The portrait's chart, labelled in the current language, with the score that rings at the token's age."""
        alert_level = rings_at(portrait.score.observed_minutes if portrait.score else None, settings)
        minute = int(now.timestamp()) // 60
        key = (portrait.standing.token.id, _latest(portrait), minute, chart_labels(), alert_level)
        if drawn := self._drawn.get(key):
            return drawn
        async with self._pens:
            return self._drawn.get(key) or await self._draw(key, portrait, now)

    async def _draw(self, key: _Key, portrait: Portrait, now: datetime) -> bytes:
        series = (portrait.scores, portrait.prices, portrait.transitions)
        png = await asyncio.to_thread(sparklines, *series, now, *key[-2:])
        self._drawn[key] = png
        return png


def _latest(portrait: Portrait) -> datetime:
    times = [series[-1].ts for series in (portrait.scores, portrait.prices) if series]
    return max(times, default=portrait.standing.token.created_at)
