"""Pools: written with the look or the list that told them, read with their latest figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, lateral, select, text, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from engine.model import Errand, PoolFigures, Verdict
from storage.database import Database
from storage.errands import KEPT, KEPT_NOTHING, just_alerted
from storage.tables import Json, PoolListRow, PoolRow, PoolSnapshotRow, TokenRow

# The first token to name an address owns it: DO NOTHING also swallows an address told twice at once.
KEEP = text("""
    INSERT INTO pools (token_id, pool_address, dex_name)
    SELECT token_id, pool_address, dex_name FROM jsonb_to_recordset(CAST(:seen AS jsonb)) AS seen
        (token_id bigint, pool_address text, dex_name text)
    ORDER BY pool_address
    ON CONFLICT (pool_address) DO NOTHING
""")

SNAP = text("""
    INSERT INTO pool_snapshots (pool_id, ts, liquidity, volume, tx_count)
    SELECT pool.id, seen.ts, seen.liquidity, seen.volume, seen.tx_count
    FROM jsonb_to_recordset(CAST(:seen AS jsonb)) AS seen
        (token_id bigint, pool_address text, ts timestamptz, liquidity float8, volume float8, tx_count int)
    JOIN pools AS pool USING (pool_address, token_id)
    RETURNING pool_snapshots.id
""")


class Pools:
    """Queries about pools; each method is one transaction and may raise DatabaseAway.

    `count` hears of what was ignored, by what and kind.
    """

    def __init__(self, database: Database, count: Callable[[str, str], None] = lambda _what, _kind: None) -> None:
        self._database = database
        self._count = count

    async def wanted(self, now: datetime, limit: int) -> list[Errand]:
        """Up to `limit` tokens with a fresh alert whose pools nobody has told lately, the most urgent first."""
        async with self._database.transaction() as session:
            return await just_alerted(session, now, limit, _known(now))

    async def keep(self, token_id: int, figures: Sequence[PoolFigures], asked_at: datetime) -> None:
        """Remember the list of pools that was asked for at `asked_at`; an empty one only that it was asked for.

        Raises BadData when the database refuses a value, or the token is gone.
        """
        row = insert(PoolListRow).values(token_id=token_id, asked_at=asked_at)
        row = row.on_conflict_do_update(index_elements=["token_id"], set_={"asked_at": asked_at})
        async with self._database.transaction() as session:
            await session.execute(row)
            ignored = await _write(session, [_row(token_id, asked_at, pool) for pool in figures])
        for _ in range(ignored):
            self._count("pool_ignored", "of another token")

    async def of(self, token_id: int) -> tuple[PoolFigures, ...]:
        """The token's pools with their latest kept figures, the deepest first."""
        latest = (
            select(PoolSnapshotRow)
            .where(PoolSnapshotRow.pool_id == PoolRow.id)
            .order_by(PoolSnapshotRow.ts.desc())
            .limit(1)
        )
        snapshot = aliased(PoolSnapshotRow, lateral(latest))
        query = select(PoolRow, snapshot).outerjoin(snapshot, true()).where(PoolRow.token_id == token_id)
        query = query.order_by(snapshot.liquidity.desc().nulls_last(), PoolRow.pool_address)
        async with self._database.transaction() as session:
            rows = (await session.execute(query)).all()
        return tuple(_figures(pool, seen) for pool, seen in rows)


async def record_pools(session: AsyncSession, verdicts: Sequence[Verdict]) -> int:
    """Keep the pools that these looks saw, and their figures; how many were ignored as another token's."""
    looks = [(seen, seen.glance or seen.sample) for seen in verdicts]
    rows = [_row(seen.after.id, look.ts, pool) for seen, look in looks if look for pool in seen.pools]
    return await _write(session, rows)


async def _write(session: AsyncSession, rows: Sequence[Json]) -> int:
    """How many of the rows were ignored as another token's."""
    if not rows:
        return 0
    seen = {"seen": json.dumps(rows)}
    await session.execute(KEEP, seen)
    kept = (await session.execute(SNAP, seen)).all()
    return len(rows) - len(kept)


def _row(token_id: int, ts: datetime, pool: PoolFigures) -> Json:
    return {
        "token_id": token_id,
        "ts": ts.isoformat(),
        "pool_address": pool.pool_address,
        "dex_name": pool.dex_name,
        "liquidity": pool.liquidity,
        "volume": pool.volume_5m,
        "tx_count": pool.tx_count_5m,
    }


def _known(now: datetime) -> ColumnElement[bool]:
    """Whether a token's pools were seen lately, by whomever, or asked for just now in vain."""
    seen = exists().where(
        PoolRow.token_id == TokenRow.id, PoolSnapshotRow.pool_id == PoolRow.id, PoolSnapshotRow.ts > now - KEPT
    )
    asked = exists().where(PoolListRow.token_id == TokenRow.id, PoolListRow.asked_at > now - KEPT_NOTHING)
    return seen | asked


def _figures(pool: PoolRow, seen: PoolSnapshotRow | None) -> PoolFigures:
    if seen is None:
        return PoolFigures(pool.pool_address, pool.dex_name)
    return PoolFigures(pool.pool_address, pool.dex_name, seen.liquidity, seen.volume, seen.tx_count, seen.ts)
