"""The page in a real browser, with a bot that says what a test wants: entities, buttons, menus, keys, reading."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    MessageEntity,
)

from deploy.sandbox.chat import Outside
from deploy.sandbox.company import ADA, CHANNEL, GROUP, YOU
from tests.chat_page import chat, shown
from tests.chromium import Page
from tests.integration.sandbox_telegram.driving import KEYBOARD
from tests.waiting import until

pytestmark = pytest.mark.timeout(120)

INLINE = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Search", switch_inline_query_current_chat="HERO")]]
)


def entity(text: str, kind: str, part: str, **more: Any) -> MessageEntity:
    """An entity of `part`; the offset counts UTF-16 units."""
    start = len(text.partition(part)[0].encode("utf-16-le")) // 2
    return MessageEntity(type=kind, offset=start, length=len(part.encode("utf-16-le")) // 2, **more)


async def test_entities_are_elements_and_everything_else_is_text(tab: Page, bot: Bot) -> None:
    text = "🚀 bold <script>alert(1)</script> code\nquoted\nlinked secret at noon, see /help"
    kinds = [
        entity(text, "bold", "bold"),
        entity(text, "code", "code"),
        entity(text, "blockquote", "quoted"),
        entity(text, "text_link", "linked", url="https://example.com/a?b=1"),
        entity(text, "spoiler", "secret"),
        entity(text, "date_time", "noon", unix_time=1_783_080_000, date_time_format="t"),
    ]
    await bot.send_message(YOU, text, entities=kinds)
    await tab.until(f"{shown('.theirs .words b')}?.textContent === 'bold'")
    assert await tab.value(f"{shown('.theirs .words')}.querySelectorAll('script').length") == 0
    assert "<script>alert(1)</script>" in await tab.value(f"{shown('.theirs .words')}.textContent")
    assert await tab.value(f"{shown('.words blockquote')}.textContent") == "quoted"
    link = await tab.value(f"(({{href, rel, target}}) => [href, rel, target])({shown('.words a')})")
    assert link == ["https://example.com/a?b=1", "noopener noreferrer", "_blank"]
    assert await tab.value(f"/^\\d\\d:\\d\\d$/.test({shown('.words time')}.textContent)")
    await tab.click(shown(".spoiler"))
    await tab.until(shown(".spoiler.shown"))
    await tab.click(shown(".words code"))
    await tab.until(f"{shown('.note')}?.textContent === 'Copied'")
    await tab.click(shown(".theirs .command"))
    await tab.until("[...document.querySelectorAll('.mine .words')].at(-1).textContent === '/help'")


async def test_a_tap_waits_for_its_answer_and_an_alert_is_closed_by_a_key(
    tab: Page, bot: Bot, outside: Outside
) -> None:
    sent = await bot.send_message(YOU, "tap", reply_markup=KEYBOARD)
    await tab.click("[...document.querySelectorAll('.key')].find(key => key.textContent === 'Refresh')")
    await tab.until(shown(".key.waits"))
    updates = outside.telegram.world.updates
    await outside.telegram.until(lambda: "callback_query" in updates[-1])
    await tab.press("Enter")
    await outside.telegram.until(lambda: all("callback_query" in update for update in list(updates)[-2:]))
    queries = [update["callback_query"]["id"] for update in list(updates)[-2:]]
    await bot.edit_message_text("tapped", chat_id=YOU, message_id=sent.message_id, reply_markup=KEYBOARD)
    await tab.until(f"{shown('.edited')}?.textContent === 'edited'")
    assert await tab.value("document.activeElement.textContent") == "Refresh"
    alerts = ("Mind this", "And this")
    for query, words in zip(queries, alerts, strict=True):
        await bot.answer_callback_query(query, words, show_alert=True)
    for words in alerts:
        await tab.until(f"{shown('#alert')}.open && {shown('#alert-words')}.textContent === '{words}'")
        await tab.press("Escape")
    await tab.until(f"!{shown('#alert')}.open && !{shown('.waits')}")


async def test_the_command_menu_is_used_by_keys_and_inline_results_too(tab: Page, bot: Bot, outside: Outside) -> None:
    await tab.click(shown("#menu"))
    await tab.until("document.querySelectorAll('.offer-row').length === 3")
    await tab.press("Escape")
    await tab.until(f"{shown('#offer')}.hidden")
    await tab.write("/to")
    await tab.until("document.querySelectorAll('.offer-row').length === 2")
    await tab.press("ArrowDown")
    await tab.press("Tab")
    await tab.until(f"{shown('#words')}.value === '/token '")
    await tab.write("HERO")
    await tab.press("Enter")
    updates = outside.telegram.world.updates
    await outside.telegram.until(lambda: updates[-1].get("message", {}).get("text") == "/token HERO")
    await bot.send_message(YOU, "search", reply_markup=INLINE)
    await tab.click(shown(".key"))
    await outside.telegram.until(lambda: "inline_query" in updates[-1])
    query = updates[-1]["inline_query"]
    assert query["query"] == "HERO"
    content = InputTextMessageContent(message_text="a card")
    offer = InlineQueryResultArticle(id="1", title="HERO", input_message_content=content)
    await bot.answer_inline_query(query["id"], [offer])
    await tab.until("document.querySelectorAll('.offer-row').length === 1")
    await tab.press("Enter")
    await tab.until("[...document.querySelectorAll('.mine .words')].at(-1).textContent === 'a card'")


async def test_a_refusal_is_told_in_the_language_of_the_page(tab: Page) -> None:
    await tab.click(shown("#language"))
    await tab.until("document.documentElement.lang === 'ru'")
    here = f"user_id: {YOU}, chat_id: {YOU}"
    for order, words in (
        (f"'/api/tap', {{{here}, message_id: 1e9, row: 0, column: 0}}", "Этого сообщения уже нет"),
        (f"'/api/say', {{{here}, text: ' '}}", "Песочница это не приняла"),
    ):
        assert await tab.value(f"import('/wire.js').then(({{post}}) => post({order}))") is None
        await tab.until(f"[...document.querySelectorAll('.note')].at(-1)?.textContent === '{words}'")
    await until(lambda: len(tab.complaints) == 2, what="what the browser itself says of both")
    assert all("400 (Bad Request)" in complaint for complaint in tab.complaints)
    tab.complaints.clear()


async def test_nothing_is_sent_that_the_sandbox_would_refuse(tab: Page, bot: Bot, outside: Outside) -> None:
    await tab.click(shown("#words"))
    await tab.write("\x1f \x85")
    assert await tab.value(f"{shown('#send')}.disabled")
    await tab.press("Enter")
    await tab.value(f"{shown('#words')}.value = ''")
    await tab.write(f"@{outside.telegram.world.bot.username} " + "🚀" * 300)
    updates = outside.telegram.world.updates
    await outside.telegram.until(lambda: "inline_query" in updates[-1])
    assert updates[-1]["inline_query"]["query"] == "🚀" * 256
    await bot.answer_inline_query(updates[-1]["inline_query"]["id"], [])
    await tab.until(f"{shown('.offer-none')}?.textContent === 'Nothing found'")


async def test_each_person_has_unread_messages_and_sees_only_their_chats(tab: Page, bot: Bot) -> None:
    await tab.until(f"{chat(CHANNEL)}.querySelector('.badge:not(.muted)')")
    await tab.click(chat(CHANNEL))
    await tab.until(f"!{chat(CHANNEL)}.querySelector('.badge')")
    await tab.click(chat(YOU))
    await bot.send_message(ADA, "for Ada")
    await bot.send_message(CHANNEL, "quiet news", disable_notification=True)
    await tab.until(f"{chat(CHANNEL)}.querySelector('.badge.muted')")
    await tab.until(f"{chat(ADA)}.querySelector('.badge:not(.muted)')")
    await tab.click(chat(CHANNEL))
    await tab.until(f"!{shown('#closed')}.hidden")
    await tab.click(chat(ADA))
    await tab.until(f"{shown('.person[aria-checked=true] b')}.textContent === 'Ada'")
    await tab.until("[...document.querySelectorAll('.theirs .words')].at(-1)?.textContent === 'for Ada'")
    await tab.until(f"!{chat(ADA)}.querySelector('.badge')")
    await tab.click(chat(CHANNEL))
    await tab.click(shown("#words"))
    await tab.write("Ada's news")
    await tab.press("Enter")
    await tab.until(f'{shown("#messages")}.textContent.includes("Ada\'s news")')


async def test_who_has_scrolled_up_stays_there_and_is_told_of_new_messages(tab: Page, bot: Bot) -> None:
    await tab.look(380, 500)
    await tab.click(chat(GROUP))
    for number in range(20):
        await bot.send_message(GROUP, f"line {number}")
    await tab.until(f"{shown('#messages')}.textContent.includes('line 19')")
    await tab.value(f"{shown('#scroll')}.scrollTop = 0")
    await tab.until(f"!{shown('#down')}.hidden")
    await bot.send_message(GROUP, "newest")
    await tab.until(f"{shown('#down-count')}.textContent === '1'")
    assert await tab.value(f"{shown('#scroll')}.scrollTop") == 0
    await tab.click(shown("#down"))
    await tab.until(f"{shown('#down')}.hidden && {shown('#scroll')}.scrollTop > 100")
    await tab.click(shown("#back"))
    await tab.until(f"getComputedStyle({shown('.talk')}).display === 'none'")
