"""A token's score and episodes, read anew from the specification: nothing here asks the program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.settings import Settings
from tests.bench.oscillating import Look


@dataclass(frozen=True, slots=True)
class Ringing:
    """A qualifying check within an episode. `y` is what a young token's thresholds are scaled by."""

    score: float
    y: float
    opened_at: datetime
    old_news: float
    liquidity: float


@dataclass(slots=True)
class Course:
    """One token's score and episode from check to check."""

    score: float | None = None
    before: float | None = None
    scored_at: datetime | None = None
    version: int | None = None
    opened_at: datetime | None = None
    below_since: datetime | None = None
    old_news: float = float("-inf")
    episodes: int = 0

    def take(self, look: Look) -> Ringing | None:
        """The episode after this look; what it rings with, if it does."""
        self.before = self.score
        if look.sample is None or not (look.before or look.after):
            return None
        observed = min(max((look.at - look.born_at).total_seconds() / 60, 5.0), 60.0)
        parts = _parts(look, observed)
        weights = _weights(look.settings)
        known = sum(abs(weights[name]) for name in parts)
        if known / sum(map(abs, weights.values())) < look.settings.alert_min_coverage - 1e-9:
            return None
        renewed = self.version not in (None, look.settings.version)
        self._smooth(sum(weights[name] * value for name, value in parts.items()), look)
        if not look.after:
            self.opened_at = None
            return None
        return self._follow(look, min(max(observed / look.settings.alert_young_minutes, 0.5), 1.0), renewed)

    def _smooth(self, raw: float, look: Look) -> None:
        """score ← α′·raw + (1 − α′)·previous; anew at raw at first and under a new version."""
        rules, earlier = look.settings, self.scored_at
        if self.score is None or earlier is None or self.version != rules.version:
            self.score = raw
        else:
            still = (1 - rules.ewma_alpha) ** ((look.at - earlier).total_seconds() / rules.ewma_base_seconds)
            self.score = (1 - still) * raw + still * self.score
        self.scored_at, self.version = look.at, rules.version

    def _follow(self, look: Look, y: float, renewed: bool) -> Ringing | None:
        rules, sample, score = look.settings, look.sample, self.score
        assert sample is not None
        assert score is not None
        tx_count, liquidity = sample.tx_count_5m or 0, sample.liquidity or 0.0
        qualifying = tx_count >= rules.alert_min_tx and liquidity >= rules.alert_min_liquidity
        high = score >= rules.alert_score_off * y
        if self.opened_at is None and high and qualifying:
            self.opened_at, self.below_since, self.old_news = look.at, None, float("-inf")
            self.episodes += 1
        if self.opened_at is None:
            return None
        if renewed:  # silently: what this check shows is no news, nor what the score was before it
            self.old_news = max(self.old_news, score / y, (self.before or 0.0) / y)
        if not high:
            self._below(look)
            return None
        self.below_since = None
        return Ringing(score, y, self.opened_at, self.old_news, liquidity) if qualifying else None

    def _below(self, look: Look) -> None:
        self.below_since = self.below_since or look.at
        if look.at - self.below_since >= timedelta(minutes=look.settings.alert_rearm_minutes):
            self.opened_at = None


def _weights(settings: Settings) -> dict[str, float]:
    names = ("tx_accel", "vol_momentum", "holder_growth", "orderflow_imbalance")
    return {name: getattr(settings, f"weight_{name}") for name in names}


def _parts(look: Look, observed: float) -> dict[str, float]:
    """The components that are known, by the formulas; without an earlier sample there is no holder growth."""
    sample, parts = look.sample, {}
    assert sample is not None
    if sample.tx_count_5m is not None and sample.tx_count_1h is not None:
        hour = sample.tx_count_1h / observed
        parts["tx_accel"] = sample.tx_count_5m / 5 / hour if hour else 0.0
    if sample.volume_5m is not None and sample.volume_1h is not None:
        hour = sample.volume_1h * 5 / observed
        parts["vol_momentum"] = sample.volume_5m / hour if hour else 0.0
    if sample.buys_volume_5m is not None and sample.sells_volume_5m is not None:
        both = sample.buys_volume_5m + sample.sells_volume_5m
        parts["orderflow_imbalance"] = (sample.buys_volume_5m - sample.sells_volume_5m) / both if both else 0.0
    return parts
