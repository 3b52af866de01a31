"""What is no news any more is given up in one statement, and counted. On a real PostgreSQL."""

from collections import Counter
from datetime import timedelta

import pytest

from engine.model import AlertKind
from engine.shown import AlertFacts
from storage.database import Database
from tests.integration.story import ALICE, BOB, Story
from tests.made import MINT, NOON, OTHER_MINT, minutes

TEN = minutes(10)
DAY = timedelta(hours=24)


@pytest.fixture
def counts() -> Counter[tuple[str, str]]:
    return Counter()


@pytest.fixture
def store(database: Database, counts: Counter[tuple[str, str]]) -> Story:
    return Story(database, lambda what, kind: counts.update([(what, kind)]))


async def waiting(store: Story) -> None:
    """A high score and an activation for each of two chats, at noon."""
    for chat in (ALICE, BOB):
        await store.chats.subscribe(chat, NOON - minutes(1))
    await store.alerted(MINT, NOON)
    await store.alerted(OTHER_MINT, NOON, AlertKind.ACTIVATED)


async def test_old_news_are_given_up_at_once_and_counted(store: Story, counts: Counter[tuple[str, str]]) -> None:
    await waiting(store)
    assert await store.outbox.expire(NOON + TEN, TEN, 1000) == {}, "just young enough"
    later = NOON + minutes(10.1)
    assert await store.outbox.expire(later, TEN, 1000) == {"high_score": 2, "activated": 2}
    assert await store.outbox.expire(later, TEN, 1000) == {}
    assert await store.rows("SELECT DISTINCT outcome FROM outbox") == [("expired",)]
    assert counts == {("alert_given_up", "expired"): 4}


async def test_not_more_than_the_limit_at_a_time(store: Story) -> None:
    await waiting(store)
    later = NOON + minutes(11)
    assert [sum((await store.outbox.expire(later, TEN, 3)).values()) for _ in range(3)] == [3, 1, 0]


@pytest.mark.parametrize("how", ["paused", "off"])
async def test_also_what_may_not_be_sent_grows_old(store: Story, how: str) -> None:
    await waiting(store)
    match how:
        case "paused":
            await store.settings.change("alerts_paused", "yes", 1, NOON)
        case "off":
            await store.change("UPDATE chats SET off_at = now()")
    assert await store.outbox.claim(10, 60, NOON) == []
    assert sum((await store.outbox.expire(NOON + minutes(11), TEN, 1000)).values()) == 4


async def test_news_that_a_flood_would_let_grow_old_are_held_for_a_day(
    store: Story, counts: Counter[tuple[str, str]]
) -> None:
    await waiting(store)
    await store.settings.change("alerts_per_10_minutes", 1, 1, NOON)
    assert await store.outbox.expire(NOON + TEN / 2, TEN, 1000) == {}
    assert not counts, "there may be fewer in time"
    later = NOON + minutes(5.1)
    assert [await store.outbox.expire(later, TEN, 3) for _ in range(2)] == [{}, {}]
    assert counts == {("alert_held", "high_score"): 2, ("alert_held", "activated"): 2}
    assert await store.outbox.fold(later) == 0, "it still lasts"
    assert await store.rows("SELECT DISTINCT outcome, digest_at FROM outbox") == [("held", later)]
    assert await store.outbox.expire(later + DAY, TEN, 1000) == {}
    assert await store.outbox.expire(later + DAY + minutes(1), TEN, 1000) == {"high_score": 2, "activated": 2}
    assert counts["alert_given_up", "expired"] == 4


async def test_in_a_flood_also_news_that_grew_old_before_their_turn_are_held(store: Story) -> None:
    await waiting(store)
    await store.settings.change("alerts_per_10_minutes", 1, 1, NOON)
    await store.change("UPDATE alerts SET decided_at = :at", at=NOON + TEN)
    assert await store.outbox.expire(NOON + minutes(11), TEN, 1) == {}, "the others have their turn later"
    assert await store.outbox.expire(NOON + minutes(12), TEN, 1000) == {}
    assert await store.outbox.fold(NOON + minutes(21)) == 4


async def test_what_somebody_has_in_hand_is_left_to_them(store: Story) -> None:
    await waiting(store)
    assert len(await store.outbox.claim(1, 60, NOON)) == 1
    assert sum((await store.outbox.expire(NOON + minutes(11), TEN, 1000)).values()) == 3


async def test_what_is_no_news_grows_old_in_a_day_and_what_is_held_or_an_example_does_not(store: Story) -> None:
    await waiting(store)
    await store.outbox.hold((await store.outbox.claim(1, 60, NOON))[0], NOON + 3 * DAY)
    await store.outbox.expire(NOON + TEN + TEN, TEN, 1000)
    await store.alarms.tell(AlertFacts(AlertKind.ALARM, NOON, text="no answer"), [ALICE.id])
    assert await store.outbox.test(ALICE.id, NOON + DAY)
    assert await store.outbox.expire(NOON + DAY, TEN, 1000) == {}
    assert await store.outbox.expire(NOON + DAY + minutes(1), TEN, 1000) == {"alarm": 1}
    [(held, example)] = await store.rows(
        "SELECT count(*) FILTER (WHERE outcome = 'held'), count(*) FILTER (WHERE outcome IS NULL) FROM outbox"
    )
    assert (held, example) == (1, 1)
