"""Leadership over the real PostgreSQL: one leads, the others stand by, and nobody stays leader without knowing."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import pytest

from engine.errors import DatabaseAway
from engine.patience import Patience
from engine.shown import Leader
from storage.database import Database
from storage.leader import LEADER_LOCK, LOST_SECONDS, PING_SECONDS, Leadership
from tests.databases import execute
from tests.waiting import until
from tests.wires import Wire

TAKEOVER_SECONDS = 10
KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND objid = $1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Candidate:
    """A program that would lead, with work that only lasts."""

    def __init__(self, address: str | dict[str, Any], name: str = "", patience_seconds: float = 600) -> None:
        self.database = Database(address)
        self.leadership = Leadership(self.database, Patience(patience_seconds).once, name)
        self.terms = 0
        self.works = False

    async def work(self) -> None:
        self.terms += 1
        self.works = True
        try:
            await asyncio.Event().wait()
        finally:
            self.works = False

    @property
    def stands_by(self) -> bool:
        term = self.leadership.term()
        return term is not None and not term.leading

    def leader(self) -> Leader:
        """Who leads, as this one knows."""
        term = self.leadership.term()
        assert term is not None
        assert term.leader is not None
        return term.leader


@asynccontextmanager
async def candidate(address: str | dict[str, Any], name: str = "") -> AsyncIterator[Candidate]:
    standing = Candidate(address, name)
    task = asyncio.create_task(standing.leadership.lead(standing.work))
    try:
        yield standing
        assert not task.done(), "leadership is never given up for good"
    finally:
        task.cancel()
        await asyncio.wait([task])
        await standing.database.close()
    assert task.cancelled()
    assert not standing.works


async def fetch(address: dict[str, Any], sql: str, *values: object) -> list[Any]:
    connection = await asyncpg.connect(**address)
    try:
        return list(await connection.fetch(sql, *values))
    finally:
        await connection.close()


@pytest.fixture
async def wire(fresh_database: dict[str, Any]) -> AsyncIterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="tothemoon-wire-") as folder:
        async with Wire(fresh_database, folder).laid() as laid:
            yield laid


async def test_one_leads_and_the_other_stands_by(fresh_database: dict[str, Any]) -> None:
    async with candidate(fresh_database) as first:
        await until(lambda: first.works, what="the first one's work")
        async with candidate(fresh_database) as second:
            await until(lambda: second.stands_by, what="the second one's answer")
            term = first.leadership.term()
            assert term is not None
            assert term.leading
            assert (first.works, second.terms) == (True, 0)
            assert (first.leadership.holds(), second.leadership.holds()) == (True, False)


async def test_the_leader_and_those_who_stand_by_tell_who_leads_and_since_when(
    fresh_database: dict[str, Any],
) -> None:
    async with candidate(fresh_database, "berlin-1") as first:
        await until(lambda: first.works, what="the first one's work")
        async with candidate(fresh_database, "paris-1") as second:
            await until(lambda: second.stands_by, what="the second one's answer")
            mine, theirs = first.leader(), second.leader()
            assert (mine.name, theirs.name) == ("berlin-1", "berlin-1")
            assert mine.since == theirs.since
            assert 0 <= theirs.seconds <= mine.seconds + 0.5
            await fetch(fresh_database, KILL, LEADER_LOCK)
            await until(lambda: first.terms + second.terms == 2, TAKEOVER_SECONDS, "the takeover")
            now = await fetch(fresh_database, "SELECT name, elected_at FROM leaders")
            leader = (second if second.terms else first).leader()
            assert (leader.name, leader.since) == tuple(now[0])
            assert leader.since > mine.since


async def test_a_leader_that_cannot_be_named_leads_all_the_same(fresh_database: dict[str, Any]) -> None:
    await execute(fresh_database, "DROP TABLE leaders")
    async with candidate(fresh_database) as first:
        await until(lambda: first.works, what="the first one's work")
        async with candidate(fresh_database) as second:
            await until(lambda: second.stands_by, what="the second one's answer")
            for one in (first, second):
                term = one.leadership.term()
                assert term is not None
                assert term.leader is None


async def test_a_leader_that_ends_leaves_the_lock_to_the_next(fresh_database: dict[str, Any]) -> None:
    async with AsyncExitStack() as stack:
        async with candidate(fresh_database) as first:
            await until(lambda: first.works, what="the first one's work")
            second = await stack.enter_async_context(candidate(fresh_database))
            await until(lambda: second.stands_by, what="the second one's answer")
        await until(lambda: second.works, 3, "the takeover")


async def test_a_leader_whose_connection_is_ended_stops_and_leads_anew(fresh_database: dict[str, Any]) -> None:
    async with candidate(fresh_database) as only:
        await until(lambda: only.works, what="the first term")
        assert await fetch(fresh_database, KILL, LEADER_LOCK)
        await until(lambda: only.terms == 2 and only.works, TAKEOVER_SECONDS, "the second term")


async def test_a_leader_whose_connection_is_ended_holds_nothing_from_that_moment(
    fresh_database: dict[str, Any],
) -> None:
    async with candidate(fresh_database) as only:
        await until(lambda: only.works, what="the first term")
        assert await fetch(fresh_database, KILL, LEADER_LOCK)
        await until(lambda: not only.leadership.holds(), PING_SECONDS / 2, "the news, before the next ping")
        await until(lambda: only.terms == 2 and only.works, TAKEOVER_SECONDS, "the second term")


async def test_a_leader_that_was_frozen_meanwhile_finds_out_when_it_wakes(fresh_database: dict[str, Any]) -> None:
    def depose() -> None:
        asyncio.run(fetch(fresh_database, KILL, LEADER_LOCK))
        asyncio.run(fetch(fresh_database, "SELECT pg_sleep($1)", LOST_SECONDS + 0.1))

    async with candidate(fresh_database) as only:
        await until(lambda: only.works, what="the first term")
        freeze = threading.Thread(target=depose)
        freeze.start()
        freeze.join()  # the whole loop stands still
        assert only.works
        assert not only.leadership.holds(), "what wakes in the middle of its work must know before any timer fires"
        await until(lambda: only.terms == 2 and only.works, TAKEOVER_SECONDS, "the second term")


async def test_a_leader_holds_nothing_any_more_while_its_work_comes_to_an_end(fresh_database: dict[str, Any]) -> None:
    held = []

    async def linger() -> None:
        held.append(leadership.holds())
        try:
            await asyncio.Event().wait()
        finally:
            held.append(leadership.holds())

    database = Database(fresh_database)
    leadership = Leadership(database, Patience().once)
    task = asyncio.create_task(leadership.lead(linger))
    await until(lambda: held == [True], what="the first term")
    assert await fetch(fresh_database, KILL, LEADER_LOCK)
    await until(lambda: len(held) > 1, what="its end")
    task.cancel()
    await asyncio.wait([task])
    assert held[:2] == [True, False]
    assert not leadership.holds()
    await database.close()


async def test_a_leader_that_hears_nothing_stops_before_another_one_begins(
    fresh_database: dict[str, Any], wire: Wire
) -> None:
    async with candidate(wire.address) as first:
        await until(lambda: first.works, what="the first one's work")
        async with candidate(fresh_database) as second:
            await until(lambda: second.stands_by, what="the second one's answer")
            wire.cut()
            cut_at = time.monotonic()
            await until(lambda: not first.works, LOST_SECONDS + 1, "the end of the first one's work")
            assert not first.leadership.holds()
            assert not second.works
            await until(lambda: second.works, TAKEOVER_SECONDS - (time.monotonic() - cut_at), "the takeover")
            wire.mend()
            await until(lambda: first.stands_by, 15, "the first one's answer")
            assert (first.terms, second.terms) == (1, 1)


async def test_a_leader_is_left_in_peace_while_it_pings(fresh_database: dict[str, Any]) -> None:
    async with candidate(fresh_database) as first:
        await until(lambda: first.works, what="the first one's work")
        async with candidate(fresh_database) as second:
            await until(lambda: (term := second.leadership.term()) and term.seconds > 8, 15, "eight seconds of standby")
            assert (first.terms, first.works, second.terms) == (1, True, 0)


async def test_leaders_of_different_databases_do_not_disturb_each_other(
    fresh_database: dict[str, Any], empty_database: dict[str, Any]
) -> None:
    async with candidate(fresh_database) as one, candidate(empty_database) as other:
        await until(lambda: one.works and other.works, what="both works")


async def test_an_absent_database_is_waited_for_and_then_given_up() -> None:
    lone = Candidate({"host": "127.0.0.1", "port": 1, "user": "nobody", "database": "none"}, patience_seconds=1)
    with pytest.raises(DatabaseAway):
        await lone.leadership.lead(lone.work)
    assert (lone.terms, lone.leadership.term()) == (0, None)
    await lone.database.close()


async def test_an_error_of_the_work_ends_the_leadership_and_frees_the_lock(fresh_database: dict[str, Any]) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    database = Database(fresh_database)
    with pytest.raises(BaseExceptionGroup) as caught:
        await Leadership(database, Patience().once).lead(fail)
    assert caught.group_contains(ZeroDivisionError)
    async with candidate(fresh_database) as other:
        await until(lambda: other.works, 5, "the next leader")
    await database.close()


async def test_a_server_that_only_replays_another_ones_log_has_no_leader(fresh_database: dict[str, Any]) -> None:
    await execute(fresh_database, "CREATE FUNCTION pg_is_in_recovery() RETURNS bool LANGUAGE sql RETURN true")
    await execute(fresh_database, f'ALTER DATABASE "{fresh_database["database"]}" SET search_path = public, pg_catalog')
    lone = Candidate(fresh_database, patience_seconds=1)
    with pytest.raises(DatabaseAway, match="read-only"):
        await lone.leadership.lead(lone.work)
    assert lone.terms == 0
    await lone.database.close()
