"""What people see and hear, as frozen values: storage gives them, the bot puts them into words and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.changes import Change
from engine.chats import News, Watch
from engine.events import Gap
from engine.model import (
    Alert,
    AlertKind,
    Reason,
    Safety,
    Sample,
    Score,
    Source,
    Token,
    Transition,
    Verdict,
)
from engine.settings import Settings, Value


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series."""

    ts: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A token as people look at it now, with its latest look.

    `previous_score` is the score about five minutes before the current one, None when there was none. `top_share` is
    the share (0…1) of today's Active tokens that score at least as high, None without a score today. `namesakes` counts
    the other tokens of the last 48 hours with the same symbol.
    """

    token: Token
    sample: Sample | None
    previous_score: float | None = None
    top_share: float | None = None
    namesakes: int = 0


class Order(StrEnum):
    """By what a list of tokens is sorted: the highest first, of ages the youngest."""

    SCORE = "score"
    HEAT = "heat"
    LIQUIDITY = "liquidity"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list of `total` tokens, `size` to a page. `number` counts from 1."""

    standings: tuple[Standing, ...]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first_rank(self) -> int:
        """The rank of the page's first token."""
        return (self.number - 1) * self.size + 1


@dataclass(frozen=True, slots=True)
class History:
    """A token's kept scores and trusted prices of one source, thinned, oldest first."""

    scores: tuple[Point, ...] = ()
    prices: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """A token as one chat looks at it; `watch` is None where the chat does not watch it."""

    standing: Standing
    watch: Watch | None


@dataclass(frozen=True, slots=True)
class Portrait:
    """A token in full: its standing, its latest score with components, and the kept series of one source, oldest first.

    `prices` holds trusted prices only; `transitions` are (when, what and why). `flows` are (buys − sells) /
    (buys + sells) of 5 minutes, of one source that tells both. `changes` go from the shortest span to the longest.
    """

    standing: Standing
    score: Score | None
    scores: tuple[Point, ...] = ()
    prices: tuple[Point, ...] = ()
    transitions: tuple[tuple[datetime, Transition], ...] = ()
    flows: tuple[Point, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What was true when an alert was decided: kept as data in its rows, put into words only when it is sent.

    `level` is the score for the token's age (`observed_minutes`): what thresholds are compared with. `price` and
    `market_cap` are None where they were not trusted. `text` to `failed_seconds` are used by alarms: what is wrong, the
    part of the program that fails, since when by the wall clock, and how long it did where that is over; notices and
    broadcasts have a `reason` or a `text`. `watched` is for a chat that watches the token, `news` are what rang
    for it; `test` is for one that asked for an example. `told_at` is when a chat was told of a token's life or
    score, `safety` what was known of its safety by then, or came later.
    """

    kind: AlertKind
    decided_at: datetime
    token_id: int | None = None
    mint: str | None = None
    symbol: str | None = None
    name: str | None = None
    migrated_at: datetime | None = None
    reason: Reason | None = None
    score: float | None = None
    level: float | None = None
    observed_minutes: float | None = None
    coverage: float | None = None
    price: float | None = None
    first_price: float | None = None
    market_cap: float | None = None
    liquidity: float | None = None
    tx_count_5m: int | None = None
    tx_count_1h: int | None = None
    volume_5m: float | None = None
    text: str | None = None
    part: str | None = None
    since: datetime | None = None
    failed_seconds: float | None = None
    watched: bool = False
    test: bool = False
    news: tuple[News, ...] = ()
    safety: Safety | None = None
    told_at: datetime | None = None


def facts_of(verdict: Verdict, alert: Alert, now: datetime, settings: Settings) -> AlertFacts:
    """The facts of an alert that this look decided."""
    token, score = verdict.after, verdict.score
    sample = verdict.sample or Sample(now, Source.BIRDEYE)  # without a look nothing is known of the market
    trusted = sample.trusted(settings.min_trusted_liquidity)
    return AlertFacts(
        kind=alert.kind,
        decided_at=now,
        token_id=token.id,
        mint=token.mint,
        symbol=token.symbol,
        name=token.name,
        migrated_at=token.created_at,
        reason=verdict.transition.reason if verdict.transition else None,
        score=score.value if score else None,
        level=alert.level,
        observed_minutes=score.observed_minutes if score else None,
        coverage=score.coverage if score else None,
        price=sample.price if trusted else None,
        first_price=token.first_price,
        market_cap=sample.market_cap if trusted else None,
        liquidity=sample.liquidity,
        tx_count_5m=sample.tx_count_5m,
        tx_count_1h=sample.tx_count_1h,
        volume_5m=sample.volume_5m,
    )


@dataclass(frozen=True, slots=True)
class Chat:
    """A Telegram chat as the bot knows it."""

    id: int
    type: str
    title: str | None = None
    language: str = "en"
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Census:
    """How many tokens stand where, how many migrated within the last hour, and when the latest look was taken."""

    initial: int
    active: int
    archived: int
    migrations_last_hour: int
    last_look_at: datetime | None


@dataclass(frozen=True, slots=True)
class SettingChange:
    """Who changed which setting, when and how; `changed_by` is a Telegram user's number."""

    name: str
    old: Value
    new: Value
    changed_by: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Leader:
    """The program that leads: its name, since when by the database's clock, and for how many real seconds."""

    name: str
    since: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Term:
    """Whether a program leads or stands by, for how many real seconds it has, and who leads, as far as is known."""

    leading: bool
    seconds: float
    leader: Leader | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """The outbox in a few figures: rows due and unsent, and the age of the oldest that may go.

    `decided_10min` alerts were decided within 10 minutes; when that is more than `allowed`, none but alarms may go.
    """

    waiting: int
    oldest_seconds: float | None
    decided_10min: int = 0
    allowed: int = 100

    @property
    def is_flooded(self) -> bool:
        """Whether alerts are held because they are too many."""
        return self.decided_10min > self.allowed


@dataclass(frozen=True, slots=True)
class FeedGaps:
    """How often the feed was deaf within the last 24 hours, for how many of their seconds in all, and when lately."""

    count: int
    seconds: float
    latest: Gap | None = None


@dataclass(frozen=True, slots=True)
class PaidSupply:
    """The Birdeye account at work: CU of its cycle, which ends at `ends_at` (None until it is known).

    No Active token's check gets older than `bound_seconds` (None: not known yet, or nothing may be spent). `resting`
    is the kind of error because of which Birdeye is not asked at present.
    """

    plan: str
    monthly_cu: int
    spent_cu: int | None
    ends_at: datetime | None
    bound_seconds: float | None
    resting: str | None


@dataclass(frozen=True, slots=True)
class Supply:
    """Where figures come from now. `glances` is whether free ones come, None when they are switched off.

    `paid` is None without a Birdeye key: then glances are scored, and two of the four components are missing.
    """

    glances: bool | None
    paid: PaidSupply | None
