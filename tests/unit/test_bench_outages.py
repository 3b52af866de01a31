"""The laws of the bench of outages notice what they forbid."""

from dataclasses import replace
from typing import Any

import pytest

from tests.bench.outages import CHATS, Outage, broken

SOUND = Outage(
    "fast", 2, 3, 6, told=9, known=8, missed=0, decided=45, sent=45, lost=0, duplicated=len(CHATS), same_process=True
)


def test_an_outage_that_lost_nothing_breaks_no_law() -> None:
    assert broken(SOUND) == []


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ({"same_process": False}, "fast: the process ended"),
        ({"health_seconds": 21.0}, "fast: it was well only after 21.0 s"),
        ({"decided": 0}, "fast: nothing was decided"),
        ({"lost": 1}, "fast: 1 alerts were lost"),
        ({"duplicated": 6}, "fast: 6 alerts came twice"),
        ({"missed": 1}, "fast: 1 migrations were missed and no gap tells of it"),
    ],
)
def test_a_broken_law_is_named(change: dict[str, Any], law: str) -> None:
    assert broken(replace(SOUND, **change)) == [law]
