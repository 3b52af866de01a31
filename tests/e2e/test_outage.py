"""The database goes away for a while under load: the program waits, comes back by itself, and nothing is lost."""

import pytest

from tests.bench.outages import CHATS, measure

pytestmark = pytest.mark.timeout(120)


async def test_the_same_program_goes_on_after_the_database_was_away() -> None:
    outage = await measure("immediate", 2)
    assert outage.same_process
    assert outage.health_seconds < 20
    assert outage.lost == 0
    assert outage.duplicated <= len(CHATS), "what was under way"
    assert outage.known == outage.told
    assert outage.sent == outage.decided > 10


async def test_the_same_program_goes_on_with_a_promoted_replica() -> None:
    outage = await measure("failover", 0)
    assert outage.same_process
    assert outage.health_seconds < 20
    assert outage.lost == 0
    assert outage.duplicated <= len(CHATS), "what was under way"
    assert outage.known == outage.told
