"""The one table of settings that admins change at run time, and how they are read and written.

Pure. It feeds /settings, /set and its errors, the README and its test; where settings are kept is storage's affair.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from engine.errors import InvalidSetting

Value = float | int | str

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}( \d{3})+", re.ASCII)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2},\d{3}", re.ASCII)  # 60,000 is sixty thousand to some, and sixty to others
_CHOICES = {"degrade_rule": ("any", "all"), "alerts_paused": ("no", "yes")}


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name for "translate this later"
    """Mark a text for translation; the bot translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Spec:
    """A setting's row in the table. A change of a `versioned` one (score, status, alerts) starts a new version."""

    name: str
    kind: type
    default: Value
    low: float
    high: float
    unit: str
    help: str
    versioned: bool = True
    above_low: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """The words a textual setting may take; empty for numbers."""
        return _CHOICES.get(self.name, ())

    @property
    def bounds(self) -> str:
        """The allowed values in short, such as `−10 … 10`, `> 0 … 1` or `any | all`."""
        if self.choices:
            return " | ".join(self.choices)
        return f"{'> ' if self.above_low else ''}{_number(self.low)} … {_number(self.high)}"


def _number(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _setting(
    default: Any, low: float, high: float, unit: str, help_: str, *, versioned: bool = True, above_low: bool = False
) -> Any:
    """A dataclass field that carries its row of the table."""
    row = {"low": low, "high": high, "unit": unit, "help": help_, "versioned": versioned, "above_low": above_low}
    return field(default=default, metadata=row)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings at one moment. `version` counts the changes that touch score, statuses or alerts."""

    weight_tx_accel: float = _setting(0.25, -10, 10, "", N_("weight of transaction acceleration"))
    weight_vol_momentum: float = _setting(0.25, -10, 10, "", N_("weight of volume momentum"))
    weight_holder_growth: float = _setting(0.25, -10, 10, "", N_("weight of holder growth"))
    weight_orderflow_imbalance: float = _setting(0.25, -10, 10, "", N_("weight of buyers against sellers"))
    ewma_alpha: float = _setting(
        0.1, 0, 1, "", N_("how much one check moves the score; more is faster"), above_low=True
    )
    ewma_base_seconds: float = _setting(30, 1, 3600, "s", N_("the pause between checks for which α is meant"))
    min_active_liquidity: float = _setting(50_000, 0, 1e9, "USD", N_("liquidity that makes a token active"))
    min_tx_count: int = _setting(100, 1, 100_000, "tx/5m", N_("transactions that make a token active"))
    min_tx_count_keep: int = _setting(
        20, 0, 100_000, "tx/5m", N_("fewer transactions than this count towards archiving")
    )
    min_score_keep_active: float = _setting(0, -100, 100, "", N_("a lower score counts towards archiving"))
    degrade_checks: int = _setting(
        10, 1, 100, "looks", N_("checks in a row with too few trades or a low score that archive a token")
    )
    degrade_window_hours: float = _setting(6, 0.05, 168, "h", N_("the window in which such checks count"))
    degrade_rule: str = _setting("any", 0, 0, "", N_("few transactions, low score: any = either sign, all = both"))
    initial_max_age_hours: float = _setting(24, 0.05, 720, "h", N_("a token not active by then is archived"))
    revive_hours: float = _setting(48, 0, 720, "h", N_("how long an archived token may come back; 0 is never"))
    min_trusted_liquidity: float = _setting(
        500, 0, 1e6, "USD", N_("below this, price and market cap are not shown"), versioned=False
    )
    alert_score_on: float = _setting(2.0, 0, 100, "", N_("the score that rings a high-score alert"))
    alert_score_off: float = _setting(1.5, 0, 100, "", N_("the score at which an episode begins and ends"))
    alert_young_minutes: float = _setting(25, 1, 60, "min", N_("younger tokens need proportionally less score"))
    alert_rearm_minutes: float = _setting(5, 0, 1440, "min", N_("time below the lower score that ends an episode"))
    alert_cooldown_minutes: float = _setting(60, 0, 10_080, "min", N_("pause between alerts of one token in one chat"))
    alert_min_coverage: float = _setting(0.75, 0, 1, "", N_("share of the weights that must be known"))
    alert_min_tx: int = _setting(50, 0, 100_000, "tx/5m", N_("transactions an alert needs"))
    alert_min_liquidity: float = _setting(5_000, 0, 1e9, "USD", N_("liquidity an alert needs"))
    alert_max_age_minutes: float = _setting(10, 0.1, 1440, "min", N_("an older alert is not sent as news"))
    retention_hours: float = _setting(48, 2, 8760, "h", N_("how long looks and scores are kept"), versioned=False)
    paper_trade_usd: float = _setting(100, 1, 1e6, "USD", N_("stake of the paper trades in outcomes"), versioned=False)
    alerts_paused: str = _setting("no", 0, 0, "", N_("yes holds all alerts but alarms; see /pause"), versioned=False)
    alerts_per_10_minutes: int = _setting(
        200, 1, 100_000, "", N_("more alerts than this in 10 minutes are held, all but alarms"), versioned=False
    )
    commands_per_user: int = _setting(30, 1, 1000, "", N_("commands a minute that a person may send"), versioned=False)
    commands_per_chat: int = _setting(60, 1, 1000, "", N_("commands a minute that a chat may send"), versioned=False)
    version: int = 0

    @property
    def weights(self) -> dict[str, float]:
        """The four weights by component name."""
        return {
            "tx_accel": self.weight_tx_accel,
            "vol_momentum": self.weight_vol_momentum,
            "holder_growth": self.weight_holder_growth,
            "orderflow_imbalance": self.weight_orderflow_imbalance,
        }


SPECS: Mapping[str, Spec] = {
    f.name: Spec(f.name, type(f.default) if f.type != "float" else float, cast("Value", f.default), **f.metadata)
    for f in fields(Settings)
    if f.name != "version"
}


def parse_change(text: str) -> tuple[str, Value]:
    """`weight tx_accel 0.4`, `weight_tx_accel 0.4` or `weight_tx_accel=0.4` as (name, value).

    Raises InvalidSetting with a sentence that names the bounds.
    """
    words = text.replace("=", " ").split()
    if not words:
        raise InvalidSetting(N_("Tell me what to change, for example: /set weight tx_accel 0.4"))
    name, rest = _split(words)
    return name, parse_value(name, " ".join(rest))


def parse_name(text: str) -> str:
    """`weight tx_accel` or `weight_tx_accel` as a setting's name. Raises InvalidSetting for anything else."""
    words = text.split()
    if not words:
        raise InvalidSetting(N_("Tell me what to reset, for example: /reset weight_tx_accel"))
    name, rest = _split(words)
    if rest:
        raise InvalidSetting(N_("/reset takes the name of one setting and nothing else. Nothing was changed."))
    return name


def _split(words: list[str]) -> tuple[str, list[str]]:
    """The setting that these words begin with, and the words behind it."""
    for taken in range(len(words), 0, -1):
        name = "_".join(words[:taken]).lower()
        if name in SPECS:
            return name, words[taken:]
    raise InvalidSetting(N_("There is no setting “{name}”. /settings lists them all."), name=words[0][:40])


def parse_value(name: str, text: str) -> Value:
    """The value that `text` means for the setting. Raises InvalidSetting naming the bounds."""
    spec = SPECS[name]
    if spec.kind is str:
        return _choice(spec, text)
    number = _read_number(text)
    whole = spec.kind is not int or number.is_integer()
    if not (math.isfinite(number) and whole and _within(spec, number)):
        raise _out_of_bounds(spec, text)
    return int(number) if spec.kind is int else number + 0.0  # + 0.0 turns −0 into 0


def _read_number(text: str) -> float:
    """The number people mean: `60000`, `60 000`, `0.4` or `0,4`; NaN for anything else."""
    if _GROUPED.fullmatch(text):
        return float(text.replace(" ", ""))
    if not _NUMBER.fullmatch(text) or _AMBIGUOUS.fullmatch(text):
        return math.nan
    return float(text.replace(",", "."))


def format_value(value: Value) -> str:
    """The value as admins read it; `parse_value` reads it back unchanged."""
    return value if isinstance(value, str) else _number(value)


def load(rows: Mapping[str, object], version: int) -> Settings:
    """Settings from stored values; a key that is unknown or a value out of bounds leaves the default."""
    known = {name: _stored(name, rows[name]) for name in SPECS if name in rows}
    good = {name: value for name, value in known.items() if value is not None}
    return replace(Settings(version=version), **cast("dict[str, Any]", good))


def changed(settings: Settings, name: str, value: Value) -> Settings:
    """The settings with one value changed. Raises InvalidSetting when two values would contradict each other."""
    new = replace(settings, **cast("dict[str, Any]", {name: value}))
    check(new)
    return new


def check(settings: Settings) -> None:
    """Raise InvalidSetting, naming both values, where settings contradict each other."""
    if settings.min_tx_count_keep > settings.min_tx_count:
        raise _contradiction("min_tx_count_keep", "≤", "min_tx_count", settings)
    if settings.alert_score_off >= settings.alert_score_on:
        raise _contradiction("alert_score_off", "<", "alert_score_on", settings)
    if not any(settings.weights.values()):
        raise InvalidSetting(N_("At least one weight must differ from 0, else there is no score."))


def half_life_seconds(settings: Settings) -> float:
    """Time in which an old score loses half its share: base · ln ½ / ln(1 − α); 0 when α = 1."""
    if settings.ewma_alpha >= 1:
        return 0.0
    return settings.ewma_base_seconds * math.log(0.5) / math.log1p(-settings.ewma_alpha)


def _within(spec: Spec, number: float) -> bool:
    above = number > spec.low if spec.above_low else number >= spec.low
    return above and number <= spec.high


def _choice(spec: Spec, text: str) -> str:
    if text.lower() not in spec.choices:
        raise _out_of_bounds(spec, text)
    return text.lower()


def _stored(name: str, value: object) -> Value | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return parse_value(name, value if isinstance(value, str) else repr(value))
    except InvalidSetting:
        return None


def _out_of_bounds(spec: Spec, text: str) -> InvalidSetting:
    if not text:
        return InvalidSetting(N_("{name} needs a value: {bounds}."), name=spec.name, bounds=spec.bounds)
    if spec.choices:
        sentence = N_("{name} takes one of {bounds}, not “{text}”. Nothing was changed.")
    elif spec.kind is int:
        sentence = N_("{name} takes a whole number in {bounds}, in digits, not “{text}”. Nothing was changed.")
    else:
        sentence = N_("{name} takes a number in {bounds}, in digits, not “{text}”. Nothing was changed.")
    return InvalidSetting(sentence, name=spec.name, bounds=spec.bounds, text=text[:40])


def _contradiction(left: str, sign: str, right: str, settings: Settings) -> InvalidSetting:
    return InvalidSetting(
        N_("{left} ({left_value}) must be {sign} {right} ({right_value}). Nothing was changed."),
        left=left,
        left_value=format_value(getattr(settings, left)),
        sign=sign,
        right=right,
        right_value=format_value(getattr(settings, right)),
    )
