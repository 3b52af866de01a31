from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decision import decide
from engine.model import Episode, LowRun, Sample, Score, Source, Status, Token, Transition
from engine.settings import Settings
from engine.status import advance, is_low
from tests.made import NOON, minutes, sample, token

DEFAULTS = Settings()


def score(value: float | None = 1.0, *, moved: bool = True) -> Score:
    return Score(NOON, value, value or 0.0, (), 0.75, 60, False, 0.1, moved, 0, Source.BIRDEYE)


def initial(**facts: object) -> Token:
    return token(status=Status.INITIAL, activated_at=None, **facts)


def low_looks(known: Token, times: list[datetime], settings: Settings = DEFAULTS) -> tuple[Token, Transition | None]:
    """The token after low looks at these times; stops at the first transition."""
    for ts in times:
        known, transition = advance(known, sample(ts=ts, tx_count_5m=0), score(), ts, settings)
        if transition:
            return known, transition
    return known, None


def every(pause: timedelta, count: int) -> list[datetime]:
    return [NOON + pause * step for step in range(count)]


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (sample(liquidity=50_000.0, tx_count_5m=0), "liquidity $50,000 reached $50,000"),
        (sample(liquidity=None, tx_count_5m=100), "100 transactions in 5 minutes reached 100"),
    ],
)
def test_liquidity_or_transactions_make_a_token_active(look: Sample, words: str) -> None:
    after, transition = advance(initial(), look, None, NOON, DEFAULTS)
    assert (after.status, after.activated_at) == (Status.ACTIVE, NOON)
    assert transition is not None
    assert str(transition.reason) == words


def test_neither_enough_liquidity_nor_enough_transactions_changes_nothing() -> None:
    look = sample(liquidity=49_999.99, tx_count_5m=99)
    assert advance(initial(), look, None, NOON, DEFAULTS) == (initial(), None)


def test_missing_gate_figures_are_not_zero_nor_enough() -> None:
    look = sample(liquidity=None, tx_count_5m=None)
    assert advance(initial(), look, None, NOON, Settings(min_active_liquidity=0))[1] is None


def test_an_initial_token_is_archived_at_its_maximal_age_even_without_data() -> None:
    old = initial(created_at=NOON - timedelta(hours=24))
    after, transition = advance(old, None, None, NOON, DEFAULTS)
    assert (after.status, after.archived_at) == (Status.ARCHIVED, NOON)
    assert str(transition.reason if transition else "") == "not active within 24 h of its migration"
    assert advance(initial(created_at=NOON - timedelta(hours=23.9)), None, None, NOON, DEFAULTS)[1] is None


def test_ten_low_looks_in_a_row_archive() -> None:
    after, transition = low_looks(token(), every(timedelta(seconds=30), 9))
    assert transition is None
    assert len(after.low_run.latest) == 9
    after, transition = low_looks(token(), every(timedelta(seconds=30), 10))
    assert transition is not None
    assert str(transition.reason) == "too few trades or a low score, 10 checks in a row"
    assert (after.status, after.low_run) == (Status.ARCHIVED, LowRun())


def test_a_good_look_resets_the_count() -> None:
    after, _ = low_looks(token(), every(timedelta(seconds=30), 9))
    after, _ = advance(after, sample(), score(), NOON + minutes(5), DEFAULTS)
    assert after.low_run == LowRun()


def test_a_look_without_data_is_neither_low_nor_good() -> None:
    run, _ = low_looks(token(), every(timedelta(seconds=30), 9))
    after, transition = advance(run, None, None, NOON + minutes(5), DEFAULTS)
    assert (after, transition) == (run, None)
    after, transition = advance(run, sample(tx_count_5m=None), score(), NOON + minutes(5), DEFAULTS)
    assert (after, transition) == (run, None)


def test_rare_low_looks_archive_when_the_whole_window_was_low() -> None:
    times = every(timedelta(hours=2), 4)
    assert low_looks(token(), times[:3])[1] is None
    after, transition = low_looks(token(), times)
    assert after.status is Status.ARCHIVED
    said = str(transition.reason if transition else "")
    assert said == "too few trades or a low score in every check of the last 6 h"


def test_fewer_than_three_looks_in_the_window_do_not_archive() -> None:
    assert low_looks(token(), every(timedelta(hours=4), 5))[1] is None


def test_archiving_closes_the_episode() -> None:
    hot = token(episode=Episode(number=3, opened_at=NOON, peak=4.0))
    after, _ = low_looks(hot, every(timedelta(seconds=30), 10))
    assert after.episode == Episode(number=3)


@pytest.mark.parametrize(
    ("rule", "tx", "value", "low"),
    [
        ("any", 19, 1.0, True),
        ("any", 20, 1.0, False),
        ("any", 20, -0.1, True),
        ("any", None, -0.1, True),
        ("any", None, 1.0, None),
        ("all", 19, 1.0, False),
        ("all", 19, -0.1, True),
        ("all", 20, -0.1, False),
        ("all", None, -0.1, None),
    ],
)
def test_the_rule_says_or_or_and(rule: str, tx: int | None, value: float, low: bool | None) -> None:
    assert is_low(sample(tx_count_5m=tx), score(value), Settings(degrade_rule=rule)) is low


@pytest.mark.parametrize(("rule", "tx", "low"), [("any", 19, True), ("any", 20, False), ("all", 19, None)])
def test_a_glance_knows_transactions_only(rule: str, tx: int, low: bool | None) -> None:
    assert is_low(sample(tx_count_5m=tx), None, Settings(degrade_rule=rule)) is low


def test_a_check_with_too_little_coverage_is_neither_low_nor_good() -> None:
    assert is_low(sample(tx_count_5m=0), score(-5.0, moved=False), DEFAULTS) is None


def archived(**facts: object) -> Token:
    return token(status=Status.ARCHIVED, archived_at=NOON - timedelta(hours=3), **facts)


def test_a_second_wave_revives_a_token() -> None:
    look = sample(tx_count_5m=100, liquidity=5_000.0)
    after, transition = advance(archived(), look, None, NOON, DEFAULTS)
    assert (after.status, after.revived_at, after.revivals) == (Status.ACTIVE, NOON, 1)
    assert after.activated_at == archived().activated_at
    assert str(transition.reason if transition else "") == "100 transactions in 5 minutes at $5,000 liquidity"


@pytest.mark.parametrize(
    ("known", "look", "settings"),
    [
        (archived(), sample(tx_count_5m=99, liquidity=5_000.0), DEFAULTS),
        (archived(), sample(tx_count_5m=100, liquidity=4_999.0), DEFAULTS),
        (archived(), sample(tx_count_5m=None, liquidity=9_000.0), DEFAULTS),
        (archived(revived_at=NOON - minutes(59)), sample(), DEFAULTS),
        (archived(), sample(), Settings(revive_hours=2)),
        (archived(), sample(), Settings(revive_hours=0)),
    ],
)
def test_nothing_less_revives_a_token(known: Token, look: Sample, settings: Settings) -> None:
    assert advance(known, look, None, NOON, settings) == (known, None)


looks = st.none() | st.builds(
    sample,
    tx_count_5m=st.none() | st.integers(0, 300),
    liquidity=st.none() | st.floats(0, 1e6, allow_nan=False),
)
scores = st.none() | st.builds(score, st.floats(-5, 5, allow_nan=False))


@given(
    st.sampled_from(Status),
    st.lists(st.tuples(looks, scores, st.integers(0, 7200)), max_size=30),
    st.sampled_from(["any", "all"]),
)
def test_a_look_makes_at_most_one_transition_and_only_along_the_arrows(
    status: Status, steps: list[tuple[Sample | None, Score | None, int]], rule: str
) -> None:
    allowed = {
        (Status.INITIAL, Status.ACTIVE),
        (Status.INITIAL, Status.ARCHIVED),
        (Status.ACTIVE, Status.ARCHIVED),
        (Status.ARCHIVED, Status.ACTIVE),
    }
    known = replace(token(status=status), archived_at=NOON if status is Status.ARCHIVED else None)
    now = NOON
    for look, value, pause in steps:
        now += timedelta(seconds=pause)
        after, transition = advance(known, look, value, now, Settings(degrade_rule=rule))
        if transition is None:
            assert after.status is known.status
        else:
            assert (transition.before, transition.after) == (known.status, after.status)
            assert (known.status, after.status) in allowed
            assert str(transition.reason)
        known = after


def test_a_scored_glance_is_low_by_its_trades_though_its_score_never_moves() -> None:
    """Without a Birdeye key coverage is .5 for ever: else no token would ever be archived."""
    known, rules = token(), Settings()
    for minute in range(rules.degrade_checks):
        dead = sample(ts=NOON + minutes(minute), source=Source.DEXSCREENER, tx_count_5m=0, holders=None)
        dead = replace(dead, buys_volume_5m=None, sells_volume_5m=None)
        verdict = decide(known, dead, (), dead.ts, rules)
        assert verdict.score is not None
        assert not verdict.score.moved
        known = verdict.after
    assert known.status is Status.ARCHIVED
