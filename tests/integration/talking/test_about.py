"""/start and /help with their buttons, and /status in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.sandbox.telegram import SentMessage, User
from engine.heartbeat import Pulse
from engine.shown import Leader, Term
from tests.integration.talking.stage import ADMIN_ID, Stage
from tests.made import NOON, minutes
from tests.unit.test_health import HEALTHY

GROUP_ID = -100_555
pytestmark = pytest.mark.usefixtures("polling")


def now_says(stage: Stage, message: SentMessage) -> str:
    current = stage.api.world.message(message.chat_id, message.message_id)
    assert current is not None
    return str(current.text)


@pytest.mark.parametrize(
    ("button", "sentence"),
    [
        ("Alerts", "an archived token trades again"),
        ("The score", "The weighted sum of four measures"),
        ("What it does not promise", "ranks activity, not return"),
    ],
)
async def test_a_button_turns_the_help_over_and_back(stage: Stage, ann: User, button: str, sentence: str) -> None:
    message = await stage.asked(ann, "/help")
    first = now_says(stage, message)
    await stage.tapped(ann, message, button)
    assert sentence in now_says(stage, message)
    await stage.tapped(ann, message, "Commands")
    assert now_says(stage, message) == first
    assert len(stage.api.messages(ann.id)) == 1


async def test_a_section_that_is_shown_already_can_be_tapped(stage: Stage, ann: User) -> None:
    assert await stage.tapped(ann, await stage.asked(ann, "/help"), "• Commands") == ""


@pytest.mark.parametrize(
    ("words", "sentence"), [("score", "weighted sum"), ("promise", "no advice"), ("moon", "/top"), ("x" * 4000, "/top")]
)
async def test_a_section_can_be_asked_for_by_its_name(stage: Stage, ann: User, words: str, sentence: str) -> None:
    assert sentence in await stage.answer(ann, f"/help {words}")


async def test_an_admin_turns_to_the_admins_section(stage: Stage, ada: User) -> None:
    message = await stage.asked(ada, "/help")
    await stage.tapped(ada, message, "For admins")
    assert "/broadcast" in now_says(stage, message)


@pytest.mark.parametrize("data", ["h:4", "h:5", "h:-1", "h:x", "h:", "h:1:1", "o:top:1", "o:set", "o:"])
async def test_a_made_up_button_of_the_help_shows_nothing(stage: Stage, ann: User, data: str) -> None:
    message = await stage.asked(ann, "/help")
    assert "out of date" in await stage.tapped(ann, message, data, forged=True)
    assert "/broadcast" not in now_says(stage, message)


async def test_an_admin_in_a_group_does_not_show_the_admins_section(stage: Stage, ada: User) -> None:
    group = stage.api.group(GROUP_ID, "Traders", owner=ada)
    await stage.api.next_message(GROUP_ID)
    stage.api.say(ada, "/help", group)
    message = await stage.api.next_message(GROUP_ID)
    assert "out of date" in await stage.tapped(ada, message, "h:4", forged=True)


@pytest.mark.parametrize(("button", "answer"), [("🏆 Top", "No token is active"), ("❔ Help", "/subscribe")])
async def test_the_buttons_of_the_start_answer_like_commands(stage: Stage, ann: User, button: str, answer: str) -> None:
    await stage.tapped(ann, await stage.asked(ann, "/start"), button)
    assert answer in str((await stage.api.next_message(ann.id)).text)


async def test_an_admins_help_button_offers_the_admins_section(stage: Stage, ada: User) -> None:
    await stage.tapped(ada, await stage.asked(ada, "/start"), "❔ Help")
    assert "For admins" in str((await stage.api.next_message(ADMIN_ID)).buttons)


# --- status


async def test_status_says_first_whether_all_is_well(stage: Stage, ann: User) -> None:
    stage.facts = replace(HEALTHY, term=Term(leading=True, seconds=7500))
    assert (await stage.answer(ann, "/status")).splitlines()[:2] == ["🟢 All is well", "At work for 2h 5m"]
    pulse = Pulse(beat_seconds=240, last_error="wss://x?key=secret refused", last_error_seconds=1)
    stage.facts = replace(HEALTHY, pulses={**HEALTHY.pulses, "feed": pulse})
    text = await stage.answer(ann, "/status")
    assert text.startswith("🔴 Something is wrong: the feed of migrations has been silent for 4m\n")
    assert "secret" not in text


async def test_status_names_the_leader_to_an_admin_in_private_alone(stage: Stage, ada: User, ann: User) -> None:
    stage.facts = replace(HEALTHY, term=Term(True, 7500, Leader("berlin-1", NOON, 7500)))
    assert (await stage.answer(ada, "/status")).splitlines()[1] == "Led by berlin-1 since 12:00 UTC (2h 5m)"
    assert (await stage.answer(ann, "/status")).splitlines()[1] == "At work since 12:00 UTC (2h 5m)"
    assert "Led by berlin-1" in await stage.answer(ada, "/health")
    group = stage.api.group(GROUP_ID, "Traders", owner=ada)
    greeting = await stage.api.next_message(GROUP_ID)
    stage.api.say(ada, "/status", group)
    assert "berlin-1" not in str(await stage.api.next_message(GROUP_ID, after=greeting.message_id))


async def test_status_counts_the_alerts_of_this_chat_alone(stage: Stage, ann: User) -> None:
    for chat_id in (ann.id, 8):
        await stage.listens(chat_id)
    await stage.activated()
    async with stage.delivering():
        await stage.api.next_message(ann.id)
        await stage.api.next_message(8)
        await stage.api.until(lambda: len(stage.sends()) == 2)
    assert "Alerts in this chat in the last hour: 1" in await stage.answer(ann, "/status")


async def test_status_tells_what_keeps_alerts_away(stage: Stage, ann: User) -> None:
    await stage.listens(ann.id)
    await stage.chats.prefer(ann.id, NOON, muted_until=NOON + minutes(60), quiet_from=0, quiet_until=480)
    await stage.settings.change("alerts_paused", "yes", ADMIN_ID, NOON)
    text = await stage.answer(ann, "/status")
    for sentence in ("paused all alerts", "Muted until 13:00 UTC", "Quiet from 00:00 to 08:00 (UTC)"):
        assert sentence in text
