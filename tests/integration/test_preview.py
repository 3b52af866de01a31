"""That the preview of /alerts is exact: a chat would have heard what fan-out, delivery and digests make of a day."""

import random
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from engine.chats import Hearing, Preferences
from engine.hearing import Heard, dropped, heard_in, held_until
from engine.model import AlertKind, Token, Verdict
from engine.parcels import Parcel
from storage.database import Database
from tests.integration.story import ALICE, Story
from tests.integration.test_hearing import DAWN, DEFAULTS, listening, told
from tests.made import MINT, NOON, minutes


@pytest.fixture
def store(database: Database) -> Story:
    return Story(database)


KINDS = (AlertKind.HIGH_SCORE, AlertKind.HIGH_SCORE, AlertKind.HIGH_SCORE, AlertKind.ACTIVATED, AlertKind.REVIVED)


def wishes_of(dice: random.Random) -> dict[str, Any]:
    hearings = (Hearing.ON, Hearing.SILENT, Hearing.OFF)
    quiet = dice.choice([(None, None), (None, None), (22 * 60, 6 * 60), (9 * 60, 12 * 60)])
    return {
        "per_day": dice.choice([None, 5, 20]),
        "threshold": dice.choice([None, None, 1.0, 1.8, 3.0]),
        "high_score": dice.choice(hearings[:2]),
        "activated": dice.choice(hearings),
        "revived": dice.choice(hearings),
        "min_liquidity_usd": dice.choice([None, None, 20_000.0]),
        "quiet_from": quiet[0],
        "quiet_until": quiet[1],
        "time_zone": dice.choice(["UTC", "Asia/Kathmandu"]),
        "hourly_cap": dice.choice([None, 1, 2, 5]),
    }


class Market:
    """A small day of made-up looks, each decided as the engine would."""

    def __init__(self, dice: random.Random, tokens: list[Token]) -> None:
        self.dice, self.tokens = dice, tokens
        self.episodes: dict[int, tuple[int, datetime, float | None]] = {}
        self.lives: Counter[tuple[int, AlertKind]] = Counter()

    def look(self, token: Token, at: datetime) -> Verdict:
        kind, dice = self.dice.choice(KINDS), self.dice
        liquidity = dice.choice([None, 10_000.0, 30_000.0])
        if kind is not AlertKind.HIGH_SCORE:
            self.lives[token.id, kind] += 1
            return told(token, kind, at, liquidity, opened_at=None, episode=self.lives[token.id, kind])
        number, opened_at, floor = self.episodes.get(token.id, (0, at, None))
        if number == 0 or dice.random() < 0.3:
            number, opened_at, floor = number + 1, at, dice.choice([None, None, None, 2.0])
        self.episodes[token.id] = (number, opened_at, floor)
        level = dice.choice([1.5, 1.7, 2.0, 2.4, 3.1, 4.0])
        return told(token, kind, at, liquidity, level=level, episode=number, opened_at=opened_at, floor=floor)


async def delivered(store: Story, now: datetime) -> Heard:
    """What delivery makes of all that is due, one row after the other, and then the digest of what it held for now."""
    sent: Counter[AlertKind] = Counter()
    held = 0
    while parcels := await store.outbox.claim(1, 60, now) or await folded(store, now):
        [parcel] = parcels
        if parcel.facts.kind is AlertKind.DIGEST:
            await store.outbox.mark_sent(parcel.id, 1)
            continue
        assert dropped(parcel.preferences, parcel.facts, now, DEFAULTS) is None
        until = held_until(parcel.preferences, parcel.facts.kind, parcel.lately, now)
        if until is None:
            await store.outbox.mark_sent(parcel.id, 1)
            sent[parcel.facts.kind] += 1
        else:
            await store.outbox.hold(parcel, until)
            held += 1
    return Heard(sent, held)


async def folded(store: Story, now: datetime) -> list[Parcel]:
    """The digest that is due now, if any."""
    return await store.outbox.claim(1, 60, now) if await store.outbox.fold(now) else []


async def told_late(store: Story, now: datetime) -> None:
    """The digests that are due before then, each at its time."""
    next_due = "SELECT min(digest_at) FROM outbox WHERE outcome = 'held'"
    while (due_at := (await store.rows(next_due))[0][0]) and due_at <= now:
        assert await delivered(store, due_at) == Heard({}, 0)


@pytest.mark.parametrize("seed", range(8))
async def test_the_preview_says_what_would_have_been_sent(store: Story, seed: int) -> None:
    dice = random.Random(seed)
    wishes = wishes_of(dice)
    await listening(store, **wishes)
    await store.change("UPDATE chats SET threshold_set_at = NULL")
    market = Market(dice, [await store.tracked(f"{MINT[:-1]}{letter}") for letter in "abcdef"])
    sent: Counter[AlertKind] = Counter()
    held, at = 0, DAWN + minutes(1)
    while at < NOON:
        if dice.random() < 0.2:
            await store.episodes.set_levels({5: dice.uniform(2.0, 4.0), 20: dice.uniform(1.0, 2.5)}, at)
        await told_late(store, at)
        looked = dice.sample(market.tokens, dice.randint(1, 5))
        await store.looks.record([market.look(token, at) for token in looked], at, DEFAULTS)
        heard = await delivered(store, at)
        sent.update(heard.sent)
        held += heard.held
        at += minutes(dice.choice([0.2, 0.5, 5, 40, 100]))
    preferences = await store.chats.preferences(ALICE.id)
    assert isinstance(preferences, Preferences)
    assert heard_in(await store.episodes.day(NOON), preferences, DEFAULTS) == Heard(sent, held)
