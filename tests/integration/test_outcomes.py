"""What became of what we said, on a real PostgreSQL: recorded with the alert, followed for a day, never dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from deploy.sandbox.clock import HandClock
from engine.accountant import Accountant
from engine.aftermath import Quote
from engine.decision import decide
from engine.heartbeat import Heartbeat
from engine.model import Alert, AlertKind, Source, Token, Verdict
from engine.outcomes import follow
from engine.patience import Patience
from engine.settings import Settings
from storage.database import Database
from storage.outcomes import record_outcomes
from storage.tables import TokenSnapshotRow
from tests.integration.story import Story
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample
from tests.markets import StillClock
from tests.waiting import until

RULES = Settings()
DAY = [  # what a day brings: minutes after the decision, price, liquidity
    (1 / 6, 9.0, 9e3),
    (0.5, 1.0, 9e3),
    (5.1, 1.5, 9e3),
    (15.1, 0.8, 9e3),
    (40, 3.0, 9e3),
    (60.5, 2.0, 9e3),
    (363, 5_167.0, 0.007),
    (1441, 0.2, 9e3),
]
TOLD = """
    SELECT horizon_minutes, state, mark.price, extract(epoch FROM priced_at - decided_at)::float8, mark.best_price
    FROM outcome_prices AS mark JOIN outcomes ON outcomes.id = outcome_id WHERE kind = 'activated' ORDER BY 1
"""
ENTRY = "SELECT entry_state, entry_price, entry_at, best_price, due_at FROM outcomes WHERE kind = 'activated'"


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def announced(store: Story, verdicts: Sequence[Verdict], now: datetime = NOON, rules: Settings = RULES) -> None:
    """Looks recorded together with the outcomes of their alerts."""
    await store.looks.record(verdicts, now, rules)
    async with store.database.transaction() as session:
        await record_outcomes(session, verdicts, now, rules)


async def activated(store: Story, mint: str = MINT) -> Token:
    """A token whose activation was told at NOON."""
    verdict = decide(await store.tracked(mint), sample(), (), NOON, RULES)
    await announced(store, [verdict])
    return verdict.after


async def seen(store: Story, token: Token, after: float, price: float | None, liquidity: float | None) -> None:
    """A free look so many minutes after NOON."""
    figures = {"token_id": token.id, "source": "dexscreener", "price": price, "liquidity": liquidity}
    async with store.database.transaction() as session:
        await session.execute(insert(TokenSnapshotRow).values(ts=NOON + minutes(after), **figures))


def accountant(store: Story, now: datetime | HandClock) -> Accountant:
    clock = now if isinstance(now, HandClock) else HandClock(now)
    return Accountant(store.outcomes, store.settings, clock, Heartbeat(), Patience(5))


async def live(store: Story, token: Token, other: Token, begin: float, end: float) -> None:
    """A program runs: another token is seen every 5 minutes, this one as DAY says; looks are kept for two hours."""
    ours = [look for look in DAY if begin <= look[0] < end]
    clock = HandClock(NOON + minutes(begin))
    running, at = accountant(store, clock), begin
    while at < end:
        for look in [look for look in ours if at <= look[0] < at + 5]:
            await seen(store, token, *look)
        await seen(store, other, at, 1.0, 9e3)
        at += 5
        clock.move(300)
        await running.attend()
        await store.looks.prune(NOON + minutes(at - 120), 100)


async def test_a_day_is_told_as_reckoned_by_hand_over_a_restart_and_with_two_hours_of_looks(store: Story) -> None:
    token, other = await activated(store), await store.tracked(OTHER_MINT)
    await live(store, token, other, 0, 70)
    await live(store, token, other, 70, 1455)
    assert await store.rows(TOLD) == [
        (5, "priced", 1.5, 306.0, 1.5),
        (15, "priced", 0.8, 906.0, 1.5),
        (60, "priced", 2.0, 3630.0, 3.0),
        (360, "gone", None, None, 3.0),
        (1440, "priced", 0.2, 86_460.0, 3.0),
    ]
    assert await store.rows(ENTRY) == [("priced", 1.0, NOON + minutes(0.5), 3.0, None)]
    assert await store.rows("SELECT min(ts) FROM token_snapshots") == [(NOON + minutes(1335),)]


async def test_a_time_without_the_program_is_an_outage_and_no_loss(store: Story) -> None:
    token, other = await activated(store), await store.tracked(OTHER_MINT)
    await live(store, token, other, 0, 70)
    await live(store, token, other, 420, 1455)
    states = [row[:3] for row in await store.rows(TOLD)]
    assert states == [(5, "priced", 1.5), (15, "priced", 0.8), (60, "priced", 2.0), (360, "outage", None), states[4]]
    assert states[4] == (1440, "priced", 0.2)


async def test_a_program_that_comes_back_after_days_settles_all_before_looks_are_pruned(store: Story) -> None:
    token, other = await activated(store), await store.tracked(OTHER_MINT)
    await seen(store, token, 0.5, 1.0, 9e3)
    await seen(store, other, 6, 1.0, 9e3)
    later = NOON + timedelta(days=3)
    assert await store.looks.prune(later - timedelta(hours=2), 100) == 1, "the score alone is not needed any more"
    assert await accountant(store, later).attend() == 1
    assert [row[1] for row in await store.rows(TOLD)] == ["unknown", "outage", "outage", "outage", "outage"]
    assert await store.rows(ENTRY) == [("priced", 1.0, NOON + minutes(0.5), 1.0, None)]
    assert await store.looks.prune(later - timedelta(hours=2), 100) == 3


async def test_a_dead_pool_with_an_absurd_price_is_gone_and_not_rich(store: Story) -> None:
    token = await activated(store)
    await seen(store, token, 0.5, 1.0, 9e3)
    for after in (5.1, 15.1, 60.1, 360.1, 1440.1):
        await seen(store, token, after, 5_167.0, 0.007)
    await accountant(store, NOON + timedelta(days=2)).attend()
    assert {row[1:] for row in await store.rows(TOLD)} == {("gone", None, None, 1.0)}


async def test_paid_looks_price_nothing(store: Story) -> None:
    token = await activated(store)
    await store.look(token, sample(ts=NOON + minutes(1)), NOON + minutes(1))
    await accountant(store, NOON + minutes(10)).attend()
    assert await store.rows("SELECT entry_state FROM outcomes") == [("outage",)]


async def test_an_outcome_says_what_was_known_at_its_decision(store: Story) -> None:
    token = await store.tracked(heard_at=NOON - minutes(60))
    verdict = decide(token, sample(tx_count_5m=1200), (), NOON, RULES)
    await announced(store, [verdict], rules=replace(RULES, version=3))
    assert verdict.score is not None
    rows = await store.rows(
        "SELECT kind, episode, decided_at, score, price, market_cap, liquidity, observed_minutes, settings_version,"
        " components->'tx_accel'->>'weight' FROM outcomes ORDER BY kind"
    )
    said = (verdict.score.value, 0.001, 1_000_000.0, 60_000.0, 60.0, 3, "0.25")
    assert rows == [("activated", 0, NOON, *said), ("high_score", 1, NOON, *said)]


async def test_an_untrusted_price_is_not_kept(store: Story) -> None:
    dead = sample(price=5_167.0, liquidity=0.007)
    await announced(store, [decide(await store.tracked(), dead, (), NOON, RULES)])
    assert await store.rows("SELECT price, market_cap, liquidity FROM outcomes") == [(None, None, 0.007)]


async def test_an_alert_without_a_check_is_followed_without_a_score(store: Story) -> None:
    verdict = replace(decide(await store.tracked(), sample(source=Source.DEXSCREENER), (), NOON, RULES), score=None)
    await announced(store, [verdict])
    assert await store.rows("SELECT kind, score, components FROM outcomes") == [("activated", None, None)]


def rung(token: Token, level: float, at: datetime, kind: AlertKind = AlertKind.HIGH_SCORE) -> Verdict:
    """A check that rings at that level in the token's first episode."""
    alert = Alert(kind, episode=1, opened_at=NOON, level=level if kind is AlertKind.HIGH_SCORE else None)
    return replace(decide(token, sample(ts=at), (), at, RULES), alerts=(alert,), transition=None)


async def test_only_what_became_an_alert_is_followed_and_once_an_episode(store: Story) -> None:
    token = await store.tracked()
    for minute, level in ((0, 1.7), (1, 2.2), (2, 3.0)):
        await announced(store, [rung(token, level, NOON + minutes(minute))], NOON + minutes(minute))
    assert await store.rows("SELECT kind, decided_at FROM outcomes") == [("high_score", NOON + minutes(1))]


async def test_an_alert_of_the_time_before_outcomes_is_not_followed_from_its_middle(store: Story) -> None:
    token = await store.tracked()
    await store.looks.record([rung(token, 2.2, NOON)], NOON, RULES)
    await store.rows("DELETE FROM outcomes RETURNING 1")
    later = NOON + minutes(5)
    await announced(store, [rung(token, 2.5, later)], later)
    assert await store.rows("SELECT count(*) FROM outcomes") == [(0,)]


async def test_a_revival_is_followed_and_an_archiving_is_not(store: Story) -> None:
    token = await store.tracked()
    await announced(store, [rung(token, 0, NOON, kind) for kind in (AlertKind.REVIVED, AlertKind.ARCHIVED)])
    assert await store.rows("SELECT kind FROM outcomes") == [("revived",)]


async def test_a_replayed_look_begins_no_second_outcome(store: Story) -> None:
    verdict = decide(await store.tracked(), sample(), (), NOON, RULES)
    for _ in range(3):
        await announced(store, [verdict])
    assert await store.rows("SELECT count(*) FROM outcomes") == [(1,)]


def noted(store: Story) -> list[str]:
    """The statements that the database hears from now on."""
    statements: list[str] = []

    def note(*about: Any) -> None:
        statements.append(about[2])

    event.listen(store.database._pool.sync_engine, "before_cursor_execute", note)
    return statements


async def test_a_whole_chunk_takes_one_statement_and_a_quiet_one_none(store: Story) -> None:
    verdicts = [decide(await store.tracked(mint), sample(), (), NOON, RULES) for mint in (MINT, OTHER_MINT)]
    await store.looks.record(verdicts, NOON, RULES)
    statements = noted(store)
    async with store.database.transaction() as session:
        await record_outcomes(session, verdicts, NOON, RULES)
        await record_outcomes(session, [replace(verdict, alerts=()) for verdict in verdicts], NOON, RULES)
    assert len(statements) == 1
    assert await store.rows("SELECT count(*) FROM outcomes") == [(2,)]


async def test_a_batch_of_outcomes_takes_a_few_statements(store: Story) -> None:
    for mint in (MINT, OTHER_MINT):
        await seen(store, await activated(store, mint), 0.5, 1.0, 9e3)
    statements = noted(store)
    await accountant(store, NOON + timedelta(days=2)).attend()
    assert len([sql for sql in statements if "outcome" in sql or "token_snapshots" in sql]) == 4
    assert await store.rows("SELECT count(*) FROM outcome_prices") == [(10,)]


async def test_who_attends_second_changes_nothing(store: Story) -> None:
    token = await activated(store)
    [one] = await store.outcomes.due(NOON, 10)
    late = NOON + timedelta(days=2)
    first = follow(one, [Quote(NOON + minutes(0.5), 1.0, 9e3)], (), late, 500.0)
    second = follow(one, [Quote(NOON + minutes(0.5), 2.0, 9e3)], (), late, 500.0)
    await store.outcomes.settle([first])
    await store.outcomes.settle([second])
    assert (await store.rows("SELECT entry_price, token_id FROM outcomes")) == [(1.0, token.id)]
    assert await store.outcomes.due(late, 10) == []


async def test_a_settled_outcome_is_read_back_as_it_was_told(store: Story) -> None:
    token = await activated(store)
    await seen(store, token, 0.5, 1 / 3, 9e3)
    now = NOON + minutes(15)
    await accountant(store, now).attend()
    [one] = await store.outcomes.due(NOON + timedelta(days=1), 10)
    assert one.entry is not None
    assert (one.entry.price, one.best_price, set(one.settled)) == (1 / 3, 1 / 3, {5})
    assert one.followed_until == now - minutes(2)


async def test_the_loop_attends_to_what_is_due_and_beats(store: Story) -> None:
    await activated(store)
    heartbeat, clock = Heartbeat(), StillClock(NOON + timedelta(days=2))
    loop = Accountant(store.outcomes, store.settings, clock, heartbeat, Patience(5))
    running = asyncio.create_task(loop.run())
    await until(lambda: clock.slept == [60.0], what="the loop's first pause")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await store.rows("SELECT due_at FROM outcomes") == [(None,)]
    assert heartbeat.pulse("outcomes").beat_seconds is not None
    assert heartbeat.counts["outcome", "outage"] == 5
