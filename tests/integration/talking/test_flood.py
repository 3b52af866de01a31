"""More alert decisions than the setting allows: all but alarms are held, and everybody who asks is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.alarms import Alarming
from bot.masking import Mask
from bot.vitals import Report, judge
from deploy.sandbox.telegram import User
from engine.model import AlertKind
from engine.patience import Patience
from engine.shown import AlertFacts
from storage.alarms import Alarms
from tests.integration.talking.stage import ADMIN_ID, Stage
from tests.made import MINT, NOON, minutes
from tests.unit.test_health import HEALTHY
from tests.waiting import until


@pytest.fixture
async def flooded(stage: Stage) -> Stage:
    """Three alerts at noon, where two are allowed."""
    await stage.listens(7)
    await stage.settings.change("alerts_per_10_minutes", 2, ADMIN_ID, NOON)
    for letter in "abc":
        await stage.activated(f"{MINT[:-1]}{letter}")
    return stage


async def test_all_but_alarms_are_held_while_alerts_are_too_many(flooded: Stage) -> None:
    await Alarms(flooded.database).tell(AlertFacts(AlertKind.ALARM, NOON, text="no answer", part="feed"), [7])
    async with flooded.delivering():
        alarm = await flooded.api.next_message(7)
    assert "no answer" in str(alarm.text)
    assert await flooded.outcomes() == [(None, 0)] * 3 + [("sent", 0)]
    backlog = await flooded.outbox.backlog(NOON)
    assert (backlog.decided_10min, backlog.allowed, backlog.is_flooded) == (3, 2, True)
    assert backlog.oldest_seconds is None, "nobody is late"


async def test_they_go_on_once_there_are_fewer_and_nothing_is_lost(flooded: Stage) -> None:
    await flooded.settings.change("alert_max_age_minutes", 30, ADMIN_ID, NOON)
    flooded.clock.time = NOON + minutes(9.9)
    assert await flooded.outbox.claim(9, 60, flooded.clock.time) == []
    flooded.clock.time = NOON + minutes(10)
    async with flooded.delivering():
        message = await flooded.api.next_message(7)
        await until(flooded.all_done)
    assert str(message.text).startswith("🗞 Meanwhile:\n🚀 Active: 3")


async def test_at_the_defaults_what_a_flood_holds_is_told_in_one_digest_when_it_is_over(stage: Stage) -> None:
    await stage.listens(7)
    for letter in "abc":
        await stage.activated(f"{MINT[:-1]}{letter}")
    many = "SELECT token_id, kind, episode + number, decided_at, facts FROM alerts, generate_series(1, 66) AS number"
    await stage.rows(f"INSERT INTO alerts (token_id, kind, episode, decided_at, facts) {many} RETURNING 1")
    assert (await stage.outbox.backlog(NOON)).decided_10min == 201
    async with stage.delivering():
        stage.clock.time = NOON + minutes(9.9)
        await until(stage.all_done)
        assert await stage.outcomes() == [("held", 0)] * 3
        stage.clock.time = NOON + minutes(10.1)
        message = await stage.api.next_message(7)
        await until(stage.all_done)
    assert str(message.text).startswith("🗞 Meanwhile:\n🚀 Active: 3")
    assert await stage.outcomes() == [("digested", 0)] * 3 + [("sent", 0)]


async def test_a_greater_number_lets_them_go_at_once(flooded: Stage) -> None:
    await flooded.settings.change("alerts_per_10_minutes", 3, ADMIN_ID, NOON)
    assert len(await flooded.outbox.claim(9, 60, NOON)) == 3


async def test_no_digest_is_made_meanwhile(flooded: Stage) -> None:
    await flooded.rows("UPDATE outbox SET outcome = 'held', digest_at = created_at RETURNING 1")
    assert await flooded.outbox.fold(NOON) == 0
    assert await flooded.outbox.fold(NOON + minutes(10)) == 3


async def test_what_only_watchers_hear_is_no_part_of_it(stage: Stage) -> None:
    await stage.settings.change("alerts_per_10_minutes", 1, ADMIN_ID, NOON)
    for letter in "abc":
        await stage.activated(f"{MINT[:-1]}{letter}")
    await stage.rows("UPDATE alerts SET kind = 'watched' RETURNING 1")
    assert (await stage.outbox.backlog(NOON)).decided_10min == 0


@pytest.mark.parametrize("stored", ['"many"', "null", "{}"])
async def test_a_stored_value_that_is_no_number_is_the_default(flooded: Stage, stored: str) -> None:
    await flooded.rows(f"UPDATE settings SET value = '{stored}' RETURNING 1")  # noqa: S608
    assert (await flooded.outbox.backlog(NOON)).allowed == 200


@pytest.mark.usefixtures("polling")
async def test_status_and_pause_say_so_while_it_lasts(flooded: Stage, ada: User) -> None:
    assert "🌊 Too many alerts at once" in await flooded.answer(ada, "/status")
    asked = await flooded.answer(ada, "/pause")
    assert "3 alerts were decided within 10 minutes; alerts_per_10_minutes allows 2." in asked
    flooded.clock.time = NOON + minutes(10)
    assert "🌊" not in await flooded.answer(ada, "/status")
    assert "within 10 minutes" not in await flooded.answer(ada, "/pause")


async def test_admins_are_alarmed_at_once_and_told_when_it_is_over(flooded: Stage) -> None:
    flooded.api.say(flooded.api.user(ADMIN_ID, "Ada"), "/hello")

    async def report() -> Report:
        return judge(replace(HEALTHY, backlog=await flooded.outbox.backlog(flooded.clock.now())))

    alarming = Alarming(
        report=report,
        alarms=Alarms(flooded.database),
        admin_ids={ADMIN_ID},
        mask=Mask(),
        clock=flooded.clock,
        wall_clock=flooded.clock,
        patience=Patience(5),
        on_alarm=lambda: None,
    )
    for minute in (0, 5, 9, 10, 11):
        flooded.clock.time = NOON + minutes(minute)
        await alarming.judge_once()
        async with flooded.delivering():
            await until(lambda: _no_alarm_waits(flooded))
    begin, end = [str(message.text) for message in flooded.api.messages(ADMIN_ID)]
    assert begin.startswith("⚠️ Alarm: the flow of alerts\n3 alerts were decided within 10 minutes;")
    assert end == "✅ Works again: the flow of alerts\nAlerts were held for 10m."


async def _no_alarm_waits(stage: Stage) -> bool:
    return not await stage.rows("SELECT 1 FROM outbox WHERE priority = 0 AND outcome IS NULL")
