"""/subscribe, /unsubscribe and /language: topics, questions before a loss, and the chosen language."""

from __future__ import annotations

import pytest

from deploy.sandbox.telegram import SentMessage, User
from deploy.sandbox.telegram.values import Chat
from storage.database import Database
from storage.tables import WatchRow
from tests.integration.talking.pressing import GROUP_ID, group_of
from tests.integration.talking.stage import ADMIN_ID, Stage
from tests.made import NOON

pytestmark = pytest.mark.usefixtures("polling")


async def said(stage: Stage, user: User, text: str, group: Chat, thread_id: int | None = None) -> SentMessage:
    """The bot's answer in the group, which comes to the topic of the question."""
    stage.api.say(user, text, group, thread_id)
    message = await stage.api.next_message(GROUP_ID)
    assert message.thread_id == thread_id
    return message


async def thread_of(stage: Stage) -> int | None:
    [(thread_id,)] = await stage.rows("SELECT thread_id FROM chats")
    return int(thread_id) if thread_id is not None else None


async def watches(stage: Stage, database: Database, chat_id: int) -> None:
    """The chat watches a token."""
    await stage.activated()
    [(token_id,)] = await stage.rows("SELECT id FROM tokens")
    async with database.transaction() as session:
        session.add(WatchRow(chat_id=chat_id, token_id=token_id, created_at=NOON))


# --- subscribing


async def test_a_new_subscriber_is_told_what_it_hears_and_where_to_change_it(stage: Stage, ann: User) -> None:
    answer = await stage.asked(ann, "/subscribe")
    assert "activations and revivals silently" in str(answer.text)
    assert not await stage.tapped(ann, answer, "⚙️ Alert settings")
    assert "How many" in str((await stage.api.next_message(7)).text)
    assert "silently" not in await stage.answer(ann, "/subscribe")


async def test_alerts_go_to_the_topic_of_the_latest_subscribe(stage: Stage, ann: User) -> None:
    forum = await group_of(stage, ann, is_forum=True)
    first, second = stage.api.create_topic(forum, "Alpha"), stage.api.create_topic(forum, "Beta")
    await said(stage, ann, "/subscribe", forum, first)
    assert await thread_of(stage) == first
    assert "already" in str((await said(stage, ann, "/subscribe", forum, first)).text)
    assert "no longer to the other topic" in str((await said(stage, ann, "/subscribe", forum, second)).text)
    assert await thread_of(stage) == second
    assert "no longer" in str((await said(stage, ann, "/subscribe", forum)).text)
    assert await thread_of(stage) is None


async def test_alerts_go_to_the_topic_where_the_panel_has_subscribed(stage: Stage, ann: User) -> None:
    forum = await group_of(stage, ann, is_forum=True)
    first, second = stage.api.create_topic(forum, "Alpha"), stage.api.create_topic(forum, "Beta")
    await said(stage, ann, "/alerts 2.5", forum, first)
    panel = await said(stage, ann, "/alerts", forum, second)
    assert "from now on" in await stage.tapped(ann, panel, "🔔 Subscribe")
    assert await thread_of(stage) == second


# --- unsubscribing


async def test_with_nothing_to_lose_unsubscribing_asks_nothing(stage: Stage, ann: User) -> None:
    await stage.asked(ann, "/subscribe")
    assert "No more alerts" in await stage.answer(ann, "/unsubscribe")
    assert await stage.chats.preferences(7) is None


async def test_changed_settings_are_deleted_only_after_a_yes(stage: Stage, ann: User) -> None:
    await stage.asked(ann, "/alerts 2.5")
    question = await stage.asked(ann, "/unsubscribe")
    assert "settings" in str(question.text)
    assert not await stage.tapped(ann, question, "No, keep them")
    assert await stage.chats.preferences(7) is not None
    question = await stage.asked(ann, "/unsubscribe")
    assert not await stage.tapped(ann, question, "Yes, delete them")
    assert await stage.chats.preferences(7) is None
    shown = stage.api.messages(7)[-1]
    assert "No more alerts" in str(shown.text)
    assert not shown.buttons


async def test_a_watchlist_goes_with_its_chat(stage: Stage, ann: User, database: Database) -> None:
    await stage.asked(ann, "/subscribe")
    await watches(stage, database, 7)
    question = await stage.asked(ann, "/unsubscribe")
    assert "watchlist of 1 token goes" in str(question.text)
    await stage.tapped(ann, question, "Yes, delete them")
    assert await stage.chats.watch_count(7) == 0


async def test_the_question_is_answered_by_its_asker(stage: Stage, ann: User) -> None:
    bob, group = stage.api.user(8, "Bob"), await group_of(stage, ann)
    stage.api.join(bob, group, "administrator")
    await said(stage, ann, "/alerts 2.5", group)
    question = await said(stage, ann, "/unsubscribe", group)
    assert "Somebody else was asked" in await stage.tapped(bob, question, "Yes, delete them")
    assert "administrators" in await stage.tapped(stage.api.user(9, "Cy"), question, "un:9:1", forged=True)
    assert "out of date" in await stage.tapped(ann, question, "un:x:1", forged=True)
    assert await stage.chats.preferences(GROUP_ID) is not None
    await stage.tapped(ann, question, "Yes, delete them")
    assert await stage.chats.preferences(GROUP_ID) is None


async def test_an_anonymous_askers_question_is_for_any_administrator(stage: Stage, ann: User) -> None:
    group = await group_of(stage, ann)
    for text in ("/alerts 2.5", "/unsubscribe"):
        stage.api.say_anonymously(group, text)
        question = await stage.api.next_message(GROUP_ID)
    assert not await stage.tapped(ann, question, "Yes, delete them")
    assert await stage.chats.preferences(GROUP_ID) is None


# --- language


async def test_a_chosen_language_speaks_at_once_and_from_then_on(stage: Stage, ann: User) -> None:
    question = await stage.asked(ann, "/language")
    assert [button["text"] for button in question.buttons] == ["English", "Русский"]
    assert not await stage.tapped(ann, question, "Русский")
    assert "по-русски" in str(stage.api.messages(7)[-1].text)
    assert [button["text"] for button in stage.api.messages(7)[-1].buttons] == ["English", "✓ Русский"]
    assert "команд" in await stage.answer(ann, "/moon")
    assert not await stage.chats.is_subscribed(7)
    await stage.tapped(ann, question, "English")
    assert "/help lists" in await stage.answer(ann, "/moon")


async def test_the_menu_of_the_chat_follows_its_language(stage: Stage, ann: User, ada: User) -> None:
    for user in (ann, ada):
        question = await stage.asked(user, "/language")
        await stage.tapped(user, question, "Русский")
    menus = {scope: commands for scope, commands in stage.api.world.commands.items() if '"chat_id"' in scope[0]}
    hers = [commands for (scope, code), commands in menus.items() if '"chat_id": 7' in scope and not code]
    assert [command["description"] for command in hers[0] if command["command"] == "help"] == [
        "команды и как устроена оценка"
    ]
    admins = [commands for (scope, _code), commands in menus.items() if f'"chat_id": {ADMIN_ID},' in scope]
    assert len(admins) == 2
    assert all("set" in {command["command"] for command in commands} for commands in admins)


async def test_a_menu_that_cannot_be_set_harms_nothing(stage: Stage, ann: User) -> None:
    question = await stage.asked(ann, "/language")
    stage.api.fail_next("setMyCommands", 400, "Bad Request: chat not found")
    assert not await stage.tapped(ann, question, "Русский")
    assert await stage.chats.language(7) == "ru"


@pytest.mark.parametrize("data", ["ln:de", "ln:", "ln:ru:ru", "ln:../ru"])
async def test_a_forged_language_is_out_of_date(stage: Stage, ann: User, data: str) -> None:
    question = await stage.asked(ann, "/language")
    assert await stage.tapped(ann, question, data, forged=True)
    assert await stage.chats.language(7) is None


async def test_in_a_group_only_administrators_choose_the_language(stage: Stage, ann: User) -> None:
    bob, group = stage.api.user(8, "Bob"), await group_of(stage, ann)
    question = await said(stage, ann, "/language", group)
    assert "administrators" in await stage.tapped(bob, question, "Русский")
    assert await stage.chats.language(GROUP_ID) is None
