"""Examples: the alert that a chat gets when it asks for a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import PRIORITIES
from engine.model import AlertKind, Reason
from engine.notices import TEST
from engine.shown import AlertFacts
from storage.facts import from_json, to_json
from storage.tables import AlertRow, ChatRow, OutboxRow

ACTION = "test"
PAUSE = timedelta(minutes=1)
KINDS = ((AlertKind.HIGH_SCORE,), (AlertKind.REVIVED, AlertKind.ACTIVATED))  # the first ones are the better examples


async def queue_example(session: AsyncSession, chat_id: int, now: datetime) -> bool:
    """Queue the newest alert as an example for this chat; False when it is not known, or had one just now."""
    known = select(ChatRow.id).where(ChatRow.id == chat_id).with_for_update(key_share=True)
    mine = (OutboxRow.chat_id == chat_id, OutboxRow.action == ACTION, OutboxRow.created_at > now - PAUSE)
    if await session.scalar(known) is None or await session.scalar(select(OutboxRow.id).where(*mine).limit(1)):
        return False
    alert = await _newest(session) or await _without_token(session, now)
    facts = to_json(replace(from_json(alert.facts), test=True))
    fresh = {
        "facts": facts,
        "priority": PRIORITIES[AlertKind.HIGH_SCORE],
        "created_at": now,
        "due_at": func.clock_timestamp(),
        "lease_until": None,
        "attempts": 0,
        "sent_at": None,
        "message_id": None,
        "outcome": None,
    }
    row = insert(OutboxRow).values(chat_id=chat_id, alert_id=alert.id, action=ACTION, **fresh)
    await session.execute(row.on_conflict_do_update(index_elements=["chat_id", "alert_id", "action"], set_=fresh))
    return True


async def _newest(session: AsyncSession) -> AlertRow | None:
    for kinds in KINDS:
        newest = select(AlertRow).where(AlertRow.kind.in_(kinds)).order_by(AlertRow.decided_at.desc()).limit(1)
        if alert := await session.scalar(newest):
            return alert
    return None


async def _without_token(session: AsyncSession, now: datetime) -> AlertRow:
    """Kept as any other alert, so that the outbox can refer to it."""
    facts = to_json(AlertFacts(AlertKind.NOTICE, now, reason=Reason(TEST)))
    alert = AlertRow(token_id=None, kind=AlertKind.NOTICE.value, episode=0, decided_at=now, facts=facts)
    session.add(alert)
    await session.flush()
    return alert
