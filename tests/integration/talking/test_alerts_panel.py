"""The panel of /alerts as people use it: every button of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.views.alerts_buttons import Page
from deploy.sandbox.telegram import BotApi, User
from engine.chats import Hearing
from storage.database import Database
from storage.episodes import Episodes
from tests.integration.talking.pressing import GROUP_ID, group_of, now_shown, pressed, wishes
from tests.integration.talking.stage import ADMIN_ID, Stage
from tests.made import NOON, minutes

pytestmark = pytest.mark.usefixtures("polling")


@pytest.fixture
async def stage(api: BotApi, database: Database) -> AsyncIterator[Stage]:
    """A stage where one person may press many buttons."""
    made = Stage(api, database)
    for limit in ("commands_per_user", "commands_per_chat"):
        await made.settings.change(limit, 1000, ADMIN_ID, NOON)
    yield made
    assert not api.violations


# --- the first question, and the levels


async def test_the_first_question_is_how_many_a_day(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts")
    assert "How many high-score alerts a day?" in str(panel.text)
    texts = [button["text"] for button in panel.buttons]
    assert texts == ["About 5", "About 20", "About 60", "My own threshold", "⚙️ Other settings"]


async def test_an_answered_question_is_not_asked_again(stage: Stage, ann: User) -> None:
    panel = await pressed(stage, ann, await stage.asked(ann, "/alerts"), "About 20")
    assert "about 20 a day – now from 2.00" in str(panel.text)
    assert (await wishes(stage)).per_day == 20
    assert "about 20 a day" in str((await stage.asked(ann, "/alerts")).text)
    assert len(stage.api.messages(7)) == 2


async def test_an_own_threshold_goes_in_steps_and_never_below_the_episodes(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts")
    await pressed(stage, ann, panel, "My own", "+0.5", "+0.1", "−0.1")
    assert (await wishes(stage)).threshold == 2.5
    await pressed(stage, ann, panel, "−0.5", "−0.5", "−0.5")
    shown = now_shown(stage, panel)
    assert (await wishes(stage)).threshold == 1.5
    assert "High scores from 1.50" in str(shown.text)
    assert "Ordinary trading scores about 0.50" in str(shown.text)


async def test_a_threshold_may_be_written(stage: Stage, ann: User) -> None:
    assert "from 2.50" in await stage.answer(ann, "/alerts 2.5")
    assert (await wishes(stage)).threshold == 2.5


@pytest.mark.parametrize(
    "nonsense", ["1.2", "101", "nan", "-3", "lots", "2.5 3", "\u202e9", "9" * 4000, "zones", "'; --"]
)
async def test_nonsense_for_a_threshold_is_told_the_bounds(stage: Stage, ann: User, nonsense: str) -> None:
    assert "from 1.50 to 100" in await stage.answer(ann, f"/alerts {nonsense}")
    assert await stage.chats.preferences(7) is None


async def test_a_threshold_for_a_chat_without_alerts_offers_to_subscribe(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts 3.14")
    assert "This chat gets no alerts yet." in str(panel.text)
    assert "gets alerts from now on" in await stage.tapped(ann, panel, "🔔 Subscribe")
    assert (await wishes(stage)).subscribed


async def test_a_time_zone_without_a_name_says_what_to_type(stage: Stage, ann: User) -> None:
    said = await stage.answer(ann, "/alerts zone")
    assert said == "🌍 Tell me your time zone, for example /alerts zone Europe/Berlin"


async def test_the_same_choice_again_is_no_new_threshold(stage: Stage, ann: User) -> None:
    await stage.asked(ann, "/alerts 2.5")
    stage.clock.time += minutes(5)
    await stage.asked(ann, "/alerts 2.5")
    assert await stage.rows("SELECT threshold_set_at FROM chats") == [(NOON,)]


# --- the other wishes


async def test_a_kind_goes_from_silent_to_off_to_on(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts")
    await pressed(stage, ann, panel, "⚙️", "🔕 Activated")
    assert (await wishes(stage)).activated is Hearing.OFF
    await pressed(stage, ann, panel, "✖ Activated")
    assert (await wishes(stage)).activated is Hearing.ON
    await pressed(stage, ann, panel, "🔔 Activated", "🔕 Active again", "🔔 High score", "🔔 Watched")
    now = await wishes(stage)
    assert (now.activated, now.revived) == (Hearing.SILENT, Hearing.OFF)
    assert (now.high_score, now.watched) == (Hearing.SILENT, Hearing.SILENT)


async def test_filters_pictures_and_caps(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts")
    await pressed(stage, ann, panel, "⚙️", "💧", "$50K", "🖼", "⏱", "60")
    now = await wishes(stage)
    assert (now.min_liquidity_usd, now.pictures, now.hourly_cap) == (50_000, False, 60)
    await pressed(stage, ann, panel, "💧", "any", "🖼", "⏱", "no cap")
    now = await wishes(stage)
    assert (now.min_liquidity_usd, now.pictures, now.hourly_cap) == (None, True, None)


async def test_quiet_hours_by_preset_by_step_and_none(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts")
    await pressed(stage, ann, panel, "⚙️", "🌙", "23:00–07:00", "From +1", "Until −1")
    now = await wishes(stage)
    assert (now.quiet_from, now.quiet_until) == (0, 6 * 60)
    assert "Quiet hours: 00:00–06:00" in str(now_shown(stage, panel).text)
    await pressed(stage, ann, panel, "none")
    assert (await wishes(stage)).quiet_from is None


async def test_a_time_zone_is_picked_by_region(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts")
    shown = await pressed(stage, ann, panel, "⚙️", "🌙", "🌍", "Asia", "Kolkata")
    assert (await wishes(stage)).time_zone == "Asia/Kolkata"
    assert "Kolkata (UTC+5:30), where it is 17:30 now" in str(shown.text)


async def test_a_time_zone_may_be_written(stage: Stage, ann: User) -> None:
    assert "Berlin (UTC+2)" in await stage.answer(ann, "/alerts zone europe/berlin")
    assert (await wishes(stage)).time_zone == "Europe/Berlin"


@pytest.mark.parametrize("nowhere", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "\u202ex", "x" * 4000])
async def test_an_unknown_time_zone_gets_an_example(stage: Stage, ann: User, nowhere: str) -> None:
    assert "/alerts zone Europe/Berlin" in await stage.answer(ann, f"/alerts zone {nowhere}")
    assert await stage.chats.preferences(7) is None


async def test_muting_for_hours_until_tomorrow_and_no_longer(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts zone Europe/Berlin")
    await pressed(stage, ann, panel, "‹", "🔇", "8 h")
    assert (await wishes(stage)).muted_until == NOON + timedelta(hours=8)
    shown = await pressed(stage, ann, panel, "🔇", "Until tomorrow")
    assert (await wishes(stage)).muted_until == NOON + timedelta(hours=18)
    assert "Muted until 06:00 UTC" in str(shown.text)
    await pressed(stage, ann, panel, "🔇", "🔔 Unmute")
    assert (await wishes(stage)).muted_until is None


async def test_no_button_of_any_page_is_out_of_date(stage: Stage, ann: User) -> None:
    group = await group_of(stage, ann)
    stage.api.say(ann, "/alerts", group)
    panel = await stage.api.next_message(GROUP_ID)
    await pressed(stage, ann, panel, "About 5", "🌙", "23:00–07:00", "‹")
    for page in Page:
        assert not await stage.tapped(ann, panel, f"ap:{page}", forged=True)
        for button in now_shown(stage, panel).buttons:
            assert "out of date" not in await stage.tapped(ann, panel, button["callback_data"], forged=True)
    assert stage.api.messages(GROUP_ID)[-1].message_id == panel.message_id


# --- what the wishes mean


async def test_levels_and_the_last_day_are_told_for_these_wishes(stage: Stage, ann: User) -> None:
    await Episodes(stage.database).set_levels({5: 3.1, 20: 2.31, 60: 1.6}, NOON)
    await stage.activated()
    panel = await stage.asked(ann, "/alerts")
    assert "About 5 · now from 3.10" in [button["text"] for button in panel.buttons]
    shown = await pressed(stage, ann, panel, "About 20")
    assert "about 20 a day – now from 2.31" in str(shown.text)
    assert "In the last 24 h this would have been: 1 activation." in str(shown.text)
    shown = await pressed(stage, ann, panel, "🔕 Activated")
    assert "In the last 24 h this would have been: nothing." in str(shown.text)


async def test_a_test_comes_once_a_minute_also_to_those_who_hear_nothing(stage: Stage, ann: User) -> None:
    panel = await pressed(stage, ann, await stage.asked(ann, "/alerts"), "⚙️")
    assert "on its way" in await stage.tapped(ann, panel, "📨 Send me a test")
    assert "less than a minute ago" in await stage.tapped(ann, panel, "📨 Send me a test")
    async with stage.delivering():
        assert "This is a test" in str((await stage.api.next_message(7)).text)
    stage.clock.time += minutes(1)
    assert "on its way" in await stage.tapped(ann, panel, "📨 Send me a test")
    assert not await stage.chats.is_subscribed(7)


# --- not subscribed


async def test_a_chat_that_hears_nothing_is_told_so_and_keeps_its_wishes(stage: Stage, ann: User) -> None:
    panel = await stage.asked(ann, "/alerts")
    shown = await pressed(stage, ann, panel, "About 60")
    assert "gets no alerts yet" in str(shown.text)
    assert not await stage.chats.is_subscribed(7)
    assert "from now on" in await stage.tapped(ann, panel, "🔔 Subscribe")
    assert "Alerts in this chat" in str(now_shown(stage, panel).text)
    assert await stage.chats.is_subscribed(7)
    assert (await wishes(stage)).per_day == 60


async def test_subscribing_in_the_panel_shows_once_what_is_hot(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE")
    panel = await pressed(stage, ann, await stage.asked(ann, "/alerts"), "⚙️")
    await stage.tapped(ann, panel, "🔔 Subscribe")
    assert "PEPE" in str((await stage.api.next_message(7)).text)
