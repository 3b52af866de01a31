"""Who may press the buttons of /alerts, and what becomes of forged data."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from deploy.sandbox.telegram import SentMessage, User
from tests.integration.talking.pressing import GROUP_ID, group_of, now_shown, pressed, wishes
from tests.integration.talking.stage import Stage

pytestmark = pytest.mark.usefixtures("polling")


async def test_in_a_group_only_its_administrators_press_buttons(stage: Stage, ann: User) -> None:
    bob = stage.api.user(8, "Bob")
    group = await group_of(stage, ann)
    stage.api.say(bob, "/alerts", group)
    assert "administrators" in str((await stage.api.next_message(GROUP_ID)).text)
    stage.api.say(ann, "/alerts", group)
    panel = await stage.api.next_message(GROUP_ID)
    with capture_logs() as logs:
        for data in ("ac:day:20", "ap:top", "ad:subscribe", "ac:mints:1"):
            assert "administrators" in await stage.tapped(bob, panel, data, forged=True)
    assert len([entry for entry in logs if entry["event"] == "access.refused"]) == 4
    assert await stage.chats.preferences(GROUP_ID) is None
    await pressed(stage, ann, panel, "About 20", "🔎")
    now = await wishes(stage, GROUP_ID)
    assert (now.per_day, now.answers_mints) == (20, True)


async def test_where_telegram_does_not_say_who_administrates_the_bot_says_so(stage: Stage, ann: User) -> None:
    group = await group_of(stage, ann)
    stage.api.say(ann, "/alerts", group)
    panel = await stage.api.next_message(GROUP_ID)
    stage.api.fail_next("getChatMember", 400, "Bad Request: member list is inaccessible", times=2)
    stage.api.say(ann, "/alerts", group)
    sentence = "Telegram does not tell me just now who administrates this chat. Please try again."
    assert (await stage.api.next_message(GROUP_ID)).text == sentence
    assert await stage.tapped(ann, panel, "ac:day:20", forged=True) == sentence
    assert await stage.chats.preferences(GROUP_ID) is None


async def test_a_button_of_a_group_that_became_a_supergroup_says_so(stage: Stage, ann: User) -> None:
    group = stage.api.group(-555, "Traders", ann, kind="group")
    await stage.api.next_message(-555)
    panels: list[SentMessage] = []
    for command in ("/alerts", "/help"):
        stage.api.say(ann, command, group)
        panels.append(await stage.api.next_message(-555))
    new = stage.api.upgrade(group)
    sentence = "This group has moved since, and its old buttons do nothing any more. Send the command again."
    for panel in panels:
        assert await stage.tapped(ann, panel, panel.buttons[1]["callback_data"]) == sentence
    assert await stage.chats.preferences(new.id) is None


async def test_an_anonymous_administrator_opens_the_panel_and_taps_as_a_person(stage: Stage, ann: User) -> None:
    stage.api.say_anonymously(await group_of(stage, ann), "/alerts")
    panel = await stage.api.next_message(GROUP_ID)
    await pressed(stage, ann, panel, "About 5")
    assert (await wishes(stage, GROUP_ID)).per_day == 5


async def test_a_channel_is_managed_by_its_posts(stage: Stage, ann: User) -> None:
    bob, channel = stage.api.user(8, "Bob"), stage.api.channel(GROUP_ID, "News", ann)
    for text, said in {"/subscribe": "from now on", "/alerts": "How many", "/language": "language"}.items():
        stage.api.post(channel, text)
        panel = await stage.api.next_message(GROUP_ID)
        assert said in str(panel.text)
    assert await stage.chats.is_subscribed(GROUP_ID)
    assert "administrators" in await stage.tapped(bob, panel, "ac:day:60", forged=True)


async def test_who_speaks_as_a_channel_or_is_no_administrator_any_more_is_refused(stage: Stage, ann: User) -> None:
    bob, news = stage.api.user(8, "Bob"), stage.api.channel(-100_777, "News", ann)
    group = await group_of(stage, ann)
    stage.api.say_as(news, "/alerts", group)
    assert "administrators" in str((await stage.api.next_message(GROUP_ID)).text)
    stage.api.join(bob, group)
    stage.api.appoint(bob, group)
    stage.api.say(bob, "/alerts", group)
    panel = await stage.api.next_message(GROUP_ID)
    await pressed(stage, bob, panel, "About 5")
    stage.api.appoint(bob, group, "member")
    assert "administrators" in await stage.tapped(bob, panel, "ac:day:60", forged=True)
    assert (await wishes(stage, GROUP_ID)).per_day == 5


async def test_a_tap_changes_the_chat_of_its_message_and_no_other(stage: Stage, ann: User) -> None:
    bob = stage.api.user(8, "Bob")
    hers, his = await stage.asked(ann, "/alerts"), await stage.asked(bob, "/alerts")
    await pressed(stage, ann, hers, "About 5")
    await pressed(stage, bob, his, "About 60")
    assert ((await wishes(stage, 7)).per_day, (await wishes(stage, 8)).per_day) == (5, 60)


@pytest.mark.parametrize(
    "data",
    [
        *("ac:day:7", "ac:own:1", "ac:own:nan", "ac:zone:../etc", "ac:step:9", "ac:quiet:7-7", "ac:mute:99"),
        *("ac:mints:1", "ac:liq:-1", "ac:cap:1000000", "ac:activated:loud", "ac:none:1", "ac:day", "ac:::"),
        *("ap:nowhere", "ad:delete"),
    ],
)
async def test_forged_values_are_refused_and_change_nothing(stage: Stage, ann: User, data: str) -> None:
    panel = await stage.asked(ann, "/alerts")
    assert "out of date" in await stage.tapped(ann, panel, data, forged=True)
    assert await stage.chats.preferences(7) is None
    assert now_shown(stage, panel).text == panel.text


async def test_a_message_that_telegram_hands_out_no_more_is_out_of_date(stage: Stage, ann: User) -> None:
    await stage.asked(ann, "/alerts")
    gone = {"message_id": 3, "date": 0, "chat": {"id": 7, "type": "private", "first_name": "Ann"}}
    query = {
        "id": stage.api.world.taps.open(7).query_id,
        "from": ann.as_json(),
        "chat_instance": "7",
        "data": "ac:day:5",
    }
    stage.api.raw_update({"callback_query": query | {"message": gone}})
    [toast] = await stage.api.until(stage._toasts)
    assert "out of date" in toast["text"]
    assert await stage.chats.preferences(7) is None
