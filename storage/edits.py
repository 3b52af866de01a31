"""Edits: a sent alert gets the safety facts of its token, which are asked for once it was decided.

An open alert needs none: its claim writes into its facts what is known by then. A row of the outbox with this action
keeps the alert's facts below a key of their own, so that a release that knows no edits cannot take it for an alert
and send that once more.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import EDITS
from engine.model import Safety
from storage.alerts import HEARD
from storage.tables import AlertRow, ChatRow, Json, OutboxRow, SafetyRow

ACTION = "edit"
OF = "of"  # below which an edit keeps its facts
MOVED = "moved"


def facts_when_told(now: datetime) -> ColumnElement[Json]:
    """The facts of an outbox row that is claimed: those of an alert get when it is told, and what is known to tell."""
    known = select(_safety()).join(AlertRow, AlertRow.token_id == SafetyRow.token_id)
    known = known.where(AlertRow.id == OutboxRow.alert_id, SafetyRow.as_of.is_not(None))
    more = func.jsonb_build_object("told_at", now.isoformat(), "safety", known.scalar_subquery())
    kind = OutboxRow.facts["kind"].as_string()
    alert = and_(OutboxRow.action == "send", kind.in_([one.value for one in HEARD]))
    return case((alert, OutboxRow.facts.op("||")(more)), else_=OutboxRow.facts)


async def edit_alerts_of(session: AsyncSession, token_id: int, max_age: timedelta) -> None:
    """Queue an edit of each message that told an alert of this token within `max_age`, once each.

    Chats are locked, so that none is deleted between here and the row that refers to it. Done in the transaction
    that stores the facts, and once more after its end, for messages that were marked meanwhile.
    """
    fresh = OutboxRow.sent_at > func.clock_timestamp() - max_age
    young = AlertRow.decided_at > SafetyRow.as_of - 2 * max_age  # none is sent later than one `max_age`
    await _queue(session, SafetyRow.token_id == token_id, young, fresh)


async def edit_alert(session: AsyncSession, row_id: int) -> None:
    """Queue an edit of this message that was just sent, where the facts came while it was on its way."""
    untold = OutboxRow.facts["safety"].as_string().is_(None)
    await _queue(session, OutboxRow.id == row_id, untold)


async def forget_messages(session: AsyncSession, chat_id: int) -> None:
    """The chat's messages have other numbers now, which nobody tells: none of them can be edited any more."""
    rows = update(OutboxRow).where(OutboxRow.chat_id == chat_id)
    open_edits = rows.where(OutboxRow.action == ACTION, OutboxRow.outcome.is_(None))
    await session.execute(open_edits.values(outcome=MOVED, lease_until=None))
    await session.execute(rows.where(OutboxRow.message_id.is_not(None)).values(message_id=None))


async def _queue(session: AsyncSession, *which: ColumnElement[bool]) -> None:
    """The facts are new when they were told, so that is when an edit begins to age."""
    row, heard = OutboxRow, AlertRow.kind.in_([kind.value for kind in HEARD])
    told = row.facts.op("||")(func.jsonb_build_object("safety", _safety()))
    values: dict[str, Any] = {
        "chat_id": row.chat_id,
        "alert_id": row.alert_id,
        "action": literal(ACTION),
        "facts": func.jsonb_build_object(OF, told),
        "priority": literal(EDITS),
        "created_at": SafetyRow.as_of,
        "due_at": func.clock_timestamp(),
        "message_id": row.message_id,
    }
    sent = (row.action == "send", row.outcome == "sent", row.message_id.is_not(None))
    query = select(*values.values()).select_from(SafetyRow).join(AlertRow, AlertRow.token_id == SafetyRow.token_id)
    query = query.join(row, row.alert_id == AlertRow.id).join(ChatRow, ChatRow.id == row.chat_id)
    query = query.where(*which, *sent, heard, _worth_telling(), ChatRow.off_at.is_(None))
    query = query.with_for_update(of=ChatRow, read=True, key_share=True)
    await session.execute(insert(row).from_select(list(values), query).on_conflict_do_nothing())


def _worth_telling() -> ColumnElement[bool]:
    """Whether any of what an alert tells is known."""
    row = SafetyRow
    shares, powers = (row.top10_share, row.creator_share), (row.mint_authority, row.freeze_authority)
    return row.as_of.is_not(None) & (func.num_nonnulls(*shares, *powers) > 0)


def _safety() -> ColumnElement[Json]:
    """A row of safety facts as engine.model.Safety has them."""
    named = [(field.name, getattr(SafetyRow, field.name)) for field in fields(Safety)]
    return func.jsonb_build_object(*(part for pair in named for part in pair))
