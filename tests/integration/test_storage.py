"""The store on a real PostgreSQL: what is remembered, who hears what, and what a claim protects."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from engine.decision import decide
from engine.errors import BadData, InvalidSetting
from engine.model import Alert, AlertKind, Chat, HolderPoint, Parcel, Reason, Sample, Status, Token, Verdict
from engine.settings import Settings
from storage.database import Database
from storage.store import Store
from storage.tables import ChatRow
from tests.made import MINT, NOON, OTHER_MINT, migration, minutes, sample

WAIT = {Status.INITIAL: timedelta(seconds=30), Status.ACTIVE: timedelta(seconds=20), Status.ARCHIVED: minutes(5)}
ALICE = Chat(id=11, type="private", language="ru")
BOB = Chat(id=22, type="private")


class Story(Store):
    """All of storage, with the few steps that most stories begin with."""

    async def tracked(self, mint: str = MINT, heard_at: datetime = NOON) -> Token:
        await self.tokens.track(migration(mint, heard_at=heard_at), first_check_at=NOON)
        return (await self.tokens.find(mint))[0]

    async def look(
        self, token: Token, found: Sample | None, now: datetime, settings: Settings | None = None
    ) -> Verdict:
        """One look, decided and recorded."""
        rules = settings or await self.settings.current()
        verdict = decide(token, found, (), now, rules)
        await self.looks.record([verdict], now, rules)
        return verdict

    async def rows(self, sql: str) -> list[Any]:
        async with self.database.transaction() as session:
            return [tuple(row) for row in (await session.execute(text(sql))).all()]

    async def heard(self) -> list[tuple[int, str]]:
        parcels = await self.outbox.claim(100, 60)
        return sorted((parcel.chat_id, parcel.facts.kind.value) for parcel in parcels)


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def test_a_migration_is_remembered_once(store: Story) -> None:
    assert await store.tokens.track(migration(symbol="PI"), first_check_at=NOON)
    assert not await store.tokens.track(migration(symbol="FAKE"), first_check_at=NOON + minutes(1))
    [token] = await store.tokens.find(MINT)
    assert (token.mint, token.symbol, token.status, token.created_at) == (MINT, "PI", Status.INITIAL, NOON)


async def test_a_claim_moves_the_next_look_ahead_before_anything_else(store: Story) -> None:
    await store.tracked()
    assert [token.mint for token in await store.tokens.claim_due(NOON, WAIT, NOON, 10)] == [MINT]
    assert await store.tokens.claim_due(NOON + timedelta(seconds=29), WAIT, NOON, 10) == []
    assert len(await store.tokens.claim_due(NOON + timedelta(seconds=30), WAIT, NOON, 10)) == 1


async def test_two_claims_at_once_never_share_a_token(store: Story) -> None:
    for number in range(20):
        await store.tokens.track(migration(f"{MINT[:-2]}{number:02}"), first_check_at=NOON)
    claims = await asyncio.gather(*(store.tokens.claim_due(NOON, WAIT, NOON, 10) for _ in range(4)))
    ids = [token.id for claim in claims for token in claim]
    assert len(ids) == len(set(ids)) == 20


async def test_long_archived_tokens_are_left_in_peace(store: Story) -> None:
    token = await store.tracked()
    await store.look(token, None, NOON + timedelta(hours=24))
    later = NOON + timedelta(hours=30)
    assert len(await store.tokens.claim_due(later, WAIT, later - timedelta(hours=48), 10)) == 1
    later = NOON + timedelta(hours=73)
    assert await store.tokens.claim_due(later, WAIT, later - timedelta(hours=48), 10) == []


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


async def test_the_top_is_the_active_tokens_by_score(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.look(token, sample(), NOON)
    await store.look(other, sample(tx_count_5m=1200), NOON)
    top = await store.tokens.top(10)
    assert [standing.token.mint for standing in top] == [OTHER_MINT, MINT]
    assert top[0].sample == replace(sample(tx_count_5m=1200), symbol=None)
    assert [standing.token.mint for standing in await store.tokens.top(10, offset=1)] == [MINT]


async def test_the_census_counts_by_status(store: Story) -> None:
    token, _ = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.look(token, sample(), NOON)
    census = await store.tokens.census(NOON + minutes(1))
    assert (census.initial, census.active, census.archived, census.migrations_last_hour) == (1, 1, 0, 2)
    assert census.last_look_at == NOON
    assert await store.tokens.latest_time() == NOON


async def test_subscribers_hear_an_activation_and_a_high_score(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    token = await store.tracked(heard_at=NOON - minutes(60))
    await store.look(token, sample(tx_count_5m=1200), NOON)
    parcels = await store.outbox.claim(10, 60)
    assert [parcel.facts.kind for parcel in parcels] == [AlertKind.HIGH_SCORE, AlertKind.ACTIVATED]
    facts = parcels[0].facts
    assert (parcels[0].chat_id, parcels[0].language) == (ALICE.id, "ru")
    assert (facts.mint, facts.price, facts.market_cap, facts.decided_at) == (MINT, 0.001, 1_000_000.0, NOON)
    assert parcels[1].facts.reason == Reason(
        "liquidity ${liquidity:,.0f} reached ${gate:,.0f}", {"liquidity": 60_000.0, "gate": 50_000.0}
    )


async def test_a_replayed_look_announces_nothing_again(store: Story) -> None:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    token = await store.tracked(heard_at=NOON - minutes(60))
    for _ in range(3):
        await store.look(token, sample(tx_count_5m=1200), NOON)
    assert await store.rows("SELECT count(*) FROM alerts") == [(2,)]
    assert await store.rows("SELECT count(*) FROM outbox") == [(2,)]


async def test_an_alert_is_kept_even_if_nobody_hears_it(store: Story) -> None:
    token = await store.tracked(heard_at=NOON - minutes(60))
    await store.look(token, sample(tx_count_5m=1200), NOON)
    assert await store.rows("SELECT kind FROM alerts ORDER BY kind") == [("activated",), ("high_score",)]
    assert await store.heard() == []


async def test_an_episode_below_the_common_threshold_is_no_alert(store: Story) -> None:
    token = await store.tracked()
    ring = Alert(AlertKind.HIGH_SCORE, 1, NOON, level=1.7)
    verdict = replace(decide(token, sample(), (), NOON, Settings()), alerts=(ring,))
    await store.looks.record([verdict], NOON, Settings())
    assert await store.rows("SELECT count(*) FROM alerts") == [(0,)]


async def rings(store: Story, token: Token, level: float, at: datetime, **facts: Any) -> list[tuple[int, str]]:
    """Who hears a check of that level in the token's first episode."""
    ring = replace(Alert(AlertKind.HIGH_SCORE, episode=1, opened_at=NOON, level=level), **facts)
    verdict = replace(decide(token, sample(), (), at, Settings()), alerts=(ring,), transition=None)
    await store.looks.record([verdict], at, Settings())
    return await store.heard()


async def own_threshold(store: Story, chat: Chat, threshold: float, at: datetime) -> None:
    change = update(ChatRow).where(ChatRow.id == chat.id).values(threshold=threshold, threshold_set_at=at)
    async with store.database.transaction() as session:
        await session.execute(change)


async def test_each_chat_hears_an_episode_once_at_its_own_threshold(store: Story) -> None:
    token = await store.tracked()
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - minutes(2))
    await own_threshold(store, BOB, 3.0, NOON - minutes(1))
    assert await rings(store, token, 2.2, NOON) == [(ALICE.id, "high_score")]
    assert await rings(store, token, 2.9, NOON + minutes(1)) == []
    assert await rings(store, token, 3.1, NOON + minutes(2)) == [(BOB.id, "high_score")]
    assert await rings(store, token, 4.0, NOON + minutes(3)) == []


async def test_who_subscribes_in_mid_episode_does_not_hear_it(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON + minutes(1))
    assert await rings(store, token, 2.5, NOON + minutes(2)) == []
    later = await rings(store, token, 2.5, NOON + minutes(20), episode=2, opened_at=NOON + minutes(20))
    assert later == [(ALICE.id, "high_score")]


async def test_who_changes_the_threshold_in_mid_episode_does_not_hear_it(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await own_threshold(store, ALICE, 2.0, NOON + minutes(1))
    assert await rings(store, token, 2.5, NOON + minutes(2)) == []


async def test_the_cooldown_keeps_a_chat_from_hearing_a_token_twice(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    assert len(await rings(store, token, 2.5, NOON)) == 1
    assert await rings(store, token, 2.5, NOON + minutes(59), episode=2, opened_at=NOON + minutes(59)) == []
    assert len(await rings(store, token, 2.5, NOON + minutes(61), episode=3, opened_at=NOON + minutes(61))) == 1


async def test_a_level_that_the_settings_made_is_old_news(store: Story) -> None:
    token = await store.tracked()
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - minutes(2))
    await own_threshold(store, BOB, 3.0, NOON - minutes(1))
    assert await rings(store, token, 2.5, NOON, floor=2.5) == []
    assert await rings(store, token, 3.5, NOON + minutes(1), floor=2.5) == [(BOB.id, "high_score")]


async def test_who_is_off_or_gone_hears_nothing(store: Story) -> None:
    token = await store.tracked()
    for chat in (ALICE, BOB):
        assert await store.chats.subscribe(chat, NOON - minutes(1))
    await store.chats.switch_off(ALICE.id, "bot was blocked by the user", NOON)
    assert await store.chats.unsubscribe(BOB.id)
    assert not await store.chats.unsubscribe(BOB.id)
    assert await rings(store, token, 2.5, NOON) == []
    assert not await store.chats.is_subscribed(ALICE.id)
    assert await store.chats.subscribe(ALICE, NOON)
    assert await store.chats.is_subscribed(ALICE.id)
    assert not await store.chats.subscribe(ALICE, NOON)


async def test_a_group_that_becomes_a_supergroup_keeps_what_waits_for_it(store: Story) -> None:
    token = await store.tracked()
    await store.chats.subscribe(Chat(id=-5, type="group"), NOON - minutes(1))
    await store.look(token, sample(), NOON)
    await store.chats.move(-5, -1005)
    assert await store.heard() == [(-1005, "activated")]


async def one_parcel(store: Story) -> Parcel:
    await store.chats.subscribe(ALICE, NOON - minutes(1))
    await store.look(await store.tracked(), sample(), NOON)
    [parcel] = await store.outbox.claim(10, 60)
    return parcel


async def test_a_claimed_row_is_not_claimed_again_until_its_lease_ends(store: Story) -> None:
    await one_parcel(store)
    assert await store.outbox.claim(10, 60) == []
    await store.rows("UPDATE outbox SET lease_until = clock_timestamp() - interval '1 s' RETURNING 1")
    assert len(await store.outbox.claim(10, 60)) == 1


async def test_a_sent_row_is_done(store: Story) -> None:
    parcel = await one_parcel(store)
    await store.outbox.mark_sent(parcel.id, 77)
    assert await store.rows("SELECT outcome, message_id, sent_at IS NULL FROM outbox") == [("sent", 77, False)]
    assert await store.outbox.claim(10, 60) == []
    backlog = await store.outbox.backlog()
    assert (backlog.waiting, backlog.oldest_seconds, backlog.sent_last_hour) == (0, None, 1)


async def test_a_postponed_row_waits_and_counts_only_what_may_have_arrived(store: Story) -> None:
    parcel = await one_parcel(store)
    await store.outbox.postpone(parcel.id, 60, "time-out", may_have_arrived=True)
    assert await store.outbox.claim(10, 60) == []
    await store.outbox.postpone(parcel.id, 0, "never connected", may_have_arrived=False)
    [again] = await store.outbox.claim(10, 60)
    assert again.attempts == 1
    backlog = await store.outbox.backlog()
    assert backlog.waiting == 1
    assert backlog.oldest_seconds is not None
    assert backlog.oldest_seconds < 60


async def test_a_row_given_up_says_why(store: Story) -> None:
    parcel = await one_parcel(store)
    await store.outbox.give_up(parcel.id, "expired")
    assert await store.rows("SELECT outcome, sent_at FROM outbox") == [("expired", None)]


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
    before = NOON - timedelta(hours=48)
    assert [await store.looks.prune(before, 2) for _ in range(3)] == [4, 2, 0]
    assert await store.rows("SELECT count(*) FROM token_snapshots UNION ALL SELECT count(*) FROM token_scores") == [
        (1,),
        (1,),
    ]
