"""What the page hears and orders: the stream of news, people's words and taps, the panel's faults and their undo."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
from aiogram import Bot
from aiogram.types import BotCommand, BotCommandScopeChat
from websockets.asyncio.client import connect

from deploy.sandbox.chat import Outside
from deploy.sandbox.chat.switches import Switches
from deploy.sandbox.clock import HandClock
from deploy.sandbox.company import ADA, CHANNEL, GROUP, YOU
from deploy.sandbox.line import Line
from deploy.sandbox.lives import Figures
from tests.integration.sandbox_chat.conftest import TOKEN
from tests.integration.sandbox_chat.wire import news, next_of, order
from tests.integration.sandbox_telegram.driving import KEYBOARD, bot_at


@pytest.fixture
async def bot(outside: Outside) -> AsyncIterator[Bot]:
    async with bot_at(outside.telegram, TOKEN) as ready:
        yield ready


async def test_an_open_page_is_told_who_is_there_and_then_what_changes(
    browser: aiohttp.ClientSession, bot: Bot
) -> None:
    async with news(browser) as events:
        places = await next_of(events, "places")
        assert [(one["name"], one["admin"]) for one in places["people"]] == [("You", False), ("Ada", True)]
        assert {chat["id"]: chat["writers"] for chat in places["chats"]} == {
            YOU: [YOU],
            ADA: [ADA],
            GROUP: [YOU, ADA],
            CHANNEL: [ADA],
        }
        assert (await next_of(events, "messages"))["all"]
        sent = await bot.send_message(YOU, "<b>hostile</b>", reply_markup=KEYBOARD, disable_notification=True)
        [message] = (await next_of(events, "messages"))["changed"]
        assert (message["text"], message["silent"], message["from"]["bot"]) == ("<b>hostile</b>", True, True)
        await bot.edit_message_text("calm", chat_id=YOU, message_id=sent.message_id)
        [message] = (await next_of(events, "messages"))["changed"]
        assert (message["text"], message["edited"], message["keys"]) == ("calm", True, [])
        await bot.delete_message(YOU, sent.message_id)
        assert (await next_of(events, "messages"))["gone"] == [[YOU, sent.message_id]]


async def test_people_write_and_tap_and_see_the_answer_as_a_toast(
    browser: aiohttp.ClientSession, outside: Outside, bot: Bot
) -> None:
    sent = await bot.send_message(YOU, "tap", reply_markup=KEYBOARD)
    await bot.get_updates(offset=-1)
    async with news(browser) as events:
        await next_of(events, "messages")
        tapped = await order(browser, "tap", user_id=YOU, chat_id=YOU, message_id=sent.message_id, row=0, column=0)
        query = outside.telegram.world.updates[-1]["callback_query"]
        assert (query["id"], query["data"]) == (tapped["query"], "refresh:1")
        await bot.answer_callback_query(tapped["query"], "Nothing new", show_alert=True)
        assert await next_of(events, "toast") == {"user": YOU, "text": "Nothing new", "alert": True}
        assert await next_of(events, "answered") == {"query": tapped["query"]}
    await order(browser, "say", user_id=ADA, chat_id=CHANNEL, text="news")
    assert outside.telegram.world.updates[-1]["channel_post"]["text"] == "news"
    await order(browser, "say", user_id=ADA, chat_id=GROUP, text="/top")
    assert outside.telegram.world.updates[-1]["message"]["chat"]["id"] == GROUP


async def test_a_page_hears_of_answers_also_when_old_requests_are_forgotten(
    browser: aiohttp.ClientSession, outside: Outside, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.sandbox.telegram.watching.KEPT_REQUESTS", 2)
    sent = await bot.send_message(YOU, "tap", reply_markup=KEYBOARD)
    async with news(browser) as events:
        await next_of(events, "messages")
        for number in range(7):
            await bot.send_message(YOU, str(number))
            tapped = await order(browser, "tap", user_id=YOU, chat_id=YOU, message_id=sent.message_id, row=0, column=0)
            await bot.answer_callback_query(tapped["query"])
            assert await next_of(events, "answered") == {"query": tapped["query"]}
    assert len(outside.telegram.requests) < 4
    assert outside.telegram.requests_ever == 1 + 2 * 7


async def test_the_language_of_a_person_is_that_of_their_next_update_and_menu(
    browser: aiohttp.ClientSession, outside: Outside, bot: Bot
) -> None:
    await bot.set_my_commands([BotCommand(command="top", description="tokens")])
    await bot.set_my_commands([BotCommand(command="top", description="токены")], language_code="ru")
    narrow = [BotCommand(command="set", description="change")]
    await bot.set_my_commands(narrow, scope=BotCommandScopeChat(chat_id=ADA))
    await order(browser, "language", user_id=YOU, language="ru")
    await order(browser, "say", user_id=YOU, chat_id=YOU, text="/top")
    assert outside.telegram.world.updates[-1]["message"]["from"]["language_code"] == "ru"
    shown = {}
    for user_id, chat_id in ((YOU, YOU), (ADA, GROUP), (ADA, ADA), (ADA, CHANNEL)):
        told = await order(browser, "menu", user_id=user_id, chat_id=chat_id)
        shown[chat_id] = [command["description"] for command in told["commands"]]
    assert shown == {YOU: ["токены"], GROUP: ["tokens"], ADA: ["change"], CHANNEL: []}


async def test_the_panel_breaks_and_mends_what_is_outside(browser: aiohttp.ClientSession, outside: Outside) -> None:
    async with news(browser) as events:
        panel = await next_of(events, "panel")
        assert {"feed", "credits", "telegram"} < panel["switches"].keys()
        assert not any(panel["switches"].values())
        assert [one["name"] for one in panel["providers"]] == ["PumpPortal", "Birdeye", "DexScreener", "Telegram"]
        assert panel["health"]["status"] == "away"
    for name in ("feed", "credits", "telegram"):
        await order(browser, "switch", name=name, on=True)
    assert outside.feed.silent
    assert outside.market.meter.monthly == outside.market.meter.used
    async with aiohttp.ClientSession() as session:
        body = {"chat_id": YOU, "text": "hi"}
        async with session.post(f"{outside.telegram.url}/bot{TOKEN}/sendMessage", json=body) as answer:
            assert (answer.status, (await answer.json())["parameters"]["retry_after"]) == (429, 5)
    for name in ("feed", "credits", "telegram"):
        await order(browser, "switch", name=name, on=False)
    assert not outside.feed.silent
    assert outside.market.meter.monthly is None


async def test_a_token_migrates_when_the_panel_says_so(browser: aiohttp.ClientSession, outside: Outside) -> None:
    told = await order(browser, "market", action="migrate")
    life = outside.world.known(told["mint"])
    assert life is not None
    assert life.symbol == told["symbol"]
    assert outside.tokens()[0] == told


async def test_what_migrates_by_hand_is_told_by_the_feed_also_during_a_replay(
    browser: aiohttp.ClientSession, outside: Outside
) -> None:
    async with connect(outside.feed.url, proxy=None) as socket:
        await socket.send('{"method": "subscribeMigration"}')
        await socket.recv()
        told = await order(browser, "market", action="migrate")
        frame = json.loads(await asyncio.wait_for(socket.recv(), 5))
    assert (frame["txType"], frame["mint"]) == ("migrate", told["mint"])


async def test_the_panel_pumps_a_token_and_rugs_it(browser: aiohttp.ClientSession, outside: Outside) -> None:
    clock = outside.world.clock
    assert isinstance(clock, HandClock)
    mint = (await order(browser, "market", action="migrate"))["mint"]
    clock.move(300)
    usual = figures(outside, mint)
    await order(browser, "market", action="pump", mint=mint)
    clock.move(300)
    pumped = figures(outside, mint)
    assert pumped.price > 1.5 * usual.price, "what would have happened to it goes on beneath"
    assert pumped.last_5m.buys > 1_000
    await order(browser, "market", action="rug", mint=mint)
    clock.move(20)
    rugged = figures(outside, mint)
    assert rugged.liquidity < pumped.liquidity / 2
    assert rugged.last_5m.sells > pumped.last_5m.sells


def figures(outside: Outside, mint: str) -> Figures:
    found = outside.world.figures(mint)
    assert found is not None
    return found


async def test_the_line_to_the_database_is_cut_and_mended(
    postgres_server: dict[str, Any], outside: Outside, tmp_path: Path
) -> None:
    async with Line({**postgres_server, "database": "postgres"}, tmp_path / "line") as line:
        outside.line = line
        switches = Switches(outside)
        connection = await asyncpg.connect(line.dsn)
        assert await connection.fetchval("SELECT 7") == 7
        await switches.turn("database", on=True)
        assert line.is_cut
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await connection.fetchval("SELECT 7")
        with pytest.raises((ConnectionRefusedError, FileNotFoundError)):  # from Python 3.13 on the socket's file goes
            await asyncpg.connect(line.dsn)
        await switches.turn("database", on=False)
        connection = await asyncpg.connect(line.dsn)
        assert await connection.fetchval("SELECT 8") == 8
        await connection.close()
