"""What the panel of /alerts shows, and what its buttons change. Pure: values from taps are hostile and checked here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from engine.chats import LIQUIDITIES_USD, PER_DAY, Hearing, Preferences
from engine.errors import InvalidSetting
from engine.hearing import Heard
from engine.settings import SPECS, Settings, parse_value
from engine.zones import tomorrow_morning, zone_named

HOURLY_CAPS = (5, 10, 20, 60)
STEPS = (-0.5, -0.1, 0.1, 0.5)
QUIET_PRESETS = ((22, 6), (23, 7), (0, 8))  # hours of the local day
MUTE_HOURS = (1, 8)
DAY_MINUTES = 24 * 60

Changes = Mapping[str, object]  # fields of Preferences by name


class Wish(StrEnum):
    """What one button changes; the words travel in callback data."""

    PER_DAY = "day"
    OWN = "own"
    STEP = "step"
    ACTIVATED = "activated"
    HIGH_SCORE = "high_score"
    REVIVED = "revived"
    WATCHED = "watched"
    LIQUIDITY = "liq"
    PICTURES = "pic"
    QUIET = "quiet"
    QUIET_FROM = "from"
    QUIET_UNTIL = "until"
    ZONE = "zone"
    CAP = "cap"
    MUTE = "mute"
    MINTS = "mints"


@dataclass(frozen=True, slots=True)
class Panel:
    """A chat's wishes with what they mean now.

    `levels` are the levels (score / y) in force per alerts a day; `heard` is what these wishes would have sent in the
    last 24 h.
    """

    preferences: Preferences
    settings: Settings
    now: datetime
    levels: Mapping[int, float] = field(default_factory=dict)
    heard: Heard = field(default_factory=Heard)
    in_group: bool = False

    @property
    def level(self) -> float:
        """The level from which a high score rings now."""
        if self.preferences.threshold is not None and self.preferences.per_day is None:
            return max(self.preferences.threshold, self.settings.alert_score_off)
        return self.level_of(self.preferences.per_day)

    def level_of(self, per_day: int | None) -> float:
        """The level for so many alerts a day; the common one while the market was not watched for long enough."""
        common = self.settings.alert_score_on
        level = common if per_day is None else self.levels.get(per_day, common)
        return max(level, self.settings.alert_score_off)

    @property
    def is_answered(self) -> bool:
        """Whether somebody has said how many alerts this chat wants."""
        return self.preferences.per_day is not None or self.preferences.threshold is not None

    @property
    def muted_until(self) -> datetime | None:
        """Until when the chat hears nothing; None when that is over."""
        until = self.preferences.muted_until
        return until if until is not None and until > self.now else None


def changes_of(wish: Wish, value: str, panel: Panel) -> Changes | None:
    """What the wish changes; None for a value that no button of ours carries."""
    return _READERS[wish](value, panel)


def _per_day(value: str, _panel: Panel) -> Changes | None:
    wanted = _one_of(value, PER_DAY)
    return None if wanted is None else {"per_day": wanted, "threshold": None}


def _own(value: str, panel: Panel) -> Changes | None:
    """A threshold of one's own; without a value the level that counts now, to start from."""
    if not value:
        return _threshold(panel.level, panel)
    try:
        return _threshold(float(parse_value("alert_score_on", value)), panel)
    except InvalidSetting:
        return None


def _step(value: str, panel: Panel) -> Changes | None:
    steps = {f"{step:g}": step for step in STEPS}
    if value not in steps:
        return None
    lowest, highest = panel.settings.alert_score_off, SPECS["alert_score_on"].high
    return _threshold(min(max(panel.level + steps[value], lowest), highest), panel)


def _threshold(wanted: float, panel: Panel) -> Changes | None:
    wanted, lowest = round(wanted, 2), panel.settings.alert_score_off
    return {"threshold": max(wanted, lowest), "per_day": None} if wanted >= round(lowest, 2) else None


def _hearing(name: str) -> Callable[[str, Panel], Changes | None]:
    def read(value: str, _panel: Panel) -> Changes | None:
        return {name: Hearing(value)} if value in set(Hearing) else None

    return read


def _liquidity(value: str, _panel: Panel) -> Changes | None:
    wanted = _one_of(value, (0, *LIQUIDITIES_USD))
    return None if wanted is None else {"min_liquidity_usd": float(wanted) or None}


def _cap(value: str, _panel: Panel) -> Changes | None:
    wanted = _one_of(value, (0, *HOURLY_CAPS))
    return None if wanted is None else {"hourly_cap": wanted or None}


def _pictures(value: str, _panel: Panel) -> Changes | None:
    wanted = _one_of(value, (0, 1))
    return None if wanted is None else {"pictures": bool(wanted)}


def _mints(value: str, panel: Panel) -> Changes | None:
    wanted = _one_of(value, (0, 1)) if panel.in_group else None
    return None if wanted is None else {"answers_mints": bool(wanted)}


def _quiet(value: str, _panel: Panel) -> Changes | None:
    presets = {f"{begin}-{end}": (begin * 60, end * 60) for begin, end in QUIET_PRESETS}
    if value not in presets:
        return {"quiet_from": None, "quiet_until": None} if value == "off" else None
    return dict(zip(("quiet_from", "quiet_until"), presets[value], strict=True))


def _quiet_step(name: str, other: str) -> Callable[[str, Panel], Changes | None]:
    def read(value: str, panel: Panel) -> Changes | None:
        begin, end = getattr(panel.preferences, name), getattr(panel.preferences, other)
        step = _one_of(value, (-1, 1))
        if step is None or begin is None or end is None:
            return None
        moved = (begin + step * 60) % DAY_MINUTES
        if moved == end:  # no hours at all, or the whole day? neither: step over it
            moved = (moved + step * 60) % DAY_MINUTES
        return {name: moved}

    return read


def _zone(value: str, _panel: Panel) -> Changes | None:
    zone = zone_named(value)
    return None if zone is None else {"time_zone": zone}


def _mute(value: str, panel: Panel) -> Changes | None:
    if value == "morning":
        return {"muted_until": tomorrow_morning(panel.now, panel.preferences.time_zone)}
    hours = _one_of(value, (0, *MUTE_HOURS))
    return None if hours is None else {"muted_until": panel.now + timedelta(hours=hours) if hours else None}


def _one_of(value: str, allowed: tuple[int, ...]) -> int | None:
    return next((number for number in allowed if str(number) == value), None)


_READERS: Mapping[Wish, Callable[[str, Panel], Changes | None]] = {
    Wish.PER_DAY: _per_day,
    Wish.OWN: _own,
    Wish.STEP: _step,
    Wish.ACTIVATED: _hearing("activated"),
    Wish.HIGH_SCORE: _hearing("high_score"),
    Wish.REVIVED: _hearing("revived"),
    Wish.WATCHED: _hearing("watched"),
    Wish.LIQUIDITY: _liquidity,
    Wish.PICTURES: _pictures,
    Wish.QUIET: _quiet,
    Wish.QUIET_FROM: _quiet_step("quiet_from", "quiet_until"),
    Wish.QUIET_UNTIL: _quiet_step("quiet_until", "quiet_from"),
    Wish.ZONE: _zone,
    Wish.CAP: _cap,
    Wish.MUTE: _mute,
    Wish.MINTS: _mints,
}
