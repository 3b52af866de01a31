"""Who is checked next: what has just happened, what is overdue, what is about to ring; the quiet ones last. Pure.

Glances are free and tell most of a score beforehand (the pre-score), so a check is spent where it may decide
something. A bound on how old an Active token's check may become holds whatever is hot.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from engine.budget import Allowance
from engine.model import Status, Token
from engine.scoring import observed_minutes, young_factor
from engine.settings import Settings

GATE_LOOKS = (timedelta(seconds=20), timedelta(seconds=50))
SEEN = timedelta(minutes=5)  # a glance older than that says nothing about now
FRESH = timedelta(minutes=10)  # an activation that waited longer for its check is no news
OVERDUE_SHARE = 0.3  # of the checks: what keeping every Active token within the bound would take at the bound itself
OVERDUE_FROM = 1 - OVERDUE_SHARE  # of the bound: then even all tokens at once are served before it
SLOWEST_HOT = timedelta(minutes=10)
HOT_NEARNESS = 0.6
STEEPNESS = 4.0  # at half the bar a token is checked 2 ** 4 times as seldom as at the bar
HIGHER_PEAK = 1.25  # after an alert only a clearly higher score tells somebody something new
NEARLY = 0.6  # DexScreener counts 60-95 % of Birdeye's trades, so there may be more than a glance shows
GATE_NEARLY = 0.5


class Tier(IntEnum):
    """Why a token is checked, the most urgent first."""

    ACTIVATED = 0
    OVERDUE = 1
    GATE = 2
    HOT = 3
    ROUTINE = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a token without paying. `activated_at` is its latest activation or revival, `checked_at` its
    latest check, `glanced_at` its latest glance that brought figures. `pre_score`, `tx_count_5m` and `liquidity` (of
    the pools, the curve excluded) come from glances; `unseen` is how much more the latest check's raw score was than
    glances saw; `young` is y; `peak` is the highest score of the open episode, `low_looks` the run of low looks.
    """

    token_id: int
    status: Status
    created_at: datetime
    activated_at: datetime | None = None
    checked_at: datetime | None = None
    glanced_at: datetime | None = None
    score: float | None = None
    pre_score: float | None = None
    unseen: float = 0.0
    young: float = 1.0
    tx_count_5m: int | None = None
    liquidity: float | None = None
    peak: float | None = None
    low_looks: int = 0


def candidate_of(token: Token, now: datetime, settings: Settings) -> Candidate:
    """What is known of a token; figures of an old glance are forgotten."""
    minutes = observed_minutes(token, now)[0]
    seen = token.glimpse if token.glimpse and now - token.glimpse.at <= SEEN else None
    return Candidate(
        token_id=token.id,
        status=token.status,
        created_at=token.created_at,
        activated_at=max((ts for ts in (token.activated_at, token.revived_at) if ts), default=None),
        checked_at=token.checked_at,
        glanced_at=token.glimpse.at if token.glimpse else None,
        score=token.score,
        pre_score=seen.pre_score if seen else None,
        unseen=token.unseen or 0.0,
        young=young_factor(minutes, settings),
        tx_count_5m=seen.tx_count_5m if seen else None,
        liquidity=seen.liquidity if seen else None,
        peak=token.episode.peak if token.episode.opened_at else None,
        low_looks=len(token.low_run.latest),
    )


@dataclass(frozen=True, slots=True)
class Affordable:
    """How many checks may be made now, how many of them for quiet tokens, and the bound on a check's age.

    `interval_seconds` is the least pause between two checks of an Active token, `initial_seconds` of an Initial one.
    Where no glances come (`glances` is False), checks have to watch the gate alone.
    """

    checks: int
    routine: int
    bound_seconds: float
    interval_seconds: float = 30.0
    initial_seconds: float = 30.0
    glances: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """A token to check, and why; a higher `rank` goes first within its tier."""

    token_id: int
    tier: Tier
    rank: float


def affordable(
    allowed: Allowance,
    price_cu: int,
    active: int,
    interval_seconds: float = 30.0,
    initial_seconds: float = 30.0,
    *,
    glances: bool = True,
) -> Affordable:
    """The allowance in checks of `price_cu`. With `active` tokens no check gets older than the bound, in seconds:

    bound = active / (OVERDUE_SHARE · checks a second), at least one interval; infinite while nothing may be spent.
    """
    per_second = OVERDUE_SHARE * allowed.rate_cu / price_cu
    bound = active / per_second if per_second else math.inf
    checks, routine = int(allowed.now_cu // price_cu), int(allowed.routine_cu // price_cu)
    return Affordable(checks, routine, max(bound, interval_seconds), interval_seconds, initial_seconds, glances)


def choose(candidates: Iterable[Candidate], can: Affordable, now: datetime, settings: Settings) -> list[Choice]:
    """The tokens to check now, the most urgent first; no more than may be afforded."""
    choices = [choice for each in candidates if (choice := judge(each, can, now, settings))]
    choices.sort(key=lambda choice: (choice.tier, -choice.rank, choice.token_id))
    urgent = [choice for choice in choices if choice.tier is not Tier.ROUTINE][: can.checks]
    quiet = [choice for choice in choices if choice.tier is Tier.ROUTINE]
    return urgent + quiet[: max(0, min(can.routine, can.checks) - len(urgent))]


def judge(candidate: Candidate, can: Affordable, now: datetime, settings: Settings) -> Choice | None:
    """Why and how urgently a token should be checked; None when it need not be."""
    if candidate.status is Status.ACTIVE:
        return _active(candidate, can, now, settings)
    return _initial(candidate, can, now, settings) if candidate.status is Status.INITIAL else None


def _active(candidate: Candidate, can: Affordable, now: datetime, settings: Settings) -> Choice | None:
    near, waited = nearness(candidate, now, settings), _waited(candidate, now)
    if _just_activated(candidate, now):
        return Choice(candidate.token_id, Tier.ACTIVATED, near)
    if waited < can.interval_seconds:
        return None
    if waited >= OVERDUE_FROM * can.bound_seconds:
        return Choice(candidate.token_id, Tier.OVERDUE, waited)
    ratio = waited / hot_interval(near, can)
    if near >= HOT_NEARNESS and ratio >= 1:
        return Choice(candidate.token_id, Tier.HOT, ratio)
    return Choice(candidate.token_id, Tier.ROUTINE, waited * _interest(candidate, near, settings))


def _initial(candidate: Candidate, can: Affordable, now: datetime, settings: Settings) -> Choice | None:
    """A token that no glance has shown yet, or one near the gate: a glance counts fewer trades than a check.

    Due at its first two looks, then where money is left over, and sooner where it is about to ring. Without glances it
    is due at every doubling of its age.
    """
    nearly = (candidate.tx_count_5m or 0) >= GATE_NEARLY * settings.min_tx_count
    if can.glances and candidate.glanced_at is not None and not nearly:
        return None
    age, due = now - candidate.created_at, _gate_due(candidate, can)
    near, waited = nearness(candidate, now, settings), _waited(candidate, now)
    if age >= due and (nearly or not can.glances or due <= GATE_LOOKS[-1]):
        return Choice(candidate.token_id, Tier.GATE, -age.total_seconds())
    ratio = waited / hot_interval(near, can)
    if nearly and near >= HOT_NEARNESS and ratio >= 1:
        return Choice(candidate.token_id, Tier.HOT, ratio)
    if waited >= can.initial_seconds and (age >= due or not can.glances):
        return Choice(candidate.token_id, Tier.ROUTINE, waited * _interest(candidate, near, settings))
    return None


def _gate_due(candidate: Candidate, can: Affordable) -> timedelta:
    """The age at which an Initial token's next check is due: +20 s and +50 s, since a glance may come before; else at
    once and an interval later. After that at every doubling since it was last looked at.
    """
    first, second = GATE_LOOKS if can.glances else (timedelta(), timedelta(seconds=can.initial_seconds))
    looks = [candidate.checked_at] if can.glances else [candidate.checked_at, candidate.glanced_at]
    latest = max((ts for ts in looks if ts is not None), default=None)
    if latest is None:
        return first
    looked = latest - candidate.created_at
    return second if looked < second else 2 * looked


def nearness(candidate: Candidate, now: datetime, settings: Settings) -> float:
    """How near a check made now is expected to come to the next score that tells somebody something; 1 is there.

    0 where an alert is out of the question, because too few trade or too little is in the pools.
    """
    if not _may_ring(candidate, settings):
        return 0.0
    bar = settings.alert_score_on * candidate.young
    if candidate.peak is not None:
        bar = max(bar, HIGHER_PEAK * candidate.peak)
    return max(0.0, outlook(candidate, now, settings)) / max(bar, 1e-6)


def outlook(candidate: Candidate, now: datetime, settings: Settings) -> float:
    """The score that a check made now is expected to give: the EWMA of the last one and what glances see."""
    if candidate.pre_score is None:
        return candidate.score or 0.0
    raw = candidate.pre_score + candidate.unseen
    if candidate.score is None or candidate.checked_at is None:
        return raw
    alpha = 1 - math.pow(1 - settings.ewma_alpha, _waited(candidate, now) / settings.ewma_base_seconds)
    return alpha * raw + (1 - alpha) * candidate.score


def hot_interval(near: float, can: Affordable) -> float:
    """Seconds between checks of a token that near its bar: one interval at the bar, steeply more below it."""
    seconds = can.interval_seconds / math.pow(min(1.0, max(near, 1e-3)), STEEPNESS)
    return max(can.interval_seconds, min(seconds, SLOWEST_HOT.total_seconds()))


def _just_activated(candidate: Candidate, now: datetime) -> bool:
    moved = candidate.activated_at
    if moved is None or now - moved > FRESH:
        return False
    return candidate.checked_at is None or candidate.checked_at < moved


def _may_ring(candidate: Candidate, settings: Settings) -> bool:
    tx, liquidity = candidate.tx_count_5m, candidate.liquidity
    enough_tx = tx is None or tx >= NEARLY * settings.alert_min_tx
    return enough_tx and (liquidity is None or liquidity >= NEARLY * settings.alert_min_liquidity)


def _interest(candidate: Candidate, near: float, settings: Settings) -> float:
    """How much sooner than a dead one a quiet token is checked: near a bar or about to be archived."""
    archiving = candidate.low_looks / settings.degrade_checks
    return 0.2 + near + 0.1 * min(archiving, 1.0)


def _waited(candidate: Candidate, now: datetime) -> float:
    """Seconds since the last check, or since the activation when that came later."""
    times = (candidate.checked_at, candidate.activated_at, candidate.created_at)
    return max(0.0, (now - max(ts for ts in times if ts is not None)).total_seconds())
