"""Mints and links that people paste, in private and in groups: over real rows, through the stand-in's sockets."""

from __future__ import annotations

import pytest

from deploy.sandbox.telegram import BotApi, Chat, User
from deploy.sandbox.world import mint_of
from engine.shown import Chat as Known
from storage.database import Database
from tests.integration.talking.stage import ADMIN_ID, Stage, raw_message
from tests.made import MINT, NOON, OTHER_MINT
from tests.waiting import until

GROUP_ID = -100_555
STRANGER = mint_of("stranger")
LINKS = [
    MINT,
    f"look at {MINT} 🚀",
    f"https://pump.fun/coin/{MINT}",
    f"https://t.me/solana_trojanbot?start=r-me-{MINT}",
]


@pytest.fixture
def group(stage: Stage, ann: User) -> Chat:
    return stage.api.group(GROUP_ID, "Traders", owner=ann)


async def wants_answers(stage: Stage, group: Chat) -> None:
    """The group's administrators have switched answers on."""
    await until(stage.is_idle)
    await stage.chats.meet(Known(group.id, group.kind), NOON)
    await stage.chats.prefer(group.id, NOON, answers_mints=True)


def answers(stage: Stage, chat_id: int) -> list[str]:
    """What the bot has said there since the group was made, but for its greeting."""
    said = [str(message.caption or message.text) for message in stage.api.messages(chat_id)]
    return [text for text in said if "Score" in text or "watch" in text or "Which one" in text]


# --- in private


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize("text", LINKS)
async def test_a_pasted_mint_is_answered_like_a_command(stage: Stage, ann: User, text: str) -> None:
    await stage.activated(symbol="PEPE")
    message = await stage.asked(ann, text)
    assert message.photo is not None
    assert MINT in str(message.caption)


@pytest.mark.usefixtures("polling")
async def test_a_forwarded_call_or_a_picture_with_a_mint_is_answered_too(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE")
    stage.api.forward(ann, f"ape now: {MINT}", "Somebody")
    assert MINT in str((await stage.api.next_message(ann.id)).caption)
    stage.api.show(ann, f"chart of {MINT}")
    assert MINT in str((await stage.api.next_message(ann.id)).caption)


@pytest.mark.usefixtures("polling")
async def test_a_mint_behind_linked_words_is_found(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE")
    link = {"type": "text_link", "offset": 0, "length": 4, "url": f"https://dexscreener.com/solana/{MINT}"}
    stage.api.say(ann, "/start")
    await stage.api.next_message(ann.id)
    chat = {"id": ann.id, "type": "private", "first_name": "Ann"}
    sender = {"id": ann.id, "is_bot": False, "first_name": "Ann"}
    stage.api.raw_update({"message": raw_message(text="here", entities=[link], chat=chat, **{"from": sender})})
    assert MINT in str((await stage.api.next_message(ann.id)).caption)


@pytest.mark.usefixtures("polling")
async def test_several_pasted_mints_are_a_choice_and_unknown_ones_a_sentence(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE")
    await stage.activated(OTHER_MINT, symbol="DOGE")
    assert len((await stage.asked(ann, f"{MINT} or {OTHER_MINT} or {STRANGER}")).buttons) == 2
    assert "do not watch" in await stage.answer(ann, STRANGER)
    assert "I know no token" in await stage.answer(ann, f"{STRANGER} {mint_of('other stranger')}")


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize("text", ["hello", "PEPE", MINT[:-1] + "0", MINT + MINT, "1" * 44, "https://t.me/scam"])
async def test_chatter_without_a_mint_gets_todays_hint(stage: Stage, ann: User, text: str) -> None:
    await stage.activated(symbol="PEPE")
    assert "/help" in await stage.answer(ann, text)


@pytest.mark.usefixtures("polling")
async def test_commands_stay_strict_and_edits_are_left_alone(stage: Stage, ann: User, ada: User) -> None:
    await stage.activated(symbol="PEPE")
    stage.api.forward(ann, f"/token {MINT}", "Somebody")
    stage.api.forward(ann, "/subscribe", "Somebody")
    stage.api.show(ann, f"/token {MINT}")
    stage.api.show(ann, "/subscribe")
    stage.api.say_via(ann, f"/token {MINT}", ada)
    await until(lambda: len(stage.api.messages(ann.id)) == 5)
    stage.api.say_via(ann, MINT, ada)
    stage.api.forward(ann, "no mint here", "Somebody")
    stage.api.say(ann, "/start")
    await until(lambda: len(stage.api.messages(ann.id)) == 6)
    stage.api.edit(ann, MINT)
    await until(stage.is_idle)
    said = [str(message.text) for message in stage.api.messages(ann.id)]
    assert all("type them here yourself" in text for text in said[:5])
    assert len(said) == 6
    assert not await stage.chats.is_subscribed(ann.id)


async def test_pasted_mints_count_towards_the_flood_limit(api: BotApi, database: Database, ann: User) -> None:
    stage = Stage(api, database)
    await stage.settings.change("commands_per_user", 2, ADMIN_ID, NOON)
    async with stage.polling():
        for _ in range(6):
            api.forward(ann, STRANGER, "Somebody")
        await until(lambda: stage.heartbeat.counts["command_dropped", "flood"] == 4)
        await until(lambda: len(api.messages(ann.id)) == 3)


# --- in groups


async def test_pasting_and_typing_much_silences_no_command_and_gets_no_notice_in_a_group(
    api: BotApi, database: Database, ann: User
) -> None:
    stage = Stage(api, database)
    await stage.settings.change("commands_per_user", 2, ADMIN_ID, NOON)
    await stage.settings.change("commands_per_chat", 2, ADMIN_ID, NOON)
    async with stage.polling():
        group = await stage.group(GROUP_ID, ann)
        await wants_answers(stage, group)
        for _ in range(4):
            api.say(ann, STRANGER, group)
            api.ask_inline(ann, "PEPE")
            await api.next_inline_answer(ann.id)
        await until(lambda: stage.heartbeat.counts["command_dropped", "flood"] == 2)
        assert stage.heartbeat.counts["inline_dropped", "flood"] == 2
        api.say(ann, "/top", group)
        assert "No token is active" in str((await api.next_message(GROUP_ID)).text)
    assert not [message for message in api.messages(GROUP_ID) if "Too many" in str(message.text)]


@pytest.mark.usefixtures("polling")
async def test_a_group_is_answered_only_where_that_is_switched_on(stage: Stage, ann: User, group: Chat) -> None:
    await stage.activated(symbol="PEPE")
    stage.api.say(ann, MINT, group)
    await until(stage.is_idle)
    assert not answers(stage, GROUP_ID)
    await wants_answers(stage, group)
    stage.api.say(ann, MINT, group)
    await until(lambda: answers(stage, GROUP_ID))
    assert MINT in answers(stage, GROUP_ID)[0]


@pytest.mark.usefixtures("polling")
async def test_a_group_hears_of_a_mint_once_and_nothing_of_unknown_ones(stage: Stage, ann: User, group: Chat) -> None:
    await stage.activated(symbol="PEPE")
    await stage.activated(OTHER_MINT, symbol="DOGE")
    await wants_answers(stage, group)
    for text in (MINT, f"again {MINT}", STRANGER, f"https://pump.fun/coin/{MINT}", f"{MINT} {OTHER_MINT}"):
        stage.api.say(ann, text, group)
        await until(stage.is_idle)
    first, second = answers(stage, GROUP_ID)
    assert MINT in first
    assert OTHER_MINT in second
    assert "Which one" not in second


@pytest.mark.usefixtures("polling")
async def test_a_group_hears_nothing_of_forwards_bots_and_edits(stage: Stage, ann: User, group: Chat) -> None:
    await stage.activated(symbol="PEPE")
    await wants_answers(stage, group)
    caller = stage.api.user(9, "Caller")
    stage.api.forward(ann, MINT, "Somebody", group)
    stage.api.show(ann, MINT, group)
    stage.api.say_via(ann, MINT, caller, group)
    stage.api.say(ann, "nothing", group)
    stage.api.edit(ann, MINT, group)
    bot = {"id": 99, "is_bot": True, "first_name": "Other bot"}
    chat = {"id": GROUP_ID, "type": "supergroup", "title": "Traders"}
    stage.api.raw_update({"message": raw_message(text=MINT, chat=chat, **{"from": bot})})
    await until(stage.is_idle)
    assert not answers(stage, GROUP_ID)
    stage.api.say_anonymously(group, MINT)
    await until(lambda: answers(stage, GROUP_ID))


async def test_a_group_hears_nothing_while_the_database_is_away(api: BotApi, unused_tcp_port: int, ann: User) -> None:
    nowhere = Database({"host": "127.0.0.1", "port": unused_tcp_port, "user": "nobody"})
    stage = Stage(api, nowhere)
    group = api.group(GROUP_ID, "Traders", owner=ann)
    api.world.updates.clear()
    async with stage.polling():
        api.say(ann, MINT, group)
        await until(stage.is_idle)
    await nowhere.close()
    assert not answers(stage, GROUP_ID)
