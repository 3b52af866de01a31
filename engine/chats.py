"""What chats want to hear, and how they are: frozen values. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine.model import AlertKind, Source

PER_DAY = (5, 20, 60)  # how many high-score alerts a day a chat may ask for
LIQUIDITIES_USD = (5_000, 10_000, 25_000, 50_000, 100_000, 250_000)  # the least liquidity it may ask for
HOURLY_CAP = 20


class Subscription(StrEnum):
    """What became of a /subscribe."""

    NEW = "new"
    ALREADY = "already"
    MOVED = "moved"  # to another topic of the forum


class Hearing(StrEnum):
    """How a chat hears one kind of alert."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a chat wants to be told.

    `per_day` is one of `PER_DAY`, whose level follows the market; else the chat's own `threshold` counts, else the
    common one. `quiet_from` and `quiet_until` are minutes after midnight in `time_zone` (an IANA name); both None: no
    quiet hours. `hourly_cap` None: no cap. `language` is None until somebody chose one.
    """

    subscribed: bool = False
    language: str | None = None
    per_day: int | None = None
    threshold: float | None = None
    activated: Hearing = Hearing.SILENT
    high_score: Hearing = Hearing.ON
    revived: Hearing = Hearing.SILENT
    watched: Hearing = Hearing.ON
    min_liquidity_usd: float | None = None
    pictures: bool = True
    quiet_from: int | None = None
    quiet_until: int | None = None
    time_zone: str = "UTC"
    hourly_cap: int | None = HOURLY_CAP
    muted_until: datetime | None = None
    answers_mints: bool = False

    @property
    def are_changed(self) -> bool:
        """Whether anything that lasts differs from what a new chat gets."""
        return replace(self, subscribed=False, muted_until=None) != Preferences()

    def hearing(self, kind: AlertKind) -> Hearing:
        """How this kind is heard; archiving is told to those who watch the token, as watching is."""
        kinds = {
            AlertKind.ACTIVATED: self.activated,
            AlertKind.HIGH_SCORE: self.high_score,
            AlertKind.REVIVED: self.revived,
            AlertKind.WATCHED: self.watched,
            AlertKind.ARCHIVED: self.watched,
        }
        return kinds.get(kind, Hearing.ON)


@dataclass(frozen=True, slots=True)
class Lately:
    """What a chat got before an alert for it was decided, and what waits for it now.

    `sent_last_hour` counts alerts about tokens, and digests, sent or going. `sent_last_minute` counts less urgent ones
    and digests; `going` are less urgent ones of that minute that are in hand just now. `waiting` are less urgent ones,
    this one among them, that are still to be sent, or held and due to be told.
    """

    sent_last_hour: int = 0
    sent_last_minute: int = 0
    going: int = 0
    waiting: int = 0

    def after(self, more: int) -> Lately:
        """The same where so many more alerts are being sent."""
        return replace(self, sent_last_hour=self.sent_last_hour + more)


@dataclass(frozen=True, slots=True)
class Watch:
    """What one chat wants to know of one token; money is USD. A condition that is None or False is not watched.

    `score` is the level (score / y) that rings once it is reached from below; `score_reached` says that it was.
    Price and liquidity are compared with their bases, which move whenever the watch has rung; `base_source` told the
    price's. `first_price` is the first trusted price since watching began.
    """

    chat_id: int
    token_id: int
    created_at: datetime
    score: float | None = None
    score_reached: bool = False
    price_percent: float | None = None
    base_price: float | None = None
    liquidity_percent: float | None = None
    base_liquidity: float | None = None
    revived: bool = True
    archived: bool = True
    base_source: Source | None = None
    base_price_at: datetime | None = None
    base_liquidity_at: datetime | None = None
    first_price: float | None = None


class Condition(StrEnum):
    """What of a watched token has rung. `GONE` is liquidity so low that no price is trusted any more."""

    SCORE = "score"
    PRICE = "price"
    LIQUIDITY = "liquidity"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class News:
    """A condition that a look has met: `now` against `limit`, the level or percent that was watched.

    `base` is the figure before, as of `since`; None of both for a score.
    """

    condition: Condition
    now: float
    limit: float
    base: float | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A watch as a look has left it, and what it rings for."""

    watch: Watch
    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatCensus:
    """How many chats there are by kind, how many hear alerts, and why others are off or failing.

    `off` maps a reason to a number of chats; `failing` is how many had a send fail within the last day.
    """

    kinds: Mapping[str, int]
    subscribed: int
    muted: int
    off: Mapping[str, int]
    failing: int
