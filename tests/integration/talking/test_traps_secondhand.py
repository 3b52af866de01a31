"""Commands that nobody typed here, every one in every odd way: a sentence or silence, and nothing changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from aiogram.filters import CommandObject

from bot.commands.arguments import argument
from deploy.sandbox.telegram import BotApi, Chat, User
from engine.shown import Chat as KnownChat
from tests.integration.talking.stage import ADMIN_ID, Stage
from tests.made import NOON
from tests.registered import commands_of
from tests.waiting import until

GROUP_ID, CHANNEL_ID, OTHER_CHANNEL_ID = -100_555, -100_777, -100_888
REFUSAL = "I take commands only when you type them here yourself."
ARGUMENTS = {"set": "min_tx_count 50", "reset": "min_tx_count", "broadcast": "hello"}
TABLES = ("chats", "watches", "settings", "setting_changes", "proposals", "alerts", "outbox")

Way = Callable[[BotApi, User, str], object]


def _group(api: BotApi) -> Chat:
    return api.world.chats[GROUP_ID]


PRIVATE_WAYS: dict[str, Way] = {
    "a caption": lambda api, user, text: api.show(user, text),
    "forwarded from a person": lambda api, user, text: api.forward(user, text, User(66, "Eve")),
    "forwarded from a hidden name": lambda api, user, text: api.forward(user, text, "Eve"),
    "forwarded from a channel": lambda api, user, text: api.forward(user, text, api.world.chats[CHANNEL_ID]),
    "through a bot": lambda api, user, text: api.say_via(user, text, User(67, "Via", is_bot=True)),
}
SILENT_WAYS: dict[str, Way] = {
    "a caption": lambda api, user, text: api.show(user, text, _group(api)),
    "forwarded": lambda api, user, text: api.forward(user, text, "Eve", _group(api)),
    "through a bot": lambda api, user, text: api.say_via(user, text, User(67, "Via", is_bot=True), _group(api)),
    "passed on by Telegram": lambda api, _user, text: api.forward_post(api.world.chats[CHANNEL_ID], text, _group(api)),
    "edited": lambda api, user, text: api.edit(user, text, _group(api)),
    "edited in private": lambda api, user, text: api.edit(user, text),
}


@pytest.fixture
async def lines(stage: Stage, ada: User, ann: User) -> AsyncIterator[list[str]]:
    """Every command with what makes it act, said by an admin who owns all chats here, all of which are known."""
    stage.api.group(GROUP_ID, "Traders", owner=ada)
    stage.api.channel(CHANNEL_ID, "Signals", owner=ada)
    stage.api.channel(OTHER_CHANNEL_ID, "Elsewhere", owner=ann)
    for chat_id, kind in ((ADMIN_ID, "private"), (GROUP_ID, "supergroup"), (CHANNEL_ID, "channel")):
        await stage.chats.subscribe(KnownChat(chat_id, kind), NOON)
    for name in ("commands_per_user", "commands_per_chat"):
        await stage.settings.change(name, 1000, ADMIN_ID, NOON)
    async with stage.polling():
        stage.api.say(ada, "hello")
        stage.api.say(ada, "hello", _group(stage.api))
        await stage.api.next_message(ADMIN_ID)
        await stage.api.next_message(GROUP_ID)
        yield [f"/{name} {ARGUMENTS.get(name, '')}".strip() for name in commands_of(stage.dispatcher())]


async def state(stage: Stage) -> list[list[tuple[object, ...]]]:
    """All that commands could change."""
    return [await stage.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]  # noqa: S608 - our own tables


async def said(stage: Stage, way: Way, user: User, lines: Sequence[str]) -> dict[int, list[str]]:
    """What the bot says in which chat once all these lines have come that way."""
    before = {chat_id: len(stage.api.messages(chat_id)) for chat_id in stage.api.world.chats}
    for line in lines:
        way(stage.api, user, line)
    await until(stage.is_idle, deadline_seconds=30)
    return {chat_id: [str(m.text) for m in stage.api.messages(chat_id)[count:]] for chat_id, count in before.items()}


@pytest.mark.parametrize("way", PRIVATE_WAYS)
async def test_in_private_every_such_command_gets_one_sentence(
    stage: Stage, ada: User, lines: list[str], way: str
) -> None:
    assert len(lines) > 12
    before = await state(stage)
    answers = await said(stage, PRIVATE_WAYS[way], ada, lines)
    assert answers.pop(ADMIN_ID) == [REFUSAL] * len(lines)
    assert not any(answers.values())
    assert await state(stage) == before


@pytest.mark.parametrize("way", SILENT_WAYS)
async def test_elsewhere_no_such_command_is_heard(stage: Stage, ada: User, lines: list[str], way: str) -> None:
    before = await state(stage)
    assert not any((await said(stage, SILENT_WAYS[way], ada, lines)).values())
    assert await state(stage) == before


async def test_in_the_name_of_another_channel_nobody_changes_a_group(stage: Stage, ada: User, lines: list[str]) -> None:
    before = await state(stage)
    other = stage.api.world.chats[OTHER_CHANNEL_ID]
    answers = await said(stage, lambda api, _, text: api.say_as(other, text, _group(api)), ada, lines)
    assert any("administrators" in answer for answer in answers[GROUP_ID])
    assert await state(stage) == before


async def test_an_anonymous_administrator_is_no_admin_of_the_bot(stage: Stage, ada: User, lines: list[str]) -> None:
    for_admins = [line for line in lines if line.split()[0][1:] in {"set", "reset", "broadcast", "pause", "settings"}]
    before = await state(stage)
    answers = await said(stage, lambda api, _, text: api.say_anonymously(_group(api), text), ada, for_admins)
    assert answers[GROUP_ID] == ["Only the bot's admins can do this, and only in a private chat with me."] * 5
    assert await state(stage) == before


async def test_a_group_told_in_its_own_language_that_nothing_happens(stage: Stage, lines: list[str]) -> None:
    assert lines
    stage.api.forward(stage.api.user(8, "Яна", "ru"), "/top", "Ева")
    assert "сами набираете" in str((await stage.api.next_message(8)).text)


async def test_what_a_deep_link_carries_is_no_command(stage: Stage, ann: User, lines: list[str]) -> None:
    before = await state(stage)
    for line in lines:
        assert argument(CommandObject(command="start", args=line[1:]))
        stage.api.say(ann, f"/start {line[1:].replace(' ', '_')}")
    await until(stage.is_idle, deadline_seconds=30)
    assert len({m.text for m in stage.api.messages(ann.id)}) == 1
    assert await state(stage) == before
