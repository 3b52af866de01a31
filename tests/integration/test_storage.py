"""Tokens, looks and settings on a real PostgreSQL: what is remembered, claimed and found."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from deploy.sandbox.world import mint_of
from engine.decision import decide
from engine.errors import BadData, InvalidSetting
from engine.model import HolderPoint, Source, Status
from engine.settings import Settings
from storage.database import Database
from storage.tables import TokenRow, TokenSnapshotRow
from tests.integration.story import WAIT, Story
from tests.made import MINT, NOON, OTHER_MINT, migration, minutes, sample


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def test_a_migration_is_remembered_once(store: Story) -> None:
    assert await store.tokens.track(migration(symbol="PI"), first_check_at=NOON)
    assert not await store.tokens.track(migration(symbol="FAKE"), first_check_at=NOON + minutes(1))
    [token] = await store.tokens.find(MINT)
    assert (token.mint, token.symbol, token.status, token.created_at) == (MINT, "PI", Status.INITIAL, NOON)


@pytest.mark.parametrize(
    ("kept", "asked"), [("ДЖЕТ", "джет"), ("\u202eNOOM", "noom"), ("ＷＩＤＥ", "wide"), ("Straße", "STRASSE")]
)
async def test_a_symbol_is_found_as_it_reads(store: Story, kept: str, asked: str) -> None:
    await store.tokens.track(migration(symbol=kept), first_check_at=NOON)
    assert [token.symbol for token in await store.tokens.find(asked)] == [kept]


async def test_a_claim_moves_the_next_look_ahead_before_anything_else(store: Story) -> None:
    await store.tracked()
    assert [token.mint for token in await store.tokens.claim_glances(NOON, WAIT, NOON, 10)] == [MINT]
    assert await store.tokens.claim_glances(NOON + timedelta(seconds=29), WAIT, NOON, 10) == []
    assert len(await store.tokens.claim_glances(NOON + timedelta(seconds=30), WAIT, NOON, 10)) == 1


async def test_two_claims_at_once_never_share_a_token(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    async with store.database.transaction() as elsewhere:
        await elsewhere.execute(select(TokenRow).where(TokenRow.id == token.id).with_for_update())
        claimed = await asyncio.wait_for(store.tokens.claim_glances(NOON, WAIT, NOON, 10), 5)
    assert [one.id for one in claimed] == [other.id]


async def test_the_longest_due_token_is_claimed_first(store: Story) -> None:
    await store.tokens.track(migration(MINT), first_check_at=NOON)
    await store.tokens.track(migration(OTHER_MINT), first_check_at=NOON - minutes(1))
    assert [token.mint for token in await store.tokens.claim_glances(NOON, WAIT, NOON, 1)] == [OTHER_MINT]


async def test_a_series_never_mixes_sources(store: Story) -> None:
    first = await store.look(await store.tracked(), sample(price=1.0), NOON)
    glance = sample(ts=NOON + minutes(1), source=Source.DEXSCREENER, price=2.0)
    second = await store.look(first.after, glance, NOON + minutes(1))
    await store.look(second.after, sample(ts=NOON + minutes(2), price=3.0), NOON + minutes(2))
    portrait = await store.looks.portrait(first.after.id, NOON, Settings())
    assert portrait is not None
    assert [point.value for point in portrait.prices] == [1.0, 3.0]


async def test_a_long_series_is_thinned_to_what_a_chart_shows(store: Story) -> None:
    token = await store.tracked()
    looks = [
        {"token_id": token.id, "ts": NOON + timedelta(seconds=i), "source": "birdeye", "price": float(i + 1)}
        | {"liquidity": 9999.0}
        for i in range(5000)
    ]
    async with store.database.transaction() as session:
        await session.execute(insert(TokenSnapshotRow), looks)
    portrait = await store.looks.portrait(token.id, NOON, Settings())
    assert portrait is not None
    assert 1000 <= len(portrait.prices) <= 1501
    assert portrait.prices[-1].value == 5000.0
    assert [p.ts for p in portrait.prices] == sorted(p.ts for p in portrait.prices)


async def test_a_young_tokens_series_keeps_every_look(store: Story) -> None:
    token = await store.tracked()
    looks = [
        {"token_id": token.id, "ts": NOON + timedelta(seconds=30 * i), "source": "birdeye", "price": float(i + 1)}
        | {"liquidity": 9999.0}
        for i in range(100)
    ]
    async with store.database.transaction() as session:
        await session.execute(insert(TokenSnapshotRow), looks)
    portrait = await store.looks.portrait(token.id, NOON - timedelta(hours=47), Settings())
    assert portrait is not None
    assert len(portrait.prices) == 100


async def test_long_archived_tokens_are_left_in_peace(store: Story) -> None:
    token = await store.tracked()
    await store.look(token, None, NOON + timedelta(hours=24))
    later = NOON + timedelta(hours=30)
    assert len(await store.tokens.claim_glances(later, WAIT, later - timedelta(hours=48), 10)) == 1
    later = NOON + timedelta(hours=73)
    assert await store.tokens.claim_glances(later, WAIT, later - timedelta(hours=48), 10) == []


async def test_a_look_is_read_back_as_it_was_decided(store: Story) -> None:
    token = await store.tracked()
    first = await store.look(token, sample(last_trade_at=NOON, symbol="PI"), NOON)
    second = await store.look(first.after, sample(ts=NOON + minutes(6), tx_count_5m=3), NOON + minutes(6))
    [kept] = await store.tokens.find("pi")
    assert kept == second.after
    portrait = await store.looks.portrait(token.id, NOON - minutes(1), Settings())
    assert portrait is not None
    assert portrait.score == second.score
    assert [point.value for point in portrait.prices] == [0.001, 0.001]
    assert len(portrait.scores) == 2
    assert [str(change.reason) for _, change in portrait.transitions] == ["liquidity $60,000 reached $50,000"]


async def test_untrusted_prices_are_not_in_the_series(store: Story) -> None:
    token = await store.tracked()
    first = await store.look(token, sample(), NOON)
    dead = sample(ts=NOON + minutes(1), price=5167.0, liquidity=0.007)
    await store.look(first.after, dead, NOON + minutes(1))
    portrait = await store.looks.portrait(token.id, NOON, Settings())
    assert portrait is not None
    assert [point.value for point in portrait.prices] == [0.001]


async def test_there_is_no_portrait_of_an_unknown_token(store: Story) -> None:
    assert await store.looks.portrait(404, NOON, Settings()) is None


async def test_holder_points_are_those_of_each_token_since_then(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.look(token, sample(ts=NOON - minutes(100), holders=5), NOON)
    await store.look(token, sample(ts=NOON - minutes(60), holders=7), NOON)
    await store.look(token, sample(ts=NOON - minutes(30), holders=None), NOON)
    points = await store.looks.holder_points([token.id, other.id], NOON - minutes(95))
    assert points == {token.id: [HolderPoint(NOON - minutes(60), 7)]}


async def test_a_price_series_is_of_the_source_that_told_most_of_it(store: Story) -> None:
    token = await store.tracked()
    for minute, source in enumerate((Source.DEXSCREENER, Source.BIRDEYE, Source.DEXSCREENER, Source.BIRDEYE)):
        look = sample(ts=NOON + minutes(minute), source=source, price=1.0 if source is Source.BIRDEYE else 2.0)
        await store.look(token, look, NOON + minutes(minute))
    await store.look(token, sample(ts=NOON + minutes(9), source=Source.DEXSCREENER, price=2.0), NOON + minutes(9))
    portrait = await store.looks.portrait(token.id, NOON - minutes(1), Settings())
    assert portrait is not None
    assert [point.value for point in portrait.prices] == [2.0, 2.0, 2.0]


async def test_the_census_counts_by_status(store: Story) -> None:
    token, _ = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.look(token, sample(), NOON)
    census = await store.tokens.census(NOON + minutes(1))
    assert (census.initial, census.active, census.archived, census.migrations_last_hour) == (1, 1, 0, 2)
    assert census.last_look_at == NOON
    assert await store.tokens.latest_time() == NOON


async def test_a_setting_is_changed_with_an_audit_row(store: Story) -> None:
    after = await store.settings.change("weight_tx_accel", 0.4, changed_by=7, now=NOON)
    assert after == await store.settings.current() == Settings(weight_tx_accel=0.4, version=1)
    rows = await store.rows("SELECT key, old_value::text, new_value::text, changed_by, versioned FROM setting_changes")
    assert rows == [("weight_tx_accel", "0.25", "0.4", 7, True)]


async def test_settings_that_touch_no_score_leave_the_version(store: Story) -> None:
    assert (await store.settings.change("retention_hours", 72.0, 7, NOON)).version == 0
    assert (await store.settings.change("degrade_rule", "all", 7, NOON)).version == 1


async def test_setting_the_same_value_again_is_no_change(store: Story) -> None:
    await store.settings.change("weight_tx_accel", 0.25, 7, NOON)
    assert await store.rows("SELECT count(*) FROM setting_changes") == [(0,)]


async def test_a_contradiction_changes_nothing(store: Story) -> None:
    with pytest.raises(InvalidSetting):
        await store.settings.change("min_tx_count", 5, 7, NOON)
    assert await store.settings.current() == Settings()
    assert await store.rows("SELECT count(*) FROM settings") == [(0,)]


async def test_two_admins_at_once_cannot_make_a_contradiction(store: Story) -> None:
    changes = [("alert_score_off", 1.9), ("alert_score_on", 1.8)]
    outcomes = await asyncio.gather(
        *(store.settings.change(name, value, 7, NOON) for name, value in changes), return_exceptions=True
    )
    assert sum(isinstance(outcome, InvalidSetting) for outcome in outcomes) == 1


async def test_a_chunk_with_a_refused_value_writes_nothing(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    good = decide(token, sample(), (), NOON, Settings())
    bad = decide(other, sample(symbol="\x00"), (), NOON, Settings())
    with pytest.raises(BadData):
        await store.looks.record([good, bad], NOON, Settings())
    assert await store.rows("SELECT count(*) FROM token_snapshots") == [(0,)]


async def test_pruning_deletes_old_looks_only_and_in_batches(store: Story) -> None:
    token = await store.tracked()
    for age in (50, 49, 48.5, 47):
        await store.look(token, sample(ts=NOON - timedelta(hours=age)), NOON - timedelta(hours=age))
    await store.rows("UPDATE outcomes SET due_at = NULL RETURNING 1")
    before = NOON - timedelta(hours=48)
    assert [await store.looks.prune(before, 2) for _ in range(3)] == [4, 2, 0]
    assert await store.rows("SELECT count(*) FROM token_snapshots UNION ALL SELECT count(*) FROM token_scores") == [
        (1,),
        (1,),
    ]


async def test_archived_tokens_are_glanced_at_after_all_others_but_never_starve(store: Story) -> None:
    await store.tokens.track(migration(MINT), first_check_at=NOON - minutes(9))
    await store.tokens.track(migration(OTHER_MINT), first_check_at=NOON)
    await store.change(
        "UPDATE tokens SET status = 'Archived', archived_at = created_at WHERE address = :mint", mint=MINT
    )
    for number in range(12):
        await store.tokens.track(migration(mint_of(str(number))), first_check_at=NOON - minutes(20))
    claimed = await store.tokens.claim_glances(NOON, WAIT, NOON - timedelta(hours=48), 10)
    assert len(claimed) == 10
    assert [token.mint for token in claimed if token.status is Status.ARCHIVED] == [MINT]
    rest = await store.tokens.claim_glances(NOON, WAIT, NOON - timedelta(hours=48), 10)
    assert len(rest) == 4


async def test_archived_tokens_are_watched_again_when_that_is_set_back(store: Story) -> None:
    token = await store.tracked()
    await store.look(token, None, NOON + timedelta(hours=24))
    later = NOON + timedelta(hours=30)
    assert await store.tokens.claim_glances(later, WAIT, later, 10) == [], "revive_hours 0"
    assert len(await store.tokens.claim_glances(later, WAIT, later - timedelta(hours=48), 10)) == 1


async def test_a_look_set_far_ahead_by_a_wrong_clock_is_due(store: Story) -> None:
    await store.tracked()
    await store.tokens.claim_glances(NOON + timedelta(days=40), WAIT, NOON, 10)
    await store.tokens.claim_checks([1], NOON + timedelta(days=40), WAIT)
    assert len(await store.tokens.claim_glances(NOON, WAIT, NOON, 10)) == 1
    assert len((await store.tokens.candidates(NOON, None, 10))[0]) == 1


async def test_candidates_are_active_tokens_and_initial_ones_near_the_gate_or_unseen(store: Story) -> None:
    mints = {name: mint_of(name) for name in ("active", "unseen", "near", "quiet", "archived", "not due")}
    for mint in mints.values():
        await store.tokens.track(migration(mint), first_check_at=NOON)
    states = {
        "active": "status = 'Active'",
        "near": "glanced_at = created_at, glance_tx_count_5m = 50",
        "quiet": "glanced_at = created_at, glance_tx_count_5m = 49",
        "archived": "status = 'Archived'",
        "not due": "next_check_at = next_check_at + interval '1 minute'",
    }
    for name, state in states.items():
        await store.change(f"UPDATE tokens SET {state} WHERE address = :mint", mint=mints[name])  # noqa: S608 - ours
    due, active = await store.tokens.candidates(NOON, 50, 10)
    assert ({token.mint for token in due}, active) == ({mints[name] for name in ("active", "unseen", "near")}, 1)
    due, _ = await store.tokens.candidates(NOON, None, 10)
    assert {token.mint for token in due} == {mints[name] for name in ("active", "unseen", "near", "quiet")}
    claimed = await store.tokens.claim_checks([token.id for token in due], NOON, WAIT)
    assert [token.id for token in claimed] == [token.id for token in due]
    assert (await store.tokens.candidates(NOON, None, 10))[0] == []
