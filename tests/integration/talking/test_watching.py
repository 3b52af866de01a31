"""/watch, /unwatch and /watchlist through the dispatcher, and a watch that rings, from the look to the message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.views.watch_buttons import WatchTap
from deploy.sandbox.telegram import User
from deploy.sandbox.world import mint_of
from engine.chats import Hearing, Watch
from engine.model import PoolFigures, Source
from engine.recorder import Answer, Seen
from engine.settings import Settings
from engine.shown import Supply
from storage.store import Store
from storage.watches import MOST
from tests.integration.looking import Desk, seen
from tests.integration.talking.stage import Stage
from tests.integration.talking.watching import now_shown, titles, watch_of
from tests.made import MINT, NOON, OTHER_MINT, minutes, sample
from tests.waiting import until

POOL = mint_of("pool")
pytestmark = pytest.mark.usefixtures("polling")


# --- beginning


@pytest.mark.parametrize("wanted", ["PEPE", "$pepe", MINT, f"https://pump.fun/coin/{MINT}"])
async def test_watching_begins_with_the_usual_conditions(stage: Stage, ann: User, pepe: int, wanted: str) -> None:
    message = await stage.asked(ann, f"/watch {wanted}")
    assert "You watch: PEPE" in str(message.text)
    assert MINT in str(message.text)
    marked = [title for title in titles(message) if title.startswith("✓")]
    assert marked == ["✓ ★ 2", "✓ ±25%", "✓ 💧 −50%", "✓ ♻️ Active again", "✓ 🗄 Archived"]
    watch = await watch_of(stage, pepe)
    assert watch is not None
    assert (watch.score, watch.price_percent, watch.liquidity_percent, watch.base_price) == (2.0, 25.0, 50.0, 0.001)
    assert not await stage.chats.is_subscribed(ann.id)


async def test_watching_uses_the_chats_own_threshold(stage: Stage, ann: User, pepe: int) -> None:
    await stage.listens(ann.id)
    await stage.chats.prefer(ann.id, NOON, threshold=2.7)
    message = await stage.asked(ann, "/watch PEPE")
    assert "✓ ★ 2.7" in titles(message)
    watch = await watch_of(stage, pepe)
    assert watch is not None
    assert watch.score == 2.7


async def test_watching_begins_with_figures_of_glances(stage: Stage, ann: User, pepe: int) -> None:
    desk, [token] = Desk(Store(stage.database)), await stage.tokens.find(MINT)
    await desk.recorder.settle([Answer(token, Settings(), glance=Seen(seen(price=0.002).sample))])
    [token] = await stage.tokens.find(MINT)
    stage.clock.time += minutes(1)
    await desk.recorder.settle([Answer(token, Settings(), check=Seen(sample(ts=stage.clock.time, price=0.003)))])
    await stage.asked(ann, "/watch PEPE")
    watch = await watch_of(stage, pepe)
    assert watch is not None
    assert (watch.base_source, watch.base_price) == (Source.DEXSCREENER, 0.002)


@pytest.mark.usefixtures("pepe")
async def test_watching_uses_the_level_of_so_many_alerts_a_day(stage: Stage, ann: User) -> None:
    await stage.listens(ann.id)
    await Store(stage.database).episodes.set_levels({5: 3.1, 20: 2.3149}, NOON)
    await stage.chats.prefer(ann.id, NOON, per_day=20)
    message = await stage.asked(ann, "/watch PEPE")
    assert "✓ ★ 2.31" in titles(message)
    await stage.tapped(ann, message, "★ 5")
    await stage.tapped(ann, await now_shown(stage, message), "★ 2.31")
    assert "✓ ★ 2.31" in titles(await now_shown(stage, message))


@pytest.mark.usefixtures("pepe")
async def test_a_score_that_takes_paid_figures_says_so(stage: Stage, ann: User) -> None:
    assert "paid figures" not in await stage.answer(ann, "/watch PEPE")
    stage.supply = Supply(glances=True, paid=None)
    assert "2 from below, which takes paid figures" in await stage.answer(ann, "/watch PEPE")


@pytest.mark.usefixtures("pepe")
async def test_watching_again_keeps_what_was_chosen(stage: Stage, ann: User) -> None:
    message = await stage.asked(ann, "/watch PEPE")
    await stage.tapped(ann, message, "±50%")
    again = await stage.asked(ann, "/watch PEPE")
    assert "✓ ±50%" in titles(again)


async def test_several_tokens_are_a_choice_by_buttons(stage: Stage, ann: User, pepe: int) -> None:
    await stage.activated(OTHER_MINT, symbol="pepe")
    message = await stage.asked(ann, "/watch PEPE")
    assert await Store(stage.database).watches.of(ann.id) == []
    assert len(message.buttons) == 2
    [button] = [title for title in titles(message) if f"{MINT[:4]}…{MINT[-4:]}" in title]
    assert await stage.tapped(ann, message, button) == "Watching PEPE"
    assert MINT in str((await stage.api.next_message(ann.id)).text)
    assert await watch_of(stage, pepe) is not None


async def test_watching_nothing_or_the_unknown_is_a_sentence(stage: Stage, ann: User) -> None:
    assert "/watch PEPE" in await stage.answer(ann, "/watch")
    assert "I know no token" in await stage.answer(ann, "/watch NOPE")
    assert "I know no token" in await stage.answer(ann, "/watch \u202ehttps://t.me/scam")


async def test_one_watch_more_than_the_most_is_refused(stage: Stage, ann: User, pepe: int) -> None:
    store = Store(stage.database)
    await stage.listens(ann.id)
    for number in range(MOST):
        mint = f"{MINT[:-2]}{number:02}"
        await stage.activated(mint)
        await store.watches.add(Watch(ann.id, (await store.tokens.find(mint))[0].id, NOON))
    assert "30 tokens already" in await stage.answer(ann, "/watch PEPE")
    other = await stage.asked(ann, "/watchlist")
    toast = await stage.tapped(ann, other, WatchTap(token_id=pepe).pack(), forged=True)
    assert "30 tokens already" in toast
    assert await watch_of(stage, pepe) is None


async def test_the_cards_button_watches_once_and_then_opens(stage: Stage, ann: User, pepe: int) -> None:
    card = await stage.asked(ann, "/token PEPE")
    tap = WatchTap(token_id=pepe).pack()
    assert await stage.tapped(ann, card, tap, forged=True) == "Watching PEPE"
    assert "You watch: PEPE" in str((await stage.api.next_message(ann.id)).text)
    assert await stage.tapped(ann, card, tap, forged=True) == ""
    assert "You watch: PEPE" in str((await stage.api.next_message(ann.id)).text)


# --- changing


@pytest.mark.parametrize(
    ("button", "field", "value"),
    [
        ("★ 5", "score", 5.0),
        ("Score: off", "score", None),
        ("±10%", "price_percent", 10.0),
        ("Price: off", "price_percent", None),
        ("💧 −25%", "liquidity_percent", 25.0),
        ("Liquidity: off", "liquidity_percent", None),
        ("✓ ♻️ Active again", "revived", False),
        ("✓ 🗄 Archived", "archived", False),
    ],
)
async def test_each_button_changes_one_wish_in_place(
    stage: Stage, ann: User, pepe: int, button: str, field: str, value: Any
) -> None:
    message = await stage.asked(ann, "/watch PEPE")
    before = await watch_of(stage, pepe)
    await stage.tapped(ann, message, button)
    shown, after = await now_shown(stage, message), await watch_of(stage, pepe)
    assert shown.edited
    assert shown.text != message.text
    assert len(stage.api.messages(ann.id)) == 1
    assert before is not None
    assert after is not None
    bases = {"base_price": None, "base_price_at": None} if button == "Price: off" else {}
    bases |= {"base_liquidity": None, "base_liquidity_at": None} if button == "Liquidity: off" else {}
    assert after == replace(before, **{field: value, **bases})


async def test_a_condition_is_switched_off_and_on_again(stage: Stage, ann: User, pepe: int) -> None:
    message = await stage.asked(ann, "/watch PEPE")
    for button in ("Price: off", "±25%", "Score: off", "★ 2", "✓ 🗄 Archived", "✖ 🗄 Archived"):
        await stage.tapped(ann, message, button)
        message = await now_shown(stage, message)
    assert "counted from the next look" in str(message.text)
    watch = await watch_of(stage, pepe)
    assert watch is not None
    assert (watch.price_percent, watch.base_price, watch.score, watch.archived) == (25.0, None, 2.0, True)


async def test_a_score_that_stands_there_already_counts_as_reached(stage: Stage, ann: User, pepe: int) -> None:
    await stage.asked(ann, "/watch PEPE")  # five minutes old, so that its level is twice its score
    async with stage.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE tokens SET last_score_value = 2")
    message = stage.api.messages(ann.id)[-1]
    for button, reached in (("★ 3", True), ("★ 5", False)):
        await stage.tapped(ann, message, button)
        await until(stage.is_idle, what="the tap to be handled")
        watch = await watch_of(stage, pepe)
        assert watch is not None
        assert watch.score_reached is reached


@pytest.mark.usefixtures("pepe")
async def test_a_chat_that_hears_nothing_of_watches_is_told_so(stage: Stage, ann: User) -> None:
    await stage.asked(ann, "/watch PEPE")
    await stage.chats.prefer(ann.id, NOON, watched=Hearing.OFF)
    assert "switched off" in await stage.answer(ann, "/watch PEPE")
    await stage.chats.prefer(ann.id, NOON, watched=Hearing.ON, muted_until=NOON + minutes(60))
    assert "muted until" in await stage.answer(ann, "/watch PEPE")


# --- ending


async def test_stopping_leaves_a_way_back(stage: Stage, ann: User, pepe: int) -> None:
    message = await stage.asked(ann, "/watch PEPE")
    await stage.tapped(ann, message, "✖ Stop watching")
    shown = await now_shown(stage, message)
    assert "No longer watched: PEPE" in str(shown.text)
    assert await watch_of(stage, pepe) is None
    assert "Watching PEPE" in await stage.tapped(ann, shown, "👁 Watch again")
    await until(stage.is_idle, what="the tap to be handled")
    assert await watch_of(stage, pepe) is not None


@pytest.mark.parametrize("wanted", ["PEPE", MINT, "$Pepe", f"https://birdeye.so/solana/token/{MINT}"])
async def test_unwatching_by_name(stage: Stage, ann: User, pepe: int, wanted: str) -> None:
    await stage.asked(ann, "/watch PEPE")
    assert "No longer watched: PEPE" in await stage.answer(ann, f"/unwatch {wanted}")
    assert await watch_of(stage, pepe) is None
    assert "not watched here" in await stage.answer(ann, f"/unwatch {wanted}")


@pytest.mark.parametrize("wanted", [POOL, f"https://dexscreener.com/solana/{POOL.lower()}", "$pepe"])
async def test_unwatching_takes_what_watching_takes(stage: Stage, ann: User, pepe: int, wanted: str) -> None:
    await Store(stage.database).pools.keep(pepe, [PoolFigures(POOL, "pumpswap", 60_000.0)], NOON)
    await stage.asked(ann, f"/watch {wanted}")
    assert await watch_of(stage, pepe) is not None
    assert "No longer watched: PEPE" in await stage.answer(ann, f"/unwatch {wanted}")


async def test_a_symbol_that_cannot_be_seen_is_no_symbol(stage: Stage, ann: User) -> None:
    await stage.activated(symbol="\u200b")
    await stage.asked(ann, f"/watch {MINT}")
    for unseen in ("$", "\u202e", "$\u202e"):
        assert "not watched here" in await stage.answer(ann, f"/unwatch {unseen}")
    assert "Tell me a symbol" in await stage.answer(ann, "/token \u202e")


@pytest.mark.usefixtures("pepe")
async def test_unwatching_without_a_name_asks_which(stage: Stage, ann: User) -> None:
    assert "/watch PEPE" in await stage.answer(ann, "/unwatch")
    await stage.activated(OTHER_MINT, symbol="WIF")
    for symbol in ("PEPE", "WIF"):
        await stage.asked(ann, f"/watch {symbol}")
    message = await stage.asked(ann, "/unwatch")
    [button] = [title for title in titles(message) if "PEPE" in title]
    await stage.tapped(ann, message, button)
    left = await now_shown(stage, message)
    assert ["WIF" in title for title in titles(left)] == [True]
    await stage.tapped(ann, left, titles(left)[0])
    assert "You watch no token here" in str((await now_shown(stage, left)).text)


# --- the list


async def test_the_watchlist_tells_score_change_and_conditions(stage: Stage, ann: User, pepe: int) -> None:
    assert "You watch no token here" in await stage.answer(ann, "/watchlist")
    await stage.asked(ann, "/watch PEPE")
    await Store(stage.database).watches.change(ann.id, pepe, first_price=0.0005)
    text = await stage.answer(ann, "/watchlist")
    assert "1. PEPE · ★ " in text
    assert "+100%" in text
    assert "★ 2 · ±25% · 💧 −50% · ♻️ · 🗄" in text


@pytest.mark.usefixtures("pepe")
async def test_the_list_opens_a_watch_and_leads_back(stage: Stage, ann: User) -> None:
    await stage.asked(ann, "/watch PEPE")
    message = await stage.asked(ann, "/watchlist")
    await stage.tapped(ann, message, "1. PEPE")
    opened = await now_shown(stage, message)
    assert "I tell you when:" in str(opened.text)
    await stage.tapped(ann, opened, "‹ Watchlist")
    assert "1. PEPE" in str((await now_shown(stage, message)).text)
    assert await stage.tapped(ann, message, "🔄 Refresh") == ""


# --- ringing


@pytest.mark.parametrize(("language", "said"), [("en", "Price +100% since"), ("ru", "Цена +100% с")])
async def test_a_look_that_rings_becomes_a_message(stage: Stage, pepe: int, language: str, said: str) -> None:
    reader = stage.api.user(7, "Reader", language)
    await stage.asked(reader, "/watch PEPE")
    desk = Desk(Store(stage.database))
    [token] = await stage.tokens.find(MINT)
    wished = {"base_source": Source.DEXSCREENER, "base_price": 0.001, "base_price_at": NOON - minutes(9)}
    await desk.store.watches.change(7, pepe, **wished)
    await desk.recorder.settle([Answer(token, Settings(), glance=Seen(seen(price=0.002).sample))])
    async with stage.delivering():
        message = await stage.api.next_message(7)
    caption = str(message.caption)
    assert "PEPE" in caption
    assert f"📈 {said} 11:51 UTC: $0.001 → $0.002" in caption
    assert caption.endswith(MINT)
    assert message.photo is not None
    assert MINT in str(message.buttons)
    assert await stage.outcomes() == [("sent", 0)]
