"""The kept histories of many tokens at once, thinned to what a small sparkline shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from engine.settings import Settings
from engine.shown import History, Point
from storage.database import Database
from storage.tables import TokenScoreRow, TokenSnapshotRow

POINTS = 150  # more than a cell of a grid has room for


class Histories:
    """Queries about histories; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, token_ids: Sequence[int], since: datetime, settings: Settings) -> dict[int, History]:
        """Each token's scores and trusted prices since then; the prices are of the source that told most of them."""
        look, score = TokenSnapshotRow, TokenScoreRow
        trusted = (look.price.is_not(None), look.liquidity >= settings.min_trusted_liquidity)
        prices = _thinned(look, look.price, look.source, token_ids, since, *trusted)
        scores = _thinned(score, score.score, score.token_id, token_ids, since)
        async with self._database.transaction() as session:
            told = _richest((await session.execute(scores)).all())
            priced = _richest((await session.execute(prices)).all())
        return {token_id: History(told.get(token_id, ()), priced.get(token_id, ())) for token_id in token_ids}


def _thinned(
    table: Any, value: Any, kind: Any, token_ids: Sequence[int], since: datetime, *conditions: ColumnElement[bool]
) -> Select[Any]:
    """(token, kind, how many there are of both, time, value): the latest and every n-th before it, oldest first."""
    series = (table.token_id, kind)
    rows = (
        select(
            table.token_id,
            kind.label("kind"),
            func.count().over(partition_by=series).label("count"),
            func.row_number().over(partition_by=series, order_by=table.ts.desc()).label("back"),
            table.ts,
            value.label("value"),
        )
        .where(table.token_id.in_(token_ids), table.ts >= since, *conditions)
        .subquery()
    )
    step = 1 + (rows.c.count - 1) // POINTS
    shown = (rows.c.token_id, rows.c.kind, rows.c.count, rows.c.ts, rows.c.value)
    return select(*shown).where((rows.c.back - 1) % step == 0).order_by(rows.c.ts)


def _richest(rows: Sequence[Any]) -> dict[int, tuple[Point, ...]]:
    """Per token the series of the kind with most points."""
    points: dict[int, dict[tuple[int, Any], list[Point]]] = defaultdict(lambda: defaultdict(list))
    for token_id, kind, count, ts, value in rows:
        points[token_id][count, kind].append(Point(ts, value))
    return {token_id: tuple(kinds[max(kinds)]) for token_id, kinds in points.items()}
