"""Safety facts that come after an alert was sent: its message gets one more line, without a sound and once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.telegram import delivery_bot
from engine.model import Safety
from storage.facts import from_json
from storage.safety import Safeties
from tests.integration.talking.stage import TOKEN, Stage
from tests.made import MINT, NOON, minutes
from tests.waiting import until

SAFETY = Safety(0.25, 0.01, mint_authority=False, freeze_authority=True, mutable_metadata=False, as_of=NOON)
LINE = "🛡 freeze authority: ⚠️ held · top 10 holders: 25% · creator: 1% · mint authority: none"
EDITS = "SELECT outcome, priority, attempts FROM outbox WHERE action = 'edit' ORDER BY chat_id"


async def learned(stage: Stage, safety: Safety = SAFETY) -> None:
    """The token's facts are told at the clock's time."""
    token = (await stage.tokens.find(MINT))[0]
    now = stage.clock.now()
    await Safeties(stage.database).keep(token.id, replace(safety, as_of=now), now)


async def delivered(stage: Stage) -> None:
    async with stage.delivering():
        await until(stage.all_done)


def edits(stage: Stage) -> list[str]:
    """The methods by which messages were edited."""
    return [request.method for request in stage.api.requests if request.method.startswith("editMessage")]


@pytest.fixture
async def told(stage: Stage) -> Stage:
    """One chat was told that a token is active."""
    await stage.listens(7)
    await stage.activated()
    await delivered(stage)
    return stage


async def test_a_sent_alert_gets_the_facts_once_and_keeps_its_buttons(told: Stage) -> None:
    [before] = told.api.messages(7)
    assert "🛡" not in str(before.caption)
    told.clock.time += minutes(5)
    await learned(told)
    await delivered(told)
    await learned(told)
    await delivered(told)
    [after] = told.api.messages(7)
    assert str(after.caption).splitlines() == [
        *str(before.caption).splitlines()[:-2],
        LINE,
        *str(before.caption).splitlines()[-2:],
    ]
    assert (after.buttons, after.photo) == (before.buttons, before.photo)
    assert edits(told) == ["editMessageCaption"]
    assert await told.rows(EDITS) == [("sent", 70, 0)]
    assert told.heartbeat.counts["alert_edited", "activated"] == 1
    assert told.heartbeat.counts["alert_sent", "activated"] == 1
    assert await told.outbox.sent_last_hour(7) == 1


async def test_what_is_known_before_the_send_stands_in_the_first_message(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    await learned(stage)
    await delivered(stage)
    [message] = stage.api.messages(7)
    assert LINE in str(message.caption)
    assert not edits(stage)
    assert await stage.rows(EDITS) == []


async def test_facts_that_come_while_the_alert_is_on_its_way_are_added(stage: Stage) -> None:
    await stage.listens(7)
    await stage.activated()
    bot = delivery_bot(TOKEN, stage.api.url, stage.heartbeat)
    [parcel] = await stage.outbox.claim(1, 60, NOON)
    await learned(stage)
    assert await stage.rows(EDITS) == []
    await bot.session.close()
    message = stage.api.world.add_message(7, stage.api.world.bot, text="told")
    await stage.outbox.mark_sent(parcel.id, message.message_id)
    await stage.outbox.edit_late(parcel.id)
    await delivered(stage)
    assert LINE in str(stage.api.messages(7)[0].text)


async def test_a_chat_without_pictures_has_its_text_edited(stage: Stage) -> None:
    await stage.listens(7)
    await stage.chats.prefer(7, NOON, pictures=False)
    await stage.activated()
    await delivered(stage)
    await learned(stage)
    await delivered(stage)
    assert LINE in str(stage.api.messages(7)[0].text)
    assert edits(stage) == ["editMessageText"]


@pytest.mark.parametrize("pictures", [True, False])
async def test_a_chat_that_changed_its_mind_about_pictures_is_told_all_the_same(stage: Stage, pictures: bool) -> None:
    await stage.listens(7)
    await stage.chats.prefer(7, NOON, pictures=pictures)
    await stage.activated()
    await delivered(stage)
    await stage.chats.prefer(7, NOON, pictures=not pictures)
    await learned(stage)
    await delivered(stage)
    [message] = stage.api.messages(7)
    assert LINE in str(message.caption if pictures else message.text)
    assert len(edits(stage)) == 2


async def test_the_line_speaks_the_language_of_its_chat(stage: Stage) -> None:
    await stage.listens(7, language="ru")
    await stage.activated()
    await delivered(stage)
    await learned(stage)
    await delivered(stage)
    assert "🛡 право заморозки: ⚠️" in str(stage.api.messages(7)[0].caption)


async def test_nothing_holds_an_edit_but_a_pause(told: Stage) -> None:
    day = {"quiet_from": 0, "quiet_until": 1439, "hourly_cap": 1, "muted_until": NOON + minutes(60)}
    await told.chats.prefer(7, NOON, **day)
    await told.settings.change("alerts_paused", "yes", 1, NOON)
    await learned(told)
    async with told.delivering():
        await until(lambda: told.heartbeat.pulse("delivery").beat_seconds is not None)
        assert (await told.outbox.claim(9, 60, NOON)) == []
        await told.settings.change("alerts_paused", "no", 1, NOON)
        await until(told.all_done)
    assert LINE in str(told.api.messages(7)[0].caption)


async def test_an_edit_that_is_no_news_any_more_is_dropped_and_counted(told: Stage) -> None:
    await learned(told)
    told.clock.time += minutes(10.1)
    await delivered(told)
    assert await told.rows(EDITS) == [("expired", 70, 0)]
    assert told.heartbeat.counts["alert_given_up", "expired"] == 1
    assert not edits(told)


async def test_facts_that_an_alert_does_not_tell_edit_nothing(told: Stage) -> None:
    unknown = replace(SAFETY, top10_share=None, creator_share=None, mint_authority=None, freeze_authority=None)
    await learned(told, unknown)
    assert await told.rows(EDITS) == []


async def test_a_message_that_was_sent_too_long_ago_is_left_as_it_is(told: Stage) -> None:
    await told.rows("UPDATE outbox SET sent_at = sent_at - interval '11 minutes' RETURNING 1")
    await learned(told)
    assert await told.rows(EDITS) == []


async def test_a_chat_that_blocked_the_bot_is_switched_off_by_an_edit_too(told: Stage) -> None:
    await learned(told)
    told.api.fail_next("editMessageCaption", 403, "Forbidden: bot was blocked by the user")
    await delivered(told)
    assert await told.rows(EDITS) == [("chat_off", 70, 0)]
    assert not await told.chats.is_subscribed(7)


@pytest.mark.parametrize(
    "words", ["message is not modified: it is the same", "message to edit not found", "message can't be edited"]
)
async def test_a_message_that_cannot_be_edited_is_given_up_quietly(told: Stage, words: str) -> None:
    await learned(told)
    told.api.fail_next("editMessageCaption", 400, f"Bad Request: {words}")
    await delivered(told)
    assert await told.rows(EDITS) == [("fine", 70, 0)]
    assert told.heartbeat.pulse("sending").failing_seconds is None


async def test_edits_that_telegram_refuses_stop_no_alert(stage: Stage) -> None:
    for chat_id in (7, 8, 9):
        await stage.listens(chat_id)
    await stage.activated()
    await delivered(stage)
    await stage.listens(10)
    await learned(stage)
    stage.api.fail_next("editMessageCaption", 400, "Bad Request: can't parse entities", times=9)
    async with stage.delivering():
        await until(lambda: stage.heartbeat.counts["alert_stopped", "edit"])
        await stage.rows(
            "INSERT INTO outbox (chat_id, alert_id, action, facts, priority, created_at, due_at)"
            " SELECT 10, alert_id, action, facts, priority, created_at, due_at FROM outbox"
            " WHERE chat_id = 7 AND action = 'send' RETURNING 1"
        )
        await stage.api.next_message(10)
    assert {outcome for outcome, *_ in await stage.rows(EDITS)} == {None}


async def test_a_lost_answer_to_an_edit_makes_no_duplicate(told: Stage) -> None:
    await learned(told)
    told.api.drop_next("editMessageCaption", before=False)
    async with told.delivering():
        await until(lambda: told.rows("SELECT 1 FROM outbox WHERE last_error IS NOT NULL"))
        await told.rows("UPDATE outbox SET due_at = clock_timestamp() WHERE outcome IS NULL RETURNING 1")
        await until(told.all_done)
    assert LINE in str(told.api.messages(7)[0].caption)
    assert not [what for what, _ in told.heartbeat.counts if what == "alert_possible_duplicate"]


async def test_messages_of_a_group_that_moved_are_not_edited(told: Stage) -> None:
    await learned(told)
    await told.chats.move(7, -100_555)
    assert await told.rows(EDITS) == [("moved", 70, 0)]
    await told.rows("DELETE FROM outbox WHERE action = 'edit' RETURNING 1")
    await learned(told)
    assert await told.rows(EDITS) == []


async def test_alerts_that_a_digest_told_are_not_edited(stage: Stage) -> None:
    await stage.listens(7)
    await stage.chats.prefer(7, NOON, quiet_from=0, quiet_until=1439)
    await stage.activated()
    await delivered(stage)
    await learned(stage)
    assert await stage.rows("SELECT outcome FROM outbox") == [("held",)]


async def test_a_release_that_knows_no_edits_takes_none_for_an_alert(told: Stage) -> None:
    await learned(told)
    [(facts,)] = await told.rows("SELECT facts FROM outbox WHERE action = 'edit'")
    with pytest.raises(ValueError, match="kind"):
        from_json(facts)


async def test_edits_are_no_backlog_and_no_reason_to_hold_alerts(told: Stage) -> None:
    await learned(told)
    backlog = await told.outbox.backlog(NOON)
    assert (backlog.waiting, backlog.oldest_seconds) == (0, None)
