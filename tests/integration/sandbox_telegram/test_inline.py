"""Inline mode: queries reach the bot, its results are checked and kept, one of them lands in a chat."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    MessageEntity,
)

from deploy.sandbox.telegram import BotApi, User
from tests.bot_api_schema import update_faults, validate_against_schema
from tests.integration.sandbox_telegram.driving import KEYBOARD, SCHEMA, png, polling, post

BOLD = MessageEntity(type="bold", offset=0, length=3)
ANSWER = InlineQueryResultArticle(
    id="1",
    title="TOP",
    input_message_content=InputTextMessageContent(
        message_text="TOP 87", entities=[BOLD], link_preview_options=LinkPreviewOptions(is_disabled=True)
    ),
    reply_markup=KEYBOARD,
    description="score 87",
)


async def query_id(api: BotApi, bot: Bot, user: User, query: str = "top") -> str:
    update_id = api.ask_inline(user, query)
    [update] = [update for update in await bot.get_updates() if update.update_id == update_id]
    assert update.inline_query is not None
    return update.inline_query.id


async def test_a_query_is_heard_and_its_results_are_seen(api: BotApi, bot: Bot) -> None:
    ann, dispatcher = api.user(7, "Ann"), Dispatcher()

    @dispatcher.inline_query()
    async def found(query: InlineQuery) -> None:
        assert (query.from_user.id, query.query, query.offset, query.chat_type) == (7, "top", "", "sender")
        button = InlineQueryResultsButton(text="More", start_parameter="top")
        await query.answer([ANSWER], cache_time=5, is_personal=True, button=button)

    async with polling(dispatcher, bot):
        api.ask_inline(ann, "top")
        answer = await api.next_inline_answer(ann.id)
    assert (answer.query, answer.cache_seconds, answer.is_personal, answer.next_offset) == ("top", 5, True, "")
    assert (answer.results[0]["title"], answer.button) == ("TOP", {"text": "More", "start_parameter": "top"})
    assert answer.results[0]["input_message_content"]["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert (await bot.get_me()).supports_inline_queries
    assert api.violations == []


async def test_a_chosen_result_lands_in_a_chat_as_a_message_via_the_bot(api: BotApi, bot: Bot, ann: User) -> None:
    await bot.answer_inline_query(await query_id(api, bot, ann), [ANSWER])
    answer = await api.next_inline_answer(ann.id)
    chosen = api.choose(answer, "1", chat=api.group(-100, "Traders", owner=ann))
    [update] = await bot.get_updates(offset=chosen)
    assert update.message is not None
    assert update.message.via_bot is not None
    assert (update.message.text, update.message.chat.id, update.message.via_bot.id) == ("TOP 87", -100, bot.id)
    with pytest.raises(LookupError, match=r"no result '2'; there are: \['1'\]"):
        api.choose(answer, "2")


async def test_a_known_picture_is_a_result(api: BotApi, bot: Bot, ann: User) -> None:
    sent = await bot.send_photo(ann.id, BufferedInputFile(png(), "a.png"))
    assert sent.photo is not None
    known = InlineQueryResultCachedPhoto(id="1", photo_file_id=sent.photo[0].file_id, caption="up")
    await bot.answer_inline_query(await query_id(api, bot, ann), [known])
    chosen = api.choose(await api.next_inline_answer(ann.id), "1")
    [update] = await bot.get_updates(offset=chosen)
    assert update.message is not None
    assert update.message.photo is not None
    assert (update.message.caption, update.message.photo[0].width) == ("up", 40)
    unknown = known.model_copy(update={"photo_file_id": "nonsense"})
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.answer_inline_query(await query_id(api, bot, ann), [unknown])


async def test_a_query_is_answered_once_and_within_thirty_seconds(api: BotApi, bot: Bot) -> None:
    ann = api.user(7, "Ann")
    first, second = await query_id(api, bot, ann), await query_id(api, bot, ann)
    await bot.answer_inline_query(first, [])
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_inline_query(first, [])
    api.age_queries(29)
    await bot.answer_inline_query(second, [])
    third = await query_id(api, bot, ann)
    api.age_queries(31)
    with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired or query ID is inv"):
        await bot.answer_inline_query(third, [])
    assert [(await api.next_inline_answer(7)).query_id for _ in range(2)] == [first, second]
    assert api.violations == []


@pytest.mark.parametrize(
    ("results", "rest", "reason"),
    [
        ([{}] * 51, {}, "RESULTS_TOO_MUCH"),
        ([{}, {}], {}, "RESULT_ID_DUPLICATE"),
        ([{"id": ""}], {}, "RESULT_ID_INVALID"),
        ([{"id": "я" * 33}], {}, "RESULT_ID_INVALID"),
        ([{"title": " "}], {}, "ARTICLE_TITLE_EMPTY"),
        ([{"colour": 1}], {}, "unknown field results.colour"),
        ([{"url": "ftp://a.b"}], {}, "Unsupported URL protocol"),
        ([{"type": "gif", "gif_url": "https://a.b", "thumbnail_url": "https://a.b"}], {}, "texts or photos only"),
        ([{"input_message_content": {"message_text": ""}}], {}, "message text is empty"),
        ([{"input_message_content": {"message_text": "a" * 4097}}], {}, "message is too long"),
        ([{"input_message_content": {"message_text": "a", "parse_mode": "HTML"}}], {}, "unsupported parse_mode"),
        ([{"input_message_content": {"latitude": 1, "longitude": 1}}], {}, "texts or photos only"),
        ([{"reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}], {}, "Text buttons are unallowed"),
        ([], {"cache_time": -1}, "CACHE_TIME_INVALID"),
        ([], {"next_offset": "a" * 65}, "NEXT_OFFSET_INVALID"),
        ([], {"button": {"text": ""}}, "SWITCH_PM_TEXT_EMPTY"),
        ([], {"button": {"text": "a"}}, "exactly one of the button's fields"),
        ([], {"button": {"text": "a", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
    ],
)
async def test_an_answer_outside_of_the_limits_is_refused(
    api: BotApi, bot: Bot, ann: User, results: list[dict[str, Any]], rest: dict[str, Any], reason: str
) -> None:
    usual = {"type": "article", "id": "1", "title": "a", "input_message_content": {"message_text": "a"}}
    asked = await query_id(api, bot, ann)
    answers = [usual | result for result in results]
    status, answer = await post(api, "answerInlineQuery", inline_query_id=asked, results=answers, **rest)
    assert (status, len(api.violations), list(api.world.inline_answers)) == (400, 1, [])
    assert reason in answer["description"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="the Bot API's description is not at hand")
async def test_queries_and_answers_agree_with_the_published_description(api: BotApi, bot: Bot, ann: User) -> None:
    schema = json.loads(SCHEMA.read_text())
    api.ask_inline(ann, "top", offset="2", chat_type="group")
    assert [fault for update in api.world.updates for fault in update_faults(update, schema)] == []
    await bot.answer_inline_query(await query_id(api, bot, ann), [ANSWER], next_offset="2")
    assert validate_against_schema(api.requests[-1].method, api.requests[-1].params, schema) == []
