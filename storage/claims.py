"""Which rows of the outbox may go now, and how some of them are taken. No transactions here.

Leases and due times go by the database's clock, so that several senders agree.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    all_,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.dml import ReturningUpdate

from engine.hearing import PRIORITIES
from engine.model import AlertKind
from storage import edits
from storage.flood import allowed, decided_lately
from storage.tables import ChatRow, OutboxRow, SettingRow

NOW = func.clock_timestamp()
FAIR = func.hashint8extended(OutboxRow.chat_id, OutboxRow.alert_id)
ALARM = PRIORITIES[AlertKind.ALARM]
LEAST_URGENT = 32_767


def open_rows(now: datetime) -> Select[int]:
    """The ids of the rows that may be claimed now."""
    free = OutboxRow.lease_until.is_(None) | (OutboxRow.lease_until < NOW)
    return select(OutboxRow.id).where(*_due(), free, _may_go(now))


def due_rows(now: datetime) -> Select[int, float | None, int, float]:
    """How many rows but edits are due, the age of the oldest that may go, and the alerts decided lately and allowed."""
    oldest: ColumnElement[Any] = func.extract("epoch", NOW - func.min(OutboxRow.due_at).filter(_may_go(now)))
    counts = select(func.count(OutboxRow.id), oldest, decided_lately(now), allowed())
    return counts.where(*_due(), OutboxRow.action != edits.ACTION)


def _due() -> tuple[ColumnElement[bool], ...]:
    """Which rows are open and due, of chats that are not off.

    That is asked row by row: as a join it may go over all open rows for each chat, while the planner does not know yet
    how many there are.
    """
    reachable = select(ChatRow.off_at.is_(None)).where(ChatRow.id == OutboxRow.chat_id).scalar_subquery()
    return OutboxRow.outcome.is_(None), OutboxRow.due_at <= NOW, reachable


def claim_rows(
    limit: int, lease_seconds: float, now: datetime, busy: Collection[int], most: int
) -> ReturningUpdate[tuple[int, bool]]:
    """The most urgent open rows up to that priority, leased; as (id, whether it was leased before)."""
    again = (OutboxRow.lease_until.is_not(None) & (OutboxRow.action != edits.ACTION)).label("again")
    free = OutboxRow.chat_id != all_(literal(list(busy), ARRAY(BigInteger)))
    urgent = (
        open_rows(now)
        .add_columns(again)
        .where(free, OutboxRow.priority <= most)
        .order_by(OutboxRow.priority, FAIR)
        .limit(limit)
    )
    mine = urgent.with_for_update(of=OutboxRow, skip_locked=True).cte("urgent")
    values = {
        "lease_until": NOW + timedelta(seconds=lease_seconds),
        "attempts": OutboxRow.attempts + cast(mine.c.again, Integer),
        "facts": edits.facts_when_told(now),
    }
    return update(OutboxRow).where(OutboxRow.id == mine.c.id).values(values).returning(OutboxRow.id, mine.c.again)


def _paused() -> ColumnElement[bool]:
    yes = cast(literal('"yes"', Text()), JSONB)
    return select(SettingRow.key).where(SettingRow.key == "alerts_paused", SettingRow.value == yes).exists()


def is_resting(now: datetime) -> ColumnElement[bool]:
    """Whether all but alarms rest. It is asked once a statement, since it names no row."""
    return _paused() | (decided_lately(now) > allowed())


def _may_go(now: datetime) -> ColumnElement[bool]:
    """Whether the row may be sent at present."""
    return (OutboxRow.priority <= ALARM) | ~is_resting(now)
