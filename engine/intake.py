"""Loop: every migration that is heard becomes a row, and the ticker is woken for its first look. So does every gap."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from functools import partial

import structlog

from engine.events import Gap, Migration
from engine.heartbeat import Heartbeat
from engine.memory import Gaps, Tokens
from engine.patience import Patience
from engine.ports import Clock, Feed

log = structlog.get_logger()

HEARING_SECONDS = 30.0
FIRST_HEARING_SECONDS = 1.0  # a program that is killed in its first minute has a gap as well


class Intake:
    """Feeds migrations and gaps into the memory. Hearing one twice changes nothing.

    `unsaved` is what was heard and could not be kept before the loop ended: the next one begins with it.
    """

    def __init__(
        self,
        feed: Feed,
        tokens: Tokens,
        gaps: Gaps,
        clock: Clock,
        heartbeat: Heartbeat,
        patience: Patience,
        wake: Callable[[], None],
        unsaved: deque[Migration | Gap] | None = None,
    ) -> None:
        self._feed = feed
        self._tokens = tokens
        self._gaps = gaps
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience
        self._wake = wake
        self._unsaved = deque() if unsaved is None else unsaved

    async def run(self) -> None:
        """Runs until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_hearing(), name="feed-hearing")
            await self._save()
            async with aclosing(self._feed.events()) as events:
                async for event in events:
                    self._unsaved.append(event)
                    await self._save()

    async def _save(self) -> None:
        while self._unsaved:
            await self._patience.once(partial(self._remember, self._unsaved[0]))
            self._unsaved.popleft()

    async def _keep_hearing(self) -> None:
        """Now and then a row says until when the feed was heard: a restart tells its own gap by that."""
        pause_seconds = FIRST_HEARING_SECONDS
        while True:
            await self._clock.sleep(pause_seconds)
            if (until := self._feed.heard_until) is not None:
                await self._patience.once(partial(self._gaps.heard, until))
                pause_seconds = HEARING_SECONDS

    async def _remember(self, event: Migration | Gap) -> None:
        await (self._remember_gap(event) if isinstance(event, Gap) else self._remember_migration(event))

    async def _remember_migration(self, migration: Migration) -> None:
        new = await self._tokens.track(migration, first_check_at=self._clock.now())
        self._heartbeat.count("migration", "new" if new else "repeated")
        if new:
            log.info("migration.heard", token=migration.mint, symbol=migration.symbol)
            self._wake()

    async def _remember_gap(self, gap: Gap) -> None:
        real = await self._gaps.add(gap)
        self._heartbeat.count("feed_gap", "recorded" if real else "backwards")
        if real:
            log.warning("feed.gap", seconds=round(gap.seconds, 1), began_at=gap.began_at.isoformat())
