"""Alerts from rows to chats: what is sent, how fast, and what becomes of every error."""

from __future__ import annotations

import asyncio

from aiohttp import web
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.grace import GRACE_SECONDS
from bot.telegram import delivery_bot
from deploy.sandbox.telegram import BotApi, RateLimits
from deploy.sandbox.world import mint_of
from storage.database import Database
from storage.tables import OutboxRow
from tests.integration.talking.stage import TOKEN, Stage, ended, served
from tests.made import MINT, NOON, OTHER_MINT, minutes
from tests.waiting import until

GROUP_ID = -100_555


async def test_an_alert_arrives_with_chart_caption_and_buttons_and_is_marked(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated(symbol="PEPE")
    async with stage.delivering():
        message = await stage.api.next_message(7)
        await until(stage.all_done)
    assert message.photo is not None
    assert MINT in str(message.caption)
    assert MINT in str(message.buttons)
    assert await stage.outcomes() == [("sent", 0)]


async def test_an_alert_speaks_the_language_of_its_chat(stage: Stage) -> None:
    await stage.listens(7, language="ru")
    await stage.listens(8, language="en")
    await stage.activated()
    async with stage.delivering():
        russian, english = await stage.api.next_message(7), await stage.api.next_message(8)
    assert "Active" in str(english.caption)
    assert "Active" not in str(russian.caption)


async def test_an_activation_is_silent_and_any_other_alert_rings(stage: Stage, database: Database) -> None:
    await stage.listens(7)
    await stage.activated()
    async with stage.delivering():
        await until(stage.all_done)
    await stage.activated(OTHER_MINT)
    alarm = {"kind": "alarm", "decided_at": NOON.isoformat(), "text": "the key is refused"}
    async with database.transaction() as session:
        await session.execute(update(OutboxRow).where(OutboxRow.outcome.is_(None)).values(facts=alarm))
    async with stage.delivering():
        await until(stage.all_done)
    assert [params["disable_notification"] for params in stage.sends()] == [True, False]


async def test_a_picture_that_telegram_has_is_not_uploaded_again(stage: Stage) -> None:
    for chat_id in range(7, 10):
        await stage.listens(chat_id)
    await stage.activated()
    async with stage.delivering(rate_per_second=3):  # one claimed at a time
        await until(stage.all_done)
    photos = [str(params["photo"]) for params in stage.sends()]
    assert len({photo for photo in photos[1:] if photo.startswith("AgAC")}) == 1
    assert not photos[0].startswith("AgAC")


async def test_what_was_sent_is_not_sent_again_by_the_next_program(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    async with stage.delivering():
        await until(stage.all_done)
    stage.clock.time += minutes(1)
    async with stage.delivering():
        await stage.activated(OTHER_MINT)
        await until(stage.all_done)
    assert len(stage.api.messages(7)) == 2


async def test_an_alert_that_is_no_news_any_more_is_not_sent(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.clock.time = NOON + minutes(10.1)
    async with stage.delivering():
        await until(stage.all_done)
    assert await stage.outcomes() == [("expired", 0)]
    assert stage.heartbeat.counts["alert_given_up", "expired"] == 1
    assert not stage.sends()


async def test_an_alarm_is_told_for_a_day_and_needs_no_chart(stage: Stage, database: Database) -> None:
    await stage.listens(7)
    await stage.activated()
    alarm = {"kind": "alarm", "decided_at": "2026-07-02T12:00:00Z", "text": "the key is refused"}
    async with database.transaction() as session:
        await session.execute(update(OutboxRow).values(facts=alarm))
    async with stage.delivering():
        message = await stage.api.next_message(7)
    assert "the key is refused" in str(message.text)


async def test_two_alerts_for_one_private_chat_are_a_second_apart(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.clock.time += minutes(1)
    await stage.activated(OTHER_MINT)
    async with stage.delivering():
        await until(stage.all_done)
    first, second = [request.at for request in stage.api.requests if request.method == "sendPhoto"]
    assert second - first >= 0.95


async def test_a_busy_group_does_not_hold_up_other_chats(stage: Stage) -> None:
    stage.api.group(GROUP_ID, "Traders", owner=stage.api.user(9, "Ann"))
    await stage.listens(GROUP_ID)
    for number in range(5):
        await stage.activated(mint_of(str(number)))
    async with stage.delivering():
        await stage.api.next_message(GROUP_ID)
        await stage.listens(8)
        await stage.activated()
        await stage.api.next_message(8)
        assert len(stage.api.messages(GROUP_ID)) < 6


async def test_forty_chats_are_told_without_one_flood_wait(database: Database) -> None:
    async with BotApi(TOKEN, rate_limits=RateLimits()) as api:
        stage = Stage(api, database)
        for chat_id in range(100, 140):
            await stage.listens(chat_id)
        await stage.activated()
        with capture_logs() as logs:
            async with stage.delivering(rate_per_second=22):
                await until(stage.all_done)
        assert await stage.outcomes() == [("sent", 0)] * 40
        assert not [entry for entry in logs if entry["event"] == "alert.not_sent"]


async def test_a_send_in_flight_is_marked_before_the_loop_ends(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    begun, release = asyncio.Event(), asyncio.Event()

    async def answer(_request: web.Request) -> web.Response:
        begun.set()
        await release.wait()
        message = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}}
        return web.json_response({"ok": True, "result": message})

    async with served(answer) as url, stage.delivering(url=url) as task:
        await asyncio.wait_for(begun.wait(), 10)
        task.cancel()
        await asyncio.wait({task}, timeout=0.05)
        assert not task.done()
        release.set()
        await asyncio.wait({task}, timeout=10)
    assert await stage.outcomes() == [("sent", 0)]


async def test_the_loop_ends_within_its_grace_when_telegram_hangs(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.api.silence()
    async with stage.delivering() as task:
        await until(_sending)
        begun = asyncio.get_running_loop().time()
        await ended(task)
        assert asyncio.get_running_loop().time() - begun < 2 * GRACE_SECONDS
    assert not _sending()
    stage.api.end_silence()


async def test_the_loop_ends_much_sooner_when_another_program_may_lead(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.api.silence()
    leads = True
    async with stage.delivering(holds=lambda: leads) as task:
        await until(_sending)
        leads = False
        begun = asyncio.get_running_loop().time()
        await ended(task)
        assert asyncio.get_running_loop().time() - begun < GRACE_SECONDS
    assert not _sending()
    stage.api.end_silence()


async def test_the_bell_wakes_an_idle_loop_at_once(stage: Stage) -> None:
    bot = delivery_bot(TOKEN, stage.api.url, stage.heartbeat)
    delivery = stage.delivery(bot)
    idle = asyncio.create_task(delivery.deliver_once())
    await until(lambda: stage.heartbeat.pulse("delivery").beat_seconds is not None)
    delivery.bell.set()
    _, waiting = await asyncio.wait({idle}, timeout=0.5)
    assert not waiting
    await bot.session.close()


def _sending() -> bool:
    return any("send_and_mark" in str(task.get_coro()) for task in asyncio.all_tasks())
