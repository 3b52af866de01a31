"""Groups on the page: one that becomes a supergroup, and one with topics."""

from __future__ import annotations

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramMigrateToChat

from deploy.sandbox.chat import Outside
from deploy.sandbox.company import ADA, GROUP, YOU
from tests.chat_page import chat, person, shown
from tests.chromium import Page
from tests.integration.sandbox_chat.wire import news, next_of, order

pytestmark = pytest.mark.timeout(120)


async def test_a_group_goes_on_as_a_supergroup_under_another_id(
    browser: aiohttp.ClientSession, outside: Outside, bot: Bot
) -> None:
    async with news(browser) as events:
        await next_of(events, "messages")
        new_id = (await order(browser, "upgrade", user_id=ADA, chat_id=GROUP))["chat_id"]
        chats = {chat["id"]: chat for chat in (await next_of(events, "places"))["chats"]}
        assert (chats[GROUP]["kind"], chats[GROUP]["gone"], chats[GROUP]["was"]) == ("group", True, None)
        assert (chats[new_id]["kind"], chats[new_id]["gone"], chats[new_id]["was"]) == ("supergroup", False, GROUP)
        assert chats[new_id]["writers"] == [YOU, ADA]
        [note] = (await next_of(events, "messages"))["changed"]
        assert (note["chat"], note["service"]["kind"]) == (new_id, "migrate_from_chat_id")
        with pytest.raises(TelegramMigrateToChat) as moved:
            await bot.send_message(GROUP, "an alert")
        await bot.send_message(moved.value.migrate_to_chat_id, "an alert")
        [alert] = (await next_of(events, "messages"))["changed"]
        assert (alert["chat"], alert["text"]) == (new_id, "an alert")
        assert (chats[GROUP]["owner"], chats[new_id]["owner"]) == (ADA, ADA)
    assert await order(browser, "upgrade", user_id=ADA, chat_id=GROUP) == {"chat_id": new_id}
    await order(browser, "say", user_id=ADA, chat_id=GROUP, text="told late of the move")
    assert outside.telegram.world.updates[-1]["message"]["chat"]["id"] == new_id


async def test_a_group_that_is_upgraded_keeps_its_place_its_messages_and_its_draft(tab: Page, bot: Bot) -> None:
    heading, said = shown("#talk-under"), "[...document.querySelectorAll('.row .words')].map(one => one.textContent)"
    await bot.send_message(GROUP, "before")
    await tab.click(chat(GROUP))
    await tab.until(f"{said}.includes('before') && {shown('#upgrade')}.hidden", what="a group that is not the trader's")
    await tab.click(person(ADA))
    await tab.click(chat(GROUP))
    await tab.until(f"{said}.includes('before') && {heading}.textContent.startsWith('group')")
    await tab.write("a draft")
    await tab.click(shown("#upgrade"))
    await tab.until(f"{heading}.textContent.startsWith('supergroup') && {shown('#upgrade')}.hidden")
    new_id = await tab.value("Number(document.querySelector('[aria-current=true]').dataset.chat)")
    await bot.send_message(new_id, "after")
    await tab.until(f"{said}.includes('after')")
    assert await tab.value(said) == ["before", "after"]
    pills = "[...document.querySelectorAll('.pill')].map(one => one.textContent)"
    assert (await tab.value(pills))[-1] == "This group was upgraded to a supergroup"
    assert await tab.value(f"{shown('#words')}.value") == "a draft"
    assert await tab.value(f"{shown('#words')} === document.activeElement")
    await tab.call("Page.reload")
    await tab.until(f"{heading}?.textContent.startsWith('supergroup') && !{chat(GROUP)} && !{shown('.unread')}")


async def test_who_reads_further_up_stays_there_when_the_group_is_upgraded(
    tab: Page, bot: Bot, browser: aiohttp.ClientSession
) -> None:
    for number in range(40):
        await bot.send_message(GROUP, f"line {number}\n" * 3)
    await tab.click(chat(GROUP))
    await tab.until(f"{shown('#scroll')}.textContent.includes('line 39')")
    await tab.value(f"{shown('#scroll')}.scrollTop = 900")
    await tab.until(f"!{shown('#down')}.hidden", what="the way to the newest messages")
    await order(browser, "upgrade", user_id=ADA, chat_id=GROUP)
    await tab.until(f"{shown('#talk-under')}.textContent.startsWith('supergroup')")
    assert await tab.value(f"{shown('#scroll')}.scrollTop") == 900


async def test_what_is_said_in_a_topic_and_happens_to_it_is_told_in_its_group(
    browser: aiohttp.ClientSession, outside: Outside, bot: Bot
) -> None:
    telegram = outside.telegram
    forum = telegram.group(-100, "Forum", telegram.world.users[ADA], is_forum=True)
    thread_id = telegram.create_topic(forum, "Alerts")
    await bot.send_message(forum.id, "an alert", message_thread_id=thread_id)
    telegram.close_topic(forum, thread_id)
    telegram.reopen_topic(forum, thread_id)
    async with news(browser) as events:
        told = [one for one in (await next_of(events, "messages"))["changed"] if one["chat"] == forum.id]
    assert [one["service"]["kind"] if one["service"] else one["text"] for one in told] == [
        "new_chat_members",
        "forum_topic_created",
        "an alert",
        "forum_topic_closed",
        "forum_topic_reopened",
    ]
