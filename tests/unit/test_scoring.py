import json
import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import HolderPoint, Sample, Source
from engine.overview import parse_overview
from engine.scoring import (
    acceleration,
    components,
    coverage,
    growth,
    holders_then,
    imbalance,
    observed_minutes,
    score_check,
    smooth,
    young_factor,
)
from engine.settings import Settings
from tests.made import NOON, minutes, sample, token

PAYLOADS = Path(__file__).resolve().parents[2].parent / "shared" / "payloads" / "birdeye"
figures = st.floats(0, allow_nan=False, allow_infinity=False)
dollars = st.just(0.0) | st.floats(1e-6, 1e9)  # below, halving 5e-324 gives 0, and no ratio holds
counts = st.integers(0, 2**31 - 1)
maybe_figures, maybe_counts = st.none() | figures, st.none() | counts
samples = st.builds(
    Sample,
    ts=st.just(NOON),
    source=st.just(Source.BIRDEYE),
    holders=maybe_counts,
    liquidity=maybe_figures,
    tx_count_5m=maybe_counts,
    tx_count_1h=maybe_counts,
    volume_5m=maybe_figures,
    volume_1h=maybe_figures,
    buys_volume_5m=maybe_figures,
    sells_volume_5m=maybe_figures,
)
points = st.lists(
    st.builds(
        HolderPoint,
        ts=st.floats(-10, 200).map(lambda age: NOON - timedelta(minutes=age)),
        holders=st.integers(0, 2**31 - 1),
    ),
    max_size=5,
)


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded provider answers are not on this machine")
def test_the_recorded_active_token_scores_as_worked_out_by_hand() -> None:
    body = json.loads((PAYLOADS / "token_overview_recorded_active.json").read_text())
    look = parse_overview(body, body["data"]["address"], NOON)
    score = score_check(token(created_at=NOON - minutes(120), first_trade_at=None), look, (), NOON, Settings())
    values = {part.name: part.value for part in score.components}
    assert score.observed_minutes == 60
    assert values["tx_accel"] == pytest.approx((461 / 5) / (2712 / 60))
    assert values["tx_accel"] == pytest.approx(2.0398, abs=5e-5)
    assert values["vol_momentum"] == pytest.approx(2.3311, abs=5e-5)
    assert values["orderflow_imbalance"] == pytest.approx(-0.1288, abs=5e-5)
    assert values["holder_growth"] is None
    assert score.coverage == 0.75


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded provider answers are not on this machine")
def test_the_recorded_dead_token_shows_no_price() -> None:
    body = json.loads((PAYLOADS / "token_overview_recorded_dead.json").read_text())
    look = parse_overview(body, body["data"]["address"], NOON)
    assert look.price is not None
    assert look.price > 5000
    assert not look.trusted(Settings().min_trusted_liquidity)


def test_the_components_of_a_busy_token() -> None:
    then = HolderPoint(NOON - minutes(60), 500)
    parts = {part.name: part for part in components(sample(), [then], 60, False, Settings().weights)}
    assert parts["tx_accel"].value == pytest.approx((400 / 5) / (1200 / 60))
    assert parts["vol_momentum"].value == pytest.approx(40_000 / (120_000 / 12))
    assert parts["holder_growth"].value == pytest.approx(math.log(2))
    assert parts["orderflow_imbalance"].value == pytest.approx(0.25)
    assert not any(part.partial for part in parts.values())


def test_a_guessed_age_makes_the_two_paces_partial() -> None:
    partial = {part.name: part.partial for part in components(sample(), (), 30, True, Settings().weights)}
    assert partial == {
        "tx_accel": True,
        "vol_momentum": True,
        "holder_growth": False,
        "orderflow_imbalance": False,
    }


def test_missing_is_not_zero() -> None:
    quiet = sample(tx_count_5m=0, volume_5m=0.0, buys_volume_5m=0.0, sells_volume_5m=0.0)
    deaf = sample(tx_count_5m=None, volume_5m=None, buys_volume_5m=None, sells_volume_5m=None, holders=None)
    zeros = components(quiet, (), 60, False, Settings().weights)
    missing = components(deaf, (), 60, False, Settings().weights)
    assert [part.value for part in zeros] == [0, 0, None, 0]
    assert [part.value for part in missing] == [None] * 4
    assert coverage(zeros) == 0.75
    assert coverage(missing) == 0


def test_no_activity_in_the_hour_is_zero() -> None:
    assert acceleration(0, 0, 60) == 0
    assert acceleration(5, 0, 60) == 0
    assert acceleration(None, 0, 60) is None
    assert acceleration(0, None, 60) is None
    assert imbalance(0, 0) == 0
    assert imbalance(None, 0) is None


def test_a_window_shorter_than_the_hour_is_scaled_by_w() -> None:
    assert acceleration(100, 100, 5) == pytest.approx(1.0)
    assert acceleration(100, 100, 60) == pytest.approx(12.0)


def test_holders_are_compared_with_the_sample_nearest_to_an_hour_ago() -> None:
    ages = [3, 10, 31, 58, 63, 89, 95]
    history = [HolderPoint(NOON - minutes(age), 1000 + age) for age in ages]
    then, young = holders_then(history, NOON)
    assert then == HolderPoint(NOON - minutes(58), 1058)
    assert not young


def test_a_young_history_uses_its_oldest_sample_unscaled() -> None:
    history = [HolderPoint(NOON - minutes(age), 500) for age in (4, 6, 20)]
    then, young = holders_then(history, NOON)
    assert then == HolderPoint(NOON - minutes(20), 500)
    assert young
    assert growth(sample(holders=1000), then, young) == pytest.approx(math.log(2))


def test_an_older_sample_is_scaled_to_the_hour() -> None:
    then = HolderPoint(NOON - minutes(30), 500)
    assert growth(sample(holders=1000), then, False) == pytest.approx(math.log(2) * 2)


def test_holders_without_anything_to_compare_are_missing() -> None:
    assert holders_then([HolderPoint(NOON - minutes(4), 500)], NOON) == (None, True)
    assert holders_then([HolderPoint(NOON - minutes(60), 0)], NOON) == (None, True)
    assert growth(sample(holders=0), HolderPoint(NOON - minutes(60), 5), False) is None
    assert growth(sample(holders=None), HolderPoint(NOON - minutes(60), 5), False) is None


def test_w_runs_from_the_first_trade_within_5_and_60_minutes() -> None:
    def w(age: float) -> tuple[float, bool]:
        return observed_minutes(token(first_trade_at=NOON - minutes(age)), NOON)

    assert [w(-3), w(2), w(17), w(60), w(500)] == [(5, False), (5, False), (17, False), (60, False), (60, False)]


def test_w_is_guessed_from_the_migration_when_the_first_trade_is_unknown() -> None:
    assert observed_minutes(token(first_trade_at=None, created_at=NOON - minutes(10)), NOON) == (15, True)


def test_a_first_check_starts_at_raw() -> None:
    score = score_check(token(), sample(), (), NOON, Settings())
    assert score.value == score.raw
    assert score.alpha == 1
    assert score.moved


def test_an_interval_of_the_base_moves_by_alpha() -> None:
    value, alpha = smooth(1.0, NOON - timedelta(seconds=30), 2.0, NOON, Settings())
    assert value == pytest.approx(1.1)
    assert alpha == pytest.approx(0.1)


def test_a_clock_going_backwards_moves_nothing() -> None:
    assert smooth(1.0, NOON + minutes(5), 9.0, NOON, Settings()) == (1.0, 0.0)


def test_a_check_with_too_little_coverage_does_not_move_the_score() -> None:
    before = token(score=1.5, score_at=NOON - minutes(1), settings_version=0)
    score = score_check(before, sample(volume_5m=None), (), NOON, Settings())
    assert score.coverage == 0.5
    assert score.raw > 0
    assert (score.value, score.moved) == (1.5, False)


def test_a_first_check_with_too_little_coverage_gives_no_score() -> None:
    assert score_check(token(), sample(volume_5m=None), (), NOON, Settings()).value is None


def test_uneven_weights_reach_the_coverage_they_add_up_to() -> None:
    settings = Settings(
        weight_tx_accel=0.1, weight_vol_momentum=0.2, weight_orderflow_imbalance=0.3, weight_holder_growth=0.2
    )
    assert score_check(token(), sample(), (), NOON, settings).moved


def test_a_new_settings_version_starts_again_at_raw() -> None:
    before = token(score=9.0, score_at=NOON - timedelta(seconds=30), settings_version=0)
    score = score_check(before, sample(), (), NOON, Settings(version=1))
    assert score.value == score.raw != 9.0


def test_young_tokens_need_proportionally_less() -> None:
    assert [young_factor(w, Settings()) for w in (5, 12.5, 20, 25, 60)] == [0.5, 0.5, 0.8, 1, 1]


@given(samples, points, st.floats(-10, 200), st.none() | st.floats(-1e6, 1e6))
def test_nothing_is_ever_nan_or_infinite(
    look: Sample, history: list[HolderPoint], age: float, previous: float | None
) -> None:
    known = token(first_trade_at=NOON - timedelta(minutes=age), score=previous, score_at=NOON, settings_version=0)
    score = score_check(known, look, history, NOON, Settings())
    numbers = [score.raw, score.coverage, score.alpha, score.observed_minutes]
    numbers += [part.value for part in score.components if part.value is not None]
    numbers += [] if score.value is None else [score.value]
    assert all(math.isfinite(number) for number in numbers)
    assert 0 <= score.coverage <= 1


@given(st.floats(0, 1e9), st.floats(1, 1e9), dollars, dollars, st.floats(1e-3, 1e3))
def test_scaling_all_windows_alike_leaves_the_ratios(
    v5m: float, v1h: float, buys: float, sells: float, factor: float
) -> None:
    scaled = acceleration(v5m * factor, v1h * factor, 60)
    assert scaled == pytest.approx(acceleration(v5m, v1h, 60), rel=1e-9, abs=1e-9)
    assert imbalance(buys * factor, sells * factor) == pytest.approx(imbalance(buys, sells), rel=1e-9, abs=1e-9)


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(0, 1e5), st.floats(0.001, 1))
def test_two_half_intervals_equal_one_whole(previous: float, raw: float, seconds: float, alpha: float) -> None:
    settings = Settings(ewma_alpha=alpha)
    half, whole = NOON + timedelta(seconds=seconds / 2), NOON + timedelta(seconds=seconds)
    halfway, _ = smooth(previous, NOON, raw, half, settings)
    twice, _ = smooth(halfway, half, raw, whole, settings)
    once, _ = smooth(previous, NOON, raw, whole, settings)
    assert twice == pytest.approx(once, rel=1e-6, abs=1e-6)


@given(samples, points)
def test_taking_a_figure_away_never_raises_the_coverage(look: Sample, history: list[HolderPoint]) -> None:
    full = score_check(token(), look, history, NOON, Settings())
    for less in (replace(look, tx_count_5m=None), replace(look, volume_1h=None), replace(look, holders=None)):
        assert score_check(token(), less, history, NOON, Settings()).coverage <= full.coverage
