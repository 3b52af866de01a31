"""What admins can do with settings once they confirm it, and that nobody else can."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from deploy.sandbox.telegram import SentMessage, User
from engine.settings import Settings
from tests.integration.talking.stage import ADMIN_ID, Stage, raw_message
from tests.made import NOON
from tests.waiting import until

GROUP_ID = -100_555
pytestmark = pytest.mark.usefixtures("polling")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("/set weight tx_accel 0.4", "weight_tx_accel", 0.4),
        ("/set weight_tx_accel 0.4", "weight_tx_accel", 0.4),
        ("/set min_tx_count 50", "min_tx_count", 50),
    ],
)
async def test_an_admin_changes_a_setting_by_confirming_it(
    stage: Stage, ada: User, text: str, name: str, value: float
) -> None:
    question = await stage.asked(ada, text)
    assert await stage.settings.current() == Settings()
    await stage.tapped(ada, question, "✅ Confirm")
    assert "Saved" in now_says(stage, question)
    assert getattr(await stage.settings.current(), name) == value
    assert await stage.rows("SELECT key, changed_by FROM setting_changes") == [(name, ADMIN_ID)]


def now_says(stage: Stage, message: SentMessage) -> str:
    """The message as it stands after its edits, with its buttons."""
    current = stage.api.world.message(message.chat_id, message.message_id)
    assert current is not None
    return f"{current.text} {current.buttons}"


async def test_a_cancelled_change_is_not_made(stage: Stage, ada: User) -> None:
    question = await stage.asked(ada, "/set min_tx_count 50")
    await stage.tapped(ada, question, "✖️ Cancel")
    assert "Nothing was changed" in now_says(stage, question)
    assert await stage.settings.current() == Settings()


async def test_a_change_is_made_once_however_often_it_is_confirmed(stage: Stage, ada: User) -> None:
    question = await stage.asked(ada, "/set min_tx_count 50")
    first = question.buttons[0]["callback_data"]
    await stage.tapped(ada, question, first, forged=True)
    assert "already" in await stage.tapped(ada, question, first, forged=True)
    assert await stage.rows("SELECT count(*) FROM setting_changes") == [(1,)]


async def test_a_change_that_nobody_confirms_in_time_is_forgotten(stage: Stage, ada: User) -> None:
    question = await stage.asked(ada, "/set min_tx_count 50")
    async with stage.database.transaction() as session:
        await session.execute(text("UPDATE proposals SET expires_at = expires_at - interval '121 seconds'"))
    assert "Too late" in await stage.tapped(ada, question, "✅ Confirm")
    assert await stage.settings.current() == Settings()


async def test_a_change_is_refused_when_another_admin_was_faster(stage: Stage, ada: User) -> None:
    question = await stage.asked(ada, "/set min_tx_count 50")
    await stage.settings.change("min_tx_count", 70, 99, NOON)
    assert "meanwhile" in await stage.tapped(ada, question, "✅ Confirm")
    assert (await stage.settings.current()).min_tx_count == 70


async def test_a_confirmed_change_that_contradicts_another_changes_nothing(stage: Stage, ada: User) -> None:
    question = await stage.asked(ada, "/set alert_score_off 1.9")
    await stage.settings.change("alert_score_on", 1.8, 99, NOON)
    await stage.tapped(ada, question, "✅ Confirm")
    assert "alert_score_on (1.8)" in now_says(stage, question)
    assert (await stage.settings.current()).alert_score_off == 1.5


@pytest.mark.parametrize("data", ["p:1:1", "p:1:0", "p:999999999999999999999:1", "p:-1:1", "p:x:1", "p"])
async def test_nobody_else_confirms_a_change(stage: Stage, ada: User, ann: User, data: str) -> None:
    await stage.asked(ada, "/set min_tx_count 50")
    message = await stage.asked(ann, "/help")
    assert await stage.tapped(ann, message, data, forged=True)
    assert await stage.settings.current() == Settings()
    assert await stage.rows("SELECT decision FROM proposals") == [(None,)]


@pytest.mark.parametrize("data", ["p:999999999999999999999:1", "p:-1:1"])
async def test_an_admin_who_forges_a_number_gets_a_toast(stage: Stage, ada: User, data: str) -> None:
    message = await stage.asked(ada, "/help")
    assert "out of date" in await stage.tapped(ada, message, data, forged=True)


async def test_a_setting_goes_back_to_its_default(stage: Stage, ada: User) -> None:
    await stage.settings.change("min_tx_count", 70, ADMIN_ID, NOON)
    question = await stage.asked(ada, "/reset min_tx_count")
    assert "70 → 100" in str(question.text)
    await stage.tapped(ada, question, "✅ Confirm")
    assert (await stage.settings.current()).min_tx_count == 100


@pytest.mark.parametrize(
    ("said", "named"), [("/reset", "/reset weight_tx_accel"), ("/reset moon", "moon"), ("/reset min_tx_count 5", "one")]
)
async def test_a_reset_of_nonsense_says_why(stage: Stage, ada: User, said: str, named: str) -> None:
    assert named in await stage.answer(ada, said)


async def test_what_is_so_already_needs_no_confirmation(stage: Stage, ada: User) -> None:
    answer = await stage.asked(ada, "/reset min_tx_count")
    assert "already" in str(answer.text)
    assert not answer.buttons


async def test_the_history_names_who_changed_what(stage: Stage, ada: User) -> None:
    await stage.settings.change("min_tx_count", 70, 99, NOON)
    assert "min_tx_count: 100 → 70\nchanged by 99" in await stage.answer(ada, "/history")


async def test_a_pause_is_a_setting_that_is_confirmed_and_lifted(stage: Stage, ada: User) -> None:
    for value in ("yes", "no"):
        await stage.tapped(ada, await stage.asked(ada, "/pause"), "✅ Confirm")
        assert (await stage.settings.current()).alerts_paused == value


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("/set weight tx_accel 11", ["weight_tx_accel", "-10", "10"]),
        ("/set min_tx_count 1.5", ["min_tx_count", "1.5", "100000"]),
        ("/set alert_score_off 5", ["alert_score_off", "alert_score_on", "5", "2"]),
        ("/set moon 1", ["moon", "/settings"]),
        ("/set", ["/set weight tx_accel 0.4"]),
    ],
)
async def test_a_setting_that_makes_no_sense_changes_nothing_and_says_why(
    stage: Stage, ada: User, text: str, named: list[str]
) -> None:
    before = await stage.settings.current()
    sentence = await stage.answer(ada, text)
    assert [word for word in named if word not in sentence] == []
    assert await stage.settings.current() == before


async def test_settings_lists_every_setting(stage: Stage, ada: User) -> None:
    await stage.answer(ada, "/settings")
    await until(lambda: "paper_trade_usd" in str(stage.api.messages(ADMIN_ID)))


@pytest.mark.parametrize("command", ["/set weight tx_accel 0.4", "/settings", "/chats", "/broadcast x"])
async def test_a_stranger_is_refused_and_logged(stage: Stage, ann: User, command: str) -> None:
    before = await stage.settings.current()
    with capture_logs() as logs:
        assert "admins" in await stage.answer(ann, command)
    refused = [entry for entry in logs if entry["event"] == "access.refused"]
    assert [(entry["user_id"], entry["command"]) for entry in refused] == [(7, command.split(maxsplit=1)[0][1:])]
    assert await stage.settings.current() == before


async def test_an_admin_is_refused_outside_the_private_chat(stage: Stage, ada: User) -> None:
    group = await stage.group(GROUP_ID, ada)
    stage.api.say(ada, "/set weight tx_accel 0.4", group)
    assert "private" in str((await stage.api.next_message(GROUP_ID)).text)
    assert (await stage.settings.current()).weight_tx_accel == 0.25


STRANGER = {"id": 66, "is_bot": False, "first_name": "Eve"}


@pytest.mark.parametrize(
    "facts",
    [
        {"forward_origin": {"type": "user", "date": 1, "sender_user": STRANGER}},
        {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Eve"}},
        {"via_bot": {"id": 67, "is_bot": True, "first_name": "Via"}},
        {"sender_chat": {"id": -100_666, "type": "channel", "title": "Eve's"}},
        {"is_automatic_forward": True},
        {"text": None, "caption": "/set weight tx_accel 9", "photo": []},
    ],
    ids=",".join,
)
async def test_a_set_that_the_admin_did_not_type_changes_nothing(
    stage: Stage, ada: User, facts: dict[str, Any]
) -> None:
    stage.api.raw_update({"message": raw_message(**facts)})
    stage.api.say(ada, "/set min_tx_count 50")
    await until(stage.is_idle)
    assert "min_tx_count" in str(stage.api.messages(ADMIN_ID))
    assert (await stage.settings.current()).weight_tx_accel == 0.25
