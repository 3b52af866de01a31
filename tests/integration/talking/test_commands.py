"""The commands as people use them: the real dispatcher over real rows, through the stand-in's sockets."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from structlog.testing import capture_logs

from bot.menu import ADMIN_COMMANDS, COMMANDS
from deploy.sandbox.telegram import User
from engine.events import Gap
from tests.integration.talking.stage import Stage, raw_message
from tests.made import MINT, NOON, OTHER_MINT, minutes

GROUP_ID = -100_555
pytestmark = pytest.mark.usefixtures("polling")
HOSTILE = [
    "/token " + "A" * 4000,
    "/token \u202eevil\u202c 🚀🚀🚀",
    "/token \x00\x00",
    "/token ' OR 1=1; DROP TABLE tokens; --",
    "/top \u0663",
    "/top " + "9" * 4000,
    "/new " + "9" * 4000,
    "/new \u202e7",
    "/set " + "x" * 4000,
    "/set weight_tx_accel nan",
    "/set \x00",
    "/set {name} {0} {weight.__class__}",
    "/start " + "payload" * 500,
]


async def test_start_says_what_to_do_first(stage: Stage, ann: User) -> None:
    assert "/subscribe" in await stage.answer(ann, "/start")


async def test_every_command_of_the_menu_is_in_help_and_is_answered(stage: Stage, ada: User) -> None:
    help_text = await stage.answer(ada, "/help") + await stage.answer(ada, "/help admins")
    unknown = await stage.answer(ada, "/nonsense")
    for command in COMMANDS | ADMIN_COMMANDS:
        assert f"/{command}" in help_text or command in {"start", "help"}
        assert await stage.answer(ada, f"/{command}") != unknown


async def test_help_tells_admins_more(stage: Stage, ann: User, ada: User) -> None:
    assert "/settings" in await stage.answer(ada, "/help admins")
    assert "/settings" not in await stage.answer(ann, "/help admins")


async def test_a_command_may_be_shouted_and_addressed(stage: Stage, ann: User) -> None:
    assert "/subscribe" in await stage.answer(ann, "/HELP@tothemoon2_bot")


async def test_an_unknown_command_gets_a_hint(stage: Stage, ann: User) -> None:
    assert "/help" in await stage.answer(ann, "/moon")


async def test_words_that_are_no_command_get_told_what_can_be_sent(stage: Stage, ann: User) -> None:
    assert await stage.answer(ann, "hello") == (
        "Send me a token's mint or a link to it, or try /top. /help tells what else I can do."
    )


async def test_a_russian_client_is_answered_in_russian(stage: Stage) -> None:
    assert "команд" in await stage.answer(stage.api.user(8, "Яна", "ru-RU"), "/moon")


# --- top and token


async def test_top_lists_active_tokens_by_score(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE", name="Pepe")
    text = await stage.answer(ann, "/top")
    assert "PEPE" in text
    assert "1." in text


async def test_top_of_an_empty_market_is_a_sentence(stage: Stage, ann: User) -> None:
    assert "No token is active" in await stage.answer(ann, "/top 3")


@pytest.mark.parametrize("nonsense", ["0", "21", "-3", "many", "1.5", "3 4"])
async def test_top_of_nonsense_says_what_it_takes(stage: Stage, ann: User, nonsense: str) -> None:
    assert "from 1 to 20" in await stage.answer(ann, f"/top {nonsense}")


@pytest.mark.parametrize(
    "wanted",
    [f"https://pump.fun/coin/{MINT}?ref=x", f"this one: {MINT}!", MINT, "PEPE", "pepe", "$pepe", f"  {MINT}  "],
)
async def test_token_answers_with_a_chart_and_the_mint(stage: Stage, ann: User, wanted: str) -> None:
    await stage.activated(symbol="PEPE", name="Pepe")
    message = await stage.asked(ann, f"/token {wanted}")
    assert message.photo is not None
    assert Image.open(io.BytesIO(message.photo)).format == "PNG"
    assert MINT in str(message.caption)
    assert MINT in str(message.buttons)


async def test_two_tokens_with_one_symbol_are_both_named_and_none_is_guessed(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE")
    await stage.activated(OTHER_MINT, symbol="pepe")
    message = await stage.asked(ann, "/token PEPE")
    assert message.photo is None
    assert MINT in str(message.text)
    assert OTHER_MINT in str(message.text)


async def test_an_unknown_token_is_a_sentence(stage: Stage, ann: User) -> None:
    assert "NOPE" in await stage.answer(ann, "/token NOPE")


async def test_token_of_nothing_asks_for_a_symbol_or_mint(stage: Stage, ann: User) -> None:
    assert "/token" in await stage.answer(ann, "/token")


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:30])
async def test_a_hostile_command_gets_an_answer_like_any_other(stage: Stage, ada: User, text: str) -> None:
    with capture_logs() as logs:
        await stage.asked(ada, text)
    assert not [entry for entry in logs if entry["event"] == "command.failed"]


async def test_a_token_with_a_hostile_name_is_still_shown(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="\u202ehttp://t.me/scam" + "̃" * 50, name="$\\frac{1}{0}$ https://t.me/scam")
    message = await stage.asked(ann, f"/token {MINT}")
    assert "\u202e" not in str(message.caption)
    assert not [entity for entity in message.entities if entity["type"] in {"url", "mention"}]


# --- subscribing


async def test_subscribing_is_remembered_and_told_apart_from_having_been(stage: Stage, ann: User) -> None:
    first = await stage.answer(ann, "/subscribe")
    assert await stage.chats.is_subscribed(7)
    second = await stage.answer(ann, "/subscribe")
    assert first != second
    assert "already" in second


async def test_a_new_subscriber_sees_once_what_is_hot(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE")
    assert "PEPE" in await stage.answer(ann, "/subscribe")
    assert "PEPE" not in await stage.answer(ann, "/subscribe")


async def test_unsubscribing_is_remembered(stage: Stage, ann: User) -> None:
    await stage.answer(ann, "/subscribe")
    first = await stage.answer(ann, "/unsubscribe")
    assert not await stage.chats.is_subscribed(7)
    assert await stage.answer(ann, "/unsubscribe") != first


async def test_status_tells_of_this_chat_and_the_market(stage: Stage, ann: User) -> None:
    await stage.activated()
    before = await stage.answer(ann, "/status")
    await stage.answer(ann, "/subscribe")
    after = await stage.answer(ann, "/status")
    assert "/subscribe" in before
    assert "/unsubscribe" in after


async def test_status_tells_what_the_feed_missed(stage: Stage, ann: User) -> None:
    assert "gaps" not in await stage.answer(ann, "/status")
    await stage.gaps.add(Gap(NOON - minutes(6), NOON - minutes(2)))
    assert "Feed gaps in the last 24 h: 1, 4m in total" in await stage.answer(ann, "/status")


async def test_in_a_group_only_its_administrators_subscribe(stage: Stage, ann: User) -> None:
    bob = stage.api.user(8, "Bob")
    group = await stage.group(GROUP_ID, ann)
    stage.api.say(bob, "/subscribe", group)
    refusal = await stage.api.next_message(GROUP_ID)
    assert "administrators" in str(refusal.text)
    assert not await stage.chats.is_subscribed(GROUP_ID)
    stage.api.say(ann, "/subscribe", group)
    await stage.api.next_message(GROUP_ID)
    assert await stage.chats.is_subscribed(GROUP_ID)
    stage.api.say(bob, "/unsubscribe", group)
    await stage.api.next_message(GROUP_ID)
    assert await stage.chats.is_subscribed(GROUP_ID)


@pytest.mark.parametrize(("sender_chat_id", "may"), [(GROUP_ID, True), (-100_999, False)])
async def test_an_anonymous_administrator_speaks_for_the_group_itself(
    stage: Stage, ann: User, sender_chat_id: int, may: bool
) -> None:
    await stage.group(GROUP_ID, ann)
    sender = {"id": sender_chat_id, "type": "supergroup", "title": "Someone"}
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    chat = {"id": GROUP_ID, "type": "supergroup", "title": "Traders"}
    stage.api.raw_update(
        {"message": raw_message(text="/subscribe", chat=chat, sender_chat=sender, **{"from": anonymous})}
    )
    await stage.api.next_message(GROUP_ID)
    assert await stage.chats.is_subscribed(GROUP_ID) is may


async def test_a_group_is_left_in_peace_by_unknown_commands(stage: Stage, ann: User) -> None:
    group = await stage.group(GROUP_ID, ann)
    stage.api.say(ann, "/moon", group)
    stage.api.say(ann, "/help", group)
    assert "/top" in str((await stage.api.next_message(GROUP_ID)).text)
    assert len(stage.api.messages(GROUP_ID)) == 2, "the greeting, and the help"


async def test_a_button_that_nobody_knows_says_so(stage: Stage, ann: User) -> None:
    message = await stage.asked(ann, "/help")
    assert "out of date" in await stage.tapped(ann, message, "nonsense:1:2", forged=True)


async def test_a_chosen_language_counts_more_than_the_clients(stage: Stage, ann: User) -> None:
    await stage.answer(ann, "/subscribe")
    await stage.chats.prefer(ann.id, NOON, language="ru")
    assert "команд" in await stage.answer(ann, "/moon")
