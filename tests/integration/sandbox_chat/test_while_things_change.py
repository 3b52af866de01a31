"""The page in a real browser while the world goes on: what is used, read or written there is not lost, nor moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot
from aiohttp import web

from deploy.sandbox.chat import ChatPage, Outside
from deploy.sandbox.company import ADA, CHANNEL, GROUP, YOU, gather
from deploy.sandbox.telegram import BotApi
from tests.chat_page import chat, control, shown
from tests.chromium import Page
from tests.hosting import hosting
from tests.integration.sandbox_chat.conftest import TOKEN
from tests.integration.sandbox_telegram.driving import KEYBOARD
from tests.waiting import until

pytestmark = pytest.mark.timeout(120)

AWAY = "net::ERR_"  # what the browser says of a line that broke
KEEP = "window.kept = document.activeElement, true"
TOLD_ELSEWHERE = """new Promise((done) => {
  const other = new EventSource("/events");
  other.addEventListener("messages", ({data}) => data.includes("unheard") && (other.close(), done(true)));
})"""
WATCH = """window.taken = [], new MutationObserver((changes) => {
  for (const change of changes) taken.push(...[...change.removedNodes].map((node) => node.dataset.message));
}).observe(document.querySelector("#messages"), {childList: true})"""
STILL = "window.kept === document.activeElement && kept.isConnected"


def rate(name: str) -> str:
    return f"{shown(f'[data-provider={name}] .rate')}.textContent"


async def ask(tab: Page, outside: Outside) -> None:
    """Birdeye is asked something, and the page shows that."""
    before = await tab.value(rate("Birdeye"))
    outside.market.journal.note("token_overview", 200, 15)
    await tab.until(f"{rate('Birdeye')} !== '{before}'")


@asynccontextmanager
async def program(parts: dict[str, Any]) -> AsyncIterator[str]:
    """The address of a /health that tells of these parts."""

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "degraded", "parts": parts})

    app = web.Application()
    app.add_routes([web.get("/health", health)])
    async with hosting(app) as url:
        yield f"{url}/health"


async def test_what_is_used_in_the_panel_stays_while_the_facts_around_it_change(tab: Page, outside: Outside) -> None:
    await tab.click(control("migrate"))
    await tab.until(f"{shown('.select')}?.options.length === 1")
    await tab.click(control("revive"))
    await until(lambda: outside.world.acts[-1].kind == "revive", what="the second wave")
    for name in ("migrate", "feed", "token"):
        await tab.value(f"{control(name)}.focus()")
        await tab.value(KEEP)
        if name == "token":
            outside.migrate()
        await ask(tab, outside)
        assert await tab.value(STILL), name
    assert await tab.value("kept.options.length") == 1, "a list does not change while somebody chooses from it"
    await tab.value("kept.blur()")
    await tab.until("kept.options.length === 2")
    async with tab.holding(f"{shown('[data-provider=Birdeye]')}.querySelector('summary .rate')"):
        await ask(tab, outside)
    await tab.until(f"!{shown('[data-provider=Birdeye]')}.open")


async def test_no_switch_moves_when_the_health_changes_and_an_undo_tells_what_follows(
    tab: Page, outside: Outside
) -> None:
    part = {"state": "ok", "age_seconds": 1.0, "last_error": None}
    parts = {name: dict(part) for name in ("database", "feed", "birdeye", "telegram")}
    top = f"{control('feed')}.getBoundingClientRect().top"
    before = await tab.value(top)
    async with program(parts) as address:
        outside.health_url = address
        await tab.until(shown(".status.degraded"))
        assert await tab.value(top) == before
        parts["database"] |= {"state": "failing", "last_error": "the database does not answer: " * 9}
        await tab.until(f"{shown('.why')}.textContent.includes('does not answer')")
        assert await tab.value(top) == before
    await tab.until(shown(".status.away"))
    assert await tab.value(top) == before
    for _ in range(2):
        await tab.click(control("credits"))
        await tab.until(f"!{shown('.turning')}")
    await tab.until(f"{shown('.note')}?.textContent.includes('3 hours')")


async def test_an_edit_leaves_the_focus_in_other_messages_and_a_late_reply_leaves_no_spinner(
    tab: Page, bot: Bot, outside: Outside
) -> None:
    old = await bot.send_message(YOU, "old", reply_markup=KEYBOARD)
    new = await bot.send_message(YOU, "new", reply_markup=KEYBOARD)
    key = shown(f'[data-message="{new.message_id}"] .key')
    await tab.until(key)
    await tab.value(f"{key}.focus()")
    await tab.value(KEEP)
    await tab.value(WATCH)
    await bot.edit_message_text("older", chat_id=YOU, message_id=old.message_id, reply_markup=KEYBOARD)
    await tab.until(f"{shown('#messages')}.textContent.includes('older')")
    assert await tab.value(STILL)
    assert await tab.value("taken") == [str(old.message_id)], "a move would end a selection, a click, an animation"
    slow = "const told = await real(...all); await new Promise((done) => setTimeout(done, 600)); return told"
    await tab.value(f"{{const real = fetch; window.fetch = async (...all) => {{{slow}}}}}")
    await tab.click(key)
    updates = outside.telegram.world.updates
    await outside.telegram.until(lambda: "callback_query" in updates[-1])
    await tab.until(shown(".waits"))
    await bot.answer_callback_query(updates[-1]["callback_query"]["id"])
    await tab.until(f"!{shown('.waits')}", 5)


async def test_a_click_on_a_chat_counts_also_when_news_come_meanwhile(tab: Page, bot: Bot) -> None:
    async with tab.holding(chat(CHANNEL)):
        await bot.send_message(CHANNEL, "news", disable_notification=True)
        await tab.until(f"{chat(CHANNEL)}.textContent.includes('news')")
    await tab.until(f"{shown('#talk-title')}.textContent === 'Moon signals'")


async def test_a_reader_is_not_moved_by_edits_deletions_and_news(tab: Page, bot: Bot) -> None:
    await tab.look(380, 600)
    await tab.click(chat(GROUP))
    sent = [(await bot.send_message(GROUP, f"line {number}")).message_id for number in range(25)]
    await tab.until(f"{shown('#messages')}.textContent.includes('line 24')")
    await tab.value(f"{shown('#scroll')}.scrollTop = 500")
    await tab.until(f"!{shown('#down')}.hidden")
    spot = "document.elementFromPoint(100, 300).closest('[data-message]')"
    read = await tab.value(f"{spot}.dataset.message")
    top = shown(f'[data-message="{read}"]') + ".getBoundingClientRect().top"
    before = await tab.value(top)
    await bot.edit_message_text("a line of many words, " * 40, chat_id=GROUP, message_id=sent[0])
    await tab.until(f"{shown('#messages')}.textContent.includes('many words')")
    assert abs(await tab.value(top) - before) < 2
    await bot.delete_message(GROUP, sent[1])
    gone = shown(f'[data-message="{sent[1]}"]')
    await tab.until(f"!{gone}")
    assert abs(await tab.value(top) - before) < 2
    for number in range(5):
        await bot.send_message(GROUP, f"news {number}")
    await tab.until(f"{shown('#down-count')}.textContent === '5'")
    assert abs(await tab.value(top) - before) < 2


async def test_a_long_chat_opens_at_its_unread_messages_and_is_drawn_in_parts(tab: Page, outside: Outside) -> None:
    telegram = outside.telegram
    ada, group = telegram.world.users[ADA], telegram.world.chats[GROUP]
    for number in range(250):
        telegram.say(ada, f"line {number}.", group)
    await tab.until(f"{chat(GROUP)}.textContent.includes('line 249.')")
    await tab.click(chat(GROUP))
    await tab.until(f"{shown('#messages')}.textContent.includes('line 249.')")
    await tab.until(f"{shown('.unread')}.getBoundingClientRect().top > 50")
    assert await tab.value(f"{shown('.unread')}.getBoundingClientRect().top") < 300
    await tab.click(shown("#down"))
    await tab.until(f"{shown('#down')}.hidden")
    await tab.click(chat(YOU))
    await tab.click(chat(GROUP))
    await tab.until(f"!{shown('.unread')} && {shown('#messages')}.textContent.includes('line 249.')")
    assert await tab.value("document.querySelectorAll('.row').length") == 100
    await tab.value(f"{shown('#scroll')}.scrollTop = 0")
    await tab.until("document.querySelectorAll('.row').length === 200")
    assert await tab.value(f"{shown('#scroll')}.scrollTop") > 1000, "what was in view stays there"


async def test_each_chat_keeps_its_draft_and_an_impatient_enter_sends_once(
    tab: Page, bot: Bot, outside: Outside
) -> None:
    words = f"{shown('#words')}.value"
    await bot.send_message(YOU, "see /help")
    await tab.click(shown("#words"))
    await tab.write("a draft")
    await tab.press("Enter", shift=True)
    await tab.write("of two lines")
    await tab.click(chat(YOU))
    await tab.click("[...document.querySelectorAll('.command')].at(-1)")
    await tab.until("[...document.querySelectorAll('.mine .words')].at(-1).textContent === '/help'")
    assert await tab.value(words) == "a draft\nof two lines"
    await tab.click(chat(CHANNEL))
    await tab.click(shown(f'[data-person="{ADA}"]'))
    await tab.until(f"{shown('#words')}.clientHeight === 40 && {words} === ''")
    await tab.click(shown(f'[data-person="{YOU}"]'))
    await tab.click(chat(YOU))
    assert await tab.value(words) == "a draft\nof two lines"
    assert await tab.value(f"{shown('#words')}.clientHeight") >= 60
    await tab.press("Enter")
    await tab.press("Enter")
    await tab.until(f"{words} === '' && {shown('#messages')}.textContent.includes('of two lines')")
    await bot.send_message(YOU, "after both")
    await tab.until(f"{shown('#messages')}.textContent.includes('after both')")
    sent = [update.get("message", {}).get("text") for update in outside.telegram.world.updates]
    assert sent.count("a draft\nof two lines") == 1


async def test_another_sandbox_at_the_same_address_shows_nothing_of_the_one_before(tab: Page) -> None:
    async with BotApi(token=TOKEN) as first, BotApi(token=TOKEN) as second:
        for telegram, words in ((first, "before"), (second, "after")):
            you, _ = gather(telegram, "en")
            telegram.say(you, words)
        first.say(you, "only before")
        async with ChatPage(first) as page:
            await tab.open(page.url)
            await tab.until(f"{shown('#messages')}.textContent.includes('only before')")
            await tab.value(f"{shown('#words')}.value = 'not lost', {shown('#words')}.focus()")
        await tab.until(shown("#talk-under.off"))
        await tab.press("Enter")
        await tab.until(f"{shown('.note')}?.textContent.includes('away')")
        assert await tab.value(f"{shown('#words')}.value") == "not lost"
        async with ChatPage(second, port=int(page.url.rpartition(":")[2].strip("/"))):
            await tab.until(f"{shown('#messages')}.textContent.includes('after')")
            assert "before" not in await tab.value(f"{shown('#messages')}.textContent")
            await tab.until(f"!{shown('#talk-under.off')}")
    assert all(AWAY in complaint for complaint in tab.complaints)
    tab.complaints.clear()


async def test_each_tab_is_somebody_and_hears_nothing_while_nobody_sees_it(tab: Page, bot: Bot) -> None:
    await tab.click(chat(ADA))
    await tab.call("Page.reload")
    await tab.until(f"{shown('.person[aria-checked=true] b')}?.textContent === 'Ada'")
    await tab.until(f"{chat(ADA)}.getAttribute('aria-current') === 'true'")
    assert await tab.value("localStorage.getItem('me')") is None
    hide = "Object.defineProperty(document, 'hidden', {{value: {}, configurable: true}})"
    changed = "document.dispatchEvent(new Event('visibilitychange'))"
    await tab.value(f"{hide.format('true')}, {changed}")
    await bot.send_message(ADA, "unheard")
    assert await tab.value(TOLD_ELSEWHERE)
    assert not await tab.value(
        f"import('/state.js').then(({{state}}) => JSON.stringify([...state.messages.get({ADA})]).includes('unheard'))"
    )
    await tab.value(f"{hide.format('false')}, {changed}")
    await tab.until(f"{shown('#messages')}.textContent.includes('unheard')")


async def test_each_request_has_a_line_of_its_own_the_latest_first(tab: Page, outside: Outside) -> None:
    journal = outside.market.journal
    journal.note("token_overview first", 200, 15)
    journal.note("token_overview second", 429)
    waiting = journal.note("token_overview third", None)
    lines = "[...document.querySelectorAll('[data-provider=Birdeye] .requests li')].map(one => one.textContent)"
    await tab.until(f"{lines}.length === 3")
    third, second, first = await tab.value(lines)
    assert ("third" in third, "second" in second, "first" in first) == (True, True, True)
    assert (third[-1], second[-3:], first[-3:]) == ("…", "429", "200")
    waiting.status = 200
    await tab.until(f"{lines}[0].endsWith('200')")


async def test_who_blocks_the_bot_reads_so_under_its_name(tab: Page) -> None:
    await tab.click(chat(YOU))
    await tab.until(f"{shown('#talk-under')}.textContent === 'bot · live'")
    await tab.value(f"{control('fold faults')}.click()")
    await tab.value(f"{control('block')}.click()")
    await tab.until(f"{shown('#talk-under')}.textContent === 'bot · blocked'")
    await tab.value(f"{control('block')}.click()")
    await tab.until(f"{shown('#talk-under')}.textContent === 'bot · live'")
