"""The nouns of the domain as frozen values. Standard library only; no behaviour beyond small derived facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.chats import Watched  # which needs this file's words itself


class Status(StrEnum):
    """Where a token stands: `Initial` since its migration, `Active` while it trades, `Archived` when it is over."""

    INITIAL = "Initial"
    ACTIVE = "Active"
    ARCHIVED = "Archived"


class Source(StrEnum):
    """Who gave a look's figures. A series never mixes sources."""

    BIRDEYE = "birdeye"
    DEXSCREENER = "dexscreener"


class AlertKind(StrEnum):
    """What an alert tells. The last four are not about one token: see AlertFacts."""

    ACTIVATED = "activated"
    HIGH_SCORE = "high_score"
    REVIVED = "revived"
    ARCHIVED = "archived"
    WATCHED = "watched"
    ALARM = "alarm"
    DIGEST = "digest"
    NOTICE = "notice"
    BROADCAST = "broadcast"


URGENT = frozenset({AlertKind.HIGH_SCORE, AlertKind.REVIVED})  # told to fewer chats, and acted upon at once


@dataclass(frozen=True, slots=True)
class Errand:
    """A token of which more is asked, because an alert was just decided for it: the most urgent of them is `kind`."""

    token_id: int
    mint: str
    kind: AlertKind

    @property
    def urgent(self) -> bool:
        """Whether it is worth more of the budget than routine."""
        return self.kind in URGENT


@dataclass(frozen=True, slots=True)
class Sample:
    """One look's figures. Money is USD; None is "not told", never zero.

    `first_trade_at` is the earliest trade or creation the source knows of, the bonding curve included.
    """

    ts: datetime
    source: Source
    price: float | None = None
    liquidity: float | None = None
    market_cap: float | None = None
    holders: int | None = None
    tx_count_5m: int | None = None
    tx_count_1h: int | None = None
    volume_5m: float | None = None
    volume_1h: float | None = None
    buys_volume_5m: float | None = None
    sells_volume_5m: float | None = None
    last_trade_at: datetime | None = None
    first_trade_at: datetime | None = None
    symbol: str | None = None
    name: str | None = None

    def trusted(self, min_trusted_liquidity: float) -> bool:
        """Whether price and market cap may be shown: dead pools report absurd ones."""
        return self.liquidity is not None and self.liquidity >= min_trusted_liquidity

    @property
    def figures(self) -> tuple[float | None, ...]:
        """The market's figures alone, without times and names: what a cache repeats unchanged."""
        counts = (self.holders, self.tx_count_5m, self.tx_count_1h)
        volumes = (self.volume_5m, self.volume_1h, self.buys_volume_5m, self.sells_volume_5m)
        return (self.price, self.liquidity, self.market_cap, *counts, *volumes)


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """One exchange pool of a token as a look saw it; USD, None is "not told". The bonding curve is none."""

    pool_address: str
    dex_name: str
    liquidity: float | None = None
    volume_5m: float | None = None
    tx_count_5m: int | None = None
    as_of: datetime | None = field(default=None, compare=False)  # when, where it was kept


@dataclass(frozen=True, slots=True)
class Glance:
    """A free look: the token's figures summed over its exchange pools, and these pools, the deepest first."""

    sample: Sample
    pools: tuple[PoolFigures, ...]


@dataclass(frozen=True, slots=True)
class Safety:
    """What a provider says about who can harm a token's holders, as of `as_of`. None is "unknown", never "safe".

    Shares are fractions (0…1) of the supply; an authority is whether somebody can still mint or freeze.
    """

    top10_share: float | None
    creator_share: float | None
    mint_authority: bool | None
    freeze_authority: bool | None
    mutable_metadata: bool | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class HolderPoint:
    """How many holders a token had at an earlier time."""

    ts: datetime
    holders: int


COMPONENTS = ("tx_accel", "vol_momentum", "holder_growth", "orderflow_imbalance")


@dataclass(frozen=True, slots=True)
class Component:
    """One of the four activity metrics of a check. `value` is None when it is missing."""

    name: str
    value: float | None
    weight: float
    partial: bool = False
    inputs: Mapping[str, float | int | None] = field(default_factory=dict)
    age_seconds: float = 0.0

    @property
    def contribution(self) -> float:
        """weight × value; a missing component adds nothing."""
        return 0.0 if self.value is None else self.weight * self.value


@dataclass(frozen=True, slots=True)
class Score:
    """A check's score: `raw` is this check alone, `value` the smoothed score after it.

    `moved` is False when the coverage was too low: then `value` is the previous score, or None if there was none.
    """

    ts: datetime
    value: float | None
    raw: float
    components: tuple[Component, ...]
    coverage: float
    observed_minutes: float
    observed_partial: bool
    alpha: float
    moved: bool
    settings_version: int
    source: Source


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch in which a token's score stays high. `number` counts a token's episodes; 0 means there was none yet.

    `opened_at` is None between episodes. Up to the level (score / y) `floor` it is old news, as the settings made it.
    """

    number: int = 0
    opened_at: datetime | None = None
    below_since: datetime | None = None
    peak: float | None = None
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class LowRun:
    """Consecutive low looks: when the run began, and the times of its latest looks (oldest first)."""

    since: datetime | None = None
    latest: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a token's latest glance says about its next check; `pre_score` is the part of a score that glances see."""

    at: datetime
    pre_score: float | None
    tx_count_5m: int | None
    liquidity: float | None


@dataclass(frozen=True, slots=True)
class Token:
    """A tracked token with the engine's state between looks.

    `created_at` is when its migration was heard, `first_price` the first trusted price after that. `checked_at` is its
    latest check, with or without data; `unseen` how much more its raw score was than glances see.
    """

    id: int
    mint: str
    status: Status
    created_at: datetime
    symbol: str | None = None
    name: str | None = None
    activated_at: datetime | None = None
    archived_at: datetime | None = None
    revived_at: datetime | None = None
    revivals: int = 0
    first_trade_at: datetime | None = None
    first_price: float | None = None
    score: float | None = None
    score_at: datetime | None = None
    score_source: Source | None = None
    settings_version: int | None = None
    checked_at: datetime | None = None
    unseen: float | None = None
    glimpse: Glimpse | None = None
    last_look_at: datetime | None = None
    last_trade_at: datetime | None = None
    episode: Episode = Episode()
    low_run: LowRun = LowRun()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something happened, in words and numbers: an English `template`, translated and filled with `values`."""

    template: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def __str__(self) -> str:
        """The reason in English."""
        return self.template.format(**self.values)


@dataclass(frozen=True, slots=True)
class Transition:
    """A status change and why."""

    before: Status
    after: Status
    reason: Reason


@dataclass(frozen=True, slots=True)
class Alert:
    """Something worth telling. Storage knows who hears it.

    `level` is score / y, to be compared with each chat's threshold; up to `floor` it is old news (see Episode).
    """

    kind: AlertKind
    episode: int
    opened_at: datetime | None = None
    level: float | None = None
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that one look changed: the token before and after it, and the rows to write. One transaction records it.

    `glance` is the free look that asked for the check `sample`; either tells `pools`. `watched` are changed watches.
    """

    before: Token
    after: Token
    sample: Sample | None
    score: Score | None
    transition: Transition | None
    alerts: tuple[Alert, ...]
    pools: tuple[PoolFigures, ...] = ()
    glance: Sample | None = None
    watched: tuple[Watched, ...] = ()

    @property
    def news(self) -> bool:
        """Whether there is anything to write: a glance that repeats the last one changes nothing."""
        return self.before != self.after or self.sample is not None or self.transition is not None or bool(self.alerts)
