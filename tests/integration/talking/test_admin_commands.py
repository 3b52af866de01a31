"""/settings and /set: what admins can do, and that nobody else can."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy.sandbox.telegram import User
from tests.integration.talking.stage import ADMIN_ID, Stage, raw_message
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
async def test_an_admin_changes_a_setting(stage: Stage, ada: User, text: str, name: str, value: float) -> None:
    assert "Saved" in await stage.answer(ada, text)
    assert getattr(await stage.settings.current(), name) == value


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


@pytest.mark.parametrize("command", ["/set weight tx_accel 0.4", "/settings"])
async def test_a_stranger_is_refused_and_logged(stage: Stage, ann: User, command: str) -> None:
    before = await stage.settings.current()
    with capture_logs() as logs:
        assert "admins" in await stage.answer(ann, command)
    refused = [entry for entry in logs if entry["event"] == "access.refused"]
    assert [(entry["user_id"], entry["command"]) for entry in refused] == [(7, command.split(maxsplit=1)[0][1:])]
    assert await stage.settings.current() == before


async def test_an_admin_is_refused_outside_the_private_chat(stage: Stage, ada: User) -> None:
    group = stage.api.group(GROUP_ID, "Traders", owner=ada)
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
    assert "Saved" in str(stage.api.messages(ADMIN_ID))
    assert (await stage.settings.current()).weight_tx_accel == 0.25
