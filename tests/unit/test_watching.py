"""What a look tells those who watch its token: the rules one by one, and the laws for any series of looks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from engine.chats import Condition, News, Watch
from engine.model import Glimpse, Sample, Score, Source, Verdict
from engine.settings import Settings
from engine.watching import begin, reaches, watch_news, watched_by
from tests.made import NOON, minutes, sample, token

DEFAULTS = Settings()
BASED = {"base_source": Source.BIRDEYE, "base_price_at": NOON, "base_liquidity_at": NOON, "first_price": 0.001}


def watch(**wishes: Any) -> Watch:
    """A watch of an hour, with nothing watched unless a test wants it."""
    usual: dict[str, Any] = {"chat_id": 7, "token_id": 1, "created_at": NOON - minutes(60)}
    return Watch(**(usual | wishes))


def verdict(look: Sample | None = None, level: float | None = None, **before: Any) -> Verdict:
    """A look at a token that is an hour old, so that its score is its level; with a check's score where told."""
    usual: dict[str, Any] = {"last_look_at": NOON - minutes(1), "settings_version": 0, "score_source": Source.BIRDEYE}
    known = token(**(usual | before))
    score = None if level is None else Score(NOON, level, level, (), 1.0, 60, False, 0.1, True, 0, Source.BIRDEYE)
    return Verdict(known, known, look, score, None, ())


def rings(start: Watch, looks: Sequence[Verdict], settings: Settings = DEFAULTS) -> list[list[Condition]]:
    """What each look of a series rings for, a minute apart."""
    told = []
    for minute, look in enumerate(looks):
        start, news = watch_news(start, look, NOON + minutes(minute), settings)
        told.append([item.condition for item in news])
    return told


def levels(*reached: float) -> list[Verdict]:
    return [verdict(level=level) for level in reached]


def prices(*told: float | None, **facts: Any) -> list[Verdict]:
    return [verdict(sample(price=price, **facts)) for price in told]


def pools(*told: float | None) -> list[Verdict]:
    return [verdict(sample(liquidity=liquidity)) for liquidity in told]


SCORE, PRICE, LIQUIDITY, GONE = [Condition.SCORE], [Condition.PRICE], [Condition.LIQUIDITY], [Condition.GONE]


# --- score


def test_a_score_rings_once_until_it_fell_a_tenth_below() -> None:
    told = rings(watch(score=2.0), levels(1.9, 2.0, 3.0, 1.81, 2.5, 1.79, 1.9, 2.1))
    assert told == [[], SCORE, [], [], [], [], [], SCORE]


def test_a_young_tokens_score_is_compared_by_its_level() -> None:
    score = Score(NOON, 1.0, 1.0, (), 1.0, 5, False, 0.1, True, 0, Source.BIRDEYE)
    after, news = watch_news(watch(score=2.0), replace(verdict(), score=score), NOON, DEFAULTS)
    assert news == (News(Condition.SCORE, 2.0, 2.0),)
    assert after.score_reached


def test_a_score_that_is_high_at_the_first_look_is_no_news() -> None:
    fresh = watch(score=2.0, created_at=NOON - minutes(1))
    assert rings(fresh, [*levels(3.0, 3.0, 1.0), *levels(3.0)])[0] == []
    after, _ = watch_news(fresh, verdict(level=3.0), NOON, DEFAULTS)
    assert after.score_reached
    assert rings(fresh, [verdict(level=3.0, last_look_at=None)]) == [[]]


def test_a_check_with_too_little_coverage_neither_rings_nor_arms() -> None:
    unmoved = [replace(look, score=replace(look.score, moved=False)) for look in levels(9.0, 0.0) if look.score]
    reached = watch(score=2.0, score_reached=True)
    assert rings(watch(score=2.0), unmoved) == [[], []]
    assert watch_news(reached, unmoved[1], NOON, DEFAULTS)[0] == reached


@pytest.mark.parametrize("before", [{"settings_version": 3}, {"score_source": Source.DEXSCREENER}])
def test_a_score_that_settings_or_source_have_made_is_no_news(before: dict[str, Any]) -> None:
    after, news = watch_news(watch(score=2.0), verdict(level=3.0, **before), NOON, DEFAULTS)
    assert (after.score_reached, news) == (True, ())


def test_a_watch_that_begins_above_its_level_has_reached_it() -> None:
    known = token(score=2.5)
    assert reaches(known, 2.0, NOON, DEFAULTS)
    assert not reaches(known, 3.0, NOON, DEFAULTS)
    assert not reaches(token(), 0.0, NOON, DEFAULTS)
    assert begin(7, known, None, 2.0, NOON, DEFAULTS).score_reached


def test_a_watch_begins_with_the_latest_figures() -> None:
    begun = begin(7, token(), sample(), 2.0, NOON, DEFAULTS)
    assert (begun.price_percent, begun.liquidity_percent, begun.revived, begun.archived) == (25, 50, True, True)
    assert (begun.base_price, begun.first_price, begun.base_liquidity, begun.base_price_at) == (
        0.001,
        0.001,
        60_000,
        NOON,
    )


# --- price


def test_a_price_rings_either_way_and_is_the_base_from_then_on() -> None:
    moving = watch(price_percent=25, base_price=0.001, **BASED)
    told = rings(moving, prices(0.00124, 0.00125, 0.0015, 0.0015625, 0.0012, 0.00117))
    assert told == [[], PRICE, [], PRICE, [], PRICE]


def test_news_of_a_price_say_from_when_and_what() -> None:
    moving = watch(price_percent=25, base_price=0.001, **BASED)
    after, news = watch_news(moving, verdict(sample(price=0.002)), NOON + minutes(5), DEFAULTS)
    assert news == (News(Condition.PRICE, 0.002, 25, 0.001, NOON),)
    assert (after.base_price, after.base_price_at, after.first_price) == (0.002, NOON + minutes(5), 0.001)


def test_the_first_price_is_the_base_in_silence() -> None:
    after, news = watch_news(watch(price_percent=25), verdict(sample()), NOON, DEFAULTS)
    assert (after.base_price, after.first_price, news) == (0.001, 0.001, ())


@pytest.mark.parametrize("figures", [{"price": None}, {"price": 0.0}, {"price": 5.0, "liquidity": 499.0}])
def test_a_price_that_is_missing_or_not_trusted_is_none(figures: dict[str, Any]) -> None:
    moving = watch(price_percent=25, base_price=0.001, **BASED)
    after, news = watch_news(moving, verdict(sample(**figures)), NOON, DEFAULTS)
    assert (after.base_price, after.base_price_at, news) == (0.001, NOON, ())


def test_a_price_that_is_not_watched_has_no_base() -> None:
    after, news = watch_news(watch(base_price=0.001, **BASED), verdict(sample(price=9.0)), NOON, DEFAULTS)
    assert (after.base_price, news) == (None, ())


# --- one source


def glanced(minutes_ago: float, look: Sample) -> Verdict:
    return verdict(look, glimpse=Glimpse(NOON - minutes(minutes_ago), None, None, None))


FREE = {"source": Source.DEXSCREENER}


def test_while_glances_come_prices_of_checks_do_not_count() -> None:
    moving = watch(price_percent=25, base_price=0.001, **(BASED | {"base_source": Source.DEXSCREENER}))
    assert watch_news(moving, glanced(1, sample(price=9.0)), NOON, DEFAULTS) == (moving, ())
    assert watch_news(moving, glanced(0, sample(price=9.0, **FREE)), NOON, DEFAULTS)[1]


def test_a_check_that_a_glance_asked_for_leaves_the_glance_its_say() -> None:
    moving = watch(price_percent=25, base_price=0.001, **(BASED | {"base_source": Source.DEXSCREENER}))
    both = replace(glanced(0, sample(price=0.001)), glance=sample(price=0.002, **FREE))
    assert [item.now for item in watch_news(moving, both, NOON, DEFAULTS)[1]] == [0.002]


def test_a_change_of_source_loses_no_move() -> None:
    moving = watch(price_percent=25, liquidity_percent=50, base_price=0.001, base_liquidity=90_000.0, **BASED)
    close = glanced(0, sample(price=0.00124, liquidity=70_000.0, **FREE))
    far = glanced(0, sample(price=0.00125, liquidity=45_000.0, **FREE))
    assert watch_news(moving, close, NOON, DEFAULTS) == (moving, ())
    after, news = watch_news(moving, far, NOON, DEFAULTS)
    assert [(item.condition, item.base) for item in news] == [(Condition.PRICE, 0.001), (Condition.LIQUIDITY, 90_000)]
    assert (after.base_source, after.base_price, after.base_liquidity) == (Source.DEXSCREENER, 0.00125, 45_000)


def test_what_two_sources_may_differ_by_is_no_move() -> None:
    moving = watch(price_percent=10, base_price=0.001, **BASED)
    told = rings(moving, [glanced(0, sample(price=price, **FREE)) for price in (0.00114, 0.00114, 0.00115, 0.00127)])
    assert told == [[], [], PRICE, PRICE]


def test_another_source_that_tells_nothing_changes_nothing() -> None:
    moving = watch(price_percent=25, liquidity_percent=50, base_price=0.001, base_liquidity=90_000.0, **BASED)
    assert watch_news(moving, glanced(0, sample(price=None, liquidity=None, **FREE)), NOON, DEFAULTS) == (moving, ())


def test_a_pool_that_is_gone_is_gone_whoever_says_so() -> None:
    moving = watch(liquidity_percent=50, base_liquidity=90_000.0, **BASED)
    assert rings(moving, [glanced(0, sample(liquidity=3.0, **FREE))]) == [GONE]


# --- liquidity


def test_liquidity_rings_below_its_highest_and_again_only_after_another_fall() -> None:
    deep = watch(liquidity_percent=50, base_liquidity=40_000.0, **BASED)
    told = rings(deep, pools(30_000, 60_000, 31_000, 30_000, 25_000, 16_000, 15_000))
    assert told == [[], [], [], LIQUIDITY, [], [], LIQUIDITY]


def test_a_pool_that_vanishes_rings_once_and_again_only_after_it_was_back() -> None:
    deep = watch(liquidity_percent=50, base_liquidity=40_000.0, **BASED)
    told = rings(deep, pools(3, 2, 0, 499, 501, 480, 400, 5_000, 10))
    assert told == [GONE, [], [], [], [], [], [], [], GONE]


def test_liquidity_that_is_missing_or_not_watched_rings_for_nothing() -> None:
    assert rings(watch(liquidity_percent=50, base_liquidity=40_000.0, **BASED), pools(None)) == [[]]
    assert rings(watch(base_liquidity=40_000.0, **BASED), pools(3)) == [[]]


def test_a_liquidity_of_nothing_is_no_base_to_fall_from() -> None:
    nothing = replace(DEFAULTS, min_trusted_liquidity=0)
    assert rings(watch(liquidity_percent=50, base_liquidity=0.0, **BASED), pools(0, 0, 9, 4), nothing) == [
        [],
        [],
        [],
        LIQUIDITY,
    ]


# --- several


def test_only_watches_that_changed_are_told_of() -> None:
    still, moving = watch(chat_id=1), watch(chat_id=2, price_percent=25, base_price=0.0001, **BASED)
    still = replace(still, base_source=Source.BIRDEYE, first_price=1.0)
    after, changed = watched_by((still, moving), verdict(sample()), NOON, DEFAULTS)
    assert [item.chat_id for item in after] == [1, 2]
    assert [(item.watch.chat_id, len(item.news)) for item in changed] == [(2, 1)]


def test_a_look_without_data_changes_nothing() -> None:
    known, wished = token(), watch(score=2.0, price_percent=10)
    assert watch_news(wished, Verdict(known, known, None, None, None, ()), NOON, DEFAULTS) == (wished, ())
