"""From alerts to the chats that hear them: one row per alert, and INSERT … SELECT over the chats.

engine.hearing says the same laws in words of the engine, for the preview.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import PRIORITIES, DailyLevel, levels_at
from engine.model import Alert, AlertKind, Verdict
from engine.settings import Settings
from engine.shown import facts_of
from storage.episodes import kept_levels
from storage.facts import to_json
from storage.tables import ChatRow, Json

FAN_OUT = 10_000  # rows a statement: many more would run into statement_timeout on a busy machine
HEARD = (AlertKind.ACTIVATED, AlertKind.HIGH_SCORE, AlertKind.REVIVED)
TOLD = (*HEARD, AlertKind.ARCHIVED)  # the last one only to those who watch the token

# Each check of a high score is kept. It is an alert once it reached the common threshold or that of some chat.
KEEP = text("""
    WITH decided AS (
        SELECT * FROM jsonb_to_recordset(CAST(:alerts AS jsonb)) AS alert
            (token_id bigint, kind text, episode int, level float8, floor float8, opened_at timestamptz,
             liquidity float8, levels jsonb, facts jsonb)
    ), wished AS (
        SELECT min(threshold) AS threshold, array_agg(DISTINCT per_day) FILTER (WHERE threshold IS NULL) AS per_days
        FROM chats WHERE subscribed_at IS NOT NULL AND off_at IS NULL
    ), kept AS (
        INSERT INTO alerts (token_id, kind, episode, decided_at, facts)
        SELECT token_id, kind, episode, :now, facts FROM decided CROSS JOIN wished
        WHERE level IS NULL OR (
            level > COALESCE(floor, '-infinity') AND level >= GREATEST(:score_off, LEAST(:score_on, wished.threshold, (
                SELECT min(CAST(levels ->> CAST(per_day AS text) AS float8)) FROM unnest(wished.per_days) AS per_day))))
        ON CONFLICT (token_id, kind, episode) DO NOTHING
    )
    INSERT INTO episode_checks (token_id, episode, ts, opened_at, level, floor, liquidity)
    SELECT token_id, episode, :now, opened_at, level, floor, liquidity FROM decided WHERE level IS NOT NULL
    ON CONFLICT DO NOTHING
""")

# Who hears it: who watches the token; or who subscribed before it began and wants the kind, where the liquidity is
# enough, and the threshold reached and not old news. Nobody who is muted or was told of that kind lately.
# The chats are locked, so that none is deleted between here and the row that refers to it. Each NOT IN is asked once an
# alert: as a join it may go over the whole outbox for each chat, while the planner does not know yet how much there is.
TELL = text("""
    WITH decided AS (
        SELECT * FROM jsonb_to_recordset(CAST(:alerts AS jsonb)) AS alert
            (token_id bigint, kind text, episode int, level float8, floor float8, opened_at timestamptz,
             liquidity float8, levels jsonb, priority int, facts jsonb)
    )
    INSERT INTO outbox (chat_id, alert_id, action, facts, priority, created_at, due_at)
    SELECT hearer.id, alert.id, 'send',
        CASE WHEN hearer.watches THEN decided.facts || jsonb_build_object('watched', true) ELSE decided.facts END,
        decided.priority, :now, clock_timestamp()
    FROM decided
    JOIN alerts AS alert USING (token_id, kind, episode)
    CROSS JOIN LATERAL (
        SELECT chat.id, wish.watches FROM chats AS chat
        LEFT JOIN watches AS watch ON watch.chat_id = chat.id AND watch.token_id = decided.token_id
        CROSS JOIN LATERAL (
            SELECT
                chat.hear_watched <> 'off' AND COALESCE(CASE decided.kind
                    WHEN 'archived' THEN watch.archived WHEN 'revived' THEN watch.revived END, false) AS watches,
                CASE decided.kind WHEN 'high_score' THEN chat.hear_high_score WHEN 'activated' THEN chat.hear_activated
                    WHEN 'revived' THEN chat.hear_revived ELSE 'off' END <> 'off' AS wanted,
                GREATEST(:score_off, COALESCE(chat.threshold, CAST(
                    decided.levels ->> CAST(chat.per_day AS text) AS float8), :score_on)) AS threshold
        ) AS wish
        WHERE chat.off_at IS NULL AND COALESCE(chat.muted_until <= :now, true)
          AND (wish.watches OR (
                chat.subscribed_at < decided.opened_at AND wish.wanted
                AND (chat.min_liquidity IS NULL OR decided.liquidity >= chat.min_liquidity)
                AND (decided.level IS NULL OR (
                    wish.threshold <= decided.level AND wish.threshold > COALESCE(decided.floor, '-infinity')
                    AND COALESCE(chat.threshold_set_at < decided.opened_at, true)))))
          AND chat.id NOT IN (
                SELECT same.chat_id FROM outbox AS same WHERE same.alert_id = alert.id AND same.action = 'send')
          AND chat.id NOT IN (
                SELECT earlier.chat_id FROM alerts AS told JOIN outbox AS earlier ON earlier.alert_id = told.id
                WHERE told.token_id = decided.token_id AND told.kind = decided.kind AND earlier.action = 'send'
                  AND (earlier.outcome IS NULL OR earlier.outcome IN ('sent', 'held', 'digested'))
                  AND earlier.created_at > :quiet_since)
        FOR KEY SHARE OF chat
    ) AS hearer
    ON CONFLICT (chat_id, alert_id, action) DO NOTHING
""")


async def announce(session: AsyncSession, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None:
    """Keep what is worth an alert, and queue it for each chat that hears it. Repeating this adds nothing."""
    decided = [(verdict, alert) for verdict in verdicts for alert in verdict.alerts]
    if not decided:
        return
    listening, levels = await _listening(session)
    rows = [_row(verdict, alert, now, settings, levels) for verdict, alert in decided]
    scores = {"score_on": settings.alert_score_on, "score_off": settings.alert_score_off}
    await session.execute(KEEP, {"alerts": json.dumps(rows), "now": now, **scores})
    told = [row for row in rows if row["kind"] in TOLD]
    size = max(1, FAN_OUT // listening)
    quiet_since = now - timedelta(minutes=settings.alert_cooldown_minutes)
    for begin in range(0, len(told), size):
        part = json.dumps(told[begin : begin + size])
        await session.execute(TELL, {"alerts": part, "now": now, "quiet_since": quiet_since, **scores})


async def _listening(session: AsyncSession) -> tuple[int, list[DailyLevel]]:
    """How many chats an alert may go to, and the levels that they may follow.

    At least one chat, since somebody may subscribe just now.
    """
    subscribed = (ChatRow.subscribed_at.is_not(None), ChatRow.off_at.is_(None))
    chats = select(func.count().label("listening")).where(*subscribed).subquery()
    levels = kept_levels().subquery()
    query = select(chats.c.listening, *levels.c).outerjoin_from(chats, levels, true())
    rows = (await session.execute(query)).all()
    return max(1, rows[0].listening), [DailyLevel(*level) for _, *level in rows if None not in level]


def _row(verdict: Verdict, alert: Alert, now: datetime, settings: Settings, levels: Sequence[DailyLevel]) -> Json:
    opened_at = alert.opened_at or now
    return {
        "token_id": verdict.after.id,
        "kind": alert.kind.value,
        "episode": alert.episode,
        "level": alert.level,
        "floor": alert.floor,
        "opened_at": opened_at.isoformat(),
        "liquidity": verdict.sample.liquidity if verdict.sample else None,
        "levels": {} if alert.level is None else levels_at(levels, opened_at),
        "priority": PRIORITIES[alert.kind],
        "facts": to_json(facts_of(verdict, alert, now, settings)),
    }
