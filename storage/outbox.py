"""The outbox: alerts on their way to chats. A claim is committed before the send, the mark is a second transaction.

Leases and due times go by the database's clock, so that several senders agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import (
    ColumnElement,
    delete,
    func,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from engine.chats import Lately
from engine.hearing import NEWS, PRIORITIES
from engine.model import AlertKind
from engine.parcels import Digest, Parcel
from engine.shown import Backlog
from storage import edits
from storage.chats import to_preferences
from storage.claims import ALARM, LEAST_URGENT, NOW, claim_rows, due_rows, is_resting
from storage.database import PLAIN, Database
from storage.digests import fold_due, read_digest
from storage.examples import queue_example
from storage.expiry import expire_old, hold_news
from storage.facts import from_json
from storage.flood import allowed, decided_lately
from storage.lately import lately_columns
from storage.tables import AlertRow, ChatRow, OutboxRow, TokenRow

log = structlog.get_logger()


class Outbox:
    """Queries about outbox rows; each method is one transaction and may raise DatabaseAway.

    Rows of a chat that is off rest until it subscribes again; while alerts are paused or too many, all but alarms do.
    `count` hears of rows that are given up here.
    """

    def __init__(self, database: Database, count: Callable[[str, str], None] = lambda _what, _kind: None) -> None:
        self._database = database
        self._count = count

    async def claim(
        self,
        limit: int,
        lease_seconds: float,
        now: datetime,
        busy: Collection[int] = (),
        *,
        alarms_alone: bool = False,
    ) -> list[Parcel]:
        """Take up to `limit` open rows for `lease_seconds`: the most urgent first, then in an order fair to chats.

        None of chats that are `busy`. A row whose lease ran out may have been sent by who held it: it is counted as a
        possible duplicate. Rows that this release cannot read, such as of a kind that only a newer one knows, are
        given up.
        """
        claim = claim_rows(limit, lease_seconds, now, busy, most=ALARM if alarms_alone else LEAST_URGENT)
        async with self._database.transaction() as session:
            claims = (await session.execute(claim, execution_options=PLAIN)).all()
            ids = [row.id for row in claims]
            lately = lately_columns(ids, now)
            rows = select(OutboxRow, ChatRow, lately).join(ChatRow).join(lately, true())
            rows = rows.where(OutboxRow.id.in_(ids)).order_by(OutboxRow.priority, OutboxRow.id)  # as `lately` counts
            claimed = (await session.execute(rows)).all()
            parcels = [await self._read(session, row, chat, Lately(*counts)) for row, chat, *counts in claimed]
        for _ in filter(None, (row.again for row in claims)):
            self._count("alert_possible_duplicate", "lease_ran_out")
        return [parcel for parcel in parcels if parcel is not None]

    async def release(self, parcels: Collection[Parcel]) -> None:
        """These rows were not sent after all: they may be claimed at once, unless somebody else has them by now."""
        mine = tuple_(OutboxRow.id, OutboxRow.lease_until).in_([(one.id, one.lease_until) for one in parcels])
        free = update(OutboxRow).where(mine, OutboxRow.outcome.is_(None)).values(lease_until=None)
        async with self._database.transaction() as session:
            await session.execute(free, execution_options=PLAIN)

    async def rest(self, parcel_id: int, seconds: float) -> int:
        """Let all open rows of this row's alert, or all digests if it is one, wait for so long; how many they are."""
        this = aliased(OutboxRow)
        same = (this.id == parcel_id, this.action == OutboxRow.action)
        alike = (this.action == "digest") | (this.alert_id == OutboxRow.alert_id)
        mine = (OutboxRow.outcome.is_(None), select(this.id).where(*same, alike).exists())
        waiting = update(OutboxRow).where(*mine).values(due_at=NOW + timedelta(seconds=seconds))
        async with self._database.transaction() as session:
            return len((await session.execute(waiting.returning(OutboxRow.id), execution_options=PLAIN)).all())

    async def mark_sent(self, parcel_id: int, message_id: int | None) -> bool:
        """Telegram has accepted the message; False when it had accepted one of this row before.

        A row may be gone by now, with its chat.
        """
        mine = update(OutboxRow).where(OutboxRow.id == parcel_id, OutboxRow.sent_at.is_(None))
        sent = mine.values(sent_at=NOW, message_id=message_id, outcome="sent", lease_until=None)
        async with self._database.transaction() as session:
            if await session.scalar(sent.returning(OutboxRow.id), execution_options=PLAIN) is not None:
                return True
            return await session.scalar(select(OutboxRow.id).where(OutboxRow.id == parcel_id)) is None

    async def edit_late(self, parcel_id: int) -> None:
        """Queue an edit of this message, which was sent and marked, where safety facts came while it was on its way."""
        async with self._database.transaction() as session:
            await edits.edit_alert(session, parcel_id)

    async def postpone(self, parcel: Parcel, seconds: float, error: str, *, may_have_arrived: bool) -> None:
        """Try again in `seconds`; only a try that may have arrived counts as an attempt (a possible duplicate)."""
        attempts = OutboxRow.attempts + (1 if may_have_arrived else 0)
        due_at = NOW + timedelta(seconds=seconds)
        await self._change(parcel, due_at=due_at, lease_until=None, attempts=attempts, last_error=error[:500])

    async def give_up(self, parcel: Parcel, outcome: str) -> None:
        """This row will not be sent; `outcome` says why in a word or two."""
        await self._change(parcel, outcome=outcome, lease_until=None)

    async def hold(self, parcel: Parcel, until: datetime) -> None:
        """This row is told in the chat's next digest after `until`."""
        await self._change(parcel, outcome="held", digest_at=until, lease_until=None)

    async def fold(self, now: datetime) -> int:
        """Queue some of the digests that are due, one a chat; how many held rows went into them or were not wanted.

        The latter are counted. None while alerts are paused or too many.
        """
        async with self._database.transaction() as session:
            resting = (await session.execute(select(is_resting(now)))).scalar_one()
            folded, unwanted = (0, 0) if resting else await fold_due(session, now)
        for _ in range(unwanted):
            self._count("alert_given_up", "unwanted")
        return folded + unwanted

    async def expire(self, now: datetime, max_age: timedelta, limit: int) -> dict[str, int]:
        """Give up at most `limit` rows that are no news any more; how many by kind, each counted.

        News grow old in `max_age`, all else in a day; also where nothing is sent, or the chat is off. While alerts are
        too many, news that might grow old meanwhile are held instead, which is counted too. Rows in somebody's hands
        are left to whoever has them.
        """
        async with self._database.transaction() as session:
            flooded = bool((await session.execute(select(decided_lately(now) > allowed()))).scalar_one())
            held = await hold_news(session, now, max_age, limit) if flooded else {}
            gone = await expire_old(session, now, max_age, limit, flooded=flooded)
        for kind in Counter(held).elements():
            self._count("alert_held", kind)
        for _ in range(sum(gone.values())):
            self._count("alert_given_up", "expired")
        return gone

    async def digest(self, parcel_id: int) -> Digest:
        """What this digest tells."""
        async with self._database.transaction() as session:
            return await read_digest(session, parcel_id)

    async def test(self, chat_id: int, now: datetime) -> bool:
        """Queue an example of an alert for this chat; False when it is not known, or had one within the minute."""
        async with self._database.transaction() as session:
            return await queue_example(session, chat_id, now)

    async def backlog(self, now: datetime) -> Backlog:
        """What waits but for edits, the age of the oldest that may go, and whether alerts are too many."""
        async with self._database.transaction() as session:
            count, seconds, decided, at_most = (await session.execute(due_rows(now))).one()
        return Backlog(count, None if seconds is None else float(seconds), decided, int(at_most))

    async def sent_last_hour(self, chat_id: int) -> int:
        """How many alerts about tokens this chat has been sent within the last hour; tests are none."""
        lately = (OutboxRow.chat_id == chat_id, OutboxRow.sent_at > NOW - text("interval '1 hour'"))
        news = (OutboxRow.action == "send", OutboxRow.priority.in_([PRIORITIES[kind] for kind in NEWS]))
        sent = select(func.count(OutboxRow.id)).where(*lately, *news)
        async with self._database.transaction() as session:
            return await session.scalar(sent) or 0

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

    async def _read(self, session: AsyncSession, row: OutboxRow, chat: ChatRow, lately: Lately) -> Parcel | None:
        """The row as a parcel; one that cannot be read is given up, so that the others go out."""
        try:
            return _parcel(row, chat, lately)
        except (ValueError, TypeError) as error:
            log.warning("alert.unreadable", row=row.id, chat_id=row.chat_id, error=type(error).__name__)
            self._count("alert_given_up", "unreadable")
            gone = update(OutboxRow).where(OutboxRow.id == row.id).values(outcome="unreadable", lease_until=None)
            await session.execute(gone, execution_options=PLAIN)
            return None

    async def _change(self, parcel: Parcel, **values: Any) -> None:
        """Nothing where the row is not in these hands any more."""
        mine = (OutboxRow.id == parcel.id, OutboxRow.outcome.is_(None), OutboxRow.lease_until == parcel.lease_until)
        async with self._database.transaction() as session:
            await session.execute(update(OutboxRow).where(*mine).values(**values), execution_options=PLAIN)


def _goes_on() -> ColumnElement[bool]:
    """Whether the row tells of an episode that is still open."""
    told = select(AlertRow.id).join(TokenRow, TokenRow.id == AlertRow.token_id)
    mine = (AlertRow.id == OutboxRow.alert_id, AlertRow.kind == AlertKind.HIGH_SCORE.value)
    still_open = (TokenRow.episode == AlertRow.episode, TokenRow.episode_opened_at.is_not(None))
    return told.where(*mine, *still_open).exists()


def _parcel(row: OutboxRow, chat: ChatRow, lately: Lately) -> Parcel:
    is_edit = row.action == edits.ACTION
    return Parcel(
        id=row.id,
        alert_id=row.alert_id,
        chat_id=row.chat_id,
        thread_id=chat.thread_id,
        language=chat.language,
        facts=from_json(row.facts.get(edits.OF, {}) if is_edit else row.facts),
        attempts=row.attempts,
        preferences=to_preferences(chat),
        lately=lately,
        lease_until=row.lease_until,
        edits=row.message_id if is_edit else None,
    )
