"""Pools: written in the transaction of the look that saw them, read with their latest figures."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import lateral, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from engine.model import PoolFigures, Verdict
from storage.database import Database
from storage.tables import Json, PoolRow, PoolSnapshotRow

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
    """Queries about pools; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
    rows = [row for verdict in verdicts for row in _rows(verdict)]
    if not rows:
        return 0
    seen = {"seen": json.dumps(rows)}
    await session.execute(KEEP, seen)
    kept = (await session.execute(SNAP, seen)).all()
    return len(rows) - len(kept)


def _rows(verdict: Verdict) -> list[Json]:
    if verdict.sample is None:
        return []
    look = {"token_id": verdict.after.id, "ts": verdict.sample.ts.isoformat()}
    return [
        look
        | {
            "pool_address": pool.pool_address,
            "dex_name": pool.dex_name,
            "liquidity": pool.liquidity,
            "volume": pool.volume_5m,
            "tx_count": pool.tx_count_5m,
        }
        for pool in verdict.pools
    ]


def _figures(pool: PoolRow, seen: PoolSnapshotRow | None) -> PoolFigures:
    if seen is None:
        return PoolFigures(pool.pool_address, pool.dex_name)
    return PoolFigures(pool.pool_address, pool.dex_name, seen.liquidity, seen.volume, seen.tx_count)
