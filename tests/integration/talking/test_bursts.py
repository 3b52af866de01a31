"""Many alerts within a minute: one message of those that may wait, and at once what may not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from engine.model import AlertKind
from tests.integration.talking.stage import Stage
from tests.made import MINT, NOON, minutes
from tests.waiting import until

MINTS = [f"{MINT[:-1]}{letter}" for letter in "abcdefghij"]


async def burst(stage: Stage, count: int) -> None:
    """So many activations at once."""
    for mint in MINTS[:count]:
        await stage.activated(mint, symbol=f"S{mint[-1].upper()}")


async def told(stage: Stage, minute: float | None = None) -> list[str]:
    """All that the chat has been sent by then, once nothing waits any more and nothing that is held is due."""
    if minute is not None:
        stage.clock.time = NOON + minutes(minute)

    async def is_over() -> bool:
        rows = await stage.rows("SELECT outcome, digest_at FROM outbox WHERE outcome IS NULL OR outcome = 'held'")
        return all(outcome == "held" and digest_at > stage.clock.time for outcome, digest_at in rows)

    async with stage.delivering():
        await until(is_over)
    return [str(message.caption or message.text) for message in stage.api.messages(7)]


async def outcomes(stage: Stage) -> Counter[Any]:
    return Counter(outcome for outcome, _ in await stage.outcomes())


@pytest.mark.parametrize("rate_per_second", [3, 1000], ids=["one claimed at a time", "all claimed at once"])
async def test_a_burst_at_once_is_one_message_at_once(stage: Stage, rate_per_second: float) -> None:
    await stage.listens(7)
    await burst(stage, 8)
    async with stage.delivering(rate_per_second):
        await stage.api.next_message(7)
        await until(stage.all_done)
    assert await outcomes(stage) == {"digested": 8, "sent": 1}
    [message] = stage.api.messages(7)
    assert str(message.text).startswith("🗞 Meanwhile:\n🚀 Active: 8")


async def test_ten_activations_within_a_minute_are_the_first_one_and_one_message(stage: Stage) -> None:
    await stage.listens(7)
    for number, mint in enumerate(MINTS):
        stage.clock.time = NOON + minutes(number / 10)
        await stage.activated(mint)
        assert len(await told(stage)) == 1
    first, rest = await told(stage, 1)
    assert first.startswith("🚀 Active:")
    assert rest.startswith("🗞 Meanwhile:\n🚀 Active: 9")


async def test_one_that_follows_on_another_comes_a_little_later_as_it_is(stage: Stage) -> None:
    await stage.listens(7)
    await burst(stage, 2)
    assert len(await told(stage)) == 1
    _, second = await told(stage, 1.5)
    assert second.startswith("🚀 Active:")
    assert "Late: this was 1m ago" in second
    assert all("photo" in params for params in stage.sends())


async def test_what_follows_on_a_digest_waits_for_the_full_minute(stage: Stage) -> None:
    await stage.listens(7)
    await burst(stage, 3)
    assert len(await told(stage)) == 1
    stage.clock.time = NOON + minutes(0.5)
    await stage.activated(MINTS[5])
    assert len(await told(stage)) == 1
    assert len(await told(stage, 1)) == 2


@pytest.mark.parametrize(
    "urgent",
    ['facts = facts || \'{"kind": "high_score"}\', priority = 10', "facts = facts || '{\"watched\": true}'"],
    ids=["high score", "watched"],
)
async def test_what_is_urgent_is_sent_at_once_in_the_middle_of_a_burst(stage: Stage, urgent: str) -> None:
    await stage.listens(7)
    await burst(stage, 4)
    await stage.rows(f"UPDATE outbox SET {urgent} WHERE id = (SELECT max(id) FROM outbox) RETURNING 1")  # noqa: S608
    said = await told(stage)
    assert await outcomes(stage) == {"digested": 3, "sent": 2}
    assert [text.startswith("🗞 Meanwhile:\n🚀 Active: 3") for text in said] == [False, True]


async def test_what_a_chat_watches_makes_no_burst_of_the_others(stage: Stage) -> None:
    await stage.listens(7)
    await burst(stage, 3)
    watched = "UPDATE outbox SET facts = facts || '{\"watched\": true}' WHERE id = (SELECT min(id) FROM outbox)"
    await stage.rows(f"{watched} RETURNING 1")
    assert [text.partition(":")[0] for text in await told(stage)] == ["🚀 Active"] * 2
    assert await outcomes(stage) == {"sent": 2, "held": 1}


async def test_a_burst_in_quiet_hours_is_part_of_the_mornings_digest(stage: Stage) -> None:
    await stage.listens(7)
    await stage.chats.prefer(7, NOON - minutes(60), quiet_from=12 * 60, quiet_until=13 * 60)
    await burst(stage, 4)
    assert await told(stage) == []
    [morning] = await told(stage, 60)
    assert morning.startswith("🗞 Meanwhile:\n🚀 Active: 4")


async def test_a_minute_that_ends_in_quiet_hours_is_waited_out(stage: Stage) -> None:
    await stage.listens(7)
    await stage.chats.prefer(7, NOON - minutes(60), quiet_from=12 * 60 + 1, quiet_until=13 * 60)
    await burst(stage, 2)
    assert len(await told(stage)) == 1
    held = await stage.rows("SELECT digest_at FROM outbox WHERE outcome = 'held'")
    assert held == [(NOON + minutes(60),)]


async def test_the_digests_of_bursts_count_towards_the_hourly_cap(stage: Stage) -> None:
    await stage.listens(7)
    await stage.chats.prefer(7, NOON - minutes(60), hourly_cap=2)
    await burst(stage, 3)
    assert len(await told(stage)) == 1
    stage.clock.time = NOON + minutes(5)
    await stage.activated(MINTS[5])
    assert len(await told(stage)) == 1
    held = await stage.rows("SELECT digest_at FROM outbox WHERE outcome = 'held'")
    assert held == [(NOON + minutes(60),)]


async def test_a_burst_into_a_chat_that_is_muted_meanwhile_is_not_told(stage: Stage) -> None:
    await stage.listens(7)
    await burst(stage, 3)
    await stage.chats.prefer(7, NOON, muted_until=NOON + minutes(60))
    assert await told(stage) == []
    assert await outcomes(stage) == {"unwanted": 3}


async def test_a_burst_while_alerts_are_paused_is_one_message_once_they_go_on(stage: Stage) -> None:
    await stage.listens(7)
    await stage.settings.change("alerts_paused", "yes", 1, NOON)
    await burst(stage, 4)
    assert await stage.outbox.claim(10, 60, NOON) == []
    await stage.settings.change("alerts_paused", "no", 1, NOON + minutes(2))
    [message] = await told(stage, 2)
    assert message.startswith("🗞 Meanwhile:\n🚀 Active: 4")
    assert "2m ago" in message


async def test_a_kind_that_was_switched_off_is_no_part_of_the_message(stage: Stage) -> None:
    await stage.listens(7)
    await burst(stage, 4)
    await stage.rows('UPDATE outbox SET facts = facts || \'{"kind": "revived"}\', priority = 20 RETURNING 1')
    await stage.chats.prefer(7, NOON, revived="off")
    assert await told(stage) == []
    assert stage.heartbeat.counts["alert_held", AlertKind.REVIVED] == 0
