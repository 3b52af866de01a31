"""The four components of a check, and the score smoothed over checks. Pure; formulas from the glossary in the README.

W, the observed minutes, replaces the textbook's hour for tokens younger than that: at W = 60 both are the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from engine.model import Component, HolderPoint, Sample, Score, Token
from engine.settings import Settings

MIN_OBSERVED_MINUTES = 5.0
MAX_OBSERVED_MINUTES = 60.0
CURVE_MINUTES = 5.0  # a migration comes a median 4-5 minutes after the token's creation
ABSURD = 1e12  # a ratio beyond this comes from broken figures, so it is no figure

Inputs = Mapping[str, float | int | None]


def score_check(
    token: Token, sample: Sample, points: Iterable[HolderPoint], now: datetime, settings: Settings
) -> Score:
    """This check's raw score and the smoothed score after it.

    Below `alert_min_coverage` the smoothed score does not move. Under a new settings version, or from another source,
    it starts again at raw, since old and new scores are not comparable.
    """
    minutes, guessed = observed_minutes(token, now)
    age_seconds = max(0.0, (now - sample.ts).total_seconds())
    parts = tuple(
        replace(part, age_seconds=age_seconds)
        for part in components(sample, points, minutes, guessed, settings.weights)
    )
    raw = math.fsum(part.contribution for part in parts)
    share = coverage(parts)
    moved = share >= settings.alert_min_coverage - 1e-9  # the sum of weights carries rounding errors
    rebased = token.settings_version != settings.version or token.score_source not in (None, sample.source)
    value, alpha = smooth(None if rebased else token.score, token.score_at, raw, now, settings)
    return Score(
        ts=now,
        value=value if moved else token.score,
        raw=raw,
        components=parts,
        coverage=share,
        observed_minutes=minutes,
        observed_partial=guessed,
        alpha=alpha if moved else 0.0,
        moved=moved,
        settings_version=settings.version,
        source=sample.source,
    )


def pre_score(token: Token, glance: Sample, now: datetime, settings: Settings) -> float | None:
    """w·(tx_accel + vol_momentum) of a glance; None when it tells neither. It only ranks who is checked next.

    A glance sees no trade of the curve, so here W counts from the migration.
    """
    minutes = _clamped((now - token.created_at).total_seconds() / 60)
    tx_accel = acceleration(glance.tx_count_5m, glance.tx_count_1h, minutes)
    momentum = acceleration(glance.volume_5m, glance.volume_1h, minutes)
    if tx_accel is None and momentum is None:
        return None
    return settings.weight_tx_accel * (tx_accel or 0.0) + settings.weight_vol_momentum * (momentum or 0.0)


def observed_minutes(token: Token, now: datetime) -> tuple[float, bool]:
    """W in 5…60 minutes, and whether it was guessed from the migration because the first trade is unknown."""
    guessed = token.first_trade_at is None
    begin = token.first_trade_at or token.created_at - timedelta(minutes=CURVE_MINUTES)
    return _clamped((now - begin).total_seconds() / 60), guessed


def _clamped(minutes: float) -> float:
    return min(max(minutes, MIN_OBSERVED_MINUTES), MAX_OBSERVED_MINUTES)


def components(
    sample: Sample,
    points: Iterable[HolderPoint],
    minutes: float,
    guessed: bool,
    weights: Mapping[str, float],
) -> tuple[Component, ...]:
    """All four components of a sample, each present or missing; `minutes` is W."""
    tx = {"tx_count_5m": sample.tx_count_5m, "tx_count_1h": sample.tx_count_1h}
    volume = {"volume_5m": sample.volume_5m, "volume_1h": sample.volume_1h}
    flow = {"buys_volume_5m": sample.buys_volume_5m, "sells_volume_5m": sample.sells_volume_5m}
    then, young = holders_then(points, sample.ts)
    return (
        _component("tx_accel", acceleration(sample.tx_count_5m, sample.tx_count_1h, minutes), weights, tx, guessed),
        _component("vol_momentum", acceleration(sample.volume_5m, sample.volume_1h, minutes), weights, volume, guessed),
        _component(
            "holder_growth",
            growth(sample, then, young),
            weights,
            _holder_inputs(sample, then),
            young and then is not None,
        ),
        _component(
            "orderflow_imbalance", imbalance(sample.buys_volume_5m, sample.sells_volume_5m), weights, flow, False
        ),
    )


def acceleration(in_5m: float | None, in_1h: float | None, minutes: float) -> float | None:
    """(in_5m / 5) / (in_1h / W): the pace of the last five minutes against that of the observed hour."""
    if in_5m is None or in_1h is None:
        return None
    if in_1h == 0:
        return 0.0
    return _figure(lambda: (in_5m / 5) / (in_1h / minutes))


def holders_then(points: Iterable[HolderPoint], now: datetime) -> tuple[HolderPoint | None, bool]:
    """The point nearest to 60 minutes ago within 30–90, else (flagged young) the oldest that is 5–30 minutes old."""
    aged = [((now - point.ts).total_seconds() / 60, point) for point in points if point.holders > 0]
    hour = [(abs(age - 60), point) for age, point in aged if 30 <= age <= 90]
    if hour:
        return min(hour, key=lambda pair: pair[0])[1], False
    recent = [(age, point) for age, point in aged if 5 <= age < 30]
    return (max(recent, key=lambda pair: pair[0])[1] if recent else None), True


def growth(sample: Sample, then: HolderPoint | None, young: bool) -> float | None:
    """ln(1 + Δholders / holders_then) · 60 / age in minutes; without the scaling where the history is young."""
    if not sample.holders or then is None:
        return None
    log_ratio = math.log(sample.holders / then.holders)
    return log_ratio if young else log_ratio * 60 / ((sample.ts - then.ts).total_seconds() / 60)


def imbalance(buys: float | None, sells: float | None) -> float | None:
    """(buys − sells) / (buys + sells) in −1…1; 0 where nothing was traded."""
    if buys is None or sells is None:
        return None
    return 0.0 if buys + sells == 0 else _figure(lambda: (buys - sells) / (buys + sells))


def coverage(parts: Iterable[Component]) -> float:
    """Σ|w| of the components that are present / Σ|w| of all; 0 when all weights are 0."""
    pairs = [(abs(part.weight), part.value is not None) for part in parts]
    total = math.fsum(weight for weight, _ in pairs)
    return math.fsum(weight for weight, present in pairs if present) / total if total else 0.0


def smooth(
    previous: float | None, previous_at: datetime | None, raw: float, now: datetime, settings: Settings
) -> tuple[float, float]:
    """(score, α′) with α′ = 1 − (1 − α)^(Δt / base), Δt ≥ 0; the first check starts at raw."""
    if previous is None or previous_at is None:
        return raw, 1.0
    elapsed = max(0.0, (now - previous_at).total_seconds())
    alpha = 1 - (1 - settings.ewma_alpha) ** (elapsed / settings.ewma_base_seconds)
    return alpha * raw + (1 - alpha) * previous, alpha


def young_factor(minutes: float, settings: Settings) -> float:
    """y = clamp(W / alert_young_minutes, ½, 1): tx_accel cannot exceed W / 5, so young tokens are asked for less."""
    return min(max(minutes / settings.alert_young_minutes, 0.5), 1.0)


def heat(token: Token, now: datetime, settings: Settings) -> float | None:
    """The score for the token's age, score / y: what alerts compare with thresholds. None without a score."""
    return None if token.score is None else token.score / young_factor(observed_minutes(token, now)[0], settings)


def rings_at(minutes: float | None, settings: Settings) -> float:
    """The score that rings a high-score alert for a token observed so long; the common threshold when unknown."""
    return settings.alert_score_on * (1.0 if minutes is None else young_factor(minutes, settings))


def _component(
    name: str, value: float | None, weights: Mapping[str, float], inputs: Inputs, partial: bool
) -> Component:
    return Component(name, value, weights[name], partial=partial and value is not None, inputs=inputs)


def _holder_inputs(sample: Sample, then: HolderPoint | None) -> Inputs:
    if then is None:
        return {"holders": sample.holders, "holders_then": None, "minutes": None}
    minutes = (sample.ts - then.ts).total_seconds() / 60
    return {"holders": sample.holders, "holders_then": then.holders, "minutes": round(minutes, 3)}


def _figure(ratio: Callable[[], float]) -> float | None:
    """The ratio, or None where broken figures make it overflow or absurd."""
    try:
        value = ratio()
    except (OverflowError, ZeroDivisionError):
        return None
    return value if abs(value) <= ABSURD else None
