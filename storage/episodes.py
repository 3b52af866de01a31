"""Episodes of a high score: their checks, and the levels that about so many of them a day have reached.

Scores from before the latest change of a versioned setting are not comparable, so no level is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, Select, delete, func, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import DailyLevel, Day, Ring, levels_at
from engine.model import AlertKind, Status
from storage.database import Database
from storage.days import high_scores, status_changes
from storage.settings import read_settings
from storage.tables import DailyLevelRow, EpisodeCheckRow, SettingChangeRow, TokenRow, TokenScoreRow

DAY = timedelta(days=1)
MOST = 100  # of the highest peaks; more are not asked for


class Episodes:
    """Queries about episodes; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def peaks(self, now: datetime) -> tuple[list[float], timedelta]:
        """The highest levels of the episodes of the last 24 h, and how much of that time was watched and compares."""
        check, score = EpisodeCheckRow, TokenScoreRow
        since = func.greatest(now - DAY, _last_change())
        firsts = union_all(
            select(func.min(check.ts).label("ts")).where(check.ts > since),
            select(func.min(score.ts)).where(score.ts > since),
        ).subquery()
        news = check.floor.is_(None) | (check.level > check.floor)
        peak = func.max(check.level).label("peak")
        query = select(peak).where(check.ts > since, check.ts <= now, news).group_by(check.token_id, check.episode)
        async with self._database.transaction() as session:
            began_at = await session.scalar(select(func.min(firsts.c.ts)))
            peaks = list(await session.scalars(query.order_by(peak.desc()).limit(MOST)))
        return peaks, max(now - began_at, timedelta(0)) if began_at else timedelta(0)

    async def levels(self, now: datetime) -> dict[int, float]:
        """The levels in force, by how many a day; none before the first hour of scores is known."""
        async with self._database.transaction() as session:
            return levels_at(await _levels(session), now)

    async def levels_set_at(self) -> datetime | None:
        """When levels were set last."""
        async with self._database.transaction() as session:
            return await session.scalar(select(func.max(DailyLevelRow.set_at)))

    async def set_levels(self, levels: Mapping[int, float], now: datetime) -> None:
        """From now on these are in force. Repeating this changes nothing."""
        rows = [{"per_day": per_day, "set_at": now, "level": level} for per_day, level in levels.items()]
        async with self._database.transaction() as session:
            await session.execute(insert(DailyLevelRow).values(rows).on_conflict_do_nothing())

    async def day(self, now: datetime) -> Day:
        """What began and rang within the last 24 h, as far as a chat may have heard it that was subscribed all day.

        Many rows to count: `Days` keeps the latest.
        """
        async with self._database.transaction() as session:
            cooldown = timedelta(minutes=(await read_settings(session)).alert_cooldown_minutes)
            rows = [*await session.execute(high_scores(now, cooldown)), *await session.execute(status_changes(now))]
            levels = await _levels(session)
        return Day(tuple(Ring(AlertKind(kind), *facts) for kind, *facts in rows), levels)

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` checks from before then, and levels that no open episode began under; how many.

        The latest levels stay, however old.
        """
        check, level = EpisodeCheckRow, DailyLevelRow
        key = tuple_(check.token_id, check.episode, check.ts)
        old = select(check.token_id, check.episode, check.ts).where(check.ts < before).order_by(check.ts).limit(limit)
        opened = select(func.min(TokenRow.episode_opened_at)).where(TokenRow.status == Status.ACTIVE)
        needed = func.least(before, opened.scalar_subquery())
        latest = select(func.max(level.set_at)).where(level.set_at <= needed).scalar_subquery()
        async with self._database.transaction() as session:
            checks = await session.execute(delete(check).where(key.in_(old)).returning(check.token_id))
            levels = await session.execute(delete(level).where(level.set_at < latest).returning(level.per_day))
            return len(checks.all()) + len(levels.all())


def kept_levels() -> Select[int, datetime, float]:
    """All kept levels, as (per_day, set_at, level).

    After a change of scores the latest ones stay in force until new ones are known: they are nearer than any guess.
    """
    return select(DailyLevelRow.per_day, DailyLevelRow.set_at, DailyLevelRow.level)


async def _levels(session: AsyncSession) -> tuple[DailyLevel, ...]:
    return tuple(DailyLevel(*values) for values in await session.execute(kept_levels()))


def _last_change() -> ScalarSelect[datetime]:
    """When a versioned setting was changed last; long ago where none was."""
    change = SettingChangeRow
    latest = func.coalesce(func.max(change.changed_at), func.to_timestamp(0))
    return select(latest).where(change.versioned).scalar_subquery()
