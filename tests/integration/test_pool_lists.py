"""Lists of pools, asked for where no glance tells them: of whom they are wanted, and whose the pools are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.decision import decide
from engine.errors import BadData
from engine.heartbeat import Heartbeat
from engine.model import AlertKind, Errand, PoolFigures, Source
from engine.settings import Settings
from storage.database import Database
from tests.integration.story import Story
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample

DEEP = PoolFigures("deep", "pumpswap", 60_000.5)
SHALLOW = PoolFigures("shallow", "orca", 10.0)
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def test_a_list_is_kept_and_read_back_the_deepest_first(store: Story) -> None:
    token = await store.tracked()
    await store.pools.keep(token.id, (SHALLOW, DEEP), NOON)
    assert await store.pools.of(token.id) == (DEEP, SHALLOW)
    rows = await store.rows("SELECT ts, liquidity, volume, tx_count FROM pool_snapshots ORDER BY liquidity")
    assert rows == [(NOON, 10.0, None, None), (NOON, 60_000.5, None, None)]


async def test_a_pool_of_another_token_is_ignored_and_counted(database: Database) -> None:
    heartbeat = Heartbeat()
    store = Story(database, heartbeat.count)
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.pools.keep(token.id, (DEEP,), NOON)
    await store.pools.keep(other.id, (replace(DEEP, liquidity=1.0), SHALLOW), NOON)
    assert await store.pools.of(token.id) == (DEEP,)
    assert await store.pools.of(other.id) == (SHALLOW,)
    assert heartbeat.counts["pool_ignored", "of another token"] == 1


async def test_a_refused_pool_undoes_its_whole_list(store: Story) -> None:
    token = await store.alerted(MINT, NOON)
    with pytest.raises(BadData):
        await store.pools.keep(token.id, (DEEP, replace(SHALLOW, dex_name="\x00")), NOON)
    assert await store.pools.of(token.id) == ()
    assert await store.pools.wanted(NOON, 9) == [Errand(token.id, MINT, AlertKind.HIGH_SCORE)]


async def test_pools_are_not_wanted_while_a_list_or_a_glance_told_them_within_six_hours(store: Story) -> None:
    listed, glanced = await store.alerted(MINT, NOON), await store.alerted(OTHER_MINT, NOON)
    await store.pools.keep(listed.id, (DEEP,), NOON)
    seen = decide(glanced, sample(source=Source.DEXSCREENER), (), NOON, Settings(), pools=(SHALLOW,))
    await store.looks.record([replace(seen, alerts=())], NOON, Settings())
    until = NOON + minutes(360)
    for mint in (MINT, OTHER_MINT):
        await store.alerted(mint, until - minutes(5), episode=2)
    assert await store.pools.wanted(until - SECOND, 9) == []
    assert {errand.mint for errand in await store.pools.wanted(until, 9)} == {MINT, OTHER_MINT}


async def test_an_empty_list_is_asked_for_again_after_ten_minutes(store: Story) -> None:
    token = await store.alerted(MINT, NOON)
    await store.pools.keep(token.id, (), NOON)
    assert await store.pools.wanted(NOON + minutes(10) - SECOND, 9) == []
    assert [errand.token_id for errand in await store.pools.wanted(NOON + minutes(10), 9)] == [token.id]
