"""What began and rang within a day, as the preview of /alerts needs it: thinned in SQL, and read once a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import array

from engine.chats import LIQUIDITIES_USD
from engine.hearing import Day
from engine.model import AlertKind
from storage.tables import AlertRow, EpisodeCheckRow

DAY = timedelta(days=1)
KEPT = timedelta(minutes=1)
TOLD_ONCE = (AlertKind.ACTIVATED, AlertKind.REVIVED)


class Days:
    """The latest Day, at most a minute old: one for all chats. `read` gives it as of a moment."""

    def __init__(self, read: Callable[[datetime], Awaitable[Day]]) -> None:
        self._read = read
        self._lock = asyncio.Lock()
        self._latest: tuple[datetime, Day] | None = None

    async def lately(self, now: datetime) -> Day:
        """What began and rang in the 24 hours before now, or up to a minute ago. Raises DatabaseAway."""
        async with self._lock:
            if self._latest is None or not timedelta(0) <= now - self._latest[0] < KEPT:
                self._latest = now, await self._read(now)
            return self._latest[1]


def high_scores(now: datetime, cooldown: timedelta) -> Select[Any]:
    """The checks that some chat may have heard: (kind, ts, token, episode, opened_at, liquidity, level, floor).

    Who did not hear a check hears no later one of the same episode that has neither more level nor more liquidity,
    unless an earlier episode had silenced the first one: while it may have, all checks count.
    """
    check = EpisodeCheckRow
    news = check.floor.is_(None) | (check.level > check.floor)
    lately = (check.ts > now - DAY, check.opened_at > now - DAY, check.ts <= now, news)
    before = func.max(check.ts).over(partition_by=check.token_id, order_by=check.episode, range_=(None, -1))
    liquidities = array([float(usd) for usd in LIQUIDITIES_USD])
    step = func.width_bucket(func.coalesce(check.liquidity, 0.0), liquidities)  # None is too little for who asks
    rows = select(*check.__table__.columns, step.label("step"), before.label("before")).where(*lately).subquery()
    cooling = func.coalesce(rows.c.ts < rows.c.before + cooldown, False).label("cooling")
    marked = select(rows, cooling).subquery().c
    peaks = [_peak_before(marked, step).label(f"peak_{step}") for step in range(len(LIQUIDITIES_USD) + 1)]
    found = select(*marked, *peaks).subquery().c
    more = [and_(found.step == n, func.coalesce(found.level > found[f"peak_{n}"], True)) for n in range(len(peaks))]
    columns = (found.ts, found.token_id, found.episode, found.opened_at, found.liquidity, found.level, found.floor)
    return select(literal(AlertKind.HIGH_SCORE.value), *columns).where(or_(found.cooling, *more))


def _peak_before(rows: Any, step: int) -> ColumnElement[Any]:
    """The highest level of the episode's earlier checks with at least that step of liquidity."""
    same = (rows.token_id, rows.episode, rows.floor, rows.cooling)
    peak = func.max(rows.level).filter(rows.step >= step)
    return peak.over(partition_by=same, order_by=rows.ts, rows=(None, -1))


def status_changes(now: datetime) -> Select[str, datetime, int | None, int, datetime]:
    """The activations and revivals, in the same columns."""
    alert = AlertRow
    once = select(alert.kind, alert.decided_at, alert.token_id, alert.episode, alert.decided_at.label("opened_at"))
    once = once.add_columns(alert.facts["liquidity"].as_float(), literal(None), literal(None))
    return once.where(alert.decided_at > now - DAY, alert.decided_at <= now, alert.kind.in_(TOLD_ONCE))
