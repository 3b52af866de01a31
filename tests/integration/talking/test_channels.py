"""Channels: their own posts are commands; what was forwarded or stands under a picture is none."""

from __future__ import annotations

import pytest

from deploy.sandbox.telegram import BotApi, Chat, User
from storage.database import Database
from tests.integration.talking.stage import Stage, raw_message
from tests.made import NOON
from tests.waiting import until

CHANNEL_ID = -100_777
ELSEWHERE = {"id": -100_888, "type": "channel", "title": "Elsewhere"}


@pytest.fixture
def channel(api: BotApi, ann: User) -> Chat:
    return api.channel(CHANNEL_ID, "Signals", owner=ann)


async def said_in(stage: Stage, channel: Chat, text: str) -> str:
    """The bot's answer to a post."""
    stage.api.post(channel, text)
    return str((await stage.api.next_message(CHANNEL_ID)).text)


@pytest.mark.usefixtures("polling")
async def test_a_channel_subscribes_and_unsubscribes_by_its_own_posts(stage: Stage, channel: Chat) -> None:
    assert "from now on" in await said_in(stage, channel, "/subscribe")
    assert await stage.chats.is_subscribed(CHANNEL_ID)
    assert await stage.rows("SELECT type, title FROM chats") == [("channel", "Signals")]
    assert "No more alerts" in await said_in(stage, channel, "/unsubscribe")
    assert not await stage.chats.is_subscribed(CHANNEL_ID)


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("/top", "No token is active"),
        ("/token NOPE", "NOPE"),
        ("/status", "This chat gets no"),
        ("/help", "/subscribe"),
    ],
)
async def test_a_channel_is_answered_like_any_chat(stage: Stage, channel: Chat, command: str, answer: str) -> None:
    assert answer in await said_in(stage, channel, command)


@pytest.mark.usefixtures("polling")
async def test_a_channel_is_answered_in_its_chosen_language(stage: Stage, channel: Chat) -> None:
    await said_in(stage, channel, "/subscribe")
    await stage.chats.prefer(CHANNEL_ID, NOON, language="ru")
    assert "токен" in await said_in(stage, channel, "/top")


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize("text", ["/set min_tx_count 50", "/settings", "/moon", "We are early"])
async def test_a_channel_is_left_in_peace_by_what_is_not_for_it(stage: Stage, channel: Chat, text: str) -> None:
    stage.api.post(channel, text)
    assert "/subscribe" in await said_in(stage, channel, "/help")
    assert len(stage.api.messages(CHANNEL_ID)) == 1


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize(
    "facts",
    [
        {"forward_origin": {"type": "channel", "date": 1, "chat": ELSEWHERE, "message_id": 1}},
        {"text": None, "caption": "/unsubscribe", "photo": []},
        {"via_bot": {"id": 67, "is_bot": True, "first_name": "Via"}},
        {"is_automatic_forward": True},
    ],
    ids=",".join,
)
async def test_a_post_that_was_not_written_there_changes_nothing(
    stage: Stage, channel: Chat, facts: dict[str, object]
) -> None:
    await said_in(stage, channel, "/subscribe")
    here = channel.as_json()
    post = raw_message(**({"text": "/unsubscribe", "chat": here, "sender_chat": here, "from": None} | facts))
    stage.api.raw_update({"channel_post": post})
    await until(stage.is_idle)
    assert await stage.chats.is_subscribed(CHANNEL_ID)
    assert len(stage.api.messages(CHANNEL_ID)) == 1


@pytest.mark.usefixtures("polling")
async def test_an_edited_post_changes_nothing(stage: Stage, channel: Chat, ann: User) -> None:
    await said_in(stage, channel, "/subscribe")
    stage.api.edit(ann, "/unsubscribe", channel)
    await until(stage.is_idle)
    assert await stage.chats.is_subscribed(CHANNEL_ID)


@pytest.mark.usefixtures("polling")
async def test_a_post_in_the_name_of_another_channel_changes_nothing(stage: Stage, channel: Chat) -> None:
    post = raw_message(text="/subscribe", chat=channel.as_json(), sender_chat=ELSEWHERE, **{"from": None})
    stage.api.raw_update({"channel_post": post})
    assert "administrators" in str((await stage.api.next_message(CHANNEL_ID)).text)
    assert not await stage.chats.is_subscribed(CHANNEL_ID)


async def test_a_channel_has_its_limit_too(api: BotApi, database: Database, channel: Chat) -> None:
    stage = Stage(api, database)
    await stage.settings.change("commands_per_chat", 2, 1, NOON)
    async with stage.polling():
        for _ in range(5):
            api.post(channel, "/top")
        await until(lambda: stage.heartbeat.counts["command_dropped", "flood"] == 3)
    await until(lambda: len(api.messages(CHANNEL_ID)) == 3)
    assert sorted("Too many" in str(message.text) for message in api.messages(CHANNEL_ID)) == [False, False, True]
