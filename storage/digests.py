"""Digests: what was held for a chat becomes one row of the outbox, and is read again when that is sent."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import PRIORITIES
from engine.model import AlertKind
from engine.parcels import Digest
from engine.shown import AlertFacts
from storage.facts import from_json, to_json
from storage.lately import MAY_WAIT
from storage.tables import OutboxRow

BEST = 15  # of which a digest tells more than their number
CHATS = 500  # a statement: at a full hour very many may be due

# Chats are locked before their rows, as by whoever deletes a chat: the sort below takes all chats before any row.
# Who is muted, or hears no alerts any more, is not told late. What a chat watches needs no subscription.
# A digest goes after all alerts of its chat: it waits for those of a burst, that none of them becomes one more digest.
# Chats that must wait so are none of the `CHATS`, or they would keep the others waiting. Who waits is asked once a
# statement: as a join it may go over all open rows for each chat, while the planner does not know how many there are.
FOLD = text("""
    WITH waiting AS MATERIALIZED (
        SELECT DISTINCT chat_id FROM outbox AS held
        WHERE outcome = 'held' AND digest_at <= :now AND (
            chat_id NOT IN (
                SELECT coming.chat_id FROM outbox AS coming
                WHERE coming.outcome IS NULL AND coming.action = 'send' AND coming.priority = ANY (:may_wait)
                    AND NOT coming.facts ? 'watched' AND coming.due_at <= clock_timestamp())
            OR NOT (SELECT off_at IS NULL AND COALESCE(muted_until <= :now, true) FROM chats WHERE id = held.chat_id))
        LIMIT :chats
    ), hearing AS MATERIALIZED (
        SELECT id, off_at IS NULL AND COALESCE(muted_until <= :now, true) AS reachable,
            subscribed_at IS NOT NULL AS subscribed
        FROM chats WHERE id IN (SELECT chat_id FROM waiting)
        ORDER BY id
        FOR KEY SHARE
    ), due AS (
        SELECT held.id, held.chat_id, held.alert_id, chat.reachable AND (
            chat.subscribed OR held.facts ? 'watched' OR held.facts ->> 'kind' IN ('watched', 'archived')) AS wanted
        FROM hearing AS chat
        JOIN outbox AS held ON held.chat_id = chat.id
        WHERE held.outcome = 'held' AND held.digest_at <= :now
        ORDER BY held.id
        FOR UPDATE OF held SKIP LOCKED
    ), told AS (
        INSERT INTO outbox (chat_id, alert_id, action, facts, priority, created_at, due_at)
        SELECT chat_id, max(alert_id), 'digest', CAST(:facts AS jsonb), :priority, :now, clock_timestamp()
        FROM due WHERE wanted GROUP BY chat_id
        RETURNING id, chat_id
    )
    UPDATE outbox SET outcome = CASE WHEN due.wanted THEN 'digested' ELSE 'unwanted' END, digest_id = told.id
    FROM due LEFT JOIN told ON due.wanted AND told.chat_id = due.chat_id
    WHERE outbox.id = due.id
    RETURNING due.wanted
""")


async def fold_due(session: AsyncSession, now: datetime) -> tuple[int, int]:
    """Queue one digest for each of up to `CHATS` chats, of all that is due for it.

    As how many held rows went into them, and how many were given up since their chat does not want them any more.
    """
    facts = json.dumps(to_json(AlertFacts(AlertKind.DIGEST, now)))
    row = {"now": now, "facts": facts, "priority": PRIORITIES[AlertKind.DIGEST], "chats": CHATS, "may_wait": MAY_WAIT}
    wanted = (await session.scalars(FOLD, row)).all()
    return sum(wanted), len(wanted) - sum(wanted)


async def read_digest(session: AsyncSession, digest_id: int) -> Digest:
    """What was folded into this row of the outbox."""
    row, kind = OutboxRow, OutboxRow.facts["kind"].as_string()
    counts = select(kind, func.count()).where(row.digest_id == digest_id).group_by(kind)
    level = row.facts["level"].as_float().desc().nulls_last()
    best = select(row.facts).where(row.digest_id == digest_id).order_by(row.priority, level, row.id.desc()).limit(BEST)
    counted = (await session.execute(counts)).all()
    facts = await session.scalars(best)
    return Digest({AlertKind(name): count for name, count in counted}, tuple(from_json(one) for one in facts))
