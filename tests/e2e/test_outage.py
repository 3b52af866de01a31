"""The database goes away for a while under load: the program waits, comes back by itself, and nothing is lost."""

import pytest

from tests.bench.outages import FAILOVER, broken, measure

pytestmark = pytest.mark.timeout(240)  # news comes once a minute where it comes in bursts


async def test_the_same_program_goes_on_after_the_database_was_away() -> None:
    outage = await measure("immediate", 2, hurry=True)
    assert broken(outage) == []
    assert outage.decided > 10


async def test_the_same_program_goes_on_with_a_promoted_replica() -> None:
    assert broken(await measure(FAILOVER, 0, hurry=True)) == []
