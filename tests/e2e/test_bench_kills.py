"""The bench of kills with three of them; and that its laws notice what they forbid."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.bench.kills import measure
from tests.bench.kills_laws import Found, Life, broken, table

pytestmark = pytest.mark.timeout(120)
KEY = (11, "mint", "high_score")
SOUND = Found([Life(2.0, 1, frozenset({KEY}))], {(11, "mint")}, Counter([KEY]), {KEY: "sent"}, ["new"], ["new", "old"])


async def test_kills_under_load_lose_nothing_and_repeat_only_what_was_in_flight(fresh_database: dict[str, Any]) -> None:
    found = await measure(fresh_database, count=3, seed=2, chats=30, hurry=True)
    assert broken(found) == [], table(found)
    assert len(found.lives) == 3
    assert len(found.due) >= 30
    assert found.accepted.total() >= len(found.outcomes)


def test_what_is_in_flight_at_a_kill_may_come_once_more() -> None:
    assert broken(SOUND) == []
    assert broken(replace(SOUND, accepted=Counter({KEY: 2}))) == []
    assert broken(replace(SOUND, accepted=Counter({KEY: 3}))) == [
        "1 alerts came again that were not in flight: [\"(11, 'mint', 'high_score')\"]",
        "2 duplicates are more than 1 sends in flight",
    ]


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ({"accepted": Counter()}, "1 alerts were lost"),
        ({"due": {(11, "mint"), (12, "mint")}}, "1 alerts were lost"),
        ({"outcomes": {KEY: "our_bug"}}, "1 rows do not know that they were sent"),
        ({"outcomes": {}}, "1 sends have no row"),
        ({"tokens": ["old"]}, "1 migrations that were heard are no tokens"),
        ({"tokens": ["new", "new"]}, "1 tokens are tracked twice"),
        ({"heard": ["new", "new"]}, "1 migrations were heard as new twice"),
    ],
)
def test_a_broken_law_is_named(change: dict[str, Any], law: str) -> None:
    assert any(told.startswith(law) for told in broken(replace(SOUND, **change)))
