"""Proposals: what an admin asked for, carried out once it is confirmed. Deciding and doing are one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import PRIORITIES
from engine.model import AlertKind
from engine.proposals import CONFIRMED_WITHIN_SECONDS, Done, Refusal, Wanted
from engine.shown import AlertFacts
from storage.database import Database
from storage.facts import to_json
from storage.settings import change_setting, read_settings
from storage.tables import ProposalRow

KEPT = timedelta(days=7)

KEEP = text("""
    INSERT INTO alerts (token_id, kind, episode, decided_at, facts)
    VALUES (NULL, 'broadcast', 0, :now, CAST(:facts AS jsonb)) RETURNING id
""")

TELL = text("""
    INSERT INTO outbox (chat_id, alert_id, action, facts, priority, created_at, due_at)
    SELECT id, :alert_id, 'broadcast', CAST(:facts AS jsonb), :priority, :now, clock_timestamp()
    FROM chats WHERE subscribed_at IS NOT NULL AND off_at IS NULL
    FOR KEY SHARE
""")


class Proposals:
    """Queries about proposals; each method is one transaction and may raise DatabaseAway.

    `wall_now` is the time by the clock on the wall, by which proposals expire; `now` the domain's, for what they write.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def propose(self, admin_id: int, wanted: Wanted, content: Mapping[str, Any], wall_now: datetime) -> int:
        """Keep what the admin asks for; its number, by which it is confirmed. Long forgotten ones go."""
        row = ProposalRow(
            admin_id=admin_id,
            kind=wanted.value,
            content=dict(content),
            proposed_at=wall_now,
            expires_at=wall_now + timedelta(seconds=CONFIRMED_WITHIN_SECONDS),
        )
        async with self._database.transaction() as session:
            await session.execute(delete(ProposalRow).where(ProposalRow.proposed_at < wall_now - KEPT))
            session.add(row)
            await session.flush()
            return row.id

    async def carry_out(self, number: int, admin_id: int, wall_now: datetime, now: datetime) -> Done | Refusal:
        """Do what this admin has confirmed. Raises InvalidSetting, having changed nothing and decided nothing."""
        async with self._database.transaction() as session:
            row = await _open(session, number, admin_id, wall_now)
            if isinstance(row, Refusal):
                return row
            row.decided_at, row.decision = wall_now, "confirmed"
            if row.kind == Wanted.SET:
                return await _set(session, row, now)
            return Done(Wanted.BROADCAST, row.content, await _broadcast(session, row.content["text"], now))

    async def withdraw(self, number: int, admin_id: int, wall_now: datetime) -> Refusal | None:
        """Forget what this admin asked for; None when that is done."""
        async with self._database.transaction() as session:
            row = await _open(session, number, admin_id, wall_now)
            if isinstance(row, Refusal):
                return row
            row.decided_at, row.decision = wall_now, "withdrawn"
        return None


async def _open(session: AsyncSession, number: int, admin_id: int, wall_now: datetime) -> ProposalRow | Refusal:
    """The proposal while it may be decided; locked, so that two taps cannot both decide it."""
    query = select(ProposalRow).where(ProposalRow.id == number, ProposalRow.admin_id == admin_id)
    row = await session.scalar(query.with_for_update())
    if row is None:
        return Refusal.UNKNOWN
    if row.decided_at is not None:
        return Refusal.DECIDED
    return row if wall_now < row.expires_at else Refusal.EXPIRED


async def _set(session: AsyncSession, row: ProposalRow, now: datetime) -> Done | Refusal:
    name, old, new = row.content["name"], row.content["old"], row.content["new"]
    if getattr(await read_settings(session, locked=True), name) != old:
        return Refusal.OUTDATED
    await change_setting(session, name, new, row.admin_id, now)
    return Done(Wanted.SET, row.content)


async def _broadcast(session: AsyncSession, said: str, now: datetime) -> int:
    """Queue the text for every chat that hears alerts; to how many."""
    facts = json.dumps(to_json(AlertFacts(AlertKind.BROADCAST, decided_at=now, text=said)))
    alert_id = await session.scalar(KEEP, {"now": now, "facts": facts})
    told = {"alert_id": alert_id, "facts": facts, "priority": PRIORITIES[AlertKind.BROADCAST], "now": now}
    return int((await session.execute(TELL, told)).rowcount)  # type: ignore[attr-defined] # a cursor's result has it
