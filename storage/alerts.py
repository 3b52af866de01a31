"""From alerts to the chats that hear them: one row per alert, and INSERT … SELECT over the chats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.model import Alert, AlertKind, Verdict
from engine.settings import Settings
from engine.shown import facts_of
from storage.facts import to_json
from storage.tables import ChatRow, Json

PRIORITIES = {
    AlertKind.ALARM: 0,
    AlertKind.HIGH_SCORE: 10,
    AlertKind.WATCHED: 15,
    AlertKind.REVIVED: 20,
    AlertKind.ACTIVATED: 30,
    AlertKind.ARCHIVED: 40,
    AlertKind.DIGEST: 50,
    AlertKind.NOTICE: 55,
    AlertKind.BROADCAST: 60,
}
FAN_OUT = 10_000  # rows a statement: many more would run into statement_timeout on a busy machine
HEARD = (AlertKind.ACTIVATED, AlertKind.HIGH_SCORE, AlertKind.REVIVED)

# A high score is kept as an alert once it reached the common threshold or somebody's own.
KEEP = text("""
    WITH decided AS (
        SELECT * FROM jsonb_to_recordset(CAST(:alerts AS jsonb)) AS alert
            (token_id bigint, kind text, episode int, level float8, floor float8, facts jsonb)
    )
    INSERT INTO alerts (token_id, kind, episode, decided_at, facts)
    SELECT token_id, kind, episode, :now, facts FROM decided
    WHERE level IS NULL OR (
        level > COALESCE(floor, '-infinity') AND level >= LEAST(:score_on, (
            SELECT min(threshold) FROM chats WHERE subscribed_at IS NOT NULL AND off_at IS NULL)))
    ON CONFLICT (token_id, kind, episode) DO NOTHING
""")

# Who hears it: subscribed before it began, threshold reached and not old news, nothing of that kind lately.
# The chats are locked, so that none is deleted between here and the row that refers to it. Each NOT IN is asked once an
# alert: as a join it may go over the whole outbox for each chat, while the planner does not know yet how much there is.
TELL = text("""
    WITH decided AS (
        SELECT * FROM jsonb_to_recordset(CAST(:alerts AS jsonb)) AS alert
            (token_id bigint, kind text, episode int, level float8, floor float8, opened_at timestamptz,
             priority int, facts jsonb)
    )
    INSERT INTO outbox (chat_id, alert_id, action, facts, priority, created_at, due_at)
    SELECT hearer.id, alert.id, 'send', decided.facts, decided.priority, :now, clock_timestamp()
    FROM decided
    JOIN alerts AS alert USING (token_id, kind, episode)
    CROSS JOIN LATERAL (
        SELECT chat.id FROM chats AS chat
        WHERE chat.subscribed_at < decided.opened_at AND chat.off_at IS NULL
          AND (decided.level IS NULL OR (
                COALESCE(chat.threshold, :score_on) <= decided.level
                AND COALESCE(chat.threshold, :score_on) > COALESCE(decided.floor, '-infinity')
                AND COALESCE(chat.threshold_set_at < decided.opened_at, true)))
          AND chat.id NOT IN (
                SELECT same.chat_id FROM outbox AS same WHERE same.alert_id = alert.id AND same.action = 'send')
          AND chat.id NOT IN (
                SELECT earlier.chat_id FROM alerts AS told JOIN outbox AS earlier ON earlier.alert_id = told.id
                WHERE told.token_id = decided.token_id AND told.kind = decided.kind
                  AND (earlier.outcome IS NULL OR earlier.outcome = 'sent') AND earlier.created_at > :quiet_since)
        FOR KEY SHARE OF chat
    ) AS hearer
    ON CONFLICT (chat_id, alert_id, action) DO NOTHING
""")


async def announce(session: AsyncSession, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None:
    """Keep what is worth an alert, and queue it for each chat that hears it. Repeating this adds nothing."""
    rows = [_row(verdict, alert, now, settings) for verdict in verdicts for alert in verdict.alerts]
    if not rows:
        return
    await session.execute(KEEP, {"alerts": json.dumps(rows), "now": now, "score_on": settings.alert_score_on})
    told = [row for row in rows if row["kind"] in HEARD]
    size = max(1, FAN_OUT // await _listening(session)) if told else 1
    for begin in range(0, len(told), size):
        await _tell(session, told[begin : begin + size], now, settings)


async def _listening(session: AsyncSession) -> int:
    """How many chats an alert may go to; at least one, since somebody may subscribe just now."""
    listening = select(func.count()).where(ChatRow.subscribed_at.is_not(None), ChatRow.off_at.is_(None))
    return max(1, await session.scalar(listening) or 0)


async def _tell(session: AsyncSession, rows: Sequence[Json], now: datetime, settings: Settings) -> None:
    told = {
        "alerts": json.dumps(rows),
        "now": now,
        "score_on": settings.alert_score_on,
        "quiet_since": now - timedelta(minutes=settings.alert_cooldown_minutes),
    }
    await session.execute(TELL, told)


def _row(verdict: Verdict, alert: Alert, now: datetime, settings: Settings) -> Json:
    return {
        "token_id": verdict.after.id,
        "kind": alert.kind.value,
        "episode": alert.episode,
        "level": alert.level,
        "floor": alert.floor,
        "opened_at": (alert.opened_at or now).isoformat(),
        "priority": PRIORITIES[alert.kind],
        "facts": to_json(facts_of(verdict, alert, now, settings)),
    }
