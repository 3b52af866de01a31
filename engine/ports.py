"""What the engine asks of the outside: a clock, a feed, a market and a memory. Nothing more."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from engine.model import HolderPoint, Migration, Sample, Status, Token, Verdict
from engine.settings import Settings


class Clock(Protocol):
    """The domain's time, aware UTC; `sleep` takes domain seconds."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class Feed(Protocol):
    """Migrations as they are heard; reconnects by itself and never ends."""

    def migrations(self) -> AsyncGenerator[Migration, None]: ...


class Market(Protocol):
    """A token's figures. `fresh` bypasses the cache and refills it. Raises `ProviderError`."""

    async def look(self, mint: str, *, fresh: bool = False) -> Sample: ...


class Tokens(Protocol):
    """Which tokens there are and which are due. Raises `DatabaseAway`."""

    async def track(self, migration: Migration, first_check_at: datetime) -> bool: ...

    async def claim_due(
        self, now: datetime, wait: dict[Status, timedelta], archived_since: datetime, limit: int
    ) -> list[Token]: ...

    async def postpone(self, token_ids: Sequence[int], until: datetime) -> None: ...

    async def retire(self, archived_before: datetime, until: datetime) -> int: ...


class Looks(Protocol):
    """What looks have found. Raises `DatabaseAway`, and `record` also `BadData`, having written nothing."""

    async def holder_points(self, token_ids: Sequence[int], since: datetime) -> dict[int, list[HolderPoint]]: ...

    async def record(self, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None: ...

    async def prune(self, before: datetime, limit: int) -> int: ...


class Outbox(Protocol):
    """What became of alerts. Raises `DatabaseAway`."""

    async def prune(self, before: datetime, limit: int) -> int: ...


class SettingsSource(Protocol):
    """The settings as they are now. Raises `DatabaseAway`."""

    async def current(self) -> Settings: ...
