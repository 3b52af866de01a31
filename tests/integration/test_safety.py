"""Safety facts on a real PostgreSQL: of whom they are wanted, how long they hold, and what is unknown stays so."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from deploy.sandbox.world import mint_of
from engine.errors import BadData
from engine.model import AlertKind, Errand, Safety
from storage.database import Database
from tests.integration.story import Story
from tests.made import MINT, NOON, OTHER_MINT, minutes

SAFETY = Safety(0.25, 0.01, mint_authority=False, freeze_authority=True, mutable_metadata=False, as_of=NOON)
UNKNOWN = Safety(None, None, mint_authority=None, freeze_authority=None, mutable_metadata=None, as_of=NOON)
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


async def test_what_was_told_is_read_back(store: Story) -> None:
    token = await store.tracked()
    assert await store.safeties.of(token.id) is None
    await store.safeties.keep(token.id, SAFETY, NOON)
    assert await store.safeties.of(token.id) == SAFETY
    later = replace(SAFETY, top10_share=None, mint_authority=True, as_of=NOON + minutes(400))
    await store.safeties.keep(token.id, later, NOON + minutes(400))
    assert await store.safeties.of(token.id) == later
    assert await store.safeties.of(token.id + 1) is None


@pytest.mark.parametrize("name", [field.name for field in fields(Safety) if field.name != "as_of"])
async def test_one_known_fact_leaves_the_others_unknown(store: Story, name: str) -> None:
    token = await store.tracked()
    told = replace(UNKNOWN, **{name: getattr(SAFETY, name)})
    await store.safeties.keep(token.id, told, NOON)
    assert await store.safeties.of(token.id) == told


async def test_an_answer_that_held_nothing_takes_nothing_away(store: Story) -> None:
    token, other = await store.tracked(), await store.tracked(OTHER_MINT)
    await store.safeties.keep(token.id, SAFETY, NOON)
    await store.safeties.keep(token.id, None, NOON + minutes(400))
    await store.safeties.keep(other.id, None, NOON)
    assert await store.safeties.of(token.id) == SAFETY
    assert await store.safeties.of(other.id) is None


async def test_facts_of_no_token_are_refused(store: Story) -> None:
    with pytest.raises(BadData):
        await store.safeties.keep(7, SAFETY, NOON)


async def test_facts_are_wanted_within_the_hour_after_an_alert(store: Story) -> None:
    token = await store.alerted(MINT, NOON, AlertKind.REVIVED)
    await store.tracked(OTHER_MINT)
    assert await store.safeties.wanted(NOON, 9) == [Errand(token.id, MINT, AlertKind.REVIVED)]
    assert await store.safeties.wanted(NOON + minutes(60) - SECOND, 9) != []
    assert await store.safeties.wanted(NOON + minutes(60), 9) == []


async def test_a_tokens_end_asks_for_nothing(store: Story) -> None:
    await store.alerted(MINT, NOON, AlertKind.ARCHIVED)
    await store.alerted(OTHER_MINT, NOON, AlertKind.ALARM)
    assert await store.safeties.wanted(NOON, 9) == []


async def test_the_urgent_come_first_and_of_these_the_newest(store: Story) -> None:
    story = [
        ("a", AlertKind.ACTIVATED, 5),
        ("b", AlertKind.HIGH_SCORE, 1),
        ("c", AlertKind.REVIVED, 3),
        ("d", AlertKind.ACTIVATED, 2),
        ("e", AlertKind.HIGH_SCORE, 4),
    ]
    for mint, kind, minute in story:
        await store.alerted(mint_of(mint), NOON + minutes(minute), kind)
    wanted = await store.safeties.wanted(NOON + minutes(6), 9)
    assert [errand.mint for errand in wanted] == [mint_of(mint) for mint in "ecbad"]
    assert [errand.urgent for errand in wanted] == [True, True, True, False, False]
    assert await store.safeties.wanted(NOON + minutes(6), 2) == wanted[:2]


async def test_several_alerts_of_a_token_are_one_errand_of_the_most_urgent_kind(store: Story) -> None:
    await store.alerted(MINT, NOON, AlertKind.HIGH_SCORE)
    token = await store.alerted(MINT, NOON + minutes(1), AlertKind.HIGH_SCORE, episode=2)
    await store.alerted(MINT, NOON + minutes(2), AlertKind.ACTIVATED)
    await store.alerted(OTHER_MINT, NOON + minutes(3), AlertKind.ACTIVATED)
    first, second = await store.safeties.wanted(NOON + minutes(5), 9)
    assert first == Errand(token.id, MINT, AlertKind.HIGH_SCORE)
    assert second.mint == OTHER_MINT


async def test_facts_hold_for_six_hours_and_an_answer_without_any_for_ten_minutes(store: Story) -> None:
    at_ten, at_last = replace(SAFETY, as_of=NOON + minutes(10)), minutes(370)
    story = [(minutes(0), None, 10), (minutes(10), at_ten, 360), (at_last, None, 10)]
    for episode, (asked, told, kept) in enumerate(story):
        until = NOON + asked + minutes(kept)
        token = await store.alerted(MINT, until - minutes(5), episode=episode)
        await store.safeties.keep(token.id, told, NOON + asked)
        assert await store.safeties.wanted(until - SECOND, 9) == []
        assert [errand.token_id for errand in await store.safeties.wanted(until, 9)] == [token.id]
