"""What follows an alert, over the real store and Birdeye's stand-in: asked once, where it may be paid, never fatal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from deploy.sandbox.birdeye import BAD_ADDRESS, NOT_FOUND, NOT_IN_PLAN, NULL_DATA, UNAUTHORIZED
from deploy.sandbox.births import address_of
from deploy.sandbox.clock import HandClock
from deploy.sandbox.faults import DROP, HTML_PAGE, Fault
from deploy.sandbox.metering import UNITS_SPENT, too_many
from deploy.sandbox.world import mint_of
from engine.errands import Errands
from engine.model import AlertKind, PoolFigures, Safety
from engine.patience import Patience
from engine.plans import MARKETS, SECURITY
from storage.database import Database
from tests.integration.birdeye_scene import Scene, birdeye_scene
from tests.integration.story import Story
from tests.made import MINT, NOON, OTHER_MINT, minutes
from tests.markets import StillClock
from tests.waiting import until

FAULTS = {
    "ProviderDown": Fault(status=500),
    "ProviderDown by a dropped connection": DROP,
    "RateLimited": too_many(NOON + minutes(5)),
    "EndpointDenied": NOT_IN_PLAN,
    "BadKey": UNAUTHORIZED,
    "BudgetSpent": UNITS_SPENT,
    "BadRequest": BAD_ADDRESS,
    "no_data": NOT_FOUND,
    "no_data in a page": HTML_PAGE,
}
RESTS = ("RateLimited", "EndpointDenied", "BadKey", "BudgetSpent")


class Purse:
    """`engine.errands.Budget`: pays for all but what is in `refused`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.refused: set[tuple[str, bool]] = set()
        self.asked: list[tuple[str, bool]] = []

    def may(self, endpoint: str, urgent: bool) -> bool:
        self.asked.append((endpoint, urgent))
        return (endpoint, urgent) not in self.refused


class Desk:
    """Errands with all they touch; glances work unless a test says otherwise."""

    def __init__(self, scene: Scene, store: Story) -> None:
        self.scene = scene
        self.api = scene.api
        self.store = store
        self.purse = Purse()
        self.glances_work = True
        self.errands = Errands(
            birdeye=scene.birdeye,
            budget=self.purse,
            safeties=store.safeties,
            pools=store.pools,
            glances_work=lambda: self.glances_work,
            clock=scene.clock,
            heartbeat=scene.heartbeat,
            patience=Patience(5),
        )

    async def alerted(self, mint: str, kind: AlertKind = AlertKind.HIGH_SCORE, episode: int = 1) -> int:
        """The id of a token that Birdeye knows, and for which an alert was decided just now."""
        self.scene.world.adopt(mint, "PI", "Palantir Inu")
        return (await self.store.alerted(mint, self.scene.clock.now(), kind, episode)).id

    async def told(self, token_id: int) -> Safety | None:
        return await self.store.safeties.of(token_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The loop runs meanwhile; whatever happened, it did not end by itself."""
        loop = asyncio.create_task(self.errands.run())
        try:
            yield
            assert not loop.done()
        finally:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop


@asynccontextmanager
async def desk_at(database: Database, clock: HandClock) -> AsyncIterator[Desk]:
    async with birdeye_scene(clock) as scene:
        yield Desk(scene, Story(database, scene.heartbeat.count))


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with desk_at(database, StillClock(NOON)) as desk:
        yield desk


async def test_facts_are_asked_for_when_an_alert_rings_and_what_is_null_stays_unknown(desk: Desk) -> None:
    async with desk.running():
        await until(lambda: desk.scene.heartbeat.pulse("errands").beat_seconds is not None, what="an idle round")
        token_id = await desk.alerted(MINT)
        desk.errands.wake()
        await until(lambda: desk.told(token_id), what="the facts")
    facts = await desk.told(token_id)
    assert facts is not None
    assert facts == await desk.scene.birdeye.safety(MINT)
    assert facts.top10_share is not None
    assert (facts.mint_authority, facts.freeze_authority) == (None, None)
    assert desk.api.calls == {SECURITY: 1}


async def test_a_token_is_asked_about_once_although_several_alerts_ring(desk: Desk) -> None:
    for episode in (1, 2):
        await desk.alerted(MINT, episode=episode)
    await desk.alerted(MINT, AlertKind.ACTIVATED)
    for minute in (0, 30, 30):
        desk.scene.clock.move(60 * minute)
        await desk.errands.round()
        await desk.alerted(MINT, episode=100 + minute)
    await desk.errands.round()
    assert desk.api.calls == {SECURITY: 1}
    assert desk.purse.asked == [(SECURITY, True)]


async def test_the_loop_looks_by_itself_every_minute(database: Database) -> None:
    clock = HandClock(NOON)
    async with desk_at(database, clock) as desk:
        token_id = await desk.alerted(MINT)
        desk.api.fail(FAULTS["ProviderDown"], times=3)
        async with desk.running():
            await until(lambda: desk.told(token_id), what="the facts, after a failure")
            await until(lambda: len(clock.slept) > 1, what="the pause after them")
    assert clock.slept[:2] == [60, 60]
    assert desk.scene.heartbeat.counts["errand", "ProviderDown"] == 1


@pytest.mark.parametrize("name", FAULTS)
async def test_no_failure_ends_the_loop_and_it_asks_again_later(desk: Desk, name: str) -> None:
    kind = name.split(maxsplit=1)[0]
    desk.api.fail(FAULTS[name])
    token_id = await desk.alerted(MINT)
    async with desk.running():
        await until(lambda: desk.scene.heartbeat.counts["errand", kind], what="the failure")
        desk.api.heal()
        desk.errands.wake()
        await until(lambda: len(desk.scene.clock.slept) > 1, what="a round that asks nothing")
        assert await desk.told(token_id) is None
        asked = desk.api.calls[SECURITY]
        desk.scene.clock.move(7 * 3600)
        await desk.alerted(MINT, episode=2)
        desk.errands.wake()
        await until(lambda: desk.told(token_id), what="the facts")
    assert desk.api.calls[SECURITY] == asked + 1
    assert len(desk.scene.clock.slept) <= 3, "a bell rings for one round"
    assert desk.scene.heartbeat.counts["errand", kind] == 1


@pytest.mark.parametrize("kind", RESTS)
async def test_while_birdeye_rests_nothing_is_asked(desk: Desk, kind: str) -> None:
    desk.api.fail(FAULTS[kind])
    for mint in (MINT, OTHER_MINT):
        await desk.alerted(mint)
    await desk.errands.round()
    await desk.errands.round()
    assert desk.api.calls == {SECURITY: 1}
    assert desk.purse.asked == [(SECURITY, True)]


async def test_a_failed_call_is_repeated_after_a_minute_and_others_do_not_wait_for_it(desk: Desk) -> None:
    token_id, other_id = await desk.alerted(MINT), await desk.alerted(OTHER_MINT)
    desk.api.fail(FAULTS["ProviderDown"], mint=MINT, times=3)
    for second, known in ((0, False), (59, False), (1, True)):
        desk.scene.clock.move(second)
        await desk.errands.round()
        assert (await desk.told(token_id) is not None) is known
        assert await desk.told(other_id) is not None
    assert desk.api.calls == {SECURITY: 3 + 1 + 1}


async def test_a_token_without_facts_is_asked_about_again_after_ten_minutes(desk: Desk) -> None:
    token_id = await desk.alerted(MINT)
    desk.api.fail(NOT_FOUND, times=1)
    for minute, calls in ((0, 1), (9, 1), (1, 2)):
        desk.scene.clock.move(60 * minute)
        await desk.errands.round()
        assert desk.api.calls == {SECURITY: calls}
    assert await desk.told(token_id) is not None


async def test_nothing_is_asked_that_the_budget_does_not_allow(desk: Desk) -> None:
    routine = await desk.alerted(MINT, AlertKind.ACTIVATED)
    hot, second_wave = await desk.alerted(OTHER_MINT), await desk.alerted(mint_of("hot"), AlertKind.REVIVED)
    desk.purse.refused = {(SECURITY, True), (SECURITY, False)}
    await desk.errands.round()
    assert desk.api.calls == {}
    assert desk.purse.asked == [(SECURITY, True), (SECURITY, True), (SECURITY, False)]
    desk.purse.refused = {(SECURITY, False)}
    await desk.errands.round()
    assert [await desk.told(id_) is not None for id_ in (hot, second_wave, routine)] == [True, True, False]
    desk.purse.refused.clear()
    await desk.errands.round()
    assert await desk.told(routine) is not None


async def test_a_value_that_the_database_refuses_stops_no_other_and_rests(desk: Desk) -> None:
    ids = [await desk.alerted(mint_of(name)) for name in "abc"]
    await desk.store.safeties.keep(ids[0], None, NOON - minutes(60))
    async with desk.store.database.transaction() as session:
        await session.execute(text(f"ALTER TABLE safety ADD CHECK (token_id <> {ids[1]} OR as_of IS NULL)"))
    for _ in range(2):
        await desk.errands.round()
    assert [await desk.told(id_) is not None for id_ in ids] == [True, False, True]
    assert desk.scene.heartbeat.counts["errand", "BadData"] == 1
    assert desk.api.calls == {SECURITY: 3}


async def test_an_address_that_birdeye_calls_malformed_stops_no_other_and_rests(desk: Desk) -> None:
    token_id = await desk.alerted(MINT)
    await desk.store.alerted("no mint", desk.scene.clock.now())
    for _ in range(2):
        await desk.errands.round()
    assert await desk.told(token_id) is not None
    assert desk.scene.heartbeat.counts["errand", "BadRequest"] == 1
    assert desk.api.calls == {SECURITY: 2}


async def test_pools_are_asked_for_once_and_only_while_glances_do_not_work(desk: Desk) -> None:
    token_id = await desk.alerted(MINT)
    await desk.errands.round()
    assert desk.api.calls == {SECURITY: 1}
    desk.glances_work = False
    for _ in range(2):
        await desk.errands.round()
        await desk.alerted(MINT, episode=2)
    assert desk.api.calls == {SECURITY: 1, MARKETS: 1}
    [pool] = await desk.store.pools.of(token_id)
    assert (pool.pool_address, pool.dex_name) == (address_of(f"{MINT}:pumpswap"), "pumpswap")
    assert pool.liquidity is not None


async def test_a_pool_that_two_tokens_name_belongs_to_the_first(desk: Desk) -> None:
    desk.glances_work = False
    first = await desk.alerted(MINT)
    await desk.errands.round()
    second = await desk.alerted(OTHER_MINT)
    items = [{"address": address_of(name), "source": "Orca", "base": {"address": OTHER_MINT}} for name in ("own", "x")]
    items[1]["address"] = address_of(f"{MINT}:pumpswap")
    desk.api.tell(OTHER_MINT, {"items": items}, MARKETS)
    await desk.errands.round()
    assert [pool.dex_name for pool in await desk.store.pools.of(first)] == ["pumpswap"]
    assert await desk.store.pools.of(second) == (PoolFigures(address_of("own"), "orca"),)
    assert desk.scene.heartbeat.counts["pool_ignored", "of another token"] == 1


async def test_pools_are_told_though_the_plan_lacks_safety_facts(desk: Desk) -> None:
    desk.api.denied = {SECURITY}
    desk.glances_work = False
    token_id = await desk.alerted(MINT)
    await desk.errands.round()
    assert await desk.told(token_id) is None
    assert await desk.store.pools.of(token_id) != ()


@pytest.mark.parametrize("fault", [NOT_FOUND, NULL_DATA, BAD_ADDRESS], ids=["not found", "null", "malformed"])
async def test_a_token_without_a_list_is_not_asked_about_with_every_alert(desk: Desk, fault: Fault) -> None:
    desk.glances_work = False
    await desk.alerted(MINT)
    desk.api.fail(fault)
    for _ in range(3):
        await desk.errands.round()
    assert desk.api.calls == {SECURITY: 1, MARKETS: 1}


async def test_an_answer_outlives_a_database_that_was_away(desk: Desk, fresh_database: dict[str, Any]) -> None:
    token_id = await desk.alerted(MINT)
    other = await asyncpg.connect(**fresh_database)
    blocked = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with desk.running():
        async with other.transaction():
            await other.execute("LOCK TABLE safety IN SHARE MODE")
            await until(lambda: other.fetchval(f"SELECT count(*) {blocked}"), what="the answer to be written")
            await other.execute(f"SELECT pg_terminate_backend(pid) {blocked}")
        await until(lambda: len(desk.scene.clock.slept) > 0, what="the end of the round")
    await other.close()
    assert await desk.told(token_id) is not None
    assert desk.api.calls == {SECURITY: 1}
    assert desk.purse.asked == [(SECURITY, True)], "it was written again, not asked for again"
