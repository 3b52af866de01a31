"""A small, seeded run of hostile updates through the real dispatcher, and that it would tell of a fault."""

from __future__ import annotations

import pytest

from bot.views import replies
from storage.database import Database
from tests.fuzz.updates.running import run


async def test_hostile_updates_break_no_law(database: Database) -> None:
    outcome = await run(database, 2026, range(600))
    assert outcome.faults == []
    assert outcome.sent.keys() >= {"typed", "tapped", "impersonated", "ruled", "asked", "odd", "membership", "posted"}
    assert outcome.told["update_dropped: unparseable"] >= outcome.sent["out of range"] > 5
    assert outcome.made.keys() >= {"sendMessage", "answerCallbackQuery", "answerInlineQuery", "editMessageText"}
    assert outcome.told["access.refused"] > 20, "the updates are too tame to find anything"


async def test_a_request_against_the_rules_is_told_with_its_updates(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "unknown_command", lambda: "x" * 5000)
    faults = (await run(database, 2026, range(100))).faults
    assert any(fault.startswith("updates 0 to 99: sendMessage") and "too long" in fault for fault in faults)


async def test_a_crash_is_told_with_its_trace(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "unknown_command", lambda: str(1 // 0))
    faults = (await run(database, 2026, range(100))).faults
    assert any("command.failed" in fault and "ZeroDivisionError" in fault for fault in faults)


async def test_an_admin_who_was_not_asked_is_told(database: Database) -> None:
    async with database.transaction() as session:
        change = "INSERT INTO setting_changes (key, old_value, new_value, changed_by, changed_at, versioned)"
        await (await session.connection()).exec_driver_sql(f"{change} VALUES ('x', '1', '2', 66, now(), false)")
    faults = (await run(database, 2026, range(1))).faults
    assert any("changed by no admin" in fault for fault in faults)
