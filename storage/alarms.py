"""Alarms: what admins are told about the program itself. One row for each beginning and each end of a trouble."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import text

from engine.hearing import PRIORITIES
from engine.model import AlertKind
from engine.shown import AlertFacts
from storage.database import Database
from storage.facts import from_json, to_json

KEEP = text("""
    INSERT INTO alerts (token_id, kind, episode, decided_at, facts)
    SELECT NULL, 'alarm', 0, :now, CAST(:facts AS jsonb)
    WHERE NOT EXISTS (
        SELECT FROM alerts WHERE token_id IS NULL AND kind = 'alarm' AND facts = CAST(:facts AS jsonb))
    RETURNING id
""")

# A chat that never subscribed is here for alarms alone: if it was out of reach once, each alarm tries it again.
MEET = text("""
    INSERT INTO chats (id, type, language, created_at)
    SELECT admin, 'private', 'en', :now FROM unnest(CAST(:admin_ids AS bigint[])) AS admin
    ON CONFLICT (id) DO UPDATE SET off_at = NULL, off_reason = NULL
    WHERE chats.subscribed_at IS NULL AND chats.off_at IS NOT NULL
""")

# The end tells all that the beginning does. Rows of both would come in any order.
SUPERSEDE = text("""
    UPDATE outbox SET outcome = 'superseded', lease_until = NULL
    FROM alerts AS alarm
    WHERE alarm.id = outbox.alert_id AND alarm.token_id IS NULL AND alarm.kind = 'alarm'
        AND alarm.facts ->> 'part' = :part AND outbox.outcome IS NULL
        AND (outbox.lease_until IS NULL OR outbox.lease_until < clock_timestamp())
""")

TELL = text("""
    INSERT INTO outbox (chat_id, alert_id, action, facts, priority, created_at, due_at)
    SELECT id, :alert_id, 'send', CAST(:facts AS jsonb), :priority, :now, clock_timestamp()
    FROM chats WHERE id = ANY (:admin_ids) AND off_at IS NULL
    FOR KEY SHARE
""")

OPEN = text("""
    SELECT facts FROM (
        SELECT DISTINCT ON (facts ->> 'part') facts FROM alerts
        WHERE token_id IS NULL AND kind = 'alarm' AND facts ? 'part'
        ORDER BY facts ->> 'part', id DESC
    ) AS latest
    WHERE NOT facts ? 'failed_seconds'
""")


class Alarms:
    """Queries about alarms; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tell(self, facts: AlertFacts, admin_ids: Collection[int]) -> None:
        """Keep the begin of a part's trouble, or its end where `failed_seconds` is known, and queue it for each admin.

        An end takes the place of a begin that was not sent yet. Repeating this adds nothing.
        """
        now, priority = facts.decided_at, PRIORITIES[AlertKind.ALARM]
        row = {"now": now, "facts": json.dumps(to_json(facts))}
        admins = {"admin_ids": sorted(admin_ids)}
        async with self._database.transaction() as session:
            alert_id = await session.scalar(KEEP, row)
            if alert_id is None:
                return
            if facts.failed_seconds is not None:
                await session.execute(SUPERSEDE, {"part": facts.part})
            await session.execute(MEET, {"now": now, **admins})
            await session.execute(TELL, {**row, **admins, "alert_id": alert_id, "priority": priority})

    async def open(self) -> list[AlertFacts]:
        """The alarms whose end has not been told, one a part."""
        async with self._database.transaction() as session:
            return [from_json(facts) for facts in await session.scalars(OPEN)]
