"""Alerts for many chats: in statements of bounded size, whose cost goes with their rows and not with the outbox."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Select, insert, text

from engine.decision import decide
from engine.model import Alert, AlertKind, Verdict
from engine.settings import Settings
from storage import alerts
from storage.claims import due_rows, open_rows
from storage.database import Database
from storage.tables import ChatRow
from tests.bench.counting import counted
from tests.integration.story import Story
from tests.made import MINT, NOON, minutes

CHATS = 1_000


@pytest.fixture
async def store(database: Database) -> Story:
    story = Story(database)
    chat = {"type": "private", "language": "en", "created_at": NOON - minutes(2), "subscribed_at": NOON - minutes(1)}
    async with database.transaction() as session:
        await session.execute(insert(ChatRow), [chat | {"id": number} for number in range(1, CHATS + 1)])
    return story


async def ringing(store: Story, count: int) -> list[Verdict]:
    tokens = [await store.tracked(f"{MINT[:-2]}{number:02}") for number in range(count)]
    ring = Alert(AlertKind.HIGH_SCORE, episode=1, opened_at=NOON, level=2.5)
    return [replace(decide(token, None, (), NOON, Settings()), alerts=(ring,)) for token in tokens]


async def test_a_statement_writes_a_bounded_number_of_rows(store: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "FAN_OUT", 3 * CHATS)
    verdicts = await ringing(store, 7)
    with counted(store.database) as tally:
        await store.looks.record(verdicts, NOON, Settings())
    assert {about: count for (_, about), count in tally.statements.items() if about.startswith("insert")} == {
        "insert alerts": 1,
        "insert outcomes": 1,
        "insert outbox": 3,
    }
    assert await store.rows("SELECT count(*), count(DISTINCT alert_id) FROM outbox") == [(7 * CHATS, 7)]


async def test_who_has_heard_of_a_token_is_found_once_an_alert_and_not_once_a_chat(store: Story) -> None:
    """Pairing each chat with the outbox ran into statement_timeout where the statistics were older than the rows."""
    verdicts = await ringing(store, 15)
    for beginning in range(0, 15, 5):
        await store.looks.record(verdicts[beginning : beginning + 5], NOON, Settings())
    async with store.database.transaction() as session:
        values = {"alerts": "[]", "now": NOON, "score_on": 2.0, "score_off": 1.5, "quiet_since": NOON}
        plan = await session.scalars(text(f"EXPLAIN {alerts.TELL.text}"), values)
    assert sum(line.count("hashed SubPlan") for line in plan) == 2


async def test_a_claim_never_goes_over_the_open_rows_for_each_chat(store: Story) -> None:
    """Joined with the chats it took 9 s for 32,000 rows that the statistics did not know of."""
    for verdict in await ringing(store, 3):
        await store.looks.record([verdict], NOON, Settings())
    assert_asked_row_by_row(await explained(store, open_rows(NOON)))
    assert len(await store.outbox.claim(6, 60, NOON)) == 6


async def test_the_backlog_never_goes_over_the_open_rows_for_each_chat(store: Story) -> None:
    """Joined with chats that were never analysed, 50,000 rows ran into statement_timeout."""
    await store.looks.record(await ringing(store, 3), NOON, Settings())
    assert_asked_row_by_row(await explained(store, due_rows(NOON)))
    assert (await store.outbox.backlog(NOON)).waiting == 3 * CHATS


async def explained(store: Story, query: Select[*tuple[Any, ...]]) -> list[str]:
    async with store.database.transaction() as session:
        connection = await session.connection()
        asked = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        return [row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {asked}")]


def assert_asked_row_by_row(plan: list[str]) -> None:
    assert not [line for line in plan if "Nested Loop" in line or "Join" in line or "Seq Scan on chats" in line]
