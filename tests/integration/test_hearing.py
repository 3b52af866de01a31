"""Who hears what on a real PostgreSQL: kinds, levels a day, filters, mutes, watches; and that the preview is exact."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.chats import Hearing
from engine.decision import decide
from engine.hearing import Ring
from engine.model import Alert, AlertKind, Token, Verdict
from engine.settings import Settings
from engine.shown import Chat
from storage.database import Database
from tests.integration.story import ALICE, BOB, Story
from tests.made import MINT, NOON, minutes, sample

DEFAULTS = Settings()
DAWN = NOON - timedelta(hours=24)


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


def told(token: Token, kind: AlertKind, at: datetime, liquidity: float | None = 60_000.0, **facts: Any) -> Verdict:
    """A look that decided one such alert."""
    usual: dict[str, Any] = {"episode": 1, "opened_at": at}
    alert = Alert(kind, **(usual | facts))
    verdict = decide(token, sample(ts=at, liquidity=liquidity), (), at, DEFAULTS)
    return replace(verdict, alerts=(alert,), transition=None)


async def rings(store: Story, token: Token, level: float, at: datetime, **facts: Any) -> list[int]:
    """Which chats hear a check of that level."""
    await store.looks.record([told(token, AlertKind.HIGH_SCORE, at, level=level, **facts)], at, DEFAULTS)
    return [chat_id for chat_id, _ in await store.heard()]


async def listening(store: Story, chat: Chat = ALICE, **wishes: object) -> None:
    """A chat that subscribed the day before, with such wishes."""
    await store.chats.subscribe(chat, DAWN)
    if wishes:
        await store.chats.prefer(chat.id, DAWN, **wishes)


async def watches(store: Story, chat: Chat, token: Token, *, archived: bool = True, revived: bool = True) -> None:
    sql = "INSERT INTO watches (chat_id, token_id, created_at, archived, revived) VALUES (:chat, :token, :at, :a, :r)"
    await store.change(sql, chat=chat.id, token=token.id, at=DAWN, a=archived, r=revived)


async def test_a_kind_that_is_off_is_not_heard(store: Story) -> None:
    await listening(store, high_score=Hearing.OFF)
    await listening(store, BOB, activated=Hearing.OFF)
    await store.look(await store.tracked(heard_at=NOON - minutes(60)), sample(tx_count_5m=1200), NOON)
    assert await store.heard() == [(ALICE.id, "activated"), (BOB.id, "high_score")]


async def test_a_muted_chat_hears_nothing_new_until_it_is_not(store: Story) -> None:
    await listening(store, muted_until=NOON)
    token = await store.tracked()
    assert await rings(store, token, 2.5, NOON - minutes(1), opened_at=NOON - minutes(1)) == []
    assert await rings(store, token, 2.5, NOON, opened_at=NOON - minutes(1)) == [ALICE.id]


@pytest.mark.parametrize(("liquidity", "heard"), [(9000.0, [ALICE.id]), (8999.0, []), (None, [])])
async def test_a_minimum_of_liquidity_is_one_that_is_known(
    store: Story, liquidity: float | None, heard: list[int]
) -> None:
    await listening(store, min_liquidity_usd=9000.0)
    assert await rings(store, await store.tracked(), 2.5, NOON, liquidity=liquidity) == heard


async def test_an_episode_is_measured_by_the_level_in_force_when_it_opened(store: Story) -> None:
    await listening(store, per_day=5)
    await store.episodes.set_levels({5: 5.0, 20: 1.6}, NOON - minutes(60))
    await store.episodes.set_levels({5: 3.0, 20: 1.6}, NOON)
    first, second = await store.tracked(), await store.tracked(f"{MINT[:-1]}q")
    assert await rings(store, first, 4.0, NOON + minutes(1), opened_at=NOON - minutes(1)) == []
    assert await rings(store, second, 4.0, NOON + minutes(1)) == [ALICE.id]
    assert await rings(store, first, 5.0, NOON + minutes(2), opened_at=NOON - minutes(1)) == [ALICE.id]


async def test_an_alert_that_only_a_level_below_the_common_one_reaches_is_kept_and_heard(store: Story) -> None:
    await listening(store, per_day=60)
    await listening(store, BOB)
    await store.episodes.set_levels({5: 5.0, 20: 3.0, 60: 1.6}, NOON - minutes(60))
    assert await rings(store, await store.tracked(), 1.7, NOON) == [ALICE.id]


async def test_no_level_is_below_the_end_of_an_episode(store: Story) -> None:
    await listening(store, threshold=0.5)
    await store.episodes.set_levels({60: 0.5}, NOON - minutes(60))
    await listening(store, BOB, per_day=60)
    assert await rings(store, await store.tracked(), 1.4, NOON) == []
    assert await store.rows("SELECT count(*) FROM alerts") == [(0,)]


async def test_levels_stay_in_force_after_a_change_of_settings_until_new_ones_are_known(store: Story) -> None:
    await listening(store, per_day=5)
    await store.episodes.set_levels({5: 9.0}, NOON - minutes(60))
    await store.settings.change("ewma_alpha", 0.3, 1, NOON - minutes(30))
    assert await store.episodes.levels(NOON) == {5: 9.0}
    first, second = await store.tracked(), await store.tracked(f"{MINT[:-1]}q")
    assert await rings(store, first, 2.1, NOON) == []
    await store.episodes.set_levels({5: 2.0}, NOON + minutes(1))
    assert await rings(store, second, 2.1, NOON + minutes(2)) == [ALICE.id]


async def test_who_watches_a_token_hears_its_end_and_its_return_also_without_a_subscription(store: Story) -> None:
    token = await store.tracked()
    await store.chats.meet(ALICE, DAWN)
    await watches(store, ALICE, token)
    await listening(store, BOB)
    ends = [told(token, AlertKind.ARCHIVED, NOON), told(token, AlertKind.REVIVED, NOON + minutes(1))]
    for number, verdict in enumerate(ends):
        await store.looks.record([verdict], NOON + minutes(number), DEFAULTS)
    parcels = {(one.chat_id, one.facts.kind.value, one.facts.watched) for one in await store.outbox.claim(9, 60, NOON)}
    assert parcels == {(ALICE.id, "archived", True), (ALICE.id, "revived", True), (BOB.id, "revived", False)}


async def test_a_watch_says_of_what_it_wants_to_hear(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(f"{MINT[:-1]}q")
    await listening(store, revived=Hearing.OFF)
    await listening(store, BOB, watched=Hearing.OFF, revived=Hearing.OFF)
    await watches(store, ALICE, token, archived=False)
    await watches(store, BOB, token)
    for number, (one, kind) in enumerate(
        [(token, AlertKind.ARCHIVED), (token, AlertKind.REVIVED), (other, AlertKind.REVIVED)]
    ):
        await store.looks.record([told(one, kind, NOON + minutes(number))], NOON + minutes(number), DEFAULTS)
    assert await store.heard() == [(ALICE.id, "revived")]


async def test_each_qualifying_check_is_kept_once(store: Story) -> None:
    token = await store.tracked()
    for _ in range(2):
        await rings(store, token, 1.6, NOON, floor=1.6)
        await rings(store, token, 2.5, NOON + minutes(1), opened_at=NOON, liquidity=None)
    assert await store.rows(
        "SELECT episode, ts, opened_at, level, floor, liquidity FROM episode_checks ORDER BY 2"
    ) == [
        (1, NOON, NOON, 1.6, 1.6, 60_000.0),
        (1, NOON + minutes(1), NOON, 2.5, None, None),
    ]


async def test_while_alerts_are_paused_only_alarms_go(store: Story) -> None:
    await listening(store)
    await store.look(await store.tracked(), sample(), NOON)
    await store.settings.change("alerts_paused", "yes", 1, NOON)
    assert await store.heard() == []
    backlog = await store.outbox.backlog(NOON)
    assert (backlog.waiting, backlog.oldest_seconds) == (1, None), "nobody is late"
    await store.change("UPDATE outbox SET priority = 0")
    assert len(await store.heard()) == 1
    await store.change("UPDATE outbox SET priority = 10, lease_until = NULL")
    await store.settings.change("alerts_paused", "no", 1, NOON)
    assert len(await store.heard()) == 1


async def test_alerts_of_any_kind_and_those_in_flight_count_towards_the_hourly_cap(store: Story) -> None:
    await listening(store)
    for letter in "abc":
        await store.look(await store.tracked(f"{MINT[:-1]}{letter}", heard_at=DAWN), sample(tx_count_5m=1200), NOON)
    first = [(await store.outbox.claim(1, 60, NOON))[0] for _ in range(3)]
    assert [one.lately.sent_last_hour for one in first] == [0, 1, 2]
    for one in first:
        await store.outbox.mark_sent(one.id, 1)
    rest = await store.outbox.claim(100, 60, NOON)
    assert [(one.facts.kind, one.lately.sent_last_hour) for one in rest] == [(AlertKind.ACTIVATED, 3)] * 3


async def thinned(store: Story) -> list[Ring]:
    return sorted((await store.episodes.day(NOON)).rings, key=lambda ring: ring.at)


async def test_only_checks_that_somebody_may_hear_first_make_the_day(store: Story) -> None:
    token = await store.tracked()
    looks = [(2.0, 6_000.0), (1.9, 5_000.0), (1.8, 30_000.0), (1.9, 12_000.0), (1.9, None), (2.4, None), (2.3, 9_000.0)]
    for number, (level, liquidity) in enumerate(looks):
        at = NOON - minutes(60 - number)
        await rings(store, token, level, at, liquidity=liquidity, opened_at=NOON - minutes(60))
    kept = [(ring.level, ring.liquidity) for ring in await thinned(store)]
    assert kept == [(2.0, 6_000.0), (1.8, 30_000.0), (1.9, 12_000.0), (2.4, None), (2.3, 9_000.0)]


async def test_while_an_earlier_episode_may_silence_a_token_all_its_checks_make_the_day(store: Story) -> None:
    token = await store.tracked()
    for minute, episode, level in [(0, 1, 4.0), (1, 2, 4.0), (2, 2, 3.0), (60, 2, 3.0), (61, 2, 2.5)]:
        opened_at = DAWN + minutes(10 + min(minute, 1))
        await rings(store, token, level, DAWN + minutes(10 + minute), episode=episode, opened_at=opened_at)
    kept = [(ring.episode, ring.level) for ring in await thinned(store)]
    assert kept == [(1, 4.0), (2, 4.0), (2, 3.0), (2, 3.0)]


async def test_a_day_is_read_once_a_minute_for_all_who_look(store: Story) -> None:
    token = await store.tracked()
    days = await asyncio.gather(*(store.days.lately(NOON) for _ in range(8)))
    assert all(day is days[0] for day in days)
    await rings(store, token, 2.5, NOON)
    assert await store.days.lately(NOON + minutes(0.9)) is days[0]
    assert len((await store.days.lately(NOON + minutes(1))).rings) == 1
