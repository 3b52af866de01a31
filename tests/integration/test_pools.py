"""Pools on a real PostgreSQL: written with the look that saw them, each of one token, read with its latest figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from engine.decision import decide
from engine.errors import BadData
from engine.heartbeat import Heartbeat
from engine.model import PoolFigures, Sample, Source, Token, Verdict
from engine.settings import Settings
from storage.database import Database
from tests.integration.story import Story
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample

DEEP = PoolFigures("deep", "pumpswap", 60_000.5, 1_000.25, 50)
SHALLOW = PoolFigures("shallow", "meteora", 10.0, 0.0, 0)
BLANK = PoolFigures("blank", "orca")
RULES = Settings()


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


def glance(token: Token, *pools: PoolFigures, now: datetime = NOON, found: Sample | None = None) -> Verdict:
    seen = found or sample(source=Source.DEXSCREENER, ts=now, holders=None)
    return decide(token, seen, (), now, RULES, pools=pools)


async def test_pools_are_kept_with_the_look_and_read_back_the_deepest_first(store: Story) -> None:
    token = await store.tracked()
    await store.looks.record([glance(token, BLANK, SHALLOW, DEEP)], NOON, RULES)
    assert await store.pools.of(token.id) == (DEEP, SHALLOW, BLANK)
    rows = await store.rows("SELECT ts, liquidity, volume, buys_volume, sells_volume, tx_count FROM pool_snapshots")
    assert sorted(rows, key=str) == sorted(
        [
            (NOON, 60_000.5, 1_000.25, None, None, 50),
            (NOON, 10.0, 0.0, None, None, 0),
            (NOON, None, None, None, None, None),
        ],
        key=str,
    )


async def test_a_pool_is_one_row_and_every_look_adds_a_snapshot(store: Story) -> None:
    token = await store.tracked()
    later = NOON + minutes(1)
    await store.looks.record([glance(token, DEEP)], NOON, RULES)
    await store.looks.record([glance(token, replace(DEEP, liquidity=7.0), now=later)], later, RULES)
    assert await store.pools.of(token.id) == (replace(DEEP, liquidity=7.0),)
    assert await store.rows("SELECT count(*), count(DISTINCT pool_id) FROM pool_snapshots") == [(2, 1)]
    assert await store.rows("SELECT pool_address, dex_name FROM pools") == [("deep", "pumpswap")]


async def test_a_pool_that_a_later_glance_no_longer_saw_keeps_its_last_figures(store: Story) -> None:
    token = await store.tracked()
    later = NOON + minutes(1)
    await store.looks.record([glance(token, DEEP, SHALLOW)], NOON, RULES)
    await store.looks.record([glance(token, DEEP, now=later)], later, RULES)
    assert await store.pools.of(token.id) == (DEEP, SHALLOW)


async def test_an_address_of_another_token_is_ignored_and_counted(database: Database) -> None:
    heartbeat = Heartbeat()
    store = Story(database, heartbeat.count)
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.looks.record([glance(token, DEEP)], NOON, RULES)
    stolen = replace(DEEP, liquidity=1.0)
    await store.looks.record([glance(other, stolen, SHALLOW)], NOON, RULES)
    assert await store.pools.of(token.id) == (DEEP,)
    assert await store.pools.of(other.id) == (SHALLOW,)
    assert heartbeat.counts["pool_ignored", "of another token"] == 1


async def test_two_tokens_that_name_one_address_in_the_same_chunk_do_not_share_it(database: Database) -> None:
    heartbeat = Heartbeat()
    store = Story(database, heartbeat.count)
    tokens = [await store.tracked(), await store.tracked(OTHER_MINT)]
    await store.looks.record([glance(token, DEEP) for token in tokens], NOON, RULES)
    assert sorted([await store.pools.of(token.id) for token in tokens]) == [(), (DEEP,)]
    assert heartbeat.counts["pool_ignored", "of another token"] == 1


async def test_a_look_that_counts_as_none_keeps_no_pools(store: Story) -> None:
    token = await store.tracked()
    verdict = replace(decide(token, None, (), NOON, RULES), pools=(DEEP,))
    await store.looks.record([verdict], NOON, RULES)
    assert await store.pools.of(token.id) == ()


async def test_a_refused_pool_undoes_the_whole_chunk(store: Story) -> None:
    token = await store.tracked()
    with pytest.raises(BadData):
        await store.looks.record([glance(token, replace(DEEP, dex_name="\x00"))], NOON, RULES)
    assert await store.rows("SELECT count(*) FROM token_snapshots") == [(0,)]
    assert await store.rows("SELECT count(*) FROM pools") == [(0,)]


async def test_pools_outlive_their_pruned_snapshots_without_figures(store: Story) -> None:
    token = await store.tracked()
    await store.looks.record([glance(token, DEEP)], NOON, RULES)
    await store.looks.prune(NOON + minutes(1), 10)
    assert await store.pools.of(token.id) == (PoolFigures("deep", "pumpswap"),)


async def test_the_pools_of_a_whole_chunk_take_two_statements(store: Story) -> None:
    tokens = [await store.tracked(mint) for mint in (MINT, OTHER_MINT)]
    verdicts = [glance(t, *(replace(DEEP, pool_address=f"{t.id} {n}") for n in range(30))) for t in tokens]
    statements: list[str] = []

    def note(*about: Any) -> None:
        statements.append(about[2])

    event.listen(store.database._pool.sync_engine, "before_cursor_execute", note)
    await store.looks.record(verdicts, NOON, RULES)
    assert [len(await store.pools.of(token.id)) for token in tokens] == [30, 30]
    assert len([sql for sql in statements if "INTO pool" in sql]) == 2


async def test_the_latest_look_is_that_of_the_asked_source_and_time(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    for second, source in ((0, Source.DEXSCREENER), (20, Source.DEXSCREENER), (30, Source.BIRDEYE)):
        now = NOON + timedelta(seconds=second)
        await store.look(token, sample(ts=now, source=source, price=1.0 + second), now)
    latest = await store.looks.latest([token.id, other.id], Source.DEXSCREENER, NOON)
    assert {id_: found.price for id_, found in latest.items()} == {token.id: 21.0}
    assert await store.looks.latest([token.id], Source.DEXSCREENER, NOON + timedelta(seconds=21)) == {}


async def test_a_stored_glance_freezes_its_own_repetition(store: Story) -> None:
    token = await store.tracked()
    first = glance(token, DEEP, found=sample(source=Source.DEXSCREENER, price=1 / 3, volume_1h=0.1 + 0.2))
    await store.looks.record([first], NOON, RULES)
    stored = await store.looks.latest([token.id], Source.DEXSCREENER, NOON - minutes(1))
    assert first.sample is not None
    again = replace(first.sample, ts=NOON + minutes(0.5))
    assert decide(first.after, again, (), again.ts, RULES, previous=stored[token.id]).sample is None
