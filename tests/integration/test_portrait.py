"""What is kept of one token and how it is found: its series, what changed lately, its pools and its namesakes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from deploy.sandbox.world import mint_of
from engine.model import PoolFigures, Source, Token
from engine.settings import Settings
from engine.shown import Portrait
from storage.database import Database
from storage.tables import TokenSnapshotRow
from tests.integration.story import Story
from tests.made import MINT, NOON, OTHER_MINT, migration, minutes, sample

POOL = mint_of("pool")


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def looks(store: Story, token: Token, *rows: tuple[float, dict[str, Any]]) -> None:
    """Looks as (minutes before noon, columns)."""
    usual = {"token_id": token.id, "source": "birdeye", "price": 1.0, "liquidity": 9999.0}
    full = [usual | {"ts": NOON - minutes(before)} | columns for before, columns in rows]
    names = {name for row in full for name in row}
    async with store.database.transaction() as session:
        await session.execute(insert(TokenSnapshotRow), [dict.fromkeys(names) | row for row in full])


async def portrait(store: Story, token: Token) -> Portrait:
    found = await store.looks.portrait(token.id, NOON - timedelta(hours=48), Settings())
    assert found is not None
    return found


async def test_flows_are_of_one_source_and_nothing_traded_is_a_balance(store: Story) -> None:
    token = await store.tracked()
    flow = [(30.0, 10.0), (0.0, 0.0), (10.0, 30.0), (None, 5.0)]
    told = [{"buys_volume_5m": buys, "sells_volume_5m": sells} for buys, sells in flow]
    await looks(store, token, *zip((20.0, 15.0, 10.0, 5.0), told, strict=True))
    await looks(store, token, (1.0, {"buys_volume_5m": 9.0, "sells_volume_5m": 0.0, "source": "dexscreener"}))
    assert [point.value for point in (await portrait(store, token)).flows] == [0.5, 0.0, -0.5]


async def test_without_both_sides_there_are_no_flows(store: Story) -> None:
    token = await store.tracked()
    await looks(store, token, (1.0, {"buys_volume_5m": 9.0}))
    assert (await portrait(store, token)).flows == ()


async def test_changes_are_of_trusted_prices_of_one_source(store: Story) -> None:
    token = await store.tracked()
    other = {"source": "dexscreener", "price": 50.0}
    untrusted = {"price": 7.0, "liquidity": 1.0}
    await looks(store, token, (16, {"price": 2.0, "liquidity": 5000.0}), (7, {"price": 4.0, "liquidity": 5000.0}))
    await looks(store, token, (5.5, untrusted), (5.2, other), (0, {"price": 8.0, "liquidity": 10_000.0}))
    five, fifteen, hour = (await portrait(store, token)).changes
    assert (five.minutes, five.price, five.liquidity) == (5, 2.0, 2.0)
    assert (fifteen.minutes, fifteen.price) == (15, 4.0)
    assert (hour.minutes, hour.price, hour.liquidity, hour.score) == (60, None, None, None)


async def test_a_score_under_other_settings_is_no_measure(store: Story) -> None:
    token = await store.tracked()
    first = await store.look(token, sample(), NOON)
    second = await store.look(first.after, sample(ts=NOON + minutes(6), tx_count_5m=600), NOON + minutes(6))
    five = (await portrait(store, token)).changes[0]
    assert second.score is not None
    assert first.score is not None
    assert second.score.value is not None
    assert first.score.value is not None
    assert five.score == pytest.approx(second.score.value - first.score.value)
    newer = "UPDATE token_scores SET components = jsonb_set(components, '{settings_version}', '99') WHERE ts = :ts"
    await store.change(newer, ts=NOON)
    assert (await portrait(store, token)).changes[0].score is None


async def test_a_token_is_found_by_its_mint_its_pools_and_a_pool_in_lower_case(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.pools.keep(token.id, [PoolFigures(POOL, "pumpswap")], NOON)
    for address in (MINT, POOL, POOL.lower()):
        assert [found.mint for found in await store.tokens.at([address])] == [MINT]
    assert {found.id for found in await store.tokens.at([POOL, MINT, OTHER_MINT])} == {token.id, other.id}
    assert [found.mint for found in await store.tokens.at([POOL, MINT])] == [MINT]
    assert await store.tokens.at([]) == []
    assert await store.tokens.at([MINT.lower(), mint_of("stranger")]) == []


async def test_pools_tell_how_old_their_figures_are(store: Story) -> None:
    token = await store.tracked()
    await store.pools.keep(token.id, [PoolFigures(POOL, "pumpswap", 5.0)], NOON)
    assert [pool.as_of for pool in await store.pools.of(token.id)] == [NOON]


async def test_those_who_read_alike_are_counted(store: Story) -> None:
    for number, symbol in enumerate(("PEPE", "pepe", "ＰＥＰＥ", "PE\u200bPE", "PEPES", "\u200b", None)):
        await store.tokens.track(migration(mint_of(str(number)), symbol=symbol), NOON)
    assert await store.tokens.alike("Pepe") == 4
    assert [await store.tokens.alike(symbol) for symbol in ("\u200b", "", None, "NOPE")] == [0, 0, 0, 0]


async def test_a_series_of_the_other_source_counts_where_it_told_more(store: Story) -> None:
    token = await store.tracked()
    glanced = {"source": Source.DEXSCREENER.value, "price": 2.0}
    await looks(store, token, (6, glanced), (0, glanced | {"price": 3.0}), (1, {"price": 9.0}))
    assert (await portrait(store, token)).changes[0].price == 1.5
