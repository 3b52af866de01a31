"""What of the outbox is no news any more: given up or held in one statement, so that it never passes row by row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Result, text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.hearing import DAY
from storage.lately import ABOUT_TOKENS

# While alerts are too many, those that might grow old before there are fewer wait for the digest that is made then.
HOLD = text("""
    WITH waiting AS (
        SELECT id FROM outbox
        WHERE outcome IS NULL AND (lease_until IS NULL OR lease_until < clock_timestamp())
          AND action = 'send' AND priority = ANY (:news) AND created_at < :held_since AND created_at >= :since
        LIMIT :limit
        FOR UPDATE SKIP LOCKED
    ), held AS (
        UPDATE outbox SET outcome = 'held', digest_at = :now, lease_until = NULL
        FROM waiting WHERE outbox.id = waiting.id
        RETURNING outbox.facts ->> 'kind' AS kind
    )
    SELECT kind, count(*) FROM held GROUP BY kind
""")

# An example is of an old alert, and no news. A digest that a day has kept from being made tells none any more.
EXPIRE = text("""
    WITH old AS (
        SELECT id FROM outbox
        WHERE outcome IS NULL AND (lease_until IS NULL OR lease_until < clock_timestamp())
          AND created_at < CASE WHEN action = 'edit' THEN CAST(:edits_since AS timestamptz)
                WHEN action = 'send' AND priority = ANY (:news) THEN CAST(:news_since AS timestamptz)
                ELSE CAST(:since AS timestamptz) END
        LIMIT :limit
        FOR UPDATE SKIP LOCKED
    ), overdue AS (
        SELECT id FROM outbox WHERE outcome = 'held' AND digest_at < :since
        LIMIT :limit
        FOR UPDATE SKIP LOCKED
    ), gone AS (
        UPDATE outbox SET outcome = 'expired', lease_until = NULL
        FROM (SELECT id FROM old UNION ALL SELECT id FROM overdue) AS late WHERE outbox.id = late.id
        RETURNING COALESCE(outbox.facts ->> 'kind', outbox.action) AS kind
    )
    SELECT kind, count(*) FROM gone GROUP BY kind
""")


async def hold_news(session: AsyncSession, now: datetime, max_age: timedelta, limit: int) -> dict[str, int]:
    """Hold up to `limit` news whose time is half over, to be told in digests from now on; how many by kind."""
    row = {"news": ABOUT_TOKENS, "limit": limit, "now": now, "held_since": now - max_age / 2, "since": now - DAY}
    return _by_kind(await session.execute(HOLD, row))


async def expire_old(
    session: AsyncSession, now: datetime, max_age: timedelta, limit: int, *, flooded: bool
) -> dict[str, int]:
    """Give up open rows older than `max_age`, or a day where they are no news; how many by kind, edits as one.

    While alerts are too many, news too have a day, and so has at any time what waits for a digest that is due. Up to
    `limit` of the open ones, and of the others.
    """
    day, age = now - DAY, now - max_age
    since = {"edits_since": age, "news_since": day if flooded else age, "since": day}
    return _by_kind(await session.execute(EXPIRE, {"news": ABOUT_TOKENS, "limit": limit, **since}))


def _by_kind(counts: Result[*tuple[Any, ...]]) -> dict[str, int]:
    return {str(kind): int(count) for kind, count in counts}
