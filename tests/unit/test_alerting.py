from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.alerting import decide_alerts
from engine.decision import decide
from engine.model import Alert, AlertKind, Episode, Reason, Score, Source, Status, Token, Transition
from engine.settings import Settings
from tests.made import NOON, minutes, sample, token

DEFAULTS = Settings()


def score(value: float, *, w: float = 60, moved: bool = True) -> Score:
    return Score(NOON, value, value, (), 0.75, w, False, 0.1, moved, 0, Source.BIRDEYE)


def follow(
    values: Sequence[tuple[float, float]], start: Token | None = None, settings: Settings = DEFAULTS
) -> list[str]:
    """What a series of (minute, score) does to episodes: `open`, `ring`, `close` or `-` for each check."""
    known, told = start or token(settings_version=0), []
    for minute, value in values:
        before = known.episode
        episode, alerts = decide_alerts(known, sample(), score(value), None, NOON + minutes(minute), settings)
        known = replace(known, episode=episode, score=value)
        opened = before.opened_at is None and episode.opened_at is not None
        closed = before.opened_at is not None and episode.opened_at is None
        told.append("open" if opened else "close" if closed else "ring" if alerts else "-")
    return told


def test_an_episode_opens_at_the_lower_bar_and_closes_after_the_rearm_time_below_it() -> None:
    checks = [(0, 1.4), (1, 1.5), (2, 2.5), (3, 1.4), (7, 1.4), (8, 1.4), (9, 1.6)]
    assert follow(checks) == ["-", "open", "ring", "-", "-", "close", "open"]


def test_a_short_dip_does_not_end_an_episode() -> None:
    assert follow([(0, 2.0), (1, 1.0), (4, 1.5), (5, 1.0), (9.9, 1.0)]) == ["open", "-", "ring", "-", "-"]


def test_each_episode_has_its_own_number() -> None:
    first, _ = decide_alerts(token(), sample(), score(2.0), None, NOON, DEFAULTS)
    assert (first.number, first.opened_at, first.peak) == (1, NOON, 2.0)
    again, _ = decide_alerts(token(episode=Episode(number=1)), sample(), score(2.0), None, NOON, DEFAULTS)
    assert again.number == 2


def test_the_peak_is_remembered() -> None:
    known = token(episode=Episode(number=1, opened_at=NOON, peak=3.0))
    assert decide_alerts(known, sample(), score(2.0), None, NOON, DEFAULTS)[0].peak == 3.0
    assert decide_alerts(known, sample(), score(4.0), None, NOON, DEFAULTS)[0].peak == 4.0


def test_a_qualifying_check_tells_its_level_for_every_threshold() -> None:
    _, alerts = decide_alerts(token(), sample(), score(1.6, w=20), None, NOON, DEFAULTS)
    assert alerts == (Alert(AlertKind.HIGH_SCORE, 1, NOON, 1.6 / 0.8, None),)


def test_a_young_token_opens_its_episode_earlier() -> None:
    assert decide_alerts(token(), sample(), score(0.75, w=5), None, NOON, DEFAULTS)[1]
    assert not decide_alerts(token(), sample(), score(0.74, w=5), None, NOON, DEFAULTS)[1]


def test_unqualified_checks_never_ring() -> None:
    for look in (sample(tx_count_5m=49), sample(tx_count_5m=None), sample(liquidity=4_999.0), sample(liquidity=None)):
        assert decide_alerts(token(), look, score(9.0), None, NOON, DEFAULTS) == (Episode(), ())


def test_a_check_with_too_little_coverage_leaves_the_episode_alone() -> None:
    open_one = Episode(number=1, opened_at=NOON - minutes(9), peak=2.0, below_since=NOON - minutes(8))
    unmoved = score(0.0, moved=False)
    assert decide_alerts(token(episode=open_one), sample(), unmoved, None, NOON, DEFAULTS) == (open_one, ())


def test_what_the_settings_changed_is_old_news() -> None:
    known = token(score=1.0, settings_version=0)
    changed = Settings(version=1)
    episode, alerts = decide_alerts(known, sample(), score(2.4), None, NOON, changed)
    assert episode.floor == 2.4
    assert alerts == (Alert(AlertKind.HIGH_SCORE, 1, NOON, 2.4, 2.4),)
    later = replace(known, episode=episode, settings_version=1)
    _, alerts = decide_alerts(later, sample(), score(2.6), None, NOON + minutes(1), changed)
    assert alerts == (Alert(AlertKind.HIGH_SCORE, 1, NOON, 2.6, 2.4),)


def test_the_first_check_ever_is_news() -> None:
    _, alerts = decide_alerts(token(settings_version=None), sample(), score(2.4), None, NOON, Settings(version=7))
    assert alerts[0].floor is None


def moved(before: Status, after: Status) -> Transition:
    return Transition(before, after, Reason("because"))


def test_status_changes_are_told_once_per_life() -> None:
    def told(before: Status, after: Status, revivals: int) -> tuple[Alert, ...]:
        known = token(status=after, revivals=revivals)
        return decide_alerts(known, None, None, moved(before, after), NOON, DEFAULTS)[1]

    assert told(Status.INITIAL, Status.ACTIVE, 0) == (Alert(AlertKind.ACTIVATED, 0),)
    assert told(Status.ACTIVE, Status.ARCHIVED, 0) == (Alert(AlertKind.ARCHIVED, 0),)
    assert told(Status.ARCHIVED, Status.ACTIVE, 1) == (Alert(AlertKind.REVIVED, 1),)
    assert told(Status.ACTIVE, Status.ARCHIVED, 1) == (Alert(AlertKind.ARCHIVED, 1),)


def test_an_activation_carries_its_score_and_may_ring_at_once() -> None:
    fresh = token(status=Status.INITIAL, activated_at=None, settings_version=None)
    verdict = decide(fresh, sample(tx_count_5m=600), (), NOON, DEFAULTS)
    assert verdict.after.status is Status.ACTIVE
    assert verdict.score is not None
    assert verdict.after.score == verdict.score.value
    assert [alert.kind for alert in verdict.alerts] == [AlertKind.ACTIVATED, AlertKind.HIGH_SCORE]


def test_an_initial_token_is_not_scored() -> None:
    fresh = token(status=Status.INITIAL, activated_at=None)
    verdict = decide(fresh, sample(liquidity=10.0, tx_count_5m=1), (), NOON, DEFAULTS)
    assert verdict.sample is not None
    assert verdict.score is None
    assert verdict.after.last_look_at == NOON


def test_a_look_without_data_changes_nothing() -> None:
    verdict = decide(token(), None, (), NOON, DEFAULTS, check=False)
    assert (verdict.before, verdict.sample, verdict.score, verdict.alerts) == (verdict.after, None, None, ())


def test_a_trade_told_from_the_future_does_not_freeze_the_token() -> None:
    ahead = decide(token(), sample(last_trade_at=NOON + minutes(600)), (), NOON, DEFAULTS).after
    later = decide(ahead, sample(last_trade_at=NOON + minutes(1)), (), NOON + minutes(1), DEFAULTS)
    assert later.score is not None


def test_what_was_higher_before_the_settings_changed_is_old_news_too() -> None:
    known = token(score=3.0, settings_version=0, episode=Episode(1, NOON - minutes(5), peak=3.0, floor=2.0))
    episode, _ = decide_alerts(known, sample(), score(1.6), None, NOON, Settings(version=1))
    assert episode.floor == 3.0
    lower = replace(known, score=1.0)
    assert decide_alerts(lower, sample(), score(1.6), None, NOON, Settings(version=1))[0].floor == 2.0


def test_what_was_higher_before_the_settings_changed_is_old_news_also_where_the_first_check_is_low() -> None:
    """A lower threshold rang for each token above it whose one raw score of the first check happened to be low."""
    known = token(score=2.4, settings_version=0, episode=Episode(1, NOON - minutes(5), peak=2.4))
    changed = Settings(version=1, alert_score_on=2.0)
    dip, alerts = decide_alerts(known, sample(), score(1.2), None, NOON, changed)
    assert (dip.below_since, dip.floor, alerts) == (NOON, 2.4, ())
    later = replace(known, episode=dip, score=1.2, settings_version=1)
    _, [ring] = decide_alerts(later, sample(), score(2.3), None, NOON + minutes(1), changed)
    assert (ring.level, ring.floor) == (2.3, 2.4)


def test_figures_older_than_the_last_look_count_as_none() -> None:
    known = token(last_trade_at=NOON - minutes(1))
    stale = decide(known, sample(last_trade_at=NOON - minutes(2)), (), NOON, DEFAULTS)
    assert (stale.sample, stale.score, stale.after) == (None, None, replace(known, checked_at=NOON))
    same = decide(known, sample(last_trade_at=NOON - minutes(1)), (), NOON, DEFAULTS)
    assert same.score is not None


def test_a_look_teaches_what_lasts() -> None:
    known = token(symbol=None, first_trade_at=NOON - minutes(9))
    look = sample(symbol="PI", name="Palantir Inu", first_trade_at=NOON - minutes(12), last_trade_at=NOON)
    after = decide(known, look, (), NOON, DEFAULTS).after
    assert (after.symbol, after.name, after.first_trade_at) == ("PI", "Palantir Inu", NOON - minutes(12))
    assert (after.first_price, after.last_trade_at) == (0.001, NOON)
    again = decide(after, sample(symbol="FAKE", price=5.0), (), NOON + minutes(1), DEFAULTS).after
    assert (again.symbol, again.first_price) == ("PI", 0.001)


def test_an_untrusted_price_is_not_where_a_token_began() -> None:
    dead = sample(price=5167.0, liquidity=0.007)
    assert decide(token(), dead, (), NOON, DEFAULTS).after.first_price is None


def test_noise_around_the_threshold_rings_once() -> None:
    times: list[datetime] = [NOON + timedelta(seconds=30 * step) for step in range(60)]
    known, numbers = token(settings_version=0), set()
    for step, ts in enumerate(times):
        value = score(2.0 + (0.3 if step % 2 else -0.3))
        episode, alerts = decide_alerts(known, sample(), value, None, ts, DEFAULTS)
        known = replace(known, episode=episode)
        numbers |= {alert.episode for alert in alerts}
    assert numbers == {1}
