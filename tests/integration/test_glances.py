"""Glances over the real store: the gate for free, and what happens where they fail or nobody is paid."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from engine.errors import ProviderDown
from engine.model import Status
from engine.plans import Plan
from engine.recorder import Answer, Seen
from engine.settings import Settings
from storage.store import Store
from tests.integration.looking import Desk, seen
from tests.made import MINT, NOON, minutes, sample
from tests.markets import ToldGlances
from tests.waiting import until


@pytest.fixture
def glances() -> ToldGlances:
    return ToldGlances()


@pytest.fixture
def glancing(database: Any, glances: ToldGlances) -> Desk:
    return Desk(Store(database), glances)


async def test_a_glance_opens_the_gate_and_its_alert_carries_the_score_of_a_check(
    glancing: Desk, glances: ToldGlances
) -> None:
    await glancing.track(MINT)
    glances.answers[MINT] = seen()
    async with glancing.running():
        await until(lambda: glancing.rung == 1, what="the activation's alert")
    [(kind, score)] = await glancing.rows("SELECT kind, (facts->>'score')::float FROM alerts")
    [token] = await glancing.store.tokens.find(MINT)
    assert (kind, score) == ("activated", token.score)
    assert score is not None
    looks = await glancing.rows("SELECT source FROM token_snapshots ORDER BY 1")
    assert looks == [("birdeye",), ("dexscreener",)]
    assert await glancing.rows("SELECT tx_count FROM pool_snapshots") == [(400,)]
    assert glancing.market.asked == {MINT: 1}


async def test_an_activation_does_not_wait_for_a_birdeye_that_fails(glancing: Desk, glances: ToldGlances) -> None:
    await glancing.track(MINT)
    glancing.market.answers[MINT] = ProviderDown("no answer")
    glances.answers[MINT] = seen()
    async with glancing.running():
        await until(lambda: glancing.rung == 1, what="the activation's alert")
    assert await glancing.rows("SELECT facts->>'score' FROM alerts") == [(None,)]


async def test_a_quiet_glance_costs_nothing_and_tells_symbol_and_pools(glancing: Desk, glances: ToldGlances) -> None:
    await glancing.track(MINT, symbol=None)
    glances.answers[MINT] = seen(tx_count_5m=3, liquidity=900.0, symbol="DEX", name="By glance")
    async with glancing.running():
        await until(lambda: glances.asked[MINT] == 1, what="the glance")
        await until(lambda: known(glancing), what="the glance's row")
        await glancing.tick(at_seconds=29)
        await until(lambda: quiet(glancing), what="a pass without a due token")
    [token] = await glancing.store.tokens.find(MINT)
    assert (token.symbol, token.name, token.status) == ("DEX", "By glance", Status.INITIAL)
    assert glancing.market.asked == {}
    assert [pool.pool_address for pool in await glancing.store.pools.of(token.id)] == ["pool"]


async def known(desk: Desk) -> bool:
    return bool(await desk.rows("SELECT 1 FROM token_snapshots"))


async def quiet(desk: Desk) -> bool:
    desk.ticker.wake()
    return desk.clock.slept.count(1.0) >= 6


async def test_when_glances_fail_the_gate_is_watched_for_money(glancing: Desk, glances: ToldGlances) -> None:
    await glancing.track(MINT)
    glances.failure = ProviderDown("DexScreener is away")
    async with glancing.running():
        await until(lambda: not glancing.glances.working, what="the failed glance")
        glancing.ticker.wake()
        await until(lambda: glancing.rung == 1, what="the activation by a check")
        glances.failure = None
        await glancing.tick(at_seconds=120)
        await until(lambda: working_again(glancing), what="glances that work again")


async def working_again(desk: Desk) -> bool:
    """A pass leaves out a token that a check is just claiming, and here no second passes to the next one by itself."""
    desk.ticker.wake()
    return desk.glances.working


async def test_an_archived_token_is_revived_by_a_glance(glancing: Desk, glances: ToldGlances) -> None:
    await glancing.track(MINT)
    sql = "UPDATE tokens SET status = 'Archived', archived_at = now(), activated_at = now()"
    async with glancing.store.database.transaction() as session:
        await session.execute(text(sql.replace("now()", "'2026-07-03 11:00+00'")))
    glances.answers[MINT] = seen()
    async with glancing.running():
        await until(lambda: glancing.rung == 1, what="the revival's alert")
    [(kind, score)] = await glancing.rows("SELECT kind, (facts->>'score')::float FROM alerts")
    assert (kind, score is None) == ("revived", False)


async def test_without_anybody_to_pay_glances_are_scored(database: Any, glances: ToldGlances) -> None:
    desk = Desk(Store(database), glances, paid=False)
    await desk.track(MINT)
    glances.answers[MINT] = seen()
    async with desk.running():
        await until(lambda: desk.rung == 1, what="the activation's alert")
    [(coverage, source)] = await desk.rows(
        "SELECT (components->>'coverage')::float, components->>'source' FROM token_scores"
    )
    assert (coverage, source) == (0.5, "dexscreener")
    assert desk.market.asked == {}


async def test_a_glance_and_a_check_of_one_token_never_overwrite_each_other(glancing: Desk) -> None:
    await glancing.track(MINT)
    [token] = await glancing.store.tokens.find(MINT)
    glance = Answer(token, Settings(), glance=Seen(seen().sample))
    check = Answer(token, Settings(), check=Seen(sample()))
    await glancing.recorder.settle([glance, check])
    await glancing.recorder.settle([replace(check, check=Seen(sample(tx_count_5m=500)))])
    [now] = await glancing.store.tokens.find(MINT)
    assert now.status is Status.ACTIVE
    assert now.glimpse is not None
    assert now.checked_at == NOON
    assert await glancing.rows("SELECT count(*) FROM token_transitions") == [(1,)]
    assert await glancing.rows("SELECT count(*) FROM token_scores") == [(2,)]


async def test_the_budget_holds_checks_back_and_glances_go_on(database: Any, glances: ToldGlances) -> None:
    glancing = Desk(Store(database), glances, plan=Plan("custom", 300, 15, 900))
    await glancing.track(MINT, heard_at=NOON - minutes(1))
    async with glancing.running():
        await until(lambda: glances.asked[MINT] == 1, what="the glance")
        await until(lambda: quiet(glancing), what="passes of both loops")
    assert glancing.market.asked == {}, "a token that no glance shows is worth a check, but there is no money"
