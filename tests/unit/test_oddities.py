"""What the world's tokens are said to do is what they do: exchanges, late holders, emptied pools."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest

from deploy.sandbox import statistics
from deploy.sandbox.oddities import Oddity, is_absurd, lag_seconds, migrants, oddities
from deploy.sandbox.statistics import Row, told
from deploy.sandbox.world import World
from tests.unit.migrants import migrated


def test_the_world_does_what_real_tokens_were_seen_to_do(world: World) -> None:
    found = oddities(migrants(world, 120))
    assert [odd.measured for odd in found if not odd.good] == []
    assert len(found) == 3


def test_the_lag_of_holders_is_one_to_four_minutes_and_never_more(world: World) -> None:
    lags = [lag_seconds(life, migrated(life)) for life in migrants(world, 40)]
    assert 60 <= median(lags) <= max(lags) <= 240


def test_a_world_whose_tokens_keep_their_pools_is_told_as_beyond(world: World) -> None:
    whole = [life for life in migrants(world, 60) if not life.tape().drains]
    [emptied] = [odd for odd in oddities(whole) if odd.measured.startswith("emptied")]
    assert (emptied.simulated, emptied.good) == (f"none of {len(whole)}", False)


def test_only_a_high_price_in_an_empty_pool_is_absurd(world: World) -> None:
    [life] = migrants(world, 1)
    figures = life.figures(migrated(life) + timedelta(minutes=1))
    assert figures is not None
    assert not is_absurd(figures)
    assert not is_absurd(replace(figures, price=5_000.0))
    assert is_absurd(replace(figures, price=5_000.0, liquidity=0.01))


def test_an_oddity_that_is_missing_is_named_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Oddity("several exchanges", "one", good=False)
    assert told([missing]).endswith("BEYOND")
    monkeypatch.setattr(statistics, "a_day", lambda _: [100, 1_100])
    monkeypatch.setattr(statistics, "rows", lambda _: [Row("fine", 1.0, 1.0, 0.1, ".1f")])
    monkeypatch.setattr(statistics, "oddities", lambda _: [missing])
    assert statistics.main(["--migrations", "5"]) == 1
