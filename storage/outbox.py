"""The outbox: alerts on their way to chats. A claim is committed before the send, the mark is a second transaction.

Leases and due times go by the database's clock, so that several senders agree.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, text, update

from engine.model import AlertKind
from engine.shown import Backlog, Parcel
from storage.database import PLAIN, Database
from storage.facts import from_json
from storage.tables import AlertRow, ChatRow, OutboxRow, TokenRow

NOW = func.clock_timestamp()


class Outbox:
    """Queries about outbox rows; each method is one transaction and may raise DatabaseAway.

    Rows of a chat that is off rest until it subscribes again.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, limit: int, lease_seconds: float) -> list[Parcel]:
        """Take up to `limit` open rows for `lease_seconds`: the most urgent first, then in an order fair to chats."""
        free = OutboxRow.lease_until.is_(None) | (OutboxRow.lease_until < NOW)
        fair = func.hashint8extended(OutboxRow.chat_id, OutboxRow.alert_id)
        urgent = (
            select(OutboxRow.id)
            .join(ChatRow)
            .where(OutboxRow.outcome.is_(None), OutboxRow.due_at <= NOW, free, ChatRow.off_at.is_(None))
            .order_by(OutboxRow.priority, fair)
            .limit(limit)
            .with_for_update(of=OutboxRow, skip_locked=True)
        )
        lease = NOW + timedelta(seconds=lease_seconds)
        claim = update(OutboxRow).where(OutboxRow.id.in_(urgent)).values(lease_until=lease).returning(OutboxRow.id)
        async with self._database.transaction() as session:
            ids = (await session.scalars(claim, execution_options=PLAIN)).all()
            rows = select(OutboxRow, ChatRow).join(ChatRow).where(OutboxRow.id.in_(ids))
            pairs = (await session.execute(rows.order_by(OutboxRow.priority, fair))).all()
        return [_parcel(row, chat) for row, chat in pairs]

    async def mark_sent(self, parcel_id: int, message_id: int) -> None:
        """Telegram has accepted the message."""
        await self._change(parcel_id, sent_at=NOW, message_id=message_id, outcome="sent", lease_until=None)

    async def postpone(self, parcel_id: int, seconds: float, error: str, *, may_have_arrived: bool) -> None:
        """Try again in `seconds`; only a try that may have arrived counts as an attempt (a possible duplicate)."""
        attempts = OutboxRow.attempts + (1 if may_have_arrived else 0)
        due_at = NOW + timedelta(seconds=seconds)
        await self._change(parcel_id, due_at=due_at, lease_until=None, attempts=attempts, last_error=error[:500])

    async def give_up(self, parcel_id: int, outcome: str) -> None:
        """This row will not be sent; `outcome` says why in a word or two."""
        await self._change(parcel_id, outcome=outcome, lease_until=None)

    async def backlog(self) -> Backlog:
        """What waits, and what has been sent within the last hour."""
        oldest = func.extract("epoch", NOW - func.min(OutboxRow.due_at))
        waiting = select(func.count(OutboxRow.id), oldest).join(ChatRow)
        waiting = waiting.where(OutboxRow.outcome.is_(None), OutboxRow.due_at <= NOW, ChatRow.off_at.is_(None))
        sent = select(func.count(OutboxRow.id)).where(OutboxRow.sent_at > NOW - text("interval '1 hour'"))
        async with self._database.transaction() as session:
            count, seconds = (await session.execute(waiting)).one()
            last_hour = await session.scalar(sent)
        return Backlog(count, float(seconds) if count else None, last_hour or 0)

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` rows from before then, the oldest first; how many were deleted.

        Rows that are still to be sent stay, unless their chat is off. So do those of an episode that still goes on:
        without them its chats would hear it again. Rows in somebody's hands are left for another time.
        """
        over = OutboxRow.outcome.is_not(None) | ChatRow.off_at.is_not(None)
        old = select(OutboxRow.id).join(ChatRow).where(OutboxRow.created_at < before, over, ~_goes_on())
        old = old.order_by(OutboxRow.created_at).limit(limit).with_for_update(of=OutboxRow, skip_locked=True)
        async with self._database.transaction() as session:
            gone = await session.execute(delete(OutboxRow).where(OutboxRow.id.in_(old)).returning(OutboxRow.id))
            return len(gone.all())

    async def _change(self, parcel_id: int, **values: Any) -> None:
        async with self._database.transaction() as session:
            await session.execute(
                update(OutboxRow).where(OutboxRow.id == parcel_id).values(**values),
                execution_options=PLAIN,
            )


def _goes_on() -> ColumnElement[bool]:
    """Whether the row tells of an episode that is still open."""
    told = select(AlertRow.id).join(TokenRow, TokenRow.id == AlertRow.token_id)
    mine = (AlertRow.id == OutboxRow.alert_id, AlertRow.kind == AlertKind.HIGH_SCORE.value)
    still_open = (TokenRow.episode == AlertRow.episode, TokenRow.episode_opened_at.is_not(None))
    return told.where(*mine, *still_open).exists()


def _parcel(row: OutboxRow, chat: ChatRow) -> Parcel:
    return Parcel(
        id=row.id,
        alert_id=row.alert_id,
        chat_id=row.chat_id,
        thread_id=chat.thread_id,
        language=chat.language,
        facts=from_json(row.facts),
        attempts=row.attempts,
    )
