"""Laws of the ranking, and of the bound on how old an Active token's check may become."""

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.budget import Allowance
from engine.model import Glimpse, Source, Status
from engine.scoring import pre_score
from engine.settings import Settings
from engine.urgency import Affordable, Candidate, Tier, affordable, candidate_of, choose, judge, nearness
from tests.made import NOON, minutes, sample, token

DEFAULTS = Settings()
RICH = Affordable(checks=1_000, routine=1_000, bound_seconds=600)
SECONDS = timedelta(seconds=1)


def candidate(token_id: int = 1, **facts: Any) -> Candidate:
    """An Active token, checked two minutes ago, in the middle of nowhere."""
    usual: dict[str, Any] = {
        "status": Status.ACTIVE,
        "created_at": NOON - minutes(60),
        "activated_at": NOON - minutes(59),
        "checked_at": NOON - minutes(2),
        "glanced_at": NOON,
        "score": 0.5,
        "pre_score": 0.5,
        "tx_count_5m": 100,
        "liquidity": 20_000.0,
    }
    return Candidate(token_id, **(usual | facts))


def initial(token_id: int = 1, *, age: float, **facts: Any) -> Candidate:
    """An Initial token of that age in seconds, which no glance has shown."""
    usual = {"status": Status.INITIAL, "activated_at": None, "checked_at": None, "glanced_at": None, "pre_score": None}
    return candidate(token_id, **({**usual, "created_at": NOON - age * SECONDS, "tx_count_5m": None, **facts}))


def order(*candidates: Candidate, can: Affordable = RICH) -> list[int]:
    return [choice.token_id for choice in choose(candidates, can, NOON, DEFAULTS)]


def tier(known: Candidate, can: Affordable = RICH) -> Tier | None:
    choice = judge(known, can, NOON, DEFAULTS)
    return choice.tier if choice else None


some = st.builds(
    candidate,
    st.integers(3, 99),
    checked_at=st.integers(0, 7_200).map(lambda seconds: NOON - seconds * SECONDS),
    score=st.none() | st.floats(-5, 5),
    pre_score=st.none() | st.floats(0, 8),
    tx_count_5m=st.none() | st.integers(0, 5_000),
    young=st.floats(0.5, 1),
    peak=st.none() | st.floats(0, 6),
    low_looks=st.integers(0, 10),
)


@given(st.lists(some, max_size=20), some)
def test_a_just_activated_token_comes_first(others: list[Candidate], fresh: Candidate) -> None:
    fresh = replace(fresh, token_id=1, activated_at=NOON - 5 * SECONDS, checked_at=NOON - minutes(30))
    assert order(*others, fresh)[0] == 1


@given(st.lists(some, max_size=20), some, st.floats(0, 8), st.floats(0, 8))
def test_a_higher_pre_score_never_comes_later(others: list[Candidate], one: Candidate, a: float, b: float) -> None:
    dull, hot = replace(one, token_id=2, pre_score=min(a, b)), replace(one, token_id=1, pre_score=max(a, b))
    ranked = order(*others, dull, hot)
    assert (2 in ranked) <= (1 in ranked)
    assert 2 not in ranked or ranked.index(1) < ranked.index(2)


@given(st.lists(some, max_size=20), some)
def test_a_token_at_the_bound_precedes_all_but_the_just_activated(others: list[Candidate], one: Candidate) -> None:
    stale = replace(one, token_id=1, checked_at=NOON - timedelta(seconds=7_201), activated_at=NOON - minutes(600))
    stale = replace(stale, created_at=NOON - minutes(601))
    can = replace(RICH, bound_seconds=9_000)
    assert order(*others, stale, can=can)[:1] == [1]


@given(st.lists(some, max_size=30), st.integers(0, 10), st.integers(0, 20))
def test_no_more_is_chosen_than_may_be_afforded(others: list[Candidate], checks: int, routine: int) -> None:
    choices = choose(others, Affordable(checks, routine, 600), NOON, DEFAULTS)
    assert len(choices) <= checks
    assert sum(choice.tier is Tier.ROUTINE for choice in choices) <= routine


def test_no_token_is_checked_twice_within_one_interval() -> None:
    assert tier(candidate(checked_at=NOON - 29 * SECONDS, pre_score=9.0, score=2.0)) is None
    assert tier(candidate(checked_at=NOON - 30 * SECONDS, pre_score=9.0, score=2.0)) is Tier.HOT


def test_a_jump_of_the_pre_score_asks_for_a_check() -> None:
    assert tier(candidate(pre_score=0.5, checked_at=NOON - minutes(6))) is Tier.ROUTINE
    assert tier(candidate(pre_score=2.2, checked_at=NOON - minutes(6))) is Tier.HOT


def test_a_token_that_cannot_ring_is_not_hot() -> None:
    assert nearness(candidate(pre_score=9.0, tx_count_5m=5), NOON, DEFAULTS) == 0
    assert nearness(candidate(pre_score=9.0, liquidity=1_000.0), NOON, DEFAULTS) == 0
    assert nearness(candidate(pre_score=9.0, tx_count_5m=None), NOON, DEFAULTS) > 1, "unknown is not too little"


def test_after_an_alert_only_a_clearly_higher_score_is_hot() -> None:
    assert nearness(candidate(pre_score=3.0, score=3.0, peak=None), NOON, DEFAULTS) == pytest.approx(1.5)
    assert nearness(candidate(pre_score=3.0, score=3.0, peak=3.0), NOON, DEFAULTS) == pytest.approx(0.8)


def test_a_young_token_is_nearer_to_its_lower_bar() -> None:
    young, old = candidate(young=0.5), candidate()
    assert nearness(young, NOON, DEFAULTS) == pytest.approx(2 * nearness(old, NOON, DEFAULTS))


def test_archived_tokens_and_listed_quiet_initial_ones_cost_nothing() -> None:
    assert tier(candidate(status=Status.ARCHIVED, pre_score=9.0)) is None
    assert tier(initial(age=600, glanced_at=NOON, tx_count_5m=10)) is None


def test_a_token_near_the_gate_is_checked_before_a_glance_opens_it() -> None:
    assert tier(initial(age=30, glanced_at=NOON, tx_count_5m=60, pre_score=0.2)) is Tier.GATE


@pytest.mark.parametrize(
    ("age", "checked", "due"),
    [(19, None, False), (20, None, True), (49, 20, False), (50, 20, True), (100, 50, False), (999, 50, False)],
)
def test_an_unlisted_token_is_looked_at_20_and_50_seconds_old(age: float, checked: float | None, due: bool) -> None:
    checked_at = None if checked is None else NOON - (age - checked) * SECONDS
    assert (tier(initial(age=age, checked_at=checked_at)) is Tier.GATE) is due


@pytest.mark.parametrize(
    ("age", "checked", "due"), [(0, None, True), (29, 0, False), (30, 0, True), (59, 30, False), (60, 30, True)]
)
def test_without_glances_the_gate_is_looked_at_at_once_after_an_interval_and_at_every_doubling(
    age: float, checked: float | None, due: bool
) -> None:
    checked_at = None if checked is None else NOON - (age - checked) * SECONDS
    alone = replace(RICH, glances=False, initial_seconds=30)
    assert (tier(initial(age=age, checked_at=checked_at), alone) is Tier.GATE) is due


def test_after_two_looks_an_unlisted_token_is_checked_from_money_left_over_at_every_doubling() -> None:
    assert tier(initial(age=99, checked_at=NOON - 49 * SECONDS)) is None
    assert tier(initial(age=100, checked_at=NOON - 50 * SECONDS)) is Tier.ROUTINE


def test_without_glances_money_left_over_watches_the_gate_each_interval() -> None:
    waiting = initial(age=600, checked_at=NOON - 31 * SECONDS)
    assert tier(waiting, replace(RICH, glances=False)) is Tier.ROUTINE
    assert tier(replace(waiting, glanced_at=NOON)) is None


def test_the_interval_of_checks_is_the_configured_one() -> None:
    quick = replace(RICH, interval_seconds=1)
    assert tier(candidate(checked_at=NOON - SECONDS, pre_score=9.0, score=2.0), quick) is Tier.HOT


def test_the_bound_is_shown_in_seconds_and_grows_with_the_tokens() -> None:
    allowed = Allowance(now_cu=1_000, routine_cu=500, rate_cu=1.5)
    assert affordable(allowed, 15, 100) == Affordable(66, 33, 100 / (0.3 * 1.5 / 15))
    assert affordable(allowed, 15, 0).bound_seconds == 30
    assert affordable(allowed, 15, 0, interval_seconds=10).bound_seconds == 10
    assert affordable(Allowance(0, 0, 0), 15, 5).bound_seconds == math.inf


@settings(max_examples=40)
@given(st.integers(2, 40), st.integers(0, 39), st.integers(10, 60))
def test_none_starves_beyond_the_bound(count: int, hot: int, seconds_per_check: int) -> None:
    """One check each so many seconds, some tokens always hot: nobody waits longer than the bound."""
    bound = count * seconds_per_check / 0.3
    can = Affordable(1, 0, bound)
    known = {
        number: candidate(number, pre_score=9.0 if number < hot else 0.0, checked_at=NOON) for number in range(count)
    }
    for turn in range(1, 6 * count):
        now = NOON + turn * seconds_per_check * SECONDS
        assert all((now - each.checked_at).total_seconds() <= bound for each in known.values() if each.checked_at)
        for choice in choose(known.values(), can, now, DEFAULTS):
            known[choice.token_id] = replace(known[choice.token_id], checked_at=now)


def test_the_pre_score_is_the_half_of_the_score_that_glances_see() -> None:
    look = sample(source=Source.DEXSCREENER, tx_count_5m=100, tx_count_1h=400, volume_5m=50.0, volume_1h=300.0)
    assert pre_score(token(), look, NOON, DEFAULTS) == pytest.approx(0.25 * 3 + 0.25 * 2)
    assert pre_score(token(), replace(look, volume_5m=None), NOON, DEFAULTS) == pytest.approx(0.75)
    assert pre_score(token(), replace(look, volume_5m=None, tx_count_1h=None), NOON, DEFAULTS) is None


def test_the_pre_score_counts_from_the_migration_since_a_glance_sees_no_curve() -> None:
    young = token(created_at=NOON - minutes(6), first_trade_at=NOON - minutes(40))
    look = sample(source=Source.DEXSCREENER, tx_count_5m=100, tx_count_1h=120, volume_5m=None)
    assert pre_score(young, look, NOON, DEFAULTS) == pytest.approx(0.25 * (100 / 5) / (120 / 6))


def test_an_old_glance_says_nothing_about_now() -> None:
    """A token that DexScreener stopped listing would else look hot for ever and be paid for each 30 s."""
    glimpse = Glimpse(NOON - timedelta(minutes=5, seconds=1), 3.0, 90, 20_000.0)
    waiting = token(status=Status.INITIAL, activated_at=None, glimpse=glimpse, checked_at=NOON - minutes(1))
    forgotten = candidate_of(waiting, NOON, DEFAULTS)
    assert (forgotten.pre_score, forgotten.tx_count_5m, forgotten.liquidity) == (None, None, None)
    assert judge(forgotten, RICH, NOON, DEFAULTS) is None
    fresh = candidate_of(replace(waiting, glimpse=replace(glimpse, at=NOON - minutes(4))), NOON, DEFAULTS)
    assert fresh.pre_score == 3.0


def test_when_glances_fail_a_token_seen_lately_is_not_due_at_once() -> None:
    alone = replace(RICH, glances=False, routine=0)
    seen = initial(age=3_600, glanced_at=NOON - 60 * SECONDS)
    assert tier(seen, alone) is not Tier.GATE
    assert tier(replace(seen, glanced_at=None), alone) is Tier.GATE
