"""Who may change what is watched, and what forged taps and hostile names come to: nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.views.watch_buttons import ChangeWatch, ListWatches, OpenWatch, StopWatch, WatchTap
from bot.watch_wishes import WatchWish
from deploy.sandbox.telegram import User
from storage.store import Store
from tests.integration.talking.stage import Stage
from tests.integration.talking.watching import now_shown, watch_of
from tests.made import MINT
from tests.waiting import until

GROUP_ID = -100_555
pytestmark = pytest.mark.usefixtures("polling")


@pytest.mark.parametrize("kind", ["watch", "change", "stop"])
async def test_in_a_group_only_administrators_change_watches(stage: Stage, ann: User, pepe: int, kind: str) -> None:
    bob = stage.api.user(8, "Bob")
    group = await stage.group(GROUP_ID, ann)
    stage.api.say(bob, "/watch PEPE", group)
    assert "administrators" in str((await stage.api.next_message(GROUP_ID)).text)
    stage.api.say(ann, "/watch PEPE", group)
    message = await stage.api.next_message(GROUP_ID)
    before = await watch_of(stage, pepe, GROUP_ID)
    assert before is not None
    taps = {
        "watch": WatchTap(token_id=pepe),
        "change": ChangeWatch(token_id=pepe, wish=WatchWish.PRICE, value=50),
        "stop": StopWatch(token_id=pepe, listed=False),
    }
    assert "administrators" in await stage.tapped(bob, message, taps[kind].pack(), forged=True)
    assert await watch_of(stage, pepe, GROUP_ID) == before
    await stage.tapped(ann, message, "±50%")
    await until(stage.is_idle, what="the tap to be handled")
    assert await watch_of(stage, pepe, GROUP_ID) == replace(before, price_percent=50.0)


@pytest.mark.usefixtures("pepe")
async def test_in_a_group_everybody_may_read_the_list(stage: Stage, ann: User) -> None:
    bob = stage.api.user(8, "Bob")
    group = await stage.group(GROUP_ID, ann)
    stage.api.say(ann, "/watch PEPE", group)
    await stage.api.next_message(GROUP_ID)
    stage.api.say(bob, "/watchlist", group)
    message = await stage.api.next_message(GROUP_ID)
    await stage.tapped(bob, message, "1. PEPE")
    assert "I tell you when:" in str((await now_shown(stage, message)).text)
    stage.api.say(bob, "/unwatch PEPE", group)
    assert "administrators" in str((await stage.api.next_message(GROUP_ID)).text)


async def test_a_channel_watches_by_its_posts(stage: Stage, ann: User, pepe: int) -> None:
    bob, channel = stage.api.user(8, "Bob"), stage.api.channel(GROUP_ID, "News", ann)
    stage.api.post(channel, "/watch PEPE")
    message = await stage.api.next_message(GROUP_ID)
    before = await watch_of(stage, pepe, GROUP_ID)
    assert before is not None
    assert "administrators" in await stage.tapped(bob, message, "±50%")
    await stage.tapped(ann, message, "±50%")
    assert await watch_of(stage, pepe, GROUP_ID) == replace(before, price_percent=50.0)
    stage.api.post(channel, "/watchlist")
    assert "1. PEPE" in str((await stage.api.next_message(GROUP_ID)).text)


FORGED = [
    "w:0",
    "w:-1",
    "w:99999999999999999999999",
    "w:1:2",
    "w:999999",
    "wc:{id}:price:26",
    "wc:{id}:price:nan",
    "wc:{id}:score:-1",
    "wc:{id}:score:1e308",
    "wc:{id}:liquidity:inf",
    "wc:{id}:revived:2",
    "wc:{id}:chat_id:1",
    "wc:999999:price:25",
    "ws:999999:0",
    "ws:x:1",
    "wo:999999",
    "wo:",
    "wl:1",
]


@pytest.mark.parametrize("data", FORGED)
async def test_a_forged_tap_gets_a_toast_and_changes_nothing(stage: Stage, ann: User, pepe: int, data: str) -> None:
    message = await stage.asked(ann, "/watch PEPE")
    before = await watch_of(stage, pepe)
    toast = await stage.tapped(ann, message, data.replace("{id}", str(pepe)), forged=True)
    assert "out of date" in toast or "not watched any more" in toast
    assert await now_shown(stage, message) == message
    assert await watch_of(stage, pepe) == before
    assert len(await Store(stage.database).watches.of(ann.id)) == 1


async def test_a_tap_reaches_no_watch_of_another_chat(stage: Stage, ann: User, ada: User, pepe: int) -> None:
    await stage.asked(ann, "/watch PEPE")
    before = await watch_of(stage, pepe)
    message = await stage.asked(ada, "/help")
    for tap in (
        ChangeWatch(token_id=pepe, wish=WatchWish.PRICE, value=50),
        StopWatch(token_id=pepe, listed=False),
        OpenWatch(token_id=pepe),
    ):
        assert "not watched any more" in await stage.tapped(ada, message, tap.pack(), forged=True)
    await stage.tapped(ada, message, ListWatches().pack(), forged=True)
    assert "You watch no token here" in str((await now_shown(stage, message)).text)
    assert await watch_of(stage, pepe) == before


async def test_a_hostile_name_stays_a_name(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="\u202ehttp://t.me/scam" + "̃" * 50, name="https://t.me/scam")
    for message in [await stage.asked(ann, f"/watch {MINT}"), await stage.asked(ann, "/watchlist")]:
        assert "\u202e" not in str(message.text) + str(message.buttons)
        assert not [entity for entity in message.entities if entity["type"] in {"url", "mention", "text_link"}]


@pytest.mark.usefixtures("pepe")
async def test_a_russian_reads_russian(stage: Stage) -> None:
    yana = stage.api.user(9, "Яна", "ru")
    assert "Отслеживаемый токен: PEPE" in await stage.answer(yana, "/watch PEPE")
    assert "Список отслеживания" in await stage.answer(yana, "/watchlist")
