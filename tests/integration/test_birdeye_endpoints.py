"""Safety facts, pools, compute units, what calls cost, and what a probe learns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from deploy.sandbox.birdeye import NULL_DATA
from deploy.sandbox.births import address_of
from deploy.sandbox.faults import HTML_PAGE, Fault
from deploy.sandbox.world import mint_of
from engine.birdeye import WRAPPED_SOL
from engine.credits import Credits
from engine.errors import BudgetHeld, NoDataYet, ProviderDown, RateLimited
from engine.model import PoolFigures
from engine.plans import CREDITS, MARKETS, OVERVIEW, SECURITY, Plan
from engine.till import Till
from tests.integration.birdeye_scene import KEY, Scene, birdeye_scene
from tests.markets import MadeSpending


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with birdeye_scene() as scene:
        yield scene


async def test_safety_facts_are_told_and_what_is_null_stays_unknown(scene: Scene) -> None:
    safety = await scene.birdeye.safety(scene.hero)
    assert safety.top10_share is not None
    assert 0.15 <= safety.top10_share < 1
    assert safety.mutable_metadata in (True, False)
    assert (safety.mint_authority, safety.freeze_authority) == (None, None)
    assert safety.as_of == scene.clock.now()


async def test_pools_are_told_without_the_bonding_curve(scene: Scene) -> None:
    figures = scene.world.figures(scene.hero)
    assert figures is not None
    assert await scene.birdeye.pools(scene.hero) == (
        PoolFigures(address_of(f"{scene.hero}:pumpswap"), "pumpswap", figures.liquidity),
    )


async def test_a_token_still_on_the_curve_has_no_pool(scene: Scene) -> None:
    stillborn = next(life for life in map(scene.world.life, range(1, 50)) if life.migrates_at is None)
    scene.clock.move(3600)
    assert await scene.birdeye.pools(stillborn.mint) == ()


async def test_compute_units_are_told_with_the_accounts_own_period(scene: Scene) -> None:
    scene.api.meter.monthly = 2_500_000
    await scene.birdeye.look(scene.hero)
    began_at = scene.api.meter.began_at
    assert await scene.birdeye.credits() == Credits(16, 2_499_984, began_at, began_at + timedelta(days=30))


async def test_every_answers_price_is_charged_once_and_the_cache_costs_nothing(scene: Scene) -> None:
    scene.api.meter.prices[OVERVIEW] = 25
    for _ in range(3):
        await scene.birdeye.look(scene.hero)
        await scene.birdeye.safety(scene.hero)
        await scene.birdeye.pools(scene.hero)
    await scene.birdeye.credits()
    assert scene.spent_cu == scene.api.credits_used == 25 + 3 * 50 + 3 * 30 + 1 - 2 * 80
    assert scene.till.prices.of(OVERVIEW) == 25


async def test_an_answer_that_failed_but_cost_is_charged_too(scene: Scene) -> None:
    with pytest.raises(NoDataYet):
        await scene.birdeye.look(mint_of("nobody"))
    assert scene.spent_cu == 15
    scene.api.fail(Fault(status=500, headers={"x-credits-used": "15"}), times=3)
    with pytest.raises(ProviderDown):
        await scene.birdeye.look(scene.hero)
    assert scene.spent_cu == 4 * 15


async def test_a_call_that_was_turned_away_is_paid_back_and_a_lost_one_is_not(scene: Scene) -> None:
    scene.api.fail(Fault(429, headers={"Retry-After": "1"}), times=1)
    with pytest.raises(RateLimited):
        await scene.birdeye.look(scene.hero)
    assert scene.spent_cu == 0
    scene.clock.move(2)
    scene.api.fail(Fault(drop=True))
    with pytest.raises(ProviderDown):
        await scene.birdeye.look(scene.hero)
    assert scene.spent_cu == 3 * 15


async def test_nothing_is_asked_that_the_budget_does_not_allow(scene: Scene) -> None:
    scene.till = Till(Plan("custom", 300, 15, 900), MadeSpending(), scene.clock)
    await scene.till.open()
    scene.birdeye = scene.adapter(KEY)
    with pytest.raises(BudgetHeld):
        await scene.birdeye.look(scene.hero)
    assert scene.api.requests == []
    assert scene.birdeye.resting() is None, "our own budget is no failure of Birdeye's"
    assert scene.heartbeat.pulse("birdeye").failing_seconds is None


@pytest.mark.parametrize(
    "said", [{}, {"x-credits-used": "free"}, {"x-credits-used": "-15"}, {"x-credits-used": "9" * 9}]
)
async def test_a_good_answer_that_does_not_tell_its_price_costs_what_the_table_says(
    scene: Scene, said: dict[str, str]
) -> None:
    scene.api.fail(Fault(body={"success": True, "data": {"price": 1}}, headers=said), times=1)
    await scene.birdeye.look(scene.hero)
    assert scene.spent_cu == 15


async def test_a_probe_asks_each_call_once_and_finds_all_allowed(scene: Scene) -> None:
    permissions = await scene.birdeye.probe()
    assert scene.api.calls == {OVERVIEW: 1, SECURITY: 1}
    assert scene.api.requests == [WRAPPED_SOL]
    assert permissions.alarm is None
    assert permissions.denied == frozenset()
    assert all(permissions.may(endpoint) for endpoint in (OVERVIEW, SECURITY, MARKETS, CREDITS))


async def test_a_probe_of_a_small_plan_switches_off_what_it_lacks_without_an_alarm(scene: Scene) -> None:
    scene.api.denied = {SECURITY}
    permissions = await scene.birdeye.probe()
    assert permissions.denied == {SECURITY}
    assert (permissions.may(OVERVIEW), permissions.may(SECURITY)) == (True, False)
    assert permissions.alarm is None
    assert (await scene.birdeye.look(scene.hero)).symbol == "HERO"


async def test_a_probe_with_a_bad_key_asks_once_and_gives_an_alarm(scene: Scene) -> None:
    permissions = await scene.adapter("wrong").probe()
    assert scene.api.calls == {OVERVIEW: 1}
    assert permissions.alarm == "Birdeye refuses the API key: check BIRDEYE_API_KEY"


async def test_a_probe_of_a_spent_account_gives_an_alarm(scene: Scene) -> None:
    scene.api.meter.monthly = 0
    permissions = await scene.birdeye.probe()
    assert "compute units are used up" in (permissions.alarm or "")
    assert permissions.denied == frozenset()


async def test_a_probe_of_a_plan_without_the_overview_gives_an_alarm(scene: Scene) -> None:
    scene.api.denied = {OVERVIEW}
    permissions = await scene.birdeye.probe()
    assert "does not include this call" in (permissions.alarm or "")
    assert permissions.denied == {OVERVIEW}


@pytest.mark.parametrize("fault", [HTML_PAGE, NULL_DATA, Fault(status=500), Fault(drop=True)], ids=repr)
async def test_a_probe_of_a_failing_provider_denies_nothing_and_raises_nothing(scene: Scene, fault: Fault) -> None:
    scene.api.fail(fault)
    permissions = await scene.birdeye.probe()
    assert (permissions.denied, permissions.alarm) == (frozenset(), None)
    scene.api.heal()
    assert (await scene.birdeye.look(scene.hero)).symbol == "HERO"
