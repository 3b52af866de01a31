"""The bench of a tick with few tokens: what it counts, and that a chunk costs as much as a single look."""

from math import ceil

import pytest

from engine.model import Source
from engine.recorder import Answer, Seen
from engine.settings import Settings
from storage.database import Database
from storage.store import Store
from tests.bench.counting import Tally, counted
from tests.bench.due import SCENES
from tests.bench.tick import BATCH, Measured, line, measure
from tests.integration.looking import Desk
from tests.integration.story import ALICE
from tests.made import MINT, NOON, minutes, sample

TOKENS = 45
A_CHUNK = 14  # 4 questions about its tokens, 7 statements for what looks found, 3 for who hears of it


async def few(database: Database, scene: str) -> Measured:
    return await measure(database, SCENES[scene], TOKENS, chats=3)


async def test_a_batch_of_ten_is_glanced_at_once_and_each_opened_gate_checked_once(database: Database) -> None:
    found = await few(database, "gate")
    opened = TOKENS - TOKENS // 10
    assert (found.glances, found.checks) == (ceil(TOKENS / BATCH), opened)
    assert found.tally.of("gate") == found.glances, "a batch's checks are claimed together"
    assert found.tally.of("recorder") <= A_CHUNK * len(found.chunks)
    assert sum(found.chunks) == TOKENS
    assert found.outbox >= 3 * opened
    assert all(word in line(found) for word in ("statements", "a chunk", "transactions", "longest pause", "MB"))


async def test_each_due_check_is_asked_once_and_no_glance(database: Database) -> None:
    found = await few(database, "checks")
    assert (found.glances, found.checks) == (0, TOKENS)
    assert found.tally.of("recorder") <= A_CHUNK * len(found.chunks)


async def test_a_glance_that_changes_nothing_writes_nothing(database: Database) -> None:
    found = await few(database, "still")
    assert (found.glances, found.checks) == (ceil(TOKENS / BATCH), 0)
    assert {about for task, about in found.tally.statements if task == "recorder"} == {
        "select tokens",
        "select token_snapshots",
        "select watches",
    }


@pytest.mark.parametrize("glanced", [False, True])
async def test_forty_looks_take_no_more_statements_than_one(database: Database, glanced: bool) -> None:
    desk = Desk(Store(database))
    await desk.store.chats.subscribe(ALICE, NOON - minutes(1))
    one = await settled(desk, 0, 1, glanced=glanced)
    many = await settled(desk, 1, 41, glanced=glanced)
    assert many.statements == one.statements
    assert many.transactions == one.transactions
    assert one.statements.total() <= A_CHUNK
    assert await desk.rows("SELECT count(*) FROM outbox") == [(2 * 41,)]


async def settled(desk: Desk, begin: int, end: int, *, glanced: bool) -> Tally:
    """What it takes to record a chunk of hot tokens' first checks, and of the glances that asked for them."""
    mints = [f"{MINT[:-2]}{number:02}" for number in range(begin, end)]
    await desk.track(*mints, heard_at=NOON - minutes(60))
    tokens = [(await desk.store.tokens.find(mint))[0] for mint in mints]
    hot = Seen(sample(tx_count_5m=1200))
    glance = Seen(sample(source=Source.DEXSCREENER, holders=None)) if glanced else None
    with counted(desk.store.database) as tally:
        await desk.recorder.settle([Answer(token, Settings(), glance=glance, check=hot) for token in tokens])
    return tally
