"""The comparison of two speeds notices what differs, and forgives only what came within the last grain."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.bench.speeds_laws import GRAIN_SECONDS, Run, Story, broken, differing, table

END = 1_500.0
EDGE = END - GRAIN_SECONDS / 2
LIVELY = Story("HERO", "Active", 40.0, {"activated": (40.0,), "high_score": (420.0,)})
DULL = Story("MEH", "Archived", 900.0, {"activated": (200.0,), "archived": (900.0,)})


def run(stories: Mapping[str, Story], speed: float = 1.0) -> Run:
    return Run(speed, END, stories)


def crowd(others: int) -> tuple[Run, Run]:
    """A hundred tokens, so many of which are archived at one speed only."""
    slow = {f"mint {number}": DULL for number in range(100)}
    changed = replace(DULL, status="Active", moved_at=200.0, news={"activated": (200.0,)})
    fast = {mint: changed if number < others else DULL for number, mint in enumerate(slow)}
    return run(slow), run(fast, 60)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "Archived", "moved_at": 700.0},
        {"news": {"activated": (40.0,)}},
        {"news": {"activated": (40.0,), "high_score": (420.0, 1_000.0)}},
        {"news": {**LIVELY.news, "archived": (END - GRAIN_SECONDS - 1,)}},
    ],
)
def test_a_status_or_an_alert_at_one_speed_only_is_a_difference(change: dict[str, Any]) -> None:
    slow, fast = run({"mint": LIVELY}), run({"mint": replace(LIVELY, **change)}, 60)
    assert list(differing(slow, fast)) == list(differing(fast, slow)) == ["mint"]
    assert "differs: 'HERO' mint" in table(slow, fast)
    assert broken(slow, fast) == ["1 of 1 tokens differ, at most 0 may"]


@pytest.mark.parametrize(
    "later",
    [
        lambda story: replace(story, news={kind: tuple(at + 60 for at in times) for kind, times in story.news.items()}),
        lambda story: replace(story, news={**story.news, "high_score": (420.0, EDGE)}),
        lambda story: replace(story, status="Archived", moved_at=EDGE, news={**story.news, "archived": (EDGE,)}),
    ],
)
def test_the_same_alerts_at_other_times_and_news_of_the_last_grain_are_none(later: Callable[[Story], Story]) -> None:
    slow, fast = run({"mint": LIVELY}), run({"mint": later(LIVELY)}, 60)
    assert not differing(slow, fast)
    assert not differing(fast, slow)
    assert broken(slow, fast) == []


def test_the_same_alerts_more_than_a_grain_apart_and_a_chat_that_was_told_nothing_are_differences() -> None:
    late = {kind: tuple(at + 90 for at in times) for kind, times in LIVELY.news.items()}
    slow, fast = run({"mint": LIVELY}), run({"mint": replace(LIVELY, news=late)}, 60)
    assert broken(slow, fast) == [
        "activated is 90 s apart, at most a grain may be",
        "high_score is 90 s apart, at most a grain may be",
    ]
    told = replace(slow, told=frozenset({("mint", "activated")}))
    assert broken(told, replace(slow, speed=60)) == ["1 of 1 tokens were told otherwise, at most 0 may"]


def test_a_token_that_was_heard_of_at_the_end_only_may_be_unknown_at_the_other_speed() -> None:
    new = Story("NEW", "Active", EDGE, {"activated": (EDGE,)})
    assert not differing(run({"old": DULL, "new": new}), run({"old": DULL}, 60))
    assert list(differing(run({"old": DULL, "new": LIVELY}), run({"old": DULL}, 60))) == ["new"]


def test_one_token_in_twenty_may_differ() -> None:
    assert broken(*crowd(5)) == []
    assert broken(*crowd(6)) == ["6 of 100 tokens differ, at most 5 may"]
    assert broken(run({}), run({}, 60)) == ["there was no token at all"]


def test_the_table_tells_how_far_apart_the_same_alerts_are() -> None:
    late = {"activated": (52.0,), "high_score": (400.0,)}
    slow = replace(run({"hero": LIVELY, "dull": DULL}), told=frozenset({("hero", "activated"), ("dull", "archived")}))
    fast = replace(run({"hero": replace(LIVELY, news=late), "dull": DULL}, 60), told=frozenset({("hero", "activated")}))
    told = " ".join(table(slow, fast).split())
    assert "the same activated 2 of 2 tokens, 2 and 2 alerts, apart by 6 s (median), 12 s at most" in told
    assert "the same in the chat 1 of 2 alerts, 2 and 1 told" in told
    assert "no token was checked twice" in told
    assert "31 s between two checks" in table(replace(slow, pauses=(30.0, 31.0, 40.0)), fast)
