"""The kept histories of many tokens at once, thinned to what a small sparkline shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Double, Select, Subquery, cast, func, select
from sqlalchemy.dialects.postgresql import array

from engine.settings import Settings
from engine.shown import History, Point
from storage.database import Database
from storage.tables import TokenRow, TokenScoreRow, TokenSnapshotRow

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
    """(token, kind, how many there are of both, time, value): the last of each of `POINTS` equal spans, oldest first.

    Grouping hashes the rows where a window or DISTINCT ON would sort them all.
    """
    spans, epoch = _spans(table, token_ids, since), _seconds(table.ts)
    part = func.floor((epoch - spans.c.first) / func.greatest((spans.c.latest - spans.c.first) / (POINTS - 1), 0.001))
    count = func.sum(func.count()).over(partition_by=(table.token_id, kind))
    last = func.max(array([epoch, value]))[2]  # arrays compare by their first items
    return (
        select(table.token_id, kind, count, func.max(table.ts), last)
        .join(spans, spans.c.id == table.token_id)
        .where(table.ts >= since, *conditions)
        .group_by(table.token_id, kind, part)
        .order_by(func.max(table.ts))
    )


def _spans(table: Any, token_ids: Sequence[int], since: datetime) -> Subquery:
    """When the rows of each token begin and end: two reads of the index, however many there are."""
    mine = (table.token_id == TokenRow.id, table.ts >= since)
    first, latest = (select(_seconds(edge(table.ts))).where(*mine).scalar_subquery() for edge in (func.min, func.max))
    query = select(TokenRow.id, first.label("first"), latest.label("latest")).where(TokenRow.id.in_(token_ids))
    return query.offset(0).subquery()  # OFFSET: computed once per token, not once per row


def _seconds(ts: Any) -> Any:
    return cast(func.extract("epoch", ts), Double)


def _richest(rows: Sequence[Any]) -> dict[int, tuple[Point, ...]]:
    """Per token the series of the kind with most points."""
    points: dict[int, dict[tuple[int, Any], list[Point]]] = defaultdict(lambda: defaultdict(list))
    for token_id, kind, count, ts, value in rows:
        points[token_id][count, kind].append(Point(ts, value))
    return {token_id: tuple(kinds[max(kinds)]) for token_id, kinds in points.items()}
