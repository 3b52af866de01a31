"""Which looks count: what is new to us, and what the provider has only repeated."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decision import decide, join
from engine.model import AlertKind, Episode, Glimpse, PoolFigures, Sample, Source, Status, Verdict
from engine.settings import Settings
from engine.shown import facts_of
from tests.made import NOON, minutes, sample, token

POOL = PoolFigures("pool", "pumpswap", 60_000.0, 40_000.0, 400)


def seen(seconds: float = 0, **facts: Any) -> Sample:
    """A glance taken so long after noon."""
    usual: dict[str, Any] = {"holders": None, "buys_volume_5m": None, "sells_volume_5m": None}
    return sample(source=Source.DEXSCREENER, ts=NOON + timedelta(seconds=seconds), **(usual | facts))


def look(found: Sample | None, previous: Sample | None) -> Verdict:
    now = found.ts if found else NOON
    return decide(token(), found, (), now, Settings(), check=False, previous=previous, pools=(POOL,))


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


GLANCE = sample(source=Source.DEXSCREENER, holders=None, buys_volume_5m=None, sells_volume_5m=None)
FRESH = replace(token(), status=Status.INITIAL, activated_at=None)


def opened() -> tuple[Verdict, Verdict]:
    """A glance that activates a token, and the check made on what it leaves."""
    glance = decide(FRESH, GLANCE, (), NOON, Settings(), check=False, pools=(POOL,))
    return glance, decide(glance.after, sample(), (), NOON, Settings())


def test_a_glance_is_not_scored_but_ranks_the_next_check() -> None:
    glance, _ = opened()
    assert (glance.score, glance.after.score, glance.after.checked_at) == (None, None, None)
    assert glance.after.glimpse == Glimpse(NOON, 2.0, 400, 60_000.0)
    assert [alert.kind for alert in glance.alerts] == [AlertKind.ACTIVATED]


def test_without_anybody_paid_a_glance_is_the_check() -> None:
    verdict = decide(FRESH, GLANCE, (), NOON, Settings())
    assert verdict.score is not None
    assert (verdict.score.coverage, verdict.score.moved, verdict.score.value) == (0.5, False, None)
    assert verdict.score.source is Source.DEXSCREENER
    admitted = decide(FRESH, GLANCE, (), NOON, Settings(alert_min_coverage=0.5))
    assert admitted.after.score == pytest.approx(2.0)


def test_an_activation_by_a_glance_carries_the_score_of_its_check() -> None:
    glance, check = opened()
    both = join(glance, check)
    assert (both.before, both.transition) == (FRESH, glance.transition)
    assert (both.glance, both.sample, both.pools) == (GLANCE, sample(), (POOL,))
    assert both.alerts[0].kind is AlertKind.ACTIVATED
    assert facts_of(both, both.alerts[0], NOON, Settings()).score == both.after.score is not None


def test_a_check_without_data_leaves_the_activation_to_the_glance() -> None:
    glance, _ = opened()
    both = join(glance, decide(glance.after, None, (), NOON, Settings()))
    assert (both.sample, both.glance, both.score) == (GLANCE, None, None)
    assert both.alerts == glance.alerts
    assert both.after.checked_at == NOON


def test_a_check_that_would_archive_at_once_counts_as_not_made() -> None:
    harsh = Settings(degrade_checks=1, min_score_keep_active=50.0)
    glance = decide(FRESH, GLANCE, (), NOON, harsh, check=False)
    check = decide(glance.after, sample(), (), NOON, harsh)
    assert check.transition is not None
    assert join(glance, check) == glance


def test_scores_of_two_sources_are_never_mixed() -> None:
    known = token(score=5.0, score_at=NOON - minutes(1), settings_version=0, score_source=Source.DEXSCREENER)
    unscored = decide(token(), sample(), (), NOON, Settings())
    assert decide(known, sample(), (), NOON, Settings()).after.score == unscored.after.score
    episode = Episode(1, NOON - minutes(9), peak=5.0)
    rung = decide(
        replace(known, episode=episode), sample(), (), NOON, Settings(alert_score_off=0.5, alert_score_on=0.6)
    )
    assert rung.after.episode.floor is not None, "what another source had reached is old news"


@given(st.integers(0, 500), st.floats(0, 10))
def test_unseen_is_what_the_glance_did_not_see_of_the_checks_raw_score(count: int, pre_score: float) -> None:
    known = token(glimpse=Glimpse(NOON, pre_score, 10, 10.0))
    verdict = decide(known, sample(tx_count_5m=count, tx_count_1h=500), (), NOON, Settings())
    assert verdict.score is not None
    assert (verdict.after.unseen or 0.0) + pre_score == pytest.approx(verdict.score.raw)


def test_the_first_glance_tells_what_the_checks_before_it_saw_more() -> None:
    checked = decide(token(), sample(), (), NOON, Settings())
    assert checked.score is not None
    assert checked.after.unseen == checked.score.raw, "nothing was seen for free yet"
    glanced = decide(checked.after, GLANCE, (), NOON, Settings(), check=False).after
    assert glanced.glimpse is not None
    assert glanced.unseen == pytest.approx(checked.score.raw - (glanced.glimpse.pre_score or 0.0))
    again = decide(glanced, replace(GLANCE, ts=NOON + minutes(2)), (), NOON + minutes(2), Settings(), check=False)
    assert again.after.unseen == glanced.unseen, "only a check tells more"
