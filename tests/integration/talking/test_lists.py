"""/top and /new as people use them: pages, orders, refreshing, and buttons that somebody made up."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from deploy.sandbox.telegram import SentMessage, User
from deploy.sandbox.world import mint_of
from tests.integration.talking.stage import Stage
from tests.made import NOON, migration, minutes

pytestmark = pytest.mark.usefixtures("polling")


def labels(message: SentMessage) -> list[list[str]]:
    """The buttons' words, row by row."""
    return [[button["text"] for button in row] for row in keyboard(message)]


def data(message: SentMessage, label: str) -> str:
    """What the button of these words carries."""
    [found] = [button["callback_data"] for row in keyboard(message) for button in row if label in button["text"]]
    return str(found)


def keyboard(message: SentMessage) -> list[list[dict[str, Any]]]:
    return list((message.reply_markup or {}).get("inline_keyboard", []))


def now(stage: Stage, message: SentMessage) -> SentMessage:
    """The message as it stands now."""
    [found] = [one for one in stage.api.messages(message.chat_id) if one.message_id == message.message_id]
    return found


async def busy(stage: Stage, count: int) -> None:
    for number in range(count):
        await stage.activated(mint_of(f"T{number}"), symbol=f"T{number}")


async def test_one_page_needs_no_page_buttons(stage: Stage, ann: User) -> None:
    await busy(stage, 2)
    message = await stage.asked(ann, "/top")
    assert labels(message) == [["• Score •", "Heat", "Liquidity", "Age"], ["🔄 Refresh", "📈 Chart"]]


async def test_pages_are_turned_in_place(stage: Stage, ann: User) -> None:
    await busy(stage, 3)
    first = await stage.asked(ann, "/top 1")
    assert labels(first)[0] == ["1/3", "▶"]
    assert await stage.tapped(ann, first, data(first, "▶")) == ""
    second = now(stage, first)
    assert labels(second)[0] == ["◀", "2/3", "▶"]
    assert "2. " in str(second.text)
    await stage.tapped(ann, second, data(second, "▶"))
    assert labels(now(stage, first))[0] == ["◀", "3/3"]
    assert len(stage.api.messages(ann.id)) == 1


async def test_the_order_is_chosen_by_a_button_and_kept_by_the_others(stage: Stage, ann: User) -> None:
    await busy(stage, 2)
    message = await stage.asked(ann, "/top 1")
    await stage.tapped(ann, message, data(message, "Heat"))
    heated = now(stage, message)
    assert "Top by heat" in str(heated.text)
    assert "🌡" in str(heated.text)
    assert "• Heat •" in labels(heated)[1]
    await stage.tapped(ann, heated, data(heated, "▶"))
    assert "Top by heat" in str(now(stage, message).text)


async def test_refreshing_shows_a_migration_and_the_age_of_data_but_not_the_time_alone(stage: Stage, ann: User) -> None:
    await busy(stage, 1)
    stage.clock.time += timedelta(minutes=3)
    message = await stage.asked(ann, "/top")
    stage.clock.time += timedelta(seconds=20)
    assert await stage.tapped(ann, message, data(message, "Refresh")) == "Nothing new yet"
    await stage.tokens.track(migration(mint_of("quiet"), symbol="QUIET", heard_at=stage.clock.time), NOON)
    assert await stage.tapped(ann, message, data(message, "Refresh")) == ""
    assert "2 migrations" in str(now(stage, message).text)
    stage.clock.time += timedelta(minutes=1)
    assert await stage.tapped(ann, message, data(now(stage, message), "Refresh")) == ""


async def test_refreshing_changes_the_message_only_when_there_is_something_new(stage: Stage, ann: User) -> None:
    await busy(stage, 1)
    message = await stage.asked(ann, "/top")
    assert await stage.tapped(ann, message, data(message, "Refresh")) == "Nothing new yet"
    assert now(stage, message).text == message.text
    stage.clock.time += timedelta(minutes=3)
    await stage.activated(mint_of("later"), symbol="LATER")
    assert await stage.tapped(ann, message, data(message, "Refresh")) == ""
    refreshed = now(stage, message)
    assert "LATER" in str(refreshed.text)
    assert "As of 12:03 UTC" in str(refreshed.text)
    assert await stage.tapped(ann, refreshed, data(refreshed, "Refresh")) == "Nothing new yet"


async def test_tokens_may_leave_between_taps(stage: Stage, ann: User) -> None:
    await busy(stage, 2)
    message = await stage.asked(ann, "/top 1")
    async with stage.database.transaction() as session:
        await (await session.connection()).exec_driver_sql("UPDATE tokens SET status = 'Archived' WHERE symbol = 'T1'")
    assert await stage.tapped(ann, message, data(message, "▶")) == ""
    assert "1. T0" in str(now(stage, message).text)


@pytest.mark.parametrize(
    "forged",
    [
        "top:score:0:10:",
        "top:score:-1:10:",
        "top:score:1:21:",
        "top:score:1:0:",
        "top:moon:1:10:",
        "top:score:1:10:nothexad",
        "top:score:1000000000000:10:",
        "top:score:1",
        "new:0:10:",
        "new:1:999:",
        "topc:score:1:21",
    ],
)
async def test_a_made_up_button_is_out_of_date_and_changes_nothing(stage: Stage, ann: User, forged: str) -> None:
    await busy(stage, 1)
    message = await stage.asked(ann, "/top")
    assert "out of date" in await stage.tapped(ann, message, forged, forged=True)
    assert now(stage, message).text == message.text


async def test_a_page_that_is_too_far_is_the_last(stage: Stage, ann: User) -> None:
    await busy(stage, 2)
    message = await stage.asked(ann, "/top 1")
    await stage.tapped(ann, message, "top:score:99999:1:", forged=True)
    assert labels(now(stage, message))[0] == ["◀", "2/2"]


async def test_top_tells_of_the_market_and_marks_names_that_others_have_too(stage: Stage, ann: User) -> None:
    await stage.activated(mint_of("one"), symbol="PEPE")
    await stage.activated(mint_of("two"), symbol="pepe")
    text = await stage.answer(ann, "/top")
    assert "Last hour: 2 migrations · Active now: 2" in text
    assert text.count("⧉2") == 2


async def test_new_tells_how_far_each_migration_is_from_being_active(stage: Stage, ann: User) -> None:
    await stage.activated(mint_of("busy"), symbol="BUSY")
    await stage.tokens.track(migration(mint_of("quiet"), symbol="QUIET", heard_at=NOON - minutes(3)), NOON)
    message = await stage.asked(ann, "/new 1")
    assert "1. BUSY" in str(message.text)
    assert "active since 12:00 UTC" in str(message.text)
    assert labels(message) == [["1/2", "▶"], ["🔄 Refresh"]]
    await stage.tapped(ann, message, data(message, "▶"))
    shown = now(stage, message)
    assert "2. QUIET" in str(shown.text)
    assert "no market figures yet" in str(shown.text)
    assert await stage.tapped(ann, shown, data(shown, "Refresh")) == "Nothing new yet"


async def test_new_of_an_empty_day_is_a_sentence(stage: Stage, ann: User) -> None:
    assert "No migration" in await stage.answer(ann, "/new")


@pytest.mark.parametrize("nonsense", ["0", "21", "-1", "9999999999", "many"])
async def test_new_of_nonsense_says_what_it_takes(stage: Stage, ann: User, nonsense: str) -> None:
    sentence = await stage.answer(ann, f"/new {nonsense}")
    assert "from 1 to 20" in sentence
    assert "/new 10" in sentence


async def test_the_chart_is_one_picture_of_the_page_with_its_numbers_named(stage: Stage, ann: User) -> None:
    await busy(stage, 3)
    await stage.activated(mint_of("scam"), symbol="\u202et.me/scam")
    message = await stage.asked(ann, "/top 4")
    assert await stage.tapped(ann, message, data(message, "Chart")) == ""
    sent = await stage.api.next_message(ann.id)
    assert Image.open(io.BytesIO(sent.photo or b"")).format == "PNG"
    assert len(sent.photo or b"") <= 100_000
    assert [f"{rank}. T{rank - 1} · ★ " in str(sent.caption) for rank in (1, 2, 3)] == [True] * 3
    assert "\u202e" not in str(sent.caption)
    assert not [entity for entity in sent.entities if entity["type"] in {"url", "mention"}]


async def test_the_same_chart_is_uploaded_once(stage: Stage, ann: User) -> None:
    await busy(stage, 1)
    message = await stage.asked(ann, "/top")
    for _ in range(2):
        await stage.tapped(ann, message, data(message, "Chart"))
        await stage.api.next_message(ann.id)
    photos = [made["photo"] for made in stage.sends() if "photo" in made]
    assert [str(photo).startswith("attach://") for photo in photos] == [True, False]


async def test_there_is_no_chart_of_a_market_that_became_empty(stage: Stage, ann: User) -> None:
    await busy(stage, 1)
    message = await stage.asked(ann, "/top")
    async with stage.database.transaction() as session:
        await (await session.connection()).exec_driver_sql("UPDATE tokens SET status = 'Archived'")
    assert "out of date" in await stage.tapped(ann, message, data(message, "Chart"))
