"""Outcomes: written with the alerts that they follow, attended to in batches, and never deleted."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from engine.aftermath import Mark, MarkState, OpenOutcome, Progress, Quote, Span
from engine.model import Alert, AlertKind, Source, Verdict
from engine.settings import Settings
from engine.shown import facts_of
from storage.database import Database
from storage.facts import score_to_json
from storage.tables import Json, OutcomePriceRow, OutcomeRow

FOLLOWED = frozenset({AlertKind.ACTIVATED, AlertKind.HIGH_SCORE, AlertKind.REVIVED})
FREE = Source.DEXSCREENER  # the free series: a series never mixes sources

# Only what has become an alert just now is followed. It is due at once: the engine says when it is due next.
RECORD = text("""
    INSERT INTO outcomes (token_id, kind, episode, decided_at, score, components, price, market_cap, liquidity,
                          observed_minutes, settings_version, followed_until, due_at)
    SELECT token_id, kind, episode, :now, said.score, said.components, said.price, said.market_cap, said.liquidity,
           said.observed_minutes, :version, :now, :now
    FROM jsonb_to_recordset(CAST(:said AS jsonb)) AS said
        (token_id bigint, kind text, episode int, score float8, components jsonb, price float8, market_cap float8,
         liquidity float8, observed_minutes float8)
    JOIN alerts AS alert USING (token_id, kind, episode)
    WHERE alert.decided_at = :now
    ON CONFLICT (token_id, kind, episode) DO NOTHING
""")

# OFFSET 0 keeps each token's part of the series a walk along its index, however few rows the planner expects.
SERIES = text("""
    SELECT open.id, look.ts, look.price, look.liquidity
    FROM jsonb_to_recordset(CAST(:open AS jsonb)) AS open (id bigint, token_id bigint, since timestamptz)
    CROSS JOIN LATERAL (
        SELECT ts, price, liquidity FROM token_snapshots
        WHERE token_id = open.token_id AND ts >= open.since AND source = :source OFFSET 0
    ) AS look
""")

HEARD = text("""
    SELECT span.number
    FROM jsonb_to_recordset(CAST(:spans AS jsonb)) AS span (number int, begins_at timestamptz, ends_at timestamptz)
    CROSS JOIN LATERAL (
        SELECT FROM token_snapshots
        WHERE ts >= span.begins_at AND ts <= span.ends_at AND source = :source ORDER BY ts LIMIT 1
    ) AS look
""")

# Who attends first moves `due_at`; for whoever comes second nothing happens.
SETTLE = text("""
    WITH told AS (
        SELECT * FROM jsonb_to_recordset(CAST(:told AS jsonb)) AS told
            (id bigint, seen_due_at timestamptz, due_at timestamptz, followed_until timestamptz, entry_state text,
             entry_price float8, entry_at timestamptz, best_price float8, marks jsonb)
    ), moved AS (
        UPDATE outcomes SET due_at = told.due_at, followed_until = told.followed_until, best_price = told.best_price,
            entry_state = told.entry_state, entry_price = told.entry_price, entry_at = told.entry_at
        FROM told WHERE outcomes.id = told.id AND outcomes.due_at = told.seen_due_at
        RETURNING outcomes.id, told.marks
    )
    INSERT INTO outcome_prices (outcome_id, horizon_minutes, state, price, priced_at, best_price)
    SELECT moved.id, mark.horizon_minutes, mark.state, mark.price, mark.priced_at, mark.best_price
    FROM moved CROSS JOIN jsonb_to_recordset(moved.marks) AS mark
        (horizon_minutes int, state text, price float8, priced_at timestamptz, best_price float8)
    ON CONFLICT (outcome_id, horizon_minutes) DO NOTHING
""")


async def record_outcomes(
    session: AsyncSession, verdicts: Sequence[Verdict], now: datetime, settings: Settings
) -> None:
    """Begin to follow the alerts that this transaction has kept. Repeating this adds nothing."""
    said = [_said(v, alert, now, settings) for v in verdicts for alert in v.alerts if alert.kind in FOLLOWED]
    if said:
        await session.execute(RECORD, {"said": json.dumps(said), "now": now, "version": settings.version})


class Outcomes:
    """Queries about outcomes; each method is one transaction of one statement and may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, limit: int) -> list[OpenOutcome]:
        """Outcomes that want attention, the longest due first."""
        settled = select(func.array_agg(OutcomePriceRow.horizon_minutes)).where(
            OutcomePriceRow.outcome_id == OutcomeRow.id
        )
        query = select(OutcomeRow, settled.scalar_subquery()).where(OutcomeRow.due_at <= now)
        async with self._database.transaction() as session:
            rows = (await session.execute(query.order_by(OutcomeRow.due_at, OutcomeRow.id).limit(limit))).all()
        return [_open(row, horizons or ()) for row, horizons in rows]

    async def series(self, outcomes: Sequence[OpenOutcome]) -> dict[int, list[Quote]]:
        """By outcome's id, its token's free looks from `followed_until` on, in no order."""
        rows = [{"id": one.id, "token_id": one.token_id, "since": one.followed_until.isoformat()} for one in outcomes]
        quotes: dict[int, list[Quote]] = defaultdict(list)
        for id_, *quote in await self._ask(SERIES, open=json.dumps(rows), source=FREE.value):
            quotes[id_].append(Quote(*quote))
        return quotes

    async def heard(self, spans: Collection[Span]) -> set[Span]:
        """Those of the spans in which there was a free look at any token."""
        ordered = sorted(set(spans))
        rows = [
            {"number": number, "begins_at": span.begins_at.isoformat(), "ends_at": span.ends_at.isoformat()}
            for number, span in enumerate(ordered)
        ]
        return {ordered[number] for (number,) in await self._ask(HEARD, spans=json.dumps(rows), source=FREE.value)}

    async def settle(self, progress: Sequence[Progress]) -> None:
        """Write how far these outcomes have come; one that somebody else has attended to meanwhile is left as it is."""
        async with self._database.transaction() as session:
            await session.execute(SETTLE, {"told": json.dumps([_told(one) for one in progress])})

    async def _ask(self, query: Any, **values: str) -> Sequence[Any]:
        async with self._database.transaction() as session:
            return (await session.execute(query, values)).all()


def _said(verdict: Verdict, alert: Alert, now: datetime, settings: Settings) -> Json:
    facts = facts_of(verdict, alert, now, settings)
    return {
        "token_id": verdict.after.id,
        "kind": alert.kind.value,
        "episode": alert.episode,
        "score": facts.score,
        "components": score_to_json(verdict.score, verdict.after) if verdict.score else None,
        "price": facts.price,
        "market_cap": facts.market_cap,
        "liquidity": facts.liquidity,
        "observed_minutes": facts.observed_minutes,
    }


def _open(row: OutcomeRow, horizons: Sequence[int]) -> OpenOutcome:
    entry = Mark(MarkState(row.entry_state), row.entry_price, row.entry_at) if row.entry_state else None
    return OpenOutcome(
        id=row.id,
        token_id=row.token_id,
        decided_at=row.decided_at,
        followed_until=row.followed_until,
        due_at=row.due_at or row.decided_at,  # the query finds open rows only; this is for the type checker
        entry=entry,
        best_price=row.best_price,
        settled=frozenset(horizons),
    )


def _told(progress: Progress) -> Json:
    entry, before = progress.entry, progress.before
    return {
        "id": before.id,
        "seen_due_at": before.due_at.isoformat(),
        "due_at": progress.due_at.isoformat() if progress.due_at else None,
        "followed_until": progress.followed_until.isoformat(),
        "entry_state": entry.state.value if entry else None,
        "entry_price": entry.price if entry else None,
        "entry_at": _iso(entry),
        "best_price": progress.best_price,
        "marks": [_mark(minutes, mark) for minutes, mark in progress.marks.items()],
    }


def _mark(minutes: int, mark: Mark) -> Json:
    return {
        "horizon_minutes": minutes,
        "state": mark.state.value,
        "price": mark.price,
        "priced_at": _iso(mark),
        "best_price": mark.best_price,
    }


def _iso(mark: Mark | None) -> str | None:
    return mark.priced_at.isoformat() if mark and mark.priced_at else None
