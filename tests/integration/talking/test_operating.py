"""/chats, /broadcast and /health through the stand-in's sockets."""

from __future__ import annotations

import pytest

from deploy.sandbox.telegram import User
from engine.shown import Chat
from tests.integration.talking.stage import ADMIN_ID, Stage
from tests.made import NOON
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("polling")


async def test_chats_are_counted_by_kind_and_by_why_they_are_off(stage: Stage, ada: User) -> None:
    for chat_id, kind in ((7, "private"), (8, "private"), (-100_1, "supergroup")):
        await stage.chats.subscribe(Chat(chat_id, kind), NOON)
    await stage.chats.switch_off(8, "blocked", NOON)
    assert (await stage.answer(ada, "/chats")).splitlines() == [
        "Chats",
        "Private chats: 2",
        "Supergroups: 1",
        "Hearing alerts: 2",
        "Muted just now: 0",
        "With a failed send in the last 24 h: 0",
        "",
        "Out of reach: 1",
        "the bot was blocked: 1",
    ]


async def test_a_broadcast_is_shown_and_goes_out_only_when_confirmed(stage: Stage, ada: User) -> None:
    for chat_id in (7, 8, 9):
        await stage.listens(chat_id)
    await stage.chats.switch_off(9, "blocked", NOON)
    preview = await stage.answer(ada, "/broadcast Back in <b>ten</b> minutes,\nt.me/x is down")
    question = await stage.api.next_message(ADMIN_ID)
    assert "Back in <b>ten</b> minutes,\nt.me/x is down" in preview
    assert "2 chats" in str(question.text)
    assert await stage.rows("SELECT count(*) FROM outbox") == [(0,)]
    await stage.tapped(ada, question, "✅ Confirm")
    rows = await stage.rows("SELECT chat_id, facts ->> 'text' FROM outbox ORDER BY chat_id")
    assert [(chat_id, said.splitlines()[0]) for chat_id, said in rows] == [
        (7, "Back in <b>ten</b> minutes,"),
        (8, "Back in <b>ten</b> minutes,"),
    ]
    current = stage.api.world.message(ADMIN_ID, question.message_id)
    assert current is not None
    assert "2 chats" in str(current.text)


async def test_a_broadcast_that_quiet_hours_hold_is_no_failed_send(stage: Stage, ada: User) -> None:
    await stage.listens(7)
    await stage.chats.prefer(7, NOON, quiet_from=11 * 60, quiet_until=13 * 60)
    await stage.answer(ada, "/broadcast Back soon")
    await stage.tapped(ada, await stage.api.next_message(ADMIN_ID), "✅ Confirm")
    async with stage.delivering():
        await until(lambda: stage.rows("SELECT 1 FROM outbox WHERE last_error = 'held'"))
    assert "With a failed send in the last 24 h: 0" in await stage.answer(ada, "/chats")
    await stage.rows("UPDATE outbox SET last_error = 'HTTP 502' RETURNING 1")
    assert "With a failed send in the last 24 h: 1" in await stage.answer(ada, "/chats")


async def test_while_alerts_are_paused_a_broadcast_says_that_it_waits(stage: Stage, ada: User) -> None:
    await stage.settings.change("alerts_paused", "yes", ADMIN_ID, NOON)
    await stage.answer(ada, "/broadcast Back soon")
    question = await stage.api.next_message(ADMIN_ID)
    assert "Alerts are paused" in str(question.text)
    await stage.tapped(ada, question, "✅ Confirm")
    current = stage.api.world.message(ADMIN_ID, question.message_id)
    assert current is not None
    assert "Alerts are paused" in str(current.text)


@pytest.mark.parametrize("said", ["/broadcast", "/broadcast   ", "/broadcast \x00"])
async def test_a_broadcast_of_nothing_says_what_it_takes(stage: Stage, ada: User, said: str) -> None:
    assert "4000" in await stage.answer(ada, said)


async def test_a_broadcast_that_is_too_long_is_not_kept(stage: Stage, ada: User) -> None:
    for said in ("x" * 4_001, "🚀" * 2_001):
        assert "4000" in await stage.answer(ada, f"/broadcast {said}")
    assert await stage.rows("SELECT count(*) FROM proposals") == [(0,)]


@pytest.mark.parametrize(
    "said", ["Back in <b>ten</b> minutes,\nt.me/x is down", "🚀" * 2_000, "x" * 4_000, "ё" * 4_000]
)
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_the_preview_of_a_broadcast_is_what_is_sent(stage: Stage, said: str, language: str) -> None:
    ada = stage.api.user(ADMIN_ID, "Ada", language)
    await stage.listens(7, language=language)
    preview = await stage.asked(ada, f"/broadcast {said}")
    question = await stage.api.next_message(ADMIN_ID)
    await stage.tapped(ada, question, question.buttons[0]["text"])
    async with stage.delivering():
        sent = await stage.api.next_message(7)
    assert (sent.text, sent.entities) == (preview.text, preview.entities)
    assert said in str(sent.text)


async def test_a_broadcast_of_which_telegram_refuses_the_preview_is_not_kept(stage: Stage, ada: User) -> None:
    stage.api.fail_next("sendMessage", 400, "Bad Request: message is too long", chat_id=ADMIN_ID)
    stage.api.say(ada, "/broadcast Back in ten minutes")
    await until(stage.is_idle)
    assert await stage.rows("SELECT count(*) FROM proposals") == [(0,)]


async def test_health_tells_of_each_part(stage: Stage, ada: User) -> None:
    text = await stage.answer(ada, "/health")
    assert "starting" in text
    assert "The feed of migrations" in text
