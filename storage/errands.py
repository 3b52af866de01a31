"""Which tokens an alert was just decided for, and how long what was asked about them holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Subquery, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from engine.model import URGENT, AlertKind, Errand
from storage.alerts import HEARD
from storage.tables import AlertRow, TokenRow

FRESH = timedelta(hours=1)
KEPT = timedelta(hours=6)
KEPT_NOTHING = timedelta(minutes=10)  # an answer that held nothing


async def just_alerted(session: AsyncSession, now: datetime, limit: int, known: ColumnElement[bool]) -> list[Errand]:
    """Up to `limit` tokens with an alert within FRESH for which `known` does not hold, each once, under its most
    urgent alert: the urgent ones first, and of these the newest.
    """
    alert = _most_urgent(now)
    query = select(TokenRow.id, TokenRow.address, alert.c.kind).join(alert, alert.c.token_id == TokenRow.id)
    query = query.where(~known).order_by(alert.c.urgent.desc(), alert.c.decided_at.desc(), TokenRow.id).limit(limit)
    rows = (await session.execute(query)).all()
    return [Errand(token_id, mint, AlertKind(kind)) for token_id, mint, kind in rows]


def _most_urgent(now: datetime) -> Subquery:
    """One fresh alert per token; those that tell a token's end are none."""
    row = AlertRow
    urgent = row.kind.in_(sorted(URGENT)).label("urgent")
    query = select(row.token_id, row.kind, row.decided_at, urgent).ext(distinct_on(row.token_id))
    query = query.where(row.decided_at > now - FRESH, row.kind.in_(HEARD))
    return query.order_by(row.token_id, urgent.desc(), row.decided_at.desc()).subquery()
