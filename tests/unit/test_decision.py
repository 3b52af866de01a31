"""Which looks count: what is new to us, and what the provider has only repeated."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decision import decide
from engine.model import PoolFigures, Sample, Source, Verdict
from engine.settings import Settings
from tests.made import NOON, minutes, sample, token

POOL = PoolFigures("pool", "pumpswap", 60_000.0, 40_000.0, 400)


def seen(seconds: float = 0, **facts: Any) -> Sample:
    """A glance taken so long after noon."""
    usual: dict[str, Any] = {"holders": None, "buys_volume_5m": None, "sells_volume_5m": None}
    return sample(source=Source.DEXSCREENER, ts=NOON + timedelta(seconds=seconds), **(usual | facts))


def look(found: Sample | None, previous: Sample | None) -> Verdict:
    now = found.ts if found else NOON
    return decide(token(), found, (), now, Settings(), previous=previous, pools=(POOL,))


@pytest.mark.parametrize("seconds", [-59, 0, 1, 30, 59.9])
def test_the_same_figures_again_within_a_minute_are_no_look(seconds: float) -> None:
    verdict = look(seen(seconds, symbol="PI"), seen())
    assert (verdict.sample, verdict.score, verdict.pools) == (None, None, ())
    assert verdict.after == verdict.before


@pytest.mark.parametrize("seconds", [60, 61, 3600])
def test_an_idle_token_has_a_look_a_minute(seconds: float) -> None:
    verdict = look(seen(seconds), seen())
    assert verdict.sample == seen(seconds)
    assert verdict.after.last_look_at == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "figure", ["price", "liquidity", "market_cap", "tx_count_5m", "tx_count_1h", "volume_5m", "volume_1h"]
)
@pytest.mark.parametrize("value", [1, None])
def test_any_changed_figure_makes_a_look(figure: str, value: float | None) -> None:
    changed = seen(5, **{figure: value})
    assert look(changed, seen()).sample == changed


def test_a_first_look_and_one_from_another_source_are_never_frozen() -> None:
    assert look(seen(), None).sample == seen()
    check = replace(seen(), source=Source.BIRDEYE)
    assert look(seen(5), check).sample == seen(5)


def test_a_check_is_never_frozen_for_birdeye_tells_its_last_trade() -> None:
    assert look(sample(ts=NOON + minutes(0.5)), sample()).sample is not None


def test_a_sequence_of_frozen_glances_never_outlasts_the_cache() -> None:
    kept = [seen()]
    for seconds in range(10, 200, 10):
        verdict = look(seen(seconds), kept[-1])
        kept += [verdict.sample] if verdict.sample else []
    assert [(found.ts - NOON).seconds for found in kept] == [0, 60, 120, 180]


def test_pools_belong_to_a_look_that_counts() -> None:
    assert look(seen(), None).pools == (POOL,)
    assert look(None, None).pools == ()


FIGURES = st.fixed_dictionaries({"price": st.floats(0.1, 9), "tx_count_5m": st.integers(0, 9) | st.none()})


@given(FIGURES, FIGURES, st.floats(-100, 100))
def test_a_glance_is_frozen_exactly_when_all_its_figures_are(
    one: dict[str, float], other: dict[str, float], seconds: float
) -> None:
    verdict = look(seen(seconds, **other), seen(**one))
    within = abs(timedelta(seconds=seconds)) < timedelta(seconds=60)
    assert (verdict.sample is None) == (within and one == other)
