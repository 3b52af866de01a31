"""Rate limits, and the faults that a test can order."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage

from deploy.sandbox.telegram import STRICT, BotApi, Chat, RateLimits, Refused, User, Wire
from deploy.sandbox.telegram.rates import Pace
from tests.integration.sandbox_telegram.driving import TOKEN, bot_at, post


async def test_a_chat_that_is_written_to_too_fast_asks_to_wait() -> None:
    async with BotApi(token=TOKEN, rate_limits=RateLimits(chat_burst=2)) as api, bot_at(api) as bot:
        for person in (api.user(7, "Ann"), api.user(8, "Bob")):
            api.say(person, "/start")
        await bot.send_message(7, "one")
        await bot.send_message(7, "two")
        with pytest.raises(TelegramRetryAfter, match="Too Many Requests: retry after 2") as caught:
            await bot.send_message(7, "three")
        await bot.send_message(8, "one")
    assert (caught.value.retry_after, len(api.messages(7)), len(api.messages(8))) == (2, 2, 1)


async def test_thirty_a_second_and_twenty_a_minute_to_a_group_are_the_limits() -> None:
    async with BotApi(token=TOKEN, rate_limits=RateLimits(chat_burst=40, chat_per_second=40)) as api:
        ann = api.user(7, "Ann")
        api.say(ann, "/start")
        api.group(-100, "Traders", owner=ann)
        to_group = [await post(api, "sendMessage", chat_id=-100, text="a") for _ in range(21)]
        to_ann = [await post(api, "sendMessage", chat_id=7, text="a") for _ in range(11)]
    assert [status for status, _ in to_group] == [200] * 20 + [429]
    assert 55 <= to_group[-1][1]["parameters"]["retry_after"] <= 60
    assert [status for status, _ in to_ann] == [200] * 10 + [429]
    assert to_ann[-1][1]["parameters"] == {"retry_after": 1}


async def test_strict_limits_refuse_a_chats_second_message_within_a_second_edits_too() -> None:
    async with BotApi(token=TOKEN, rate_limits=STRICT) as api:
        ann = api.user(7, "Ann")
        api.say(ann, "/start")
        api.group(-100, "Traders", owner=ann)
        for chat_id in (7, -100):
            status, sent = await post(api, "sendMessage", chat_id=chat_id, text="a")
            edit = {"chat_id": chat_id, "message_id": sent["result"]["message_id"], "text": "b"}
            refused, _ = await post(api, "editMessageText", **edit)
            assert (status, refused) == (200, 429)
    assert api.answers["sendMessage", 200] == api.answers["editMessageText", 429] == 2


@pytest.mark.parametrize(("lasting", "admitted"), [(True, False), (False, True)])
def test_a_told_wait_lasts_only_where_the_limits_say_so(*, lasting: bool, admitted: bool) -> None:
    pace = Pace(RateLimits(chat_burst=1, lasting=lasting))
    chat = Chat(7, "private", "Ann")
    pace.admit(chat, 100.0)
    with pytest.raises(Refused, match="retry after 1"):
        pace.admit(chat, 100.9)
    with nullcontext() if admitted else pytest.raises(Refused, match="retry after 1"):
        pace.admit(chat, 101.0)
    if lasting:
        pace.admit(chat, 101.9)  # the call in between made the wait no longer


@pytest.mark.parametrize("seconds_apart", [0.03, 1.0])
def test_no_second_ever_holds_more_than_thirty(seconds_apart: float) -> None:
    pace, admitted = Pace(STRICT), list[float]()
    for number in range(1_000):
        now = number * 0.001 + (number // 100) * seconds_apart
        with suppress(Refused):
            pace.admit(Chat(number, "private", "Somebody"), now)
            admitted.append(now)
    assert len(admitted) > 30
    assert all(later - earlier >= 1 for earlier, later in zip(admitted, admitted[30:], strict=False))


async def test_lost_answers_are_told_and_their_messages_are_there() -> None:
    wire = Wire(lost_share=0.5, latency_seconds=0.001, jitter_seconds=0.002, seed=3)
    async with BotApi(token=TOKEN, wire=wire) as api, bot_at(api) as bot:
        api.say(api.user(7, "Ann"), "/start")
        unanswered = 0
        for number in range(20):
            try:
                await bot.send_message(7, str(number))
            except TelegramNetworkError:
                unanswered += 1
    assert 0 < unanswered < 20
    assert len(api.messages(7)) == 20
    assert {message["message_id"] for message in api.lost} < {message.message_id for message in api.messages(7)}
    assert len(api.lost) == unanswered


async def test_ordered_failures_hit_their_method_and_chat_only(api: BotApi, bot: Bot, ann: User) -> None:
    api.say(api.user(8, "Bob"), "/start")
    api.fail_next("sendMessage", 502, "Bad Gateway", times=2, chat_id=ann.id)
    await bot.send_message(8, "hi")
    for _ in range(2):
        with pytest.raises(TelegramServerError, match="Bad Gateway"):
            await bot.send_message(ann.id, "hi")
    await bot.send_message(ann.id, "hi")
    api.fail_next("sendMessage", 429, "Too Many Requests: retry after 9", {"retry_after": 9})
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(8, "hi")
    assert (len(api.messages(7)), len(api.messages(8)), api.violations) == (1, 1, [])


@pytest.mark.parametrize(("before", "arrived"), [(True, []), (False, ["hi"])])
async def test_a_connection_breaks_before_or_after_acceptance(
    api: BotApi, bot: Bot, ann: User, *, before: bool, arrived: list[str]
) -> None:
    api.drop_next("sendMessage", before=before)
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ann.id, "hi")
    assert [message.text for message in api.messages(7)] == arrived
    await bot.send_message(ann.id, "again")


async def test_a_silent_server_takes_calls_and_answers_none(api: BotApi, bot: Bot, ann: User) -> None:
    api.silence()
    with pytest.raises(TelegramNetworkError, match="Request timeout"):
        await bot(SendMessage(chat_id=ann.id, text="hi"), request_timeout=1)
    api.end_silence()
    await bot.send_message(ann.id, "heard")
    assert [message.text for message in api.messages(7)] == ["heard"]


async def test_a_revoked_token_is_unauthorized_until_restored(api: BotApi, bot: Bot) -> None:
    api.revoke()
    with pytest.raises(TelegramUnauthorizedError):
        await bot.get_me()
    api.restore()
    assert (await bot.get_me()).username == "tothemoon2_bot"
