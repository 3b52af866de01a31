"""What the engine asks of its memory: storage answers, in the engine's words. Nothing more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from engine.aftermath import OpenOutcome, Progress, Quote, Span
from engine.chats import Watch
from engine.events import Gap, Migration
from engine.model import HolderPoint, Sample, Source, Status, Token, Verdict
from engine.settings import Settings

Pauses = Mapping[Status, timedelta]


class Tokens(Protocol):
    """Which tokens there are and which are due; claims move the next look ahead. Raises `DatabaseAway`."""

    async def track(self, migration: Migration, first_check_at: datetime) -> bool: ...

    async def claim_glances(
        self, now: datetime, pauses: Pauses, archived_since: datetime, limit: int
    ) -> list[Token]: ...

    async def candidates(self, now: datetime, nearly: int | None, limit: int) -> tuple[list[Token], int]: ...

    async def claim_checks(self, token_ids: Sequence[int], now: datetime, pauses: Pauses) -> list[Token]: ...

    async def current(self, token_ids: Sequence[int]) -> dict[int, Token]: ...

    async def postpone(self, token_ids: Sequence[int], until: datetime) -> None: ...


class Gaps(Protocol):
    """When the feed was deaf. Raises `DatabaseAway`."""

    async def add(self, gap: Gap) -> bool: ...

    async def heard(self, until: datetime) -> None: ...


class Looks(Protocol):
    """What looks have found. Raises `DatabaseAway`, and `record` also `BadData`, having written nothing."""

    async def holder_points(self, token_ids: Sequence[int], since: datetime) -> dict[int, list[HolderPoint]]: ...

    async def latest(self, token_ids: Sequence[int], source: Source, since: datetime) -> dict[int, Sample]: ...

    async def record(self, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None: ...

    async def prune(self, before: datetime, limit: int) -> int: ...


class Watches(Protocol):
    """Who watches which tokens. Raises `DatabaseAway`."""

    async def of_tokens(self, token_ids: Sequence[int]) -> dict[int, tuple[Watch, ...]]: ...


class Outbox(Protocol):
    """What became of alerts. Raises `DatabaseAway`."""

    async def prune(self, before: datetime, limit: int) -> int: ...


class Episodes(Protocol):
    """What episodes of a high score have reached. Raises `DatabaseAway`."""

    async def peaks(self, now: datetime) -> tuple[list[float], timedelta]: ...

    async def levels_set_at(self) -> datetime | None: ...

    async def set_levels(self, levels: Mapping[int, float], now: datetime) -> None: ...

    async def prune(self, before: datetime, limit: int) -> int: ...


class Outcomes(Protocol):
    """What is known of open outcomes. Raises `DatabaseAway`."""

    async def due(self, now: datetime, limit: int) -> list[OpenOutcome]: ...

    async def series(self, outcomes: Sequence[OpenOutcome]) -> Mapping[int, Sequence[Quote]]: ...

    async def heard(self, spans: Collection[Span]) -> Collection[Span]: ...

    async def settle(self, progress: Sequence[Progress]) -> None: ...


class Spending(Protocol):
    """What the provider's calls cost. Raises `DatabaseAway`."""

    async def add(self, endpoint: str, calls: int, credits_cu: int, at: datetime) -> None: ...

    async def since(self, start: datetime) -> int: ...

    async def first_hour(self) -> datetime | None: ...

    async def cycle(self) -> tuple[datetime, datetime] | None: ...

    async def keep_cycle(self, starts_at: datetime, ends_at: datetime) -> None: ...


class SettingsSource(Protocol):
    """The settings as they are now. Raises `DatabaseAway`."""

    async def current(self) -> Settings: ...
