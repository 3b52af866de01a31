"""Notices: what subscribers are told when a setting changes what their own wishes mean."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import PRIORITIES
from engine.model import AlertKind
from engine.notices import ordinary_score, weights_changed
from engine.settings import Settings
from engine.shown import AlertFacts
from storage.facts import to_json
from storage.tables import AlertRow, ChatRow, Json, OutboxRow

ACTION = "weights"
SETTLING = timedelta(minutes=2)  # who changes one weight often changes another: chats are told of the sum

# Gives what the chat knows of: the ordinary score before the changes that it was not told.
SUPERSEDE = text("""
    UPDATE outbox SET outcome = 'superseded', lease_until = NULL
    WHERE action = :action AND outcome IS NULL AND (lease_until IS NULL OR lease_until < clock_timestamp())
    RETURNING chat_id, CAST(facts -> 'reason' -> 'values' ->> 'before' AS float8)
""")


async def announce_weights(session: AsyncSession, before: Settings, after: Settings, now: datetime) -> None:
    """Queue a notice for each subscriber with a threshold of its own, where ordinary trading scores otherwise now.

    It takes the place of one that was not sent yet.
    """
    was, is_now = ordinary_score(before), ordinary_score(after)
    if was == is_now:
        return
    superseded = await session.execute(SUPERSEDE, {"action": ACTION})
    untold = {int(chat_id): float(score) for chat_id, score in superseded}
    chats = select(ChatRow.id, ChatRow.threshold).order_by(ChatRow.id).with_for_update(read=True, key_share=True)
    chats = chats.where(ChatRow.subscribed_at.is_not(None), ChatRow.off_at.is_(None))
    notices = {
        chat_id: AlertFacts(AlertKind.NOTICE, now, reason=weights_changed(known, is_now, threshold))
        for chat_id, threshold in await session.execute(chats)
        if threshold is not None and (known := untold.get(chat_id, was)) != is_now
    }
    if notices:
        await _queue(session, {chat_id: to_json(facts) for chat_id, facts in notices.items()}, now)


async def _queue(session: AsyncSession, notices: dict[int, Json], now: datetime) -> None:
    kept = {"kind": AlertKind.NOTICE.value, "decided_at": now.isoformat()}
    alert = AlertRow(token_id=None, kind=AlertKind.NOTICE.value, episode=0, decided_at=now, facts=kept)
    session.add(alert)
    await session.flush()
    common = {"alert_id": alert.id, "action": ACTION, "priority": PRIORITIES[AlertKind.NOTICE], "created_at": now}
    names = ("chat_id", "facts")
    values = common | {"due_at": func.clock_timestamp() + SETTLING} | {name: bindparam(name) for name in names}
    rows = [{"chat_id": chat_id, "facts": facts} for chat_id, facts in notices.items()]
    table: Any = OutboxRow.__table__  # the mapped class wants no expressions beside many rows
    await session.execute(insert(table).values(values), rows)
