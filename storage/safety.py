"""Safety facts: asked for once an alert was decided, kept for hours, shown with what is unknown as unknown."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from engine.model import Errand, Safety
from storage.database import Database
from storage.edits import edit_alerts_of
from storage.errands import KEPT, KEPT_NOTHING, just_alerted
from storage.settings import read_settings
from storage.tables import SafetyRow, TokenRow


class Safeties:
    """Queries about safety facts; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def wanted(self, now: datetime, limit: int) -> list[Errand]:
        """Up to `limit` tokens with a fresh alert whose facts are worth asking for, the most urgent first."""
        async with self._database.transaction() as session:
            return await just_alerted(session, now, limit, _known(now))

    async def keep(self, token_id: int, safety: Safety | None, asked_at: datetime) -> None:
        """Remember what was told when it was asked for at `asked_at`; None keeps the facts that were told before.

        Messages that told an alert of the token lately get them as well. Raises BadData when the database refuses a
        value, or the token is gone.
        """
        told = {"asked_at": asked_at} | (asdict(safety) if safety else {})
        row = insert(SafetyRow).values(token_id=token_id, **told)
        async with self._database.transaction() as session:
            await session.execute(row.on_conflict_do_update(index_elements=["token_id"], set_=told))
            if safety is None:
                return
            await self._edit_alerts(session, token_id)
        async with self._database.transaction() as session:  # of those that were marked as sent meanwhile
            await self._edit_alerts(session, token_id)

    async def _edit_alerts(self, session: AsyncSession, token_id: int) -> None:
        settings = await read_settings(session)
        await edit_alerts_of(session, token_id, timedelta(minutes=settings.alert_max_age_minutes))

    async def of(self, token_id: int) -> Safety | None:
        """The token's facts as last told; None when none ever were."""
        async with self._database.transaction() as session:
            row = await session.get(SafetyRow, token_id)
        return None if row is None else _safety(row)


def _known(now: datetime) -> ColumnElement[bool]:
    """Whether a token was asked about lately. Facts older than the last asking mean that it brought nothing."""
    brought = SafetyRow.as_of >= SafetyRow.asked_at
    since = case((brought, now - KEPT), else_=now - KEPT_NOTHING)
    return exists().where(SafetyRow.token_id == TokenRow.id, SafetyRow.asked_at > since)


def _safety(row: SafetyRow) -> Safety | None:
    if row.as_of is None:
        return None
    return Safety(
        top10_share=row.top10_share,
        creator_share=row.creator_share,
        mint_authority=row.mint_authority,
        freeze_authority=row.freeze_authority,
        mutable_metadata=row.mutable_metadata,
        as_of=row.as_of,
    )
