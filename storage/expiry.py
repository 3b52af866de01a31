"""What of the outbox is no news any more: given up in one statement, so that it never passes row by row."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import DAY
from storage.lately import ABOUT_TOKENS

# An example is of an old alert, and no news.
EXPIRE = text("""
    WITH old AS (
        SELECT id FROM outbox
        WHERE outcome IS NULL AND (lease_until IS NULL OR lease_until < clock_timestamp())
          AND created_at < CASE WHEN action = 'edit' OR (action = 'send' AND priority = ANY (:news))
                THEN CAST(:news_since AS timestamptz) ELSE CAST(:since AS timestamptz) END
        LIMIT :limit
        FOR UPDATE SKIP LOCKED
    ), gone AS (
        UPDATE outbox SET outcome = 'expired', lease_until = NULL
        FROM old WHERE outbox.id = old.id
        RETURNING COALESCE(outbox.facts ->> 'kind', outbox.action) AS kind
    )
    SELECT kind, count(*) FROM gone GROUP BY kind
""")


async def expire_old(session: AsyncSession, now: datetime, max_age: timedelta, limit: int) -> dict[str, int]:
    """Up to `limit` open rows older than `max_age`, or a day where they are no news; how many by kind, edits as one."""
    since = {"news_since": now - max_age, "since": now - DAY}
    gone = await session.execute(EXPIRE, {"news": ABOUT_TOKENS, "limit": limit, **since})
    return {str(kind): int(count) for kind, count in gone}
