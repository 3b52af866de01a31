"""What becomes of an alert that Telegram refuses as malformed: our bug, told loudly, and nothing is buried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from structlog.testing import capture_logs

from tests.integration.talking.stage import Stage
from tests.made import MINT, OTHER_MINT, minutes
from tests.waiting import until

REFUSED = "Bad Request: can't parse entities"


async def due_now(stage: Stage) -> None:
    """Whatever was postponed comes to its turn, as soon as anything was."""
    resting = "SELECT id FROM outbox WHERE outcome IS NULL AND due_at > clock_timestamp() AND lease_until IS NULL"
    await until(lambda: stage.rows(resting), what="a row that rests")
    await stage.rows("UPDATE outbox SET due_at = clock_timestamp() WHERE outcome IS NULL RETURNING 1")


async def test_a_row_that_is_refused_once_is_tried_again_and_the_others_hear(stage: Stage) -> None:
    await stage.listens(7)
    await stage.listens(8)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 400, REFUSED, chat_id=7)
    async with stage.delivering():
        await stage.api.next_message(8)
        await due_now(stage)
        await until(stage.all_done)
    assert await stage.outcomes() == [("sent", 0), ("sent", 0)]


async def test_a_row_that_is_refused_again_and_again_is_given_up_loudly(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 400, REFUSED, times=3, chat_id=7)
    with capture_logs() as logs:
        async with stage.delivering():
            for _ in range(2):
                await due_now(stage)
            await until(stage.all_done)
    assert await stage.outcomes() == [("our_bug", 0)]
    assert len(refusals(logs)) == 3
    assert stage.heartbeat.counts["alert_given_up", "our_bug"] == 1
    assert await stage.chats.is_subscribed(7)


def refusals(logs: Sequence[Any]) -> list[Any]:
    return [entry for entry in logs if entry["event"] == "alert.not_sent" and entry["action"] == "OUR_BUG"]


async def test_an_alert_that_every_chat_refuses_is_stopped_its_rows_are_kept_and_go_out_later(stage: Stage) -> None:
    for chat_id in range(10, 40):
        await stage.listens(chat_id)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 400, REFUSED, times=1000)
    with capture_logs():
        async with stage.delivering(rate_per_second=20):
            await until(lambda: stage.heartbeat.pulse("refused").last_error == f"activated: {REFUSED.lower()}")
            stage.clock.time += minutes(2)  # else the two would be a burst
            await stage.activated(OTHER_MINT)
            await until(lambda: stage.heartbeat.counts["alert_stopped", "activated"] == 2)
            assert len(stage.sends()) < 20
            assert await stage.outcomes() == [(None, 0)] * 60
            stage.api.forgive()
            await due_now(stage)
            await until(stage.all_done)
    assert await stage.outcomes() == [("sent", 0)] * 60
    assert stage.heartbeat.pulse("refused").failing_seconds is None
    assert all(len(stage.api.messages(chat_id)) == 2 for chat_id in range(10, 40))


async def test_while_one_alert_is_stopped_another_goes_out(stage: Stage) -> None:
    for chat_id in range(10, 20):
        await stage.listens(chat_id)
    await stage.activated()
    stage.api.fail_next("sendPhoto", 400, REFUSED, times=1000)
    with capture_logs():
        async with stage.delivering(rate_per_second=10):
            await until(lambda: stage.heartbeat.counts["alert_stopped", "activated"] == 1)
            stage.api.forgive()
            stage.clock.time += minutes(2)  # else the two would be a burst
            await stage.activated(OTHER_MINT)
            await until(lambda: all(told(stage, chat_id, OTHER_MINT) for chat_id in range(10, 20)))
    assert sum(told(stage, chat_id, MINT) for chat_id in range(10, 20)) < 10, "at most those that were on their way"


def told(stage: Stage, chat_id: int, mint: str) -> bool:
    return any(mint in str(message.caption) for message in stage.api.messages(chat_id))
