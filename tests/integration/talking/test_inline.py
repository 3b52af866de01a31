"""Inline mode: tokens offered in any chat, read from rows, behind the same gate as commands."""

from __future__ import annotations

import pytest
from aiogram.types import MessageEntity
from structlog.testing import capture_logs

from deploy.sandbox.telegram import BotApi, InlineAnswer, User
from deploy.sandbox.world import mint_of
from storage.database import Database
from tests.integration.talking.stage import Stage
from tests.made import MINT, NOON, OTHER_MINT
from tests.waiting import until


async def offered(stage: Stage, user: User, query: str) -> InlineAnswer:
    """What the bot offers to who types this after its name."""
    stage.api.ask_inline(user, query)
    return await stage.api.next_inline_answer(user.id)


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize("query", ["PEPE", "$pepe", MINT, f"https://pump.fun/coin/{MINT}", "  pepe\0 "])
async def test_a_symbol_a_mint_or_a_link_offers_the_token(stage: Stage, ann: User, query: str) -> None:
    await stage.activated(symbol="PEPE", name="Pepe")
    answer = await offered(stage, ann, query)
    [result] = answer.results
    assert result["title"].startswith("PEPE · ★ ")
    assert "MC $1M · liq. $60K" in result["description"]
    assert (answer.cache_seconds, answer.is_personal) == (10, True)


@pytest.mark.usefixtures("polling")
async def test_a_chosen_result_becomes_a_card_with_the_mint_and_links(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE", name="Pepe")
    content = (await offered(stage, ann, "PEPE")).results[0]
    text = content["input_message_content"]
    codes = [MessageEntity(**part) for part in text["entities"] if part["type"] == "code"]
    assert [code.extract_from(text["message_text"]) for code in codes] == ["PEPE", MINT]
    assert "As of 12:00 UTC" in text["message_text"]
    assert text["link_preview_options"] == {"is_disabled": True}
    assert f"https://solscan.io/token/{MINT}" in str(content["reply_markup"])


@pytest.mark.usefixtures("polling")
async def test_several_tokens_of_one_symbol_are_all_offered_and_told_apart(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="PEPE")
    await stage.activated(OTHER_MINT, symbol="pepe")
    results = (await offered(stage, ann, "pepe")).results
    assert ["BzqY…pump" in str(results), "3Fdc…sXGW" in str(results)] == [True, True]
    assert all("2 tokens of the last 48 h have this name" in str(result) for result in results)


@pytest.mark.usefixtures("polling")
async def test_an_empty_query_offers_the_top_ten(stage: Stage, ann: User) -> None:
    for number in range(12):
        await stage.activated(mint_of(f"T{number}"), symbol=f"T{number}")
    assert len((await offered(stage, ann, "")).results) == 10


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("NOPE", "I know no token NOPE."),
        ("", "No token is active right now."),
        ("\u200b", "Tell me a symbol or a mint."),
    ],
)
async def test_where_nothing_is_found_a_button_says_so(stage: Stage, ann: User, query: str, said: str) -> None:
    answer = await offered(stage, ann, query)
    assert answer.results == ()
    assert answer.button is not None
    assert answer.button["text"] == said


@pytest.mark.usefixtures("polling")
@pytest.mark.parametrize("query", ["\u202eevil 🚀" * 20, "' OR 1=1; --", "{0.__class__}", "A" * 256, "\u200b"])
async def test_hostile_words_are_answered_like_any_others(stage: Stage, ann: User, query: str) -> None:
    with capture_logs() as logs:
        assert (await offered(stage, ann, query)).results == ()
    assert not [entry for entry in logs if entry["event"] == "command.failed"]


@pytest.mark.usefixtures("polling")
async def test_a_hostile_name_is_cleaned_in_title_and_card(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="\u202ehttp://t.me/scam" + "̃" * 50, name="https://t.me/scam")
    [result] = (await offered(stage, ann, MINT)).results
    assert "\u202e" not in str(result)
    assert len(result["title"]) < 40


@pytest.mark.usefixtures("polling")
async def test_a_russian_client_is_offered_russian_cards(stage: Stage) -> None:
    await stage.activated(symbol="PEPE")
    [result] = (await offered(stage, stage.api.user(8, "Яна", "ru"), "PEPE")).results
    assert "ликв. $60K" in result["description"]


async def test_a_flood_of_queries_is_answered_without_results(api: BotApi, database: Database, ann: User) -> None:
    stage = Stage(api, database)
    await stage.settings.change("commands_per_user", 2, 1, NOON)
    await stage.activated(symbol="PEPE")
    async with stage.polling():
        found = [len((await offered(stage, ann, "PEPE")).results) for _ in range(4)]
    assert found == [1, 1, 0, 0]
    assert stage.heartbeat.counts["inline_dropped", "flood"] == 2


async def test_an_answer_that_comes_too_late_is_no_fault(api: BotApi, database: Database, ann: User) -> None:
    stage = Stage(api, database)
    api.ask_inline(ann, "PEPE")
    api.age_queries(31)
    with capture_logs() as logs:
        async with stage.polling():
            await until(lambda: any(made.method == "answerInlineQuery" for made in api.requests))
            await until(stage.is_idle)
    assert not [entry for entry in logs if entry["event"].startswith("command.")]
