"""Gaps of the feed: when it was deaf, for those who ask what was missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from engine.events import Gap
from engine.shown import FeedGaps
from storage.database import Database
from storage.tables import FeedGapRow

DAY = timedelta(hours=24)
MOST = 1000


class Gaps:
    """Queries about gaps; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, gap: Gap) -> bool:
        """Remember it once; False for one that does not end after it began, which is not stored."""
        if gap.ended_at <= gap.began_at:
            return False
        row = insert(FeedGapRow).values(began_at=gap.began_at, ended_at=gap.ended_at)
        async with self._database.transaction() as session:
            await session.execute(row.on_conflict_do_nothing())
        return True

    async def since(self, moment: datetime) -> list[Gap]:
        """Those that ended after then, whole, the latest first; at most `MOST`."""
        query = select(FeedGapRow).where(FeedGapRow.ended_at > moment)
        query = query.order_by(FeedGapRow.ended_at.desc(), FeedGapRow.began_at.desc()).limit(MOST)
        async with self._database.transaction() as session:
            return [Gap(row.began_at, row.ended_at) for row in await session.scalars(query)]

    async def last_day(self, now: datetime) -> FeedGaps:
        """How many there were within the 24 hours before `now`; of their seconds only those in these hours."""
        start = now - DAY
        deaf = func.extract("epoch", FeedGapRow.ended_at - func.greatest(FeedGapRow.began_at, start))
        query = select(func.count(), func.sum(deaf)).where(FeedGapRow.ended_at > start)
        async with self._database.transaction() as session:
            count, seconds = (await session.execute(query)).one()
        return FeedGaps(count, float(seconds or 0))
