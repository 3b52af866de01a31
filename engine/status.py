"""Where a token stands after a look, and why: Initial → Active → Archived, and back when it revives. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.model import Episode, LowRun, Reason, Sample, Score, Source, Status, Token, Transition
from engine.settings import N_, Settings

MIN_LOOKS_OF_A_WINDOW = 3
REVIVE_PAUSE = timedelta(hours=1)

Step = tuple[Token, Transition | None]


def advance(token: Token, look: Sample | None, score: Score | None, now: datetime, settings: Settings) -> Step:
    """The token after one look, and its transition if it made one; at most one per look.

    `look` is None when the provider had no data; `score` is None when the look was a glance.
    """
    if token.status is Status.INITIAL:
        return _from_initial(token, look, now, settings)
    if token.status is Status.ACTIVE:
        return _from_active(token, look, score, now, settings)
    return _from_archived(token, look, now, settings)


def _from_initial(token: Token, look: Sample | None, now: datetime, settings: Settings) -> Step:
    reason = _gate(look, settings) if look else None
    if reason:
        return _move(replace(token, activated_at=now), Status.ACTIVE, reason)
    if outlived(token, now, settings):
        reason = Reason(N_("not active within {hours:g} h of its migration"), {"hours": settings.initial_max_age_hours})
        return _move(replace(token, archived_at=now), Status.ARCHIVED, reason)
    return token, None


def outlived(token: Token, now: datetime, settings: Settings) -> bool:
    """Whether the token has been Initial for too long."""
    age = now - token.created_at
    return token.status is Status.INITIAL and age >= timedelta(hours=settings.initial_max_age_hours)


def _gate(look: Sample, settings: Settings) -> Reason | None:
    """Why the look makes a token active, or None."""
    if look.liquidity is not None and look.liquidity >= settings.min_active_liquidity:
        values = {"liquidity": look.liquidity, "gate": settings.min_active_liquidity}
        return Reason(N_("liquidity ${liquidity:,.0f} reached ${gate:,.0f}"), values)
    if look.tx_count_5m is not None and look.tx_count_5m >= settings.min_tx_count:
        values = {"count": look.tx_count_5m, "gate": settings.min_tx_count}
        return Reason(N_("{count} transactions in 5 minutes reached {gate}"), values)
    return None


def _from_active(token: Token, look: Sample | None, score: Score | None, now: datetime, settings: Settings) -> Step:
    low = is_low(look, score, settings) if look else None
    if low is None:
        return token, None
    if not low:
        return replace(token, low_run=LowRun()), None
    run = _longer(token.low_run, now, settings)
    reason = _degraded(run, now, settings)
    if reason is None:
        return replace(token, low_run=run), None
    over = replace(token, archived_at=now, low_run=LowRun(), episode=Episode(number=token.episode.number))
    return _move(over, Status.ARCHIVED, reason)


def is_low(look: Sample, score: Score | None, settings: Settings) -> bool | None:
    """Whether a look is low; None when it is neither low nor good.

    A check with too little coverage is neither; a scored glance never has enough, so it stays a glance. Under the rule
    "all" a glance cannot be low, since it has no score.
    """
    if score is not None and not score.moved:
        if score.source is not Source.DEXSCREENER:
            return None
        score = None
    few = None if look.tx_count_5m is None else look.tx_count_5m < settings.min_tx_count_keep
    weak = None if score is None or score.value is None else score.value < settings.min_score_keep_active
    if settings.degrade_rule == "any" and weak:
        return True
    if few is None or not few:
        return few
    return True if settings.degrade_rule == "any" else weak or (None if weak is None else False)


def _longer(run: LowRun, now: datetime, settings: Settings) -> LowRun:
    """The run with this low look; only as many times are kept as the rules can ask for."""
    kept = max(settings.degrade_checks, MIN_LOOKS_OF_A_WINDOW)
    return LowRun(since=run.since or now, latest=(*run.latest, now)[-kept:])


def _degraded(run: LowRun, now: datetime, settings: Settings) -> Reason | None:
    """Why the run of low looks is enough to archive, or None."""
    begin = now - timedelta(hours=settings.degrade_window_hours)
    inside = [ts for ts in run.latest if ts >= begin]
    if len(inside) >= settings.degrade_checks:
        return Reason(N_("too few trades or a low score, {count} checks in a row"), {"count": len(inside)})
    if run.since is not None and run.since <= begin and len(inside) >= MIN_LOOKS_OF_A_WINDOW:
        return Reason(
            N_("too few trades or a low score in every check of the last {hours:g} h"),
            {"hours": settings.degrade_window_hours},
        )
    return None


def _from_archived(token: Token, look: Sample | None, now: datetime, settings: Settings) -> Step:
    if look is None or not _may_revive(token, now, settings) or not _second_wave(look, settings):
        return token, None
    values = {"count": look.tx_count_5m or 0, "liquidity": look.liquidity or 0.0}
    reason = Reason(N_("{count} transactions in 5 minutes at ${liquidity:,.0f} liquidity"), values)
    activated_at = token.activated_at or now
    back = replace(token, activated_at=activated_at, archived_at=None, revived_at=now, revivals=token.revivals + 1)
    return _move(back, Status.ACTIVE, reason)


def _may_revive(token: Token, now: datetime, settings: Settings) -> bool:
    if token.archived_at is None or now - token.archived_at > timedelta(hours=settings.revive_hours):
        return False
    rested = token.revived_at is None or now - token.revived_at >= REVIVE_PAUSE
    return settings.revive_hours > 0 and rested


def _second_wave(look: Sample, settings: Settings) -> bool:
    if look.tx_count_5m is None or look.liquidity is None:
        return False
    return look.tx_count_5m >= settings.min_tx_count and look.liquidity >= settings.alert_min_liquidity


def _move(token: Token, status: Status, reason: Reason) -> Step:
    return replace(token, status=status), Transition(token.status, status, reason)
