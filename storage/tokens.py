"""Tokens: remembered once, claimed for their next look, found by people."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Update, case, func, lateral, or_, select, true, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from engine.events import Migration
from engine.model import Episode, Glimpse, LowRun, Sample, Source, Status, Token
from engine.shown import Census
from engine.symbols import symbol_key
from storage.database import PLAIN, Database
from storage.tables import PoolRow, TokenRow, TokenSnapshotRow

ARCHIVED_SHARE = 5  # one in so many glances is kept for archived tokens: their prices are what became of alerts
FAR_AHEAD = timedelta(hours=25)  # no pause between looks is as long
PART = 200  # rows that are made tokens in one go


class Tokens:
    """Queries about tokens; each method is one transaction and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def track(self, migration: Migration, first_check_at: datetime) -> bool:
        """Remember a migrated token; False when it was known already (then nothing changes)."""
        row = {
            "address": migration.mint,
            "status": Status.INITIAL,
            "created_at": migration.heard_at,
            "symbol": migration.symbol,
            "symbol_key": symbol_key(migration.symbol) if migration.symbol else None,
            "name": migration.name,
            "signature": migration.signature,
            "migrated_to": migration.pool,
            "first_trade_at": migration.first_trade_at,
            "next_check_at": first_check_at,
            "next_glance_at": first_check_at,
        }
        statement = insert(TokenRow).values(row).on_conflict_do_nothing().returning(TokenRow.id)
        async with self._database.transaction() as session:
            return await session.scalar(statement) is not None

    async def claim_glances(
        self, now: datetime, pauses: Mapping[Status, timedelta], archived_since: datetime, limit: int
    ) -> list[Token]:
        """Tokens whose glance is due, the longest due first; their next one is moved ahead.

        Archived ones get what the others leave, and at least their share; those archived before `archived_since` are
        left in peace. One due far ahead was set there by a clock that has been set back since.
        """
        over, archived = TokenRow.status == Status.ARCHIVED, max(1, limit // ARCHIVED_SHARE)
        waiting = or_(TokenRow.next_glance_at <= now, TokenRow.next_glance_at > now + FAR_AHEAD)
        due = select(TokenRow.id).where(waiting).order_by(TokenRow.next_glance_at).with_for_update(skip_locked=True)
        async with self._database.transaction() as session:
            old = list(await session.scalars(due.where(over, TokenRow.archived_at >= archived_since).limit(limit)))
            new = list(await session.scalars(due.where(~over).limit(limit - min(len(old), archived))))
            ids = [*new, *old[: limit - len(new)]]
            claim = update(TokenRow).where(TokenRow.id.in_(ids)).values(next_glance_at=_ahead(now, pauses))
            return await _claimed(session, claim) if ids else []

    async def candidates(self, now: datetime, nearly: int | None, limit: int) -> tuple[list[Token], int]:
        """Tokens that may be checked now, the longest due first; and how many are Active in all.

        Of Initial ones those that no glance has shown, or with `nearly` trades in 5 minutes; all where that is None.
        """
        active, waiting = TokenRow.status == Status.ACTIVE, TokenRow.status == Status.INITIAL
        if nearly is not None:
            waiting &= or_(TokenRow.glanced_at.is_(None), TokenRow.glance_tx_count_5m >= nearly)
        late = or_(TokenRow.next_check_at <= now, TokenRow.next_check_at > now + FAR_AHEAD)
        due = select(TokenRow).where(late, or_(active, waiting))
        count = select(func.count()).select_from(TokenRow).where(active).scalar_subquery()
        found: list[Token] = []
        async with self._database.transaction() as session:
            total = await session.scalar(select(count))
            rows = await session.execute(due.order_by(TokenRow.next_check_at).limit(limit))
            for part in rows.scalars().partitions(PART):
                found += [to_token(row) for row in part]
                await asyncio.sleep(0)  # thousands of rows at once would hold everybody else
        return found, total or 0

    async def claim_checks(
        self, token_ids: Sequence[int], now: datetime, pauses: Mapping[Status, timedelta]
    ) -> list[Token]:
        """These tokens, their next checks moved ahead; in this order. They are locked by id, as a record locks them."""
        mine = select(TokenRow.id).where(TokenRow.id.in_(token_ids)).order_by(TokenRow.id).with_for_update()
        claim = update(TokenRow).where(TokenRow.id.in_(mine)).values(next_check_at=_ahead(now, pauses))
        async with self._database.transaction() as session:
            claimed = {token.id: token for token in await _claimed(session, claim)}
        return [claimed[token_id] for token_id in token_ids if token_id in claimed]

    async def current(self, token_ids: Sequence[int]) -> dict[int, Token]:
        """These tokens as they are now, by id."""
        async with self._database.transaction() as session:
            rows = (await session.scalars(select(TokenRow).where(TokenRow.id.in_(token_ids)))).all()
        return {row.id: to_token(row) for row in rows}

    async def postpone(self, token_ids: Sequence[int], until: datetime) -> None:
        """Look at these tokens no earlier than `until`."""
        later = update(TokenRow).where(TokenRow.id.in_(token_ids)).values(next_check_at=until, next_glance_at=until)
        async with self._database.transaction() as session:
            await session.execute(later, execution_options=PLAIN)

    async def find(self, wanted: str, limit: int = 10) -> list[Token]:
        """Tokens with this mint, else with a symbol that reads like this one: active ones first, then the latest.

        None where nothing can be read: symbols of invisible characters do not look alike.
        """
        key = symbol_key(wanted)
        if not key:
            return []
        by_mint = select(TokenRow).where(TokenRow.address == wanted)
        by_symbol = select(TokenRow).where(TokenRow.symbol_key == key)
        active_first = (TokenRow.status != Status.ACTIVE, TokenRow.created_at.desc(), TokenRow.id.desc())
        by_symbol = by_symbol.order_by(*active_first).limit(limit)
        async with self._database.transaction() as session:
            rows = (await session.scalars(by_mint)).all() or (await session.scalars(by_symbol)).all()
        return [to_token(row) for row in rows]

    async def at(self, addresses: Sequence[str]) -> list[Token]:
        """The tokens with these mints or pools, the latest migration first. A pool's address may be in lower case."""
        lowered = [address.lower() for address in addresses]
        pools = select(PoolRow.token_id).where(func.lower(PoolRow.pool_address).in_(lowered))
        # By UNION, since with OR PostgreSQL would read every token.
        ids = union(select(TokenRow.id).where(TokenRow.address.in_(addresses)), pools)
        query = select(TokenRow).where(TokenRow.id.in_(ids))
        async with self._database.transaction() as session:
            rows = (await session.scalars(query.order_by(TokenRow.created_at.desc(), TokenRow.id.desc()))).all()
        return [to_token(row) for row in rows]

    async def alike(self, symbol: str | None) -> int:
        """How many tokens have a symbol that reads like this one; 0 for none that can be read."""
        key = symbol_key(symbol or "")
        query = select(func.count()).select_from(TokenRow).where(TokenRow.symbol_key == key)
        async with self._database.transaction() as session:
            return (await session.scalar(query) or 0) if key else 0

    async def census(self, now: datetime) -> Census:
        """How many tokens stand where."""

        def count(status: Status) -> Any:
            return func.count().filter(TokenRow.status == status)

        recent = func.count().filter(TokenRow.created_at > now - timedelta(hours=1))
        counts = [count(Status.INITIAL), count(Status.ACTIVE), count(Status.ARCHIVED), recent]
        query = select(*counts, func.max(TokenRow.last_look_at)).select_from(TokenRow)
        async with self._database.transaction() as session:
            row = (await session.execute(query)).one()
        return Census(row[0], row[1], row[2], row[3], row[4])

    async def latest_time(self) -> datetime | None:
        """The latest domain time any token carries: a clock that starts behind it would run backwards."""
        query = select(func.max(func.greatest(TokenRow.created_at, TokenRow.last_look_at)))
        async with self._database.transaction() as session:
            latest: datetime | None = await session.scalar(query)
        return latest


async def _claimed(session: AsyncSession, claim: Update) -> list[Token]:
    rows = (await session.scalars(claim.returning(TokenRow), execution_options=PLAIN)).all()
    return [to_token(row) for row in rows]


def _ahead(now: datetime, pauses: Mapping[Status, timedelta]) -> Any:
    """When a token's next look is due, by its status."""
    return case(*((TokenRow.status == status, now + pause) for status, pause in pauses.items()), else_=now)


def with_latest_look(query: Select[Any]) -> Select[Any]:
    """The query over tokens, joined with each token's latest look (or None)."""
    look = (
        select(TokenSnapshotRow)
        .where(TokenSnapshotRow.token_id == TokenRow.id)
        .order_by(TokenSnapshotRow.ts.desc())
        .limit(1)
    )
    snapshot = aliased(TokenSnapshotRow, lateral(look))
    return query.add_columns(snapshot).outerjoin(snapshot, true())


def to_token(row: TokenRow) -> Token:
    """The row as the engine's value."""
    return Token(
        id=row.id,
        mint=row.address,
        status=row.status,
        created_at=row.created_at,
        symbol=row.symbol,
        name=row.name,
        activated_at=row.activated_at,
        archived_at=row.archived_at,
        revived_at=row.revived_at,
        revivals=row.revivals,
        first_trade_at=row.first_trade_at,
        first_price=row.first_price,
        score=row.last_score_value,
        score_at=row.last_score_at,
        score_source=Source(row.score_source) if row.score_source else None,
        settings_version=row.settings_version,
        checked_at=row.checked_at,
        unseen=row.unseen,
        glimpse=_glimpse(row),
        last_look_at=row.last_look_at,
        last_trade_at=row.last_trade_at,
        episode=Episode(
            number=row.episode,
            opened_at=row.episode_opened_at,
            below_since=row.episode_below_since,
            peak=row.episode_peak,
            floor=row.episode_floor,
        ),
        low_run=LowRun(since=row.low_since, latest=tuple(row.low_latest)),
    )


def _glimpse(row: TokenRow) -> Glimpse | None:
    if row.glanced_at is None:
        return None
    return Glimpse(row.glanced_at, row.glance_pre_score, row.glance_tx_count_5m, row.glance_liquidity)


def to_sample(row: TokenSnapshotRow | None) -> Sample | None:
    """The row as the engine's value."""
    if row is None:
        return None
    return Sample(
        ts=row.ts,
        source=Source(row.source),
        price=row.price,
        liquidity=row.liquidity,
        market_cap=row.market_cap,
        holders=row.holders,
        tx_count_5m=row.tx_count_5m,
        tx_count_1h=row.tx_count_1h,
        volume_5m=row.volume_5m,
        volume_1h=row.volume_1h,
        buys_volume_5m=row.buys_volume_5m,
        sells_volume_5m=row.sells_volume_5m,
    )
