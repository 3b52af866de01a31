"""What the engine asks of the outside: a clock, a feed, markets and who pays. Its memory is in engine/memory.py."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Protocol

from engine.errors import ProviderError
from engine.events import Gap, Migration
from engine.model import Glance, Sample


class Clock(Protocol):
    """The domain's time, aware UTC; `sleep` takes domain seconds."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class Feed(Protocol):
    """Migrations as they are heard, and the gaps between; reconnects by itself and never ends.

    `heard_until` is the latest moment at which it surely heard migrations.
    """

    heard_until: datetime | None

    def events(self) -> AsyncGenerator[Migration | Gap, None]: ...


class PaidMarket(Protocol):
    """A token's figures for money. `resting` is why it is not asked at present. Raises `ProviderError`."""

    async def look(self, mint: str, *, fresh: bool = False, urgent: bool = False) -> Sample: ...

    def resting(self) -> ProviderError | None: ...


class GlanceSource(Protocol):
    """Free figures by mint; those without any are absent. Raises `ProviderError`."""

    async def glance(self, mints: Sequence[str]) -> dict[str, Glance]: ...


class Payer(Protocol):
    """Who pays for calls: charges an attempt when it is its turn, and hears what it cost. Raises `BudgetHeld`."""

    async def pay(self, endpoint: str, *, urgent: bool = False) -> int: ...

    def settle(self, endpoint: str, charged_cu: int, told_cu: int | None, status: int) -> None: ...

    def refund(self, endpoint: str, charged_cu: int) -> None: ...
