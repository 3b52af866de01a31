"""Charts drawn once and off the event loop. What a chart looks like stands in `charts`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import datetime
from weakref import WeakValueDictionary

from cachetools import TTLCache

from bot.charts import Cell, grid, sparklines
from bot.views.chart import chart_labels
from engine.scoring import rings_at
from engine.settings import Settings
from engine.shown import Portrait

KEPT_PICTURES = 256  # of at most 100 kB each
KEPT_SECONDS = 120.0
KEPT_FILE_IDS = 4096
KEPT_FILE_IDS_SECONDS = 3600.0
AT_ONCE = 2


class Pictures:
    """PNGs cached by what they show, the minute and the language, and the file ids of those that Telegram has.

    Before a picture is uploaded, `known` tells whether its file id will do; after an upload `remember` it.
    """

    def __init__(self) -> None:
        self._drawn: TTLCache[Hashable, bytes] = TTLCache(KEPT_PICTURES, KEPT_SECONDS)
        self._file_ids: TTLCache[Hashable, str] = TTLCache(KEPT_FILE_IDS, KEPT_FILE_IDS_SECONDS)
        self._readers: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._pens = asyncio.Semaphore(AT_ONCE)

    async def chart(self, portrait: Portrait, now: datetime, settings: Settings) -> bytes:
        """The portrait's chart, labelled in the current language, with the score that rings at the token's age."""
        labels, alert_level = chart_labels(), _alert_level(portrait, settings)
        series = (portrait.scores, portrait.prices, portrait.transitions)
        key = chart_key(portrait, now, settings)
        return await self._once(key, lambda: sparklines(*series, now, labels, alert_level, portrait.flows))

    async def grid(self, cells: Mapping[int, Cell], now: datetime, settings: Settings) -> bytes:
        """The cells, by token id in the order shown, as one picture labelled in the current language."""
        labels, alert_level, shown = chart_labels(), rings_at(None, settings), list(cells.values())
        key = grid_key(list(cells), now, settings, shown[0].rank if shown else 1)
        return await self._once(key, lambda: grid(shown, now, labels, alert_level))

    async def grid_of(
        self, key: Hashable, read: Callable[[], Awaitable[Mapping[int, Cell]]], now: datetime, settings: Settings
    ) -> bytes:
        """The grid of this `grid_key`. Its cells are read once, however many ask for it at the same time."""
        async with self._readers.setdefault(key, asyncio.Lock()):
            return self._drawn.get(key) or await self.grid(await read(), now, settings)

    def known(self, key: Hashable) -> str | None:
        """Telegram's file id of this picture, None where it was not uploaded lately."""
        return self._file_ids.get(key)

    def remember(self, key: Hashable, file_id: str) -> None:
        """Keep the file id that Telegram gave for an upload of this picture. It serves all chats of the same bot."""
        self._file_ids[key] = file_id

    async def _once(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        if drawn := self._drawn.get(key):
            return drawn
        async with self._pens:
            if drawn := self._drawn.get(key):
                return drawn
            self._drawn[key] = png = await asyncio.to_thread(draw)
            return png


def chart_key(portrait: Portrait, now: datetime, settings: Settings) -> Hashable:
    """What a portrait's chart is known by: its token and latest point, the minute, the language, the alert level."""
    token_id, level = portrait.standing.token.id, _alert_level(portrait, settings)
    return "chart", token_id, _latest(portrait), _minute(now), chart_labels(), level


def grid_key(token_ids: Sequence[int], now: datetime, settings: Settings, first_rank: int = 1) -> Hashable:
    """What a grid is known by: its tokens in their order and ranks, the minute, the language, the alert level."""
    return "grid", tuple(token_ids), first_rank, _minute(now), chart_labels(), rings_at(None, settings)


def _alert_level(portrait: Portrait, settings: Settings) -> float:
    return rings_at(portrait.score.observed_minutes if portrait.score else None, settings)


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60


def _latest(portrait: Portrait) -> datetime:
    times = [series[-1].ts for series in (portrait.scores, portrait.prices, portrait.flows) if series]
    return max(times, default=portrait.standing.token.created_at)
