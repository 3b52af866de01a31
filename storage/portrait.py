"""The portrait of one token: its kept series, thinned to what a chart shows, and what changed lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from engine.changes import FURTHEST, Change, changes
from engine.model import Reason, Score, Source, Transition
from engine.settings import Settings
from engine.shown import Point, Portrait, Standing
from storage.facts import score_from_json
from storage.tables import TokenRow, TokenScoreRow, TokenSnapshotRow, TransitionRow
from storage.tokens import to_sample, to_token, with_latest_look

SERIES_POINTS = 1500  # more than a chart's width shows

LOOK, CHECK = TokenSnapshotRow, TokenScoreRow
TRADED = LOOK.buys_volume_5m + LOOK.sells_volume_5m
FLOW = func.coalesce((LOOK.buys_volume_5m - LOOK.sells_volume_5m) / func.nullif(TRADED, 0), 0)

Conditions = tuple[ColumnElement[bool], ...]


async def portrait_of(session: AsyncSession, token_id: int, since: datetime, settings: Settings) -> Portrait | None:
    """The token in full with its series since then; None when there is no such token."""
    pair = (await session.execute(with_latest_look(select(TokenRow)).where(TokenRow.id == token_id))).first()
    if pair is None:
        return None
    looks, checks = (LOOK.token_id == token_id, LOOK.ts >= since), (CHECK.token_id == token_id, CHECK.ts >= since)
    priced = await _of_one_source(session, *looks, LOOK.price.is_not(None))
    trusted = (*priced, LOOK.liquidity >= settings.min_trusted_liquidity)
    flowing = await _of_one_source(session, *looks, TRADED.is_not(None))
    score = await _latest_score(session, token_id)
    return Portrait(
        standing=Standing(to_token(pair[0]), to_sample(pair[1])),
        score=score,
        scores=await _thinned(session, CHECK.ts, CHECK.score, *checks),
        prices=await _thinned(session, LOOK.ts, LOOK.price, *trusted),
        transitions=await _transitions(session, token_id),
        flows=await _thinned(session, LOOK.ts, FLOW, *flowing),
        changes=await _changes(session, trusted, checks, score),
    )


async def _latest_score(session: AsyncSession, token_id: int) -> Score | None:
    query = select(CHECK).where(CHECK.token_id == token_id).order_by(CHECK.ts.desc()).limit(1)
    row = await session.scalar(query)
    return score_from_json(row.ts, row.score, row.components) if row else None


async def _of_one_source(session: AsyncSession, *mine: ColumnElement[bool]) -> Conditions:
    """The conditions, narrowed to the source with most such looks: a series never mixes sources."""
    query = select(LOOK.source).where(*mine).group_by(LOOK.source).order_by(func.count().desc(), LOOK.source).limit(1)
    found = await session.scalar(query)
    return *mine, LOOK.source == (found or Source.BIRDEYE.value)


async def _thinned(session: AsyncSession, ts: Any, value: Any, *mine: ColumnElement[bool]) -> tuple[Point, ...]:
    """A series, oldest first: the last value of each of at most `SERIES_POINTS` equal spans."""
    epoch = func.extract("epoch", ts)
    first, latest = (select(edge(epoch)).where(*mine).scalar_subquery() for edge in (func.min, func.max))
    part = func.floor((epoch - first) / func.greatest((latest - first) / SERIES_POINTS, 0.001))
    query = select(ts, value).where(*mine).ext(distinct_on(part)).order_by(part, ts.desc())
    return tuple(Point(at, number) for at, number in (await session.execute(query)).all())


async def _changes(
    session: AsyncSession, looks: Conditions, checks: Conditions, score: Score | None
) -> tuple[Change, ...]:
    """What changed lately. Scores under other settings or of another source are no measure for the latest one."""
    rows = await _latest(session, looks, LOOK.ts, LOOK.price, LOOK.liquidity)
    prices, liquidities = ([(row[0], row[column]) for row in rows] for column in (1, 2))
    if score is None:
        return changes(prices, liquidities, ())
    version, source = CHECK.components["settings_version"].as_integer(), CHECK.components["source"].as_string()
    alike = (*checks, version == score.settings_version, source == score.source.value)
    scores = await _latest(session, alike, CHECK.ts, CHECK.score)
    return changes(prices, liquidities, [(ts, value) for ts, value in scores])


async def _latest(session: AsyncSession, mine: Conditions, ts: Any, *values: Any) -> Sequence[Any]:
    """The rows of the series' last `FURTHEST`, oldest first: all of them, for a thinned series would blur 5 minutes."""
    last = select(func.max(ts)).where(*mine).scalar_subquery()
    query = select(ts, *values).where(*mine, ts >= last - FURTHEST).order_by(ts)
    return (await session.execute(query)).all()


async def _transitions(session: AsyncSession, token_id: int) -> tuple[tuple[datetime, Transition], ...]:
    rows = await session.scalars(
        select(TransitionRow).where(TransitionRow.token_id == token_id).order_by(TransitionRow.ts, TransitionRow.id)
    )
    return tuple(
        (row.ts, Transition(row.status_before, row.status_after, Reason(row.reason_template, row.reason_values)))
        for row in rows
    )
