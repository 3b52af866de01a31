"""Looks: what they found is recorded in one transaction, together with the alerts that it decided; and read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import structlog
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from engine.model import HolderPoint, Sample, Score, Source, Token, Verdict
from engine.settings import Settings
from engine.shown import Portrait
from engine.symbols import symbol_key
from storage.alerts import announce
from storage.database import Database
from storage.facts import score_to_json
from storage.outcomes import record_outcomes
from storage.pools import record_pools
from storage.portrait import portrait_of
from storage.tables import OutcomeRow, PoolSnapshotRow, TokenRow, TokenScoreRow, TokenSnapshotRow, TransitionRow
from storage.tokens import to_sample
from storage.watches import ring_watches

log = structlog.get_logger()

FIGURES = (
    "ts",
    "price",
    "liquidity",
    "market_cap",
    "holders",
    "tx_count_5m",
    "tx_count_1h",
    "volume_5m",
    "volume_1h",
    "buys_volume_5m",
    "sells_volume_5m",
)


class Looks:
    """Queries about looks; each method is one transaction and may raise DatabaseAway.

    `count` hears of what was ignored, by what and kind.
    """

    def __init__(self, database: Database, count: Callable[[str, str], None] = lambda _what, _kind: None) -> None:
        self._database = database
        self._count = count

    async def holder_points(self, token_ids: Sequence[int], since: datetime) -> dict[int, list[HolderPoint]]:
        """Holder counts since then, per token, oldest first."""
        row = TokenSnapshotRow
        query = select(row.token_id, row.ts, row.holders).where(
            row.token_id.in_(token_ids), row.ts >= since, row.holders > 0
        )
        points: dict[int, list[HolderPoint]] = defaultdict(list)
        async with self._database.transaction() as session:
            for token_id, ts, holders in await session.execute(query.order_by(row.ts)):
                points[token_id].append(HolderPoint(ts, holders or 0))
        return points

    async def latest(self, token_ids: Sequence[int], source: Source, since: datetime) -> dict[int, Sample]:
        """Each token's latest look from this source, if it was taken since then."""
        row = TokenSnapshotRow
        query = select(row).ext(distinct_on(row.token_id)).order_by(row.token_id, row.ts.desc(), row.id.desc())
        query = query.where(row.token_id.in_(token_ids), row.ts >= since, row.source == source.value)
        async with self._database.transaction() as session:
            rows = (await session.scalars(query)).all()
        return {found.token_id: sample for found in rows if (sample := to_sample(found)) is not None}

    async def record(self, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None:
        """Write all that these looks changed, or nothing. Raises BadData when the database refuses a value.

        The statements are as many for one look as for a chunk of them; a chunk that changed nothing needs none.
        """
        if verdicts := [verdict for verdict in verdicts if verdict.news]:
            await self._write(verdicts, now, settings)

    async def _write(self, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None:
        async with self._database.transaction() as session:
            await _insert(session, TokenSnapshotRow, [_look(v, s) for v in verdicts for s in (v.glance, v.sample) if s])
            await _insert(session, TokenScoreRow, [_score(v.after, v.score) for v in verdicts if v.score])
            await _insert(session, TransitionRow, [_transition(v, now) for v in verdicts if v.transition])
            await _update(session, sorted((_state(v.after) for v in verdicts), key=itemgetter("id")))
            ignored = await record_pools(session, verdicts)
            await announce(session, verdicts, now, settings)
            await ring_watches(session, verdicts, now, settings)
            await record_outcomes(session, verdicts, now, settings)
        for _ in range(ignored):
            self._count("pool_ignored", "of another token")
        if ignored:
            log.warning("pool.ignored", pools=ignored, reason="another token has these addresses")

    async def portrait(self, token_id: int, since: datetime, settings: Settings) -> Portrait | None:
        """The token in full with its series since then; None when there is no such token."""
        async with self._database.transaction() as session:
            return await portrait_of(session, token_id, since, settings)

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` rows of each kind of look older than `before`, the oldest first; how many were deleted.

        Token looks that an open outcome has still to take in stay.
        """
        followed = select(func.min(OutcomeRow.followed_until)).where(OutcomeRow.due_at.is_not(None))
        needed = func.least(before, followed.scalar_subquery())
        deleted = 0
        for table, until in ((TokenSnapshotRow, needed), (TokenScoreRow, before), (PoolSnapshotRow, before)):
            old = select(table.id).where(table.ts < until).order_by(table.ts).limit(limit)
            async with self._database.transaction() as session:
                result = await session.execute(delete(table).where(table.id.in_(old)).returning(table.id))
                deleted += len(result.all())
        return deleted


async def _insert(session: AsyncSession, table: type[Any], rows: list[dict[str, Any]]) -> None:
    """One statement for all rows. The mapped class itself would get one for each run of rows with the same nulls."""
    if rows:
        await session.execute(insert(table.__table__), rows)


async def _update(session: AsyncSession, states: list[dict[str, Any]]) -> None:
    """One statement for all states, in their order: the later one of the same token stays; sorted against deadlocks."""
    tokens: Any = TokenRow.__table__  # the mapped class would follow each row in the session
    changed: dict[str, Any] = {name: bindparam(name) for name in states[0] if name != "id"}
    statement = update(tokens).where(tokens.c.id == bindparam("token_id")).values(changed)
    await session.execute(statement, [{**state, "token_id": state["id"]} for state in states])


def _look(verdict: Verdict, sample: Sample) -> dict[str, Any]:
    figures = {name: getattr(sample, name) for name in FIGURES}
    return {"token_id": verdict.after.id, "source": sample.source.value, **figures}


def _score(after: Token, score: Score) -> dict[str, Any]:
    value = score.raw if score.value is None else score.value
    return {"token_id": after.id, "ts": score.ts, "score": value, "components": score_to_json(score, after)}


def _transition(verdict: Verdict, now: datetime) -> dict[str, Any]:
    change = verdict.transition
    assert change is not None  # noqa: S101 - the caller filters; this is for the type checker
    return {
        "token_id": verdict.after.id,
        "ts": now,
        "status_before": change.before,
        "status_after": change.after,
        "reason": str(change.reason),
        "reason_template": change.reason.template,
        "reason_values": dict(change.reason.values),
    }


def _state(token: Token) -> dict[str, Any]:
    """The engine's state of a token as columns."""
    seen = token.glimpse
    return {
        "id": token.id,
        "symbol": token.symbol,
        # Keys of an earlier release stay as they were until the token's next look, which writes them here.
        "symbol_key": symbol_key(token.symbol) if token.symbol else None,
        "name": token.name,
        "status": token.status,
        "activated_at": token.activated_at,
        "archived_at": token.archived_at,
        "revived_at": token.revived_at,
        "revivals": token.revivals,
        "first_trade_at": token.first_trade_at,
        "first_price": token.first_price,
        "last_score_value": token.score,
        "last_score_at": token.score_at,
        "score_source": token.score_source,
        "settings_version": token.settings_version,
        "checked_at": token.checked_at,
        "unseen": token.unseen,
        "glanced_at": seen.at if seen else None,
        "glance_pre_score": seen.pre_score if seen else None,
        "glance_tx_count_5m": seen.tx_count_5m if seen else None,
        "glance_liquidity": seen.liquidity if seen else None,
        "last_look_at": token.last_look_at,
        "last_trade_at": token.last_trade_at,
        "low_since": token.low_run.since,
        "low_latest": list(token.low_run.latest),
        "episode": token.episode.number,
        "episode_opened_at": token.episode.opened_at,
        "episode_below_since": token.episode.below_since,
        "episode_peak": token.episode.peak,
        "episode_floor": token.episode.floor,
    }
