"""Watches: what chats want to know of single tokens, and what looks ring for them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from engine.chats import Watch, Watched
from engine.hearing import PRIORITIES
from engine.model import Alert, AlertKind, Source, Token, Verdict
from engine.settings import Settings
from engine.shown import Sight, Standing, facts_of
from storage.database import Database
from storage.facts import to_json, watched_to_json
from storage.tables import ChatRow, Json, TokenRow, TokenSnapshotRow, WatchRow
from storage.tokens import to_sample, to_token, with_latest_look

MOST = 30  # watches a chat
EPISODES = 2**31  # the column holds so many

# A watch that somebody has changed since it was loaded stays as it is, and nothing rings for it. Each chat is locked
# before its watch, as who deletes the chat does. What was told before is not told again: its alert is there already.
# A chat that hears the same look as a high score needs not be told that the score was reached.
RING = text("""
    WITH decided AS (
        SELECT * FROM jsonb_to_recordset(CAST(:watched AS jsonb)) AS watched
            (chat_id bigint, token_id bigint, created_at timestamptz,
             score float8, price_percent float8, liquidity_percent float8,
             score_reached boolean, base_source text, base_price float8, base_price_at timestamptz,
             base_liquidity float8, base_liquidity_at timestamptz, first_price float8, news jsonb)
    ), hearing AS (
        SELECT id, off_at IS NULL AND hear_watched <> 'off' AND COALESCE(muted_until <= :now, true) AS hears
        FROM chats WHERE id IN (SELECT chat_id FROM decided) ORDER BY id FOR KEY SHARE
    ), moved AS (
        UPDATE watches AS watch
        SET score_reached = decided.score_reached, base_source = decided.base_source,
            base_price = decided.base_price, base_price_at = decided.base_price_at,
            base_liquidity = decided.base_liquidity, base_liquidity_at = decided.base_liquidity_at,
            first_price = decided.first_price
        FROM decided JOIN hearing ON hearing.id = decided.chat_id
        WHERE watch.chat_id = decided.chat_id AND watch.token_id = decided.token_id
          AND watch.created_at = decided.created_at
          AND (watch.score, watch.price_percent, watch.liquidity_percent)
              IS NOT DISTINCT FROM (decided.score, decided.price_percent, decided.liquidity_percent)
        RETURNING watch.chat_id, watch.token_id, decided.news, hearing.hears
    ), kept AS (
        INSERT INTO alerts (token_id, kind, episode, decided_at, facts)
        SELECT told.token_id, 'watched', told.episode, :now, told.facts
        FROM jsonb_to_recordset(CAST(:told AS jsonb)) AS told (token_id bigint, episode int, facts jsonb)
        WHERE told.token_id IN (SELECT token_id FROM moved WHERE jsonb_array_length(news) > 0)
        ON CONFLICT (token_id, kind, episode) DO NOTHING
        RETURNING id, token_id, facts
    )
    INSERT INTO outbox (chat_id, alert_id, action, facts, priority, created_at, due_at)
    SELECT moved.chat_id, kept.id, 'send', kept.facts || jsonb_build_object('news', moved.news),
           :priority, :now, clock_timestamp()
    FROM moved JOIN kept USING (token_id)
    WHERE moved.hears AND jsonb_array_length(moved.news) > 0 AND NOT (
        jsonb_array_length(moved.news) = 1 AND moved.news -> 0 ->> 'condition' = 'score' AND EXISTS (
            SELECT FROM outbox AS same JOIN alerts AS hot ON hot.id = same.alert_id
            WHERE same.chat_id = moved.chat_id AND same.created_at = :now
              AND hot.token_id = moved.token_id AND hot.kind = 'high_score'))
""")


class Watches:
    """Queries about watches; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, watch: Watch) -> bool:
        """Keep the watch, in place of the chat's earlier one of that token. The chat must be known.

        False when the chat has as many as it may.
        """
        row = asdict(watch)
        others = select(func.count()).where(WatchRow.chat_id == watch.chat_id, WatchRow.token_id != watch.token_id)
        new = insert(WatchRow).values(row)
        new = new.on_conflict_do_update(index_elements=["chat_id", "token_id"], set_=row)
        async with self._database.transaction() as session:
            await session.execute(select(ChatRow.id).where(ChatRow.id == watch.chat_id).with_for_update(key_share=True))
            if (await session.scalar(others) or 0) >= MOST:
                return False
            await session.execute(new)
        return True

    async def change(self, chat_id: int, token_id: int, **changes: object) -> bool:
        """Change some of the watch's fields, by their names; False when the chat does not watch that token."""
        mine = update(WatchRow).where(WatchRow.chat_id == chat_id, WatchRow.token_id == token_id)
        async with self._database.transaction() as session:
            return await session.scalar(mine.values(changes).returning(WatchRow.token_id)) is not None

    async def remove(self, chat_id: int, token_id: int) -> bool:
        """Watch the token no more; False when the chat did not."""
        mine = delete(WatchRow).where(WatchRow.chat_id == chat_id, WatchRow.token_id == token_id)
        async with self._database.transaction() as session:
            return await session.scalar(mine.returning(WatchRow.token_id)) is not None

    async def of(self, chat_id: int) -> list[Sight]:
        """What the chat watches, the latest first."""
        query = _sights(chat_id).where(WatchRow.chat_id == chat_id)
        query = query.order_by(WatchRow.created_at.desc(), WatchRow.token_id)
        async with self._database.transaction() as session:
            return [_sight(*row) for row in (await session.execute(query)).all()]

    async def sight(self, chat_id: int, token_id: int) -> Sight | None:
        """The token as the chat looks at it; None when there is no such token."""
        async with self._database.transaction() as session:
            row = (await session.execute(_sights(chat_id).where(TokenRow.id == token_id))).first()
        return None if row is None else _sight(*row)

    async def of_tokens(self, token_ids: Sequence[int]) -> dict[int, tuple[Watch, ...]]:
        """All watches of these tokens, by token."""
        query = select(WatchRow).where(WatchRow.token_id.in_(token_ids)).order_by(WatchRow.chat_id)
        found: dict[int, tuple[Watch, ...]] = defaultdict(tuple)
        async with self._database.transaction() as session:
            for row in await session.scalars(query):
                found[row.token_id] += (_watch(row),)
        return dict(found)


async def ring_watches(session: AsyncSession, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None:
    """Keep what looks have changed of watches, and queue the news for the chats that hear them."""
    changed = _changed(verdicts)
    if not changed:
        return
    told = {v.after.id: _told(v, now, settings) for v in verdicts if any(seen.news for seen in v.watched)}
    values = {
        "watched": json.dumps([watched_to_json(seen) for seen in changed]),
        "told": json.dumps(list(told.values())),
        "now": now,
        "priority": PRIORITIES[AlertKind.WATCHED],
    }
    await session.execute(RING, values)


def _changed(verdicts: Sequence[Verdict]) -> list[Watched]:
    """Each watch once, as the last look of its token has left it, with the news of all."""
    changed: dict[tuple[int, int], Watched] = {}
    for seen in (seen for verdict in verdicts for seen in verdict.watched):
        key = seen.watch.chat_id, seen.watch.token_id
        before = changed.get(key)
        changed[key] = replace(seen, news=before.news + seen.news) if before else seen
    return list(changed.values())


def _told(verdict: Verdict, now: datetime, settings: Settings) -> Json:
    """The alert of a look that rings."""
    episode = _episode(verdict.after, now)
    facts = facts_of(verdict, Alert(AlertKind.WATCHED, episode), now, settings)
    return {"token_id": verdict.after.id, "episode": episode, "facts": to_json(facts)}


def _episode(token: Token, now: datetime) -> int:
    """A number of its own for each look: hundredths of a second since the migration, which last for 248 days."""
    return int((now - token.created_at).total_seconds() * 100) % EPISODES


def _sights(chat_id: int) -> Select[Any]:
    """Tokens with their latest looks, and the watches of this chat or None."""
    mine = and_(WatchRow.token_id == TokenRow.id, WatchRow.chat_id == chat_id)
    return with_latest_look(select(TokenRow).outerjoin(WatchRow, mine)).add_columns(WatchRow)


def _sight(token: TokenRow, look: TokenSnapshotRow | None, watch: WatchRow | None) -> Sight:
    return Sight(Standing(to_token(token), to_sample(look)), None if watch is None else _watch(watch))


def _watch(row: WatchRow) -> Watch:
    """The row as the engine's value."""
    watch = Watch(**{field.name: getattr(row, field.name) for field in fields(Watch)})
    return replace(watch, base_source=Source(row.base_source) if row.base_source else None)
