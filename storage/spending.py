"""What the provider's calls cost, by hour and endpoint: the memory of the budget over restarts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from storage.database import Database
from storage.tables import BillingCycleRow, SpendingRow


class Spending:
    """Queries about spending; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, endpoint: str, calls: int, credits_cu: int, at: datetime) -> None:
        """Count calls and their cost in CU. Corrections may be negative."""
        row = insert(SpendingRow).values(hour=_hour(at), endpoint=endpoint, calls=calls, credits=credits_cu)
        sums = {
            "calls": SpendingRow.calls + row.excluded.calls,
            "credits": SpendingRow.credits + row.excluded.credits,
        }
        async with self._database.transaction() as session:
            await session.execute(row.on_conflict_do_update(index_elements=["hour", "endpoint"], set_=sums))

    async def since(self, start: datetime) -> int:
        """CU spent since then; the hour in which `start` lies counts whole, so it is never too little."""
        query = select(func.sum(SpendingRow.credits)).where(SpendingRow.hour >= _hour(start))
        async with self._database.transaction() as session:
            return int(await session.scalar(query) or 0)

    async def first_hour(self) -> datetime | None:
        """The hour of the first call that was ever paid; None before it."""
        async with self._database.transaction() as session:
            first: datetime | None = await session.scalar(select(func.min(SpendingRow.hour)))
        return first

    async def cycle(self) -> tuple[datetime, datetime] | None:
        """Begin and end of the account's billing cycle as it was told last; None when it never was."""
        async with self._database.transaction() as session:
            row = await session.get(BillingCycleRow, 1)
        return (row.starts_at, row.ends_at) if row else None

    async def keep_cycle(self, starts_at: datetime, ends_at: datetime) -> None:
        """The account tells its billing cycle."""
        told = {"starts_at": starts_at, "ends_at": ends_at}
        row = insert(BillingCycleRow).values(id=1, **told)
        async with self._database.transaction() as session:
            await session.execute(row.on_conflict_do_update(index_elements=["id"], set_=told))


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
