"""Laws of watching, for any series of looks at a token."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.chats import Condition, News, Watch
from engine.model import Glimpse, Sample, Score, Source, Verdict
from engine.settings import Settings
from engine.watching import SOURCE_NOISE_PERCENT, watch_news
from tests.made import NOON, minutes, token

DEFAULTS = Settings()

figures = st.none() | st.floats(0, 1e12)
sources = st.sampled_from(Source)
looks = st.none() | st.builds(Sample, ts=st.just(NOON), source=sources, price=figures, liquidity=figures)
scores = st.none() | st.builds(
    Score,
    ts=st.just(NOON),
    value=st.floats(-20, 20),
    raw=st.just(0.0),
    components=st.just(()),
    coverage=st.just(1.0),
    observed_minutes=st.floats(5, 60),
    observed_partial=st.just(False),
    alpha=st.just(0.1),
    moved=st.booleans(),
    settings_version=st.integers(0, 1),
    source=sources,
)
tokens = st.builds(
    lambda last_look_at, glimpse: token(
        last_look_at=last_look_at, glimpse=glimpse, settings_version=0, score_source=Source.BIRDEYE
    ),
    st.none() | st.just(NOON - minutes(1)),
    st.none() | st.builds(Glimpse, st.just(NOON), st.none(), st.none(), st.none()),
)
series = st.lists(
    st.builds(lambda known, look, score: Verdict(known, known, look, score, None, ()), tokens, looks, scores),
    min_size=1,
    max_size=12,
)
wishes = st.builds(
    Watch,
    chat_id=st.just(7),
    token_id=st.just(1),
    created_at=st.just(NOON - timedelta(hours=1)),
    score=st.none() | st.floats(0.1, 10),
    price_percent=st.none() | st.sampled_from([10.0, 25.0, 50.0]),
    liquidity_percent=st.none() | st.sampled_from([25.0, 50.0]),
)


def told(start: Watch, verdicts: Sequence[Verdict]) -> list[tuple[Watch, tuple[News, ...]]]:
    """Each state of the watch with its news, the first state included."""
    states: list[tuple[Watch, tuple[News, ...]]] = [(start, ())]
    for minute, look in enumerate(verdicts):
        states.append(watch_news(states[-1][0], look, NOON + minutes(minute), DEFAULTS))
    return states


@given(wishes, series)
def test_the_same_look_again_rings_for_nothing_more(start: Watch, verdicts: list[Verdict]) -> None:
    after, latest = told(start, verdicts)[-1][0], NOON + minutes(len(verdicts) - 1)
    again, news = watch_news(after, verdicts[-1], latest, DEFAULTS)
    assert news == ()
    assert watch_news(again, verdicts[-1], latest, DEFAULTS)[0] == again


@given(wishes, series)
def test_between_two_rings_of_a_score_it_fell_below(start: Watch, verdicts: list[Verdict]) -> None:
    states = told(start, verdicts)
    rung = [number for number, (_, news) in enumerate(states) if Condition.SCORE in {item.condition for item in news}]
    for earlier, later in pairwise(rung):
        assert any(not state.score_reached for state, _ in states[earlier + 1 : later])


@given(wishes, series)
def test_what_is_not_watched_never_rings_and_wishes_stay(start: Watch, verdicts: list[Verdict]) -> None:
    for after, news in told(start, verdicts):
        rung = {item.condition for item in news}
        assert start.score is not None or Condition.SCORE not in rung
        assert start.price_percent is not None or Condition.PRICE not in rung
        assert start.liquidity_percent is not None or not rung & {Condition.LIQUIDITY, Condition.GONE}
        assert (after.score, after.price_percent, after.liquidity_percent) == (
            start.score,
            start.price_percent,
            start.liquidity_percent,
        )


@given(wishes, series)
def test_a_price_and_a_liquidity_ring_only_for_what_is_watched(start: Watch, verdicts: list[Verdict]) -> None:
    for (before, _), (after, news) in pairwise(told(start, verdicts)):
        for item in news:
            assert item.base is None or item.base > 0
            if item.condition is Condition.PRICE:
                assert item.base == before.base_price
                noise = 0 if before.base_source is after.base_source else SOURCE_NOISE_PERCENT
                assert abs(item.now / (item.base or 1) - 1) * 100 >= max(item.limit, noise) - 1e-6
            if item.condition in {Condition.LIQUIDITY, Condition.GONE}:
                assert item.now < (item.base or 0)


@given(wishes, series)
def test_no_base_moves_away_from_a_move_in_silence(start: Watch, verdicts: list[Verdict]) -> None:
    for (before, _), (after, news) in pairwise(told(start, verdicts)):
        rung = {item.condition for item in news}
        assert after.base_price == before.base_price or before.base_price is None or Condition.PRICE in rung
        fell = (after.base_liquidity or 0) < (before.base_liquidity or 0)
        assert not fell or rung & {Condition.LIQUIDITY, Condition.GONE}


@given(wishes, series)
def test_missing_figures_change_nothing(start: Watch, verdicts: list[Verdict]) -> None:
    after = told(start, verdicts)[-1][0]
    for source in Source:
        blank = Verdict(token(), token(), Sample(NOON, source), None, None, ())
        assert watch_news(after, blank, NOON, DEFAULTS) == (after, ())
