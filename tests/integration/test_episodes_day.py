"""A few simulated hours of scores around the threshold on a real PostgreSQL: who hears what, as specified."""

import pytest

from storage.database import Database
from tests.bench.episodes import Compared, compare, lines
from tests.bench.listeners import KINDS
from tests.bench.oracle import per_kind

REASONS = {
    "cooldown",
    "old news since a /set",
    "out of reach",
    "own filters",
    "subscribed in mid-episode",
    "threshold changed in mid-episode",
}


@pytest.fixture
async def hours(database: Database) -> Compared:
    return await compare(database, hours=2, tokens=5, chats=2, seed=3)


async def test_chats_hear_what_the_specification_says_and_a_repeated_tick_inserts_nothing(hours: Compared) -> None:
    assert hours.differences == []
    assert hours.day.repeated == 0
    assert len(hours.day.told) == len(set(hours.day.told)) > 50
    assert set(hours.oracle.kept_back) == REASONS, "each rule had something to keep back"
    told = per_kind(hours.day.told, hours.day.kinds)
    assert set(told) == set(KINDS), "each kind of chat heard something"
    assert len(hours.oracle.plain) > 1.5 * len(hours.day.told), "a plain threshold crossing rings more often"
    assert "\n".join(lines(hours)).count("\n") == len(KINDS) + 5
