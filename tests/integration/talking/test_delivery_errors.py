"""What becomes of an alert when Telegram, the network or the database refuses."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.polling import REVOKED
from bot.telegram import delivery_bot
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.world import mint_of
from storage.database import Database
from tests.integration.talking.stage import TOKEN, Stage, ended
from tests.made import OTHER_MINT, minutes
from tests.waiting import until

GROUP_ID = -100_555


@pytest.mark.parametrize(
    ("status", "description"),
    [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: chat not found")],
)
async def test_a_chat_that_is_gone_is_switched_off_and_the_others_hear(
    stage: Stage, status: int, description: str
) -> None:
    await stage.listens(7)
    await stage.listens(8)
    await stage.activated()
    stage.api.fail_next("sendPhoto", status, description, chat_id=7)
    async with stage.delivering():
        await stage.api.next_message(8)
        await until(stage.all_done)
    assert await stage.outcomes() == [("chat_off", 0), ("sent", 0)]
    assert not await stage.chats.is_subscribed(7)
    assert await stage.chats.is_subscribed(8)


@pytest.mark.parametrize("started", [True, False])
async def test_the_creator_of_a_chat_where_the_bot_may_not_write_is_told_once(stage: Stage, started: bool) -> None:
    ann = stage.api.user(7, "Ann")
    stage.api.group(GROUP_ID, "Traders", owner=ann)
    if started:
        stage.api.say(ann, "/start")
    await stage.listens(GROUP_ID)
    await stage.activated()
    await stage.activated(OTHER_MINT)
    stage.api.fail_next("sendPhoto", 400, "Bad Request: not enough rights to send text messages to the chat", times=2)
    with capture_logs() as logs:
        async with stage.delivering():
            await until(lambda: stage.api.messages(7) or [log for log in logs if log["event"] == "owner.not_told"])
    assert await stage.rows("SELECT off_reason FROM chats WHERE id < 0") == [("no_rights",)]
    said = [str(message.text) for message in stage.api.messages(7)]
    assert len(said) == started
    assert all("I may not write in Traders any more" in text for text in said)


async def test_a_chat_that_takes_no_pictures_hears_alerts_in_words(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 400, "Bad Request: not enough rights to send photos to the chat", times=9)
    async with stage.delivering():
        await until(stage.all_done)
        stage.clock.time += minutes(2)
        await stage.activated(OTHER_MINT)
        await until(stage.all_done)
    assert await stage.outcomes() == [("sent", 0)] * 2
    assert [bool(message.text) for message in stage.api.messages(7)] == [True, True]
    assert sum("photo" in params for params in stage.sends()) == 1, "the second alert comes without one at once"
    assert await stage.chats.is_subscribed(7)


async def test_a_group_whose_general_topic_is_closed_is_asked_once_an_alert(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 400, "Bad Request: TOPIC_CLOSED", times=9)
    async with stage.delivering():
        await until(stage.all_done)
    assert await stage.outcomes() == [("topic_closed", 0)]
    assert len(stage.sends()) == 1


async def test_what_the_supergroup_heard_already_it_does_not_hear_again(stage: Stage) -> None:
    new_id = -1_001_000_000_555
    for chat_id in (GROUP_ID, new_id):
        stage.api.group(chat_id, "Traders", owner=stage.api.user(9, "Ann"))
        await stage.listens(chat_id)
    await stage.activated()
    stage.api.fail_next(
        "sendPhoto", 400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": new_id}, chat_id=GROUP_ID
    )
    first = "UPDATE outbox SET due_at = clock_timestamp() + interval '1 hour' WHERE chat_id = {} RETURNING 1"
    await stage.rows(first.format(GROUP_ID))
    async with stage.delivering():
        await stage.api.next_message(new_id)
        await stage.rows("UPDATE outbox SET due_at = clock_timestamp() RETURNING 1")
        await until(stage.all_done)
    assert await stage.rows("SELECT chat_id, outcome FROM outbox") == [(new_id, "sent")]
    assert len(stage.api.messages(new_id)) == 1


async def test_a_group_that_became_a_supergroup_hears_it_there_once(stage: Stage) -> None:
    ann = stage.api.user(7, "Ann")
    stage.api.group(GROUP_ID, "Traders", owner=ann)
    await stage.listens(-42, type="group")
    await stage.activated()
    said = "Bad Request: group chat was upgraded to a supergroup chat"
    stage.api.fail_next("sendPhoto", 400, said, {"migrate_to_chat_id": GROUP_ID}, chat_id=-42)
    async with stage.delivering():
        await stage.api.next_message(GROUP_ID)
        await until(stage.all_done)
    assert await stage.chats.is_subscribed(GROUP_ID)
    assert not await stage.chats.is_subscribed(-42)
    assert len(stage.api.messages(GROUP_ID)) == 1


async def test_an_alert_for_a_deleted_topic_goes_to_the_group_itself(stage: Stage) -> None:
    stage.api.group(GROUP_ID, "Traders", owner=stage.api.user(7, "Ann"))
    await stage.listens(GROUP_ID, thread_id=17)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 400, "Bad Request: message thread not found")
    async with stage.delivering():
        await stage.api.next_message(GROUP_ID)
        await until(stage.all_done)
    assert [params.get("message_thread_id") for params in stage.sends()] == [17, None]


async def test_a_deleted_topic_is_forgotten_and_a_closed_one_is_not(stage: Stage) -> None:
    forum = stage.api.group(GROUP_ID, "Traders", owner=stage.api.user(7, "Ann"))
    await stage.listens(GROUP_ID, thread_id=17)
    for trouble, kept in (("TOPIC_CLOSED", 17), ("message thread not found", None)):
        await stage.rows("DELETE FROM outbox RETURNING 1")
        await stage.activated(mint_of(trouble))
        stage.api.fail_next("sendPhoto", 400, f"Bad Request: {trouble}")
        async with stage.delivering():
            await stage.api.next_message(forum.id)
            await until(stage.all_done)
        assert await stage.rows("SELECT thread_id FROM chats") == [(kept,)]
    assert [params.get("message_thread_id") for params in stage.sends()] == [17, None, 17, None]


async def test_a_second_send_without_the_topic_takes_a_turn_of_the_pace(stage: Stage) -> None:
    stage.api.group(GROUP_ID, "Traders", owner=stage.api.user(7, "Ann"))
    await stage.listens(GROUP_ID, thread_id=17)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 400, "Bad Request: message thread not found")
    async with stage.delivering(rate_per_second=4):
        await until(stage.all_done)
    first, second = [request.at for request in stage.api.requests if request.method == "sendPhoto"]
    assert second - first >= 0.2


async def test_the_general_topic_is_never_named(stage: Stage) -> None:
    stage.api.group(GROUP_ID, "Traders", owner=stage.api.user(7, "Ann"))
    await stage.listens(GROUP_ID, thread_id=1)
    await stage.activated()
    async with stage.delivering():
        await stage.api.next_message(GROUP_ID)
    assert [params.get("message_thread_id") for params in stage.sends()] == [None]


@pytest.mark.parametrize("rate_per_second", [4, 22], ids=["one claimed at a time", "all claimed at once"])
async def test_a_flood_wait_rests_the_whole_loop_and_is_no_attempt(stage: Stage, rate_per_second: float) -> None:
    for chat_id in (7, 8, 9):
        await stage.listens(chat_id)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 429, "Too Many Requests: retry after 1", {"retry_after": 1})
    async with stage.delivering(rate_per_second):
        await until(stage.all_done)
    times = [request.at for request in stage.api.requests if request.method == "sendPhoto"]
    assert len(times) == 4
    assert times[1] - times[0] >= 0.95
    assert await stage.outcomes() == [("sent", 0)] * 3


async def test_an_answer_lost_on_the_way_is_tried_again_and_counted_as_a_possible_duplicate(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.api.drop_next("sendPhoto", before=False)
    async with stage.delivering():
        await until(stage.all_done)
    assert await stage.outcomes() == [("sent", 1)]
    assert len(stage.api.messages(7)) == 2
    assert sum(n for (what, _), n in stage.heartbeat.counts.items() if what == "alert_possible_duplicate") == 1


async def test_telegrams_own_failure_is_tried_again(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 502, "Bad Gateway")
    async with stage.delivering():
        await until(stage.all_done)
    assert len(stage.api.messages(7)) == 1


async def test_telegram_out_of_reach_is_waited_for_and_is_no_attempt(database: Database) -> None:
    api = BotApi(TOKEN)
    await api.start()
    port = int(api.url.rpartition(":")[2])
    stage = Stage(api, database)
    await stage.listens(7)
    await stage.activated()
    bot = delivery_bot(TOKEN, api.url, stage.heartbeat)
    await api.stop()
    task = asyncio.create_task(stage.delivery(bot).run())
    await until(lambda: stage.heartbeat.pulse("sending").last_error is not None)
    async with BotApi(TOKEN, port) as back:
        back.say(back.user(7, "Ann"), "/hello")
        await until(stage.all_done)
        assert len(back.messages(7)) == 1
        await ended(task)
    assert await stage.outcomes() == [("sent", 0)]
    await bot.session.close()


async def test_a_revoked_token_rests_the_loop_and_loses_nothing(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.api.revoke()
    async with stage.delivering():
        await until(lambda: stage.heartbeat.pulse("sending").last_error == REVOKED)
    assert await stage.outcomes() == [(None, 0)]


async def test_telegram_in_trouble_is_not_asked_for_every_row(stage: Stage) -> None:
    for chat_id in range(10, 60):
        await stage.listens(chat_id)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 502, "Bad Gateway", times=1000)
    async with stage.delivering(rate_per_second=50):
        await until(lambda: stage.heartbeat.counts["alert_possible_duplicate", "TelegramServerError"] >= 3)
        await until(lambda: stage.heartbeat.pulse("sending").last_error is not None)
        assert len(stage.sends()) < 30
    assert {outcome for outcome, _ in await stage.outcomes()} == {None}


@pytest.mark.parametrize("facts", ['{"kind": "of_a_newer_release", "decided_at": "2026-01-01T00:00:00Z"}', "[1]", "{}"])
async def test_a_row_that_this_release_cannot_read_is_given_up_and_the_others_go_out(stage: Stage, facts: str) -> None:
    await stage.listens(7)
    await stage.listens(8)
    await stage.activated()
    await stage.rows(f"UPDATE outbox SET facts = '{facts}' WHERE chat_id = 7 RETURNING 1")  # noqa: S608 - a test's own
    with capture_logs() as logs:
        async with stage.delivering():
            await until(stage.all_done)
    assert await stage.outcomes() == [("unreadable", 0), ("sent", 0)]
    assert stage.heartbeat.counts["alert_given_up", "unreadable"] == 1
    assert [entry["chat_id"] for entry in logs if entry["event"] == "alert.unreadable"] == [7]
