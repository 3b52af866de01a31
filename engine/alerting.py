"""What is worth telling after a look: status changes and episodes of a high score. Pure; storage knows who hears it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.model import Alert, AlertKind, Episode, Sample, Score, Status, Token, Transition
from engine.scoring import young_factor
from engine.settings import Settings


def decide_alerts(
    token: Token,
    look: Sample | None,
    score: Score | None,
    transition: Transition | None,
    now: datetime,
    settings: Settings,
) -> tuple[Episode, tuple[Alert, ...]]:
    """The token's episode after a look, and the alerts of this look.

    `token` carries the state before its score moved, but its status after the look.
    """
    news = _status_alert(token, transition)
    if token.status is not Status.ACTIVE or look is None or score is None or not score.moved:
        return token.episode, news
    episode = follow(token, look, score, now, settings)
    return episode, news + _score_alert(episode, look, score, settings)


def follow(token: Token, look: Sample, score: Score, now: datetime, settings: Settings) -> Episode:
    """The episode after a check: opened, continued or closed.

    Under a new settings version the level reached at once is old news (`floor`): a `/set` must not ring for all tokens.
    """
    high = _is_high(score, settings)
    episode = token.episode
    if episode.opened_at is None:
        if not (high and qualifies(look, score, settings)):
            return episode
        episode = Episode(number=episode.number + 1, opened_at=now)
    episode = replace(episode, floor=_floor(token, episode, score, settings))
    if not high:
        return _below(episode, now, settings)
    peak = max(score.value or 0.0, episode.peak if episode.peak is not None else score.value or 0.0)
    return replace(episode, below_since=None, peak=peak)


def qualifies(look: Sample, score: Score, settings: Settings) -> bool:
    """Whether a check may ring at all: one small trade in an idle hour would give an absurd tx_accel."""
    return (
        score.moved
        and (look.tx_count_5m or 0) >= settings.alert_min_tx
        and (look.liquidity or 0.0) >= settings.alert_min_liquidity
    )


def level_of(score: Score, settings: Settings) -> float:
    """score / y: what chats' thresholds are compared with."""
    return (score.value or 0.0) / young_factor(score.observed_minutes, settings)


def _is_high(score: Score, settings: Settings) -> bool:
    bar = settings.alert_score_off * young_factor(score.observed_minutes, settings)
    return score.value is not None and score.value >= bar


def _below(episode: Episode, now: datetime, settings: Settings) -> Episode:
    since = episode.below_since or now
    if now - since >= timedelta(minutes=settings.alert_rearm_minutes):
        return Episode(number=episode.number)
    return replace(episode, below_since=since)


def _floor(token: Token, episode: Episode, score: Score, settings: Settings) -> float | None:
    """The level that is old news: reached silently, because the settings or the source changed since the last check."""
    same_source = token.score_source in (None, score.source)
    if token.settings_version is None or (token.settings_version == settings.version and same_source):
        return episode.floor
    before = (token.score or 0.0) / young_factor(score.observed_minutes, settings)
    return max(level_of(score, settings), before, episode.floor or 0.0)


def _status_alert(token: Token, transition: Transition | None) -> tuple[Alert, ...]:
    if transition is None:
        return ()
    if transition.after is Status.ARCHIVED:
        return (Alert(AlertKind.ARCHIVED, episode=token.revivals),)
    kind = AlertKind.ACTIVATED if transition.before is Status.INITIAL else AlertKind.REVIVED
    return (Alert(kind, episode=token.revivals),)


def _score_alert(episode: Episode, look: Sample, score: Score, settings: Settings) -> tuple[Alert, ...]:
    if episode.opened_at is None or not _is_high(score, settings) or not qualifies(look, score, settings):
        return ()
    level = level_of(score, settings)
    return (Alert(AlertKind.HIGH_SCORE, episode.number, episode.opened_at, level, episode.floor),)
