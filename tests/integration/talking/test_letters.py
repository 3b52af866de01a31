"""Letters as their chats want them: silent or not, with a picture or not, at once or in a digest."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.letters import Letters
from bot.pictures import Pictures
from engine.chats import Hearing
from engine.model import AlertKind
from engine.parcels import Parcel
from engine.settings import Settings
from engine.shown import AlertFacts
from storage.looks import Looks
from tests.integration.talking.stage import Stage
from tests.made import MINT, NOON, OTHER_MINT, minutes
from tests.waiting import until


async def wishes(stage: Stage, **preferences: Any) -> None:
    await stage.listens(7)
    await stage.chats.prefer(7, NOON - minutes(60), **preferences)


async def sent(stage: Stage) -> list[dict[str, Any]]:
    async with stage.delivering():
        await until(stage.all_done)
    return stage.sends()


async def test_an_alert_without_its_picture_is_text_with_buttons(stage: Stage) -> None:
    await wishes(stage, pictures=False, activated=Hearing.ON)
    await stage.activated(symbol="PEPE")
    [params] = await sent(stage)
    assert MINT in params["text"]
    assert MINT in str(params["reply_markup"])
    assert params["disable_notification"] is False


async def test_what_is_beyond_the_hourly_cap_comes_in_a_digest(stage: Stage) -> None:
    await wishes(stage, hourly_cap=1)
    for mint in (MINT, OTHER_MINT, f"{MINT[:-1]}q"):
        await stage.activated(mint, symbol=mint[:3])
        await sent(stage)
    assert sorted(await stage.outcomes()) == [("held", 0), ("held", 0), ("sent", 0)]
    assert stage.heartbeat.counts["alert_held", AlertKind.ACTIVATED] == 2
    stage.clock.time = NOON + minutes(60)
    async with stage.delivering():
        digest = await stage.api.until(lambda: stage.api.messages(7)[1:], otherwise="no digest came")
        await until(stage.all_done)
    assert sorted(await stage.outcomes()) == [("digested", 0), ("digested", 0), ("sent", 0), ("sent", 0)]
    assert str(digest[0].text).startswith("🗞 Meanwhile:\n🚀 Active: 2")
    assert stage.sends()[-1]["disable_notification"] is True, "each of them would have been silent"


async def test_alerts_of_one_pass_do_not_exceed_the_hourly_cap(stage: Stage) -> None:
    await wishes(stage, hourly_cap=1)
    for mint in (MINT, OTHER_MINT):
        await stage.activated(mint, symbol=mint[:3])
    await sent(stage)
    assert await stage.rows("SELECT outcome, digest_at FROM outbox ORDER BY outcome") == [
        ("held", NOON + minutes(60)),
        ("sent", None),
    ]


async def test_quiet_hours_hold_an_alert_until_they_end(stage: Stage) -> None:
    await wishes(stage, quiet_from=11 * 60, quiet_until=13 * 60)
    await stage.activated()
    assert await sent(stage) == []
    stage.clock.time = NOON + minutes(60)
    async with stage.delivering():
        message = await stage.api.next_message(7)
    assert str(message.caption).startswith("🚀 Active:"), "one alert alone is told as it is"
    assert "🕐 Late: this was 1h ago." in str(message.caption)
    assert MINT in str(message.buttons)


async def test_a_test_comes_at_once_whatever_the_chat_wishes(stage: Stage) -> None:
    await stage.activated()
    await wishes(stage, quiet_from=0, quiet_until=1439, muted_until=NOON + minutes(600), activated=Hearing.OFF)
    stage.clock.time = NOON + minutes(125)
    assert await stage.outbox.test(7, stage.clock.time)
    async with stage.delivering():
        message = await stage.api.next_message(7)
    assert "🧪 A test, with a past alert: this was 2h 5m ago." in str(message.caption)


async def test_a_notice_says_what_new_weights_mean(stage: Stage) -> None:
    await wishes(stage, threshold=3.0)
    await stage.settings.change("weight_tx_accel", 0.5, 1, NOON)
    async with stage.database.transaction() as session:
        await (await session.connection()).exec_driver_sql("UPDATE outbox SET due_at = clock_timestamp()")
    async with stage.delivering():
        message = await stage.api.next_message(7)
    assert "used to score 0.50, now it scores 0.75. Your threshold 3.00 was 6.0× that, now it is 4.0×." in str(
        message.text
    )


async def test_who_mutes_the_chat_hears_nothing_that_waited(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    await stage.chats.prefer(7, NOON, muted_until=NOON + minutes(60))
    assert await sent(stage) == []
    assert await stage.outcomes() == [("unwanted", 0)]


async def test_only_a_picture_that_is_being_uploaded_holds_up_other_letters(stage: Stage) -> None:
    notice = AlertFacts(AlertKind.BROADCAST, NOON, text="hello")
    parcels = [Parcel(number, 1, number, None, "en", notice, 0) for number in (7, 8)]
    letters = Letters(stage.outbox, Looks(stage.database), Pictures(), stage.catalogs, stage.clock)
    async with asyncio.timeout(0.9), letters.writing(parcels[0], Settings()), letters.writing(parcels[1], Settings()):
        pass
