"""What the feed tells, as frozen values. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Migration:
    """A token left pump.fun's bonding curve. Symbol, name and `first_trade_at` come from its creation, if heard."""

    mint: str
    heard_at: datetime
    signature: str | None = None
    pool: str | None = None
    symbol: str | None = None
    name: str | None = None
    first_trade_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Creation:
    """A token appeared on a bonding curve: a free source of its symbol, name and age."""

    mint: str
    heard_at: datetime
    symbol: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which migrations could not surely be heard; those in it cannot be had again."""

    began_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        """Its length; not positive when the clock was set back meanwhile."""
        return (self.ended_at - self.began_at).total_seconds()
