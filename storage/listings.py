"""Lists of tokens as people look at them: the top, the newest, any others. Statements do not grow with the tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from engine.model import Status
from engine.settings import Settings
from engine.shown import Order, Page, Standing
from storage.database import Database
from storage.tables import TokenRow, TokenScoreRow, TokenSnapshotRow
from storage.tokens import to_sample, to_token, with_latest_look

TREND = timedelta(minutes=5)
TODAY = timedelta(hours=24)
NAMESAKES = timedelta(hours=48)

# The observed minutes of `engine.scoring`, as far as an age-adjusted score needs them; a test holds both together.
LEAST_OBSERVED_MINUTES = 5.0
CURVE = timedelta(minutes=5)


class Listings:
    """Queries for lists; each method is one transaction and may raise DatabaseAway.

    Pages beyond the last give the last.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def top(self, order: Order, number: int, size: int, now: datetime, settings: Settings) -> Page:
        """Active tokens in this order; those without a figure to sort by come last, by what glances see."""
        active = TokenRow.status == Status.ACTIVE
        ids = _in_order(order, now, settings).where(active)
        return await self._page(ids, active, number, size, now)

    async def newest(self, number: int, size: int, now: datetime) -> Page:
        """The migrations of the last 24 hours, the latest first."""
        recent = TokenRow.created_at > now - TODAY
        ids = select(TokenRow.id).where(recent).order_by(TokenRow.created_at.desc(), TokenRow.id.desc())
        return await self._page(ids, recent, number, size, now)

    async def standings(self, token_ids: Sequence[int], now: datetime) -> list[Standing]:
        """These tokens as they are now, in this order."""
        async with self._database.transaction() as session:
            return await _standings(session, token_ids, now)

    async def _page(self, ids: Select[int], among: ColumnElement[bool], number: int, size: int, now: datetime) -> Page:
        async with self._database.transaction() as session:
            total = await session.scalar(select(func.count()).select_from(TokenRow).where(among)) or 0
            last = max(1, -(-total // size))
            shown = min(number, last)
            found = (await session.scalars(ids.offset((shown - 1) * size).limit(size))).all()
            return Page(tuple(await _standings(session, found, now)), shown, size, total)


def namesakes(now: datetime) -> ColumnElement[int]:
    """A column for queries over tokens: how many other tokens of the last 48 hours have the same symbol.

    Symbols are the same when they read the same; one in which nothing can be read has no namesakes.
    """
    other = aliased(TokenRow)
    same = (other.symbol_key == TokenRow.symbol_key, other.symbol_key != "", other.id != TokenRow.id)
    query = select(func.count()).select_from(other).where(*same, other.created_at > now - NAMESAKES)
    return query.correlate(TokenRow).scalar_subquery()


async def _standings(session: AsyncSession, token_ids: Sequence[int], now: datetime) -> list[Standing]:
    """The tokens with their latest looks and their places among others, in the order of the ids."""
    if not token_ids:
        return []
    shares = _top_shares(now).subquery()
    tokens = select(TokenRow).outerjoin(shares, shares.c.id == TokenRow.id).where(TokenRow.id.in_(token_ids))
    query = with_latest_look(tokens).add_columns(_score_before(), shares.c.share, namesakes(now))
    found = {
        row[0].id: Standing(to_token(row[0]), to_sample(row[1]), *row[2:])
        for row in (await session.execute(query)).all()
    }
    return [found[token_id] for token_id in token_ids if token_id in found]


def _in_order(order: Order, now: datetime, settings: Settings) -> Select[int]:
    """Ids of tokens in this order."""
    if order is Order.AGE:
        return select(TokenRow.id).order_by(TokenRow.created_at.desc(), TokenRow.id.desc())
    figure = {Order.HEAT: _heat(now, settings), Order.LIQUIDITY: _liquidity()}.get(order, TokenRow.last_score_value)
    by_glances = TokenRow.glance_pre_score.desc().nulls_last()
    return select(TokenRow.id).order_by(figure.desc().nulls_last(), by_glances, TokenRow.id)


def _liquidity() -> Any:
    """The latest look's, as the list shows it."""
    look = TokenSnapshotRow
    query = select(look.liquidity).where(look.token_id == TokenRow.id).order_by(look.ts.desc()).limit(1)
    return query.correlate(TokenRow).scalar_subquery()


def _heat(now: datetime, settings: Settings) -> Any:
    """The score for the token's age: what alerts compare."""
    begin = func.coalesce(TokenRow.first_trade_at, TokenRow.created_at - CURVE)
    minutes = func.greatest(func.extract("epoch", now - begin) / 60, LEAST_OBSERVED_MINUTES)
    young = func.least(func.greatest(minutes / settings.alert_young_minutes, 0.5), 1.0)
    return TokenRow.last_score_value / young


def _top_shares(now: datetime) -> Select[*tuple[Any, ...]]:
    """Of each token that was Active within the last 24 hours: which share of them scores at least as high.

    The last score counts, also of those that are archived by now; tokens without one take no part.
    """
    left_today = and_(TokenRow.archived_at > now - TODAY, TokenRow.activated_at.is_not(None))
    today = or_(TokenRow.status == Status.ACTIVE, left_today)
    share = func.cume_dist().over(order_by=TokenRow.last_score_value.desc())
    return select(TokenRow.id, share.label("share")).where(today, TokenRow.last_score_value.is_not(None))


def _score_before() -> ColumnElement[float]:
    """A token's score as it was `TREND` before its latest one."""
    earlier = (TokenScoreRow.token_id == TokenRow.id, TokenScoreRow.ts <= TokenRow.last_score_at - TREND)
    query = select(TokenScoreRow.score).where(*earlier).order_by(TokenScoreRow.ts.desc()).limit(1)
    return query.correlate(TokenRow).scalar_subquery()
