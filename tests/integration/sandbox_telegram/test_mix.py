"""Faults at random: seeded, told apart by whether the send was accepted, and only for sends."""

from __future__ import annotations

from collections import Counter
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError

from deploy.sandbox.telegram import BotApi, User
from deploy.sandbox.telegram.mix import LOST, REFUSED, Mix
from deploy.sandbox.telegram.refused import forbidden
from deploy.sandbox.telegram.values import Json
from tests.integration.sandbox_telegram.driving import post

SENDS = 120


async def answers(api: BotApi, chat_id: int, count: int = SENDS) -> list[Any]:
    """The status of each of so many sends, "cut" where the connection broke, "page" where it was no JSON."""
    return [await answer(api, chat_id, f"number {number}") for number in range(count)]


async def answer(api: BotApi, chat_id: int, text: str) -> object:
    try:
        return (await post(api, "sendMessage", chat_id=chat_id, text=text))[0]
    except aiohttp.ContentTypeError:
        return "page"
    except aiohttp.ClientError:
        return "cut"


async def test_each_kind_of_fault_comes_and_what_was_refused_was_not_accepted(api: BotApi, ann: User) -> None:
    api.mix = mix = Mix(1, refused_share=0.5)
    told = Counter(await answers(api, ann.id))
    assert set(told) == {200, 429, 500, 502, 504, "page", "cut"}
    assert mix.met.keys() == REFUSED.keys()
    assert len(mix.accepted) == told[200] == len(api.messages(ann.id)) == SENDS - mix.met.total()
    assert mix.lost == []


async def test_an_answer_that_is_lost_is_one_of_an_accepted_send(api: BotApi, ann: User) -> None:
    api.mix = mix = Mix(1, lost_share=0.5)
    told = Counter(await answers(api, ann.id))
    assert set(told) == {200, 504, "page", "cut"}
    assert mix.met.keys() == LOST.keys()
    assert len(api.messages(ann.id)) == len(mix.accepted) == SENDS
    assert told[200] == SENDS - len(mix.lost)
    assert mix.lost[0]["text"].startswith("number ")


async def test_what_a_chat_meets_is_its_own_and_the_same_for_the_same_seed(api: BotApi, ann: User) -> None:
    bob = api.user(8, "Bob")
    api.say(bob, "/start")
    stories = []
    for seed, chats in ((1, [ann, bob]), (1, [bob, ann]), (2, [ann, bob])):
        api.mix = Mix(seed, refused_share=0.3, lost_share=0.3)
        stories.append({chat.id: await answers(api, chat.id, 20) for chat in chats})
    assert stories[0] == stories[1]
    assert stories[0][ann.id] != stories[0][bob.id]
    assert stories[0] != stories[2]


async def test_other_calls_meet_nothing(api: BotApi, bot: Bot, ann: User) -> None:
    api.mix = Mix(1, refused_share=1.0, lost_share=1.0)
    assert (await bot.get_me()).username == "tothemoon2_bot"
    assert (await bot.get_chat(ann.id)).id == ann.id
    assert not api.mix.met


async def test_a_strike_sees_each_send_and_may_refuse_it(api: BotApi, bot: Bot, ann: User) -> None:
    seen: list[Json] = []

    def strike(params: Json) -> None:
        seen.append(params)
        raise forbidden("bot was blocked by the user")

    api.mix = Mix(1, strike=strike)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(ann.id, "hi")
    assert [params["text"] for params in seen] == ["hi"]
    assert api.messages(ann.id) == []
