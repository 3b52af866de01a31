"""Gaps of the feed: when it was deaf, for those who ask what was missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from engine.events import Gap
from engine.shown import FeedGaps
from storage.database import Database
from storage.tables import FeedGapRow, FeedHearingRow, TokenRow

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

    async def heard(self, until: datetime) -> None:
        """The feed surely heard migrations until then; an earlier moment changes nothing."""
        row = insert(FeedHearingRow).values(id=1, heard_until=until)
        latest = func.greatest(FeedHearingRow.heard_until, row.excluded.heard_until)
        async with self._database.transaction() as session:
            await session.execute(row.on_conflict_do_update(index_elements=["id"], set_={"heard_until": latest}))

    async def heard_until(self) -> datetime | None:
        """The latest moment at which any row proves that migrations were heard; None before the first."""
        proofs = (FeedHearingRow.heard_until, TokenRow.created_at, FeedGapRow.ended_at)
        query = select(func.greatest(*(select(func.max(proof)).scalar_subquery() for proof in proofs)))
        async with self._database.transaction() as session:
            found: datetime | None = await session.scalar(query)
        return found

    async def since(self, moment: datetime) -> list[Gap]:
        """Those that ended after then, whole, the latest first; at most `MOST`."""
        query = select(FeedGapRow).where(FeedGapRow.ended_at > moment)
        query = query.order_by(FeedGapRow.ended_at.desc(), FeedGapRow.began_at.desc()).limit(MOST)
        async with self._database.transaction() as session:
            return [Gap(row.began_at, row.ended_at) for row in await session.scalars(query)]

    async def last_day(self, now: datetime) -> FeedGaps:
        """Those of the 24 hours before `now`; of their seconds only those in these hours."""
        start = now - DAY
        gaps = await self.since(start)
        seconds = sum((gap.ended_at - max(gap.began_at, start)).total_seconds() for gap in gaps)
        return FeedGaps(len(gaps), seconds, gaps[0] if gaps else None)
