"""Whose hands a row is in: sent but not marked, claimed but not sent, held up by others or by the end of a term."""

from __future__ import annotations

import asyncio

from aiohttp import web
from structlog.testing import capture_logs

from bot.polling import REVOKED
from engine.model import AlertKind
from engine.shown import AlertFacts
from storage.alarms import Alarms
from tests.integration.talking.stage import ADMIN_ID, Stage, served
from tests.made import NOON
from tests.waiting import until

ACCEPTED = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}}


async def test_marks_that_the_database_missed_are_made_up_for_together_and_nothing_is_sent_twice(stage: Stage) -> None:
    for chat_id in range(10, 22):
        await stage.listens(chat_id)
    await stage.activated()
    async with stage.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.outcome = 'sent' THEN RAISE EXCEPTION USING ERRCODE = '57P01'; END IF; RETURN NEW; END $$"
        )
        await connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    with capture_logs() as logs:
        async with stage.delivering():
            await until(lambda: [entry for entry in logs if entry["event"] == "database.waited_for"])
            await until(lambda: len(stage.sends()) == 12)
            assert await stage.outcomes() == [(None, 0)] * 12
            async with stage.database.transaction() as session:
                await (await session.connection()).exec_driver_sql("DROP TRIGGER refuse ON outbox")
            await until(stage.all_done)
    assert [len(stage.api.messages(chat_id)) for chat_id in range(10, 22)] == [1] * 12


async def test_what_was_sent_is_marked_while_all_alerts_rest(stage: Stage) -> None:
    for chat_id in (7, 8):
        await stage.listens(chat_id)
    await stage.activated()
    [parcel] = await stage.outbox.claim(1, 30, NOON)
    stage.api.revoke()
    receipts: dict[int, int | None] = {}
    async with stage.delivering(receipts=receipts):
        await until(lambda: stage.heartbeat.pulse("sending").last_error == REVOKED)
        receipts[parcel.id] = 99
        marked = "SELECT id FROM outbox WHERE outcome = 'sent'"
        await until(lambda: stage.rows(marked), what="the mark of what was sent")
    assert sorted(await stage.outcomes(), key=str) == [("sent", 0), (None, 0)]


async def test_an_alarm_does_not_wait_behind_sends_that_hang(stage: Stage) -> None:
    for chat_id in range(10, 40):
        await stage.listens(chat_id)
    await stage.activated()
    released, alarmed, hanging = asyncio.Event(), asyncio.Event(), []

    async def answer(request: web.Request) -> web.Response:
        if request.match_info["method"] == "sendMessage":
            alarmed.set()
        else:
            hanging.append(request)
            await released.wait()
        return web.json_response({"ok": True, "result": ACCEPTED})

    async with served(answer) as url, stage.delivering(rate_per_second=5, url=url, timeout_seconds=60):
        await until(lambda: len(hanging) == 15, 20, "as many hanging sends as there may be")
        await Alarms(stage.database).tell(AlertFacts(AlertKind.ALARM, NOON, text="the key is refused"), [ADMIN_ID])
        await asyncio.wait_for(alarmed.wait(), 10)
        assert len(hanging) == 15
        released.set()


async def test_what_was_sent_while_the_database_was_away_is_marked_by_the_next_delivery(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    [parcel] = await stage.outbox.claim(1, 30, NOON)
    receipts = {parcel.id: 99}
    async with stage.delivering(receipts=receipts):
        await until(stage.all_done)
    assert await stage.outcomes() == [("sent", 0)]
    assert not stage.sends()
    assert receipts == {}


async def test_a_row_whose_sender_died_is_sent_and_counted_as_a_possible_duplicate(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    [parcel] = await stage.outbox.claim(1, 30, NOON)
    await stage.rows("UPDATE outbox SET lease_until = clock_timestamp() RETURNING 1")
    async with stage.delivering():
        await until(stage.all_done)
    assert await stage.outcomes() == [("sent", 1)]
    assert parcel.attempts == 0
    assert stage.heartbeat.counts["alert_possible_duplicate", "lease_ran_out"] == 1


async def test_a_program_that_may_not_lead_any_more_sends_nothing_and_lets_its_rows_go(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    leads = False
    async with stage.delivering(holds=lambda: leads):
        await until(lambda: stage.heartbeat.pulse("delivery").beat_seconds is not None)
        assert not stage.sends()
        leads = True
        await until(stage.all_done)
    assert await stage.outcomes() == [("sent", 0)]
    assert len(stage.sends()) == 1


async def test_rows_whose_turn_has_not_come_are_free_at_once_when_the_program_ends(stage: Stage) -> None:
    for chat_id in range(10, 20):
        await stage.listens(chat_id)
    await stage.activated()
    async with stage.delivering(rate_per_second=10):
        await until(lambda: len(stage.sends()) == 1)
    leased = "SELECT count(*) FROM outbox WHERE outcome IS NULL AND lease_until IS NOT NULL"
    assert await stage.rows(leased) == [(0,)]
