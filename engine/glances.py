"""Loop: the free looks. Batch after batch at the provider's pace, whatever the budget; what is due longest first.

A glance that opens the gate is held until the check that it asks for is there, so that the alert carries a score.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

import structlog
from cachetools import TTLCache

from engine.bell import Bell
from engine.decision import opens_gate
from engine.errors import ProviderError
from engine.heartbeat import Heartbeat
from engine.memory import SettingsSource, Tokens
from engine.model import Glance, Status, Token
from engine.patience import Patience
from engine.ports import Clock, GlanceSource
from engine.recorder import Answer, Recorder, Seen
from engine.settings import Settings
from engine.status import outlived

log = structlog.get_logger()

BATCH = 10
IDLE_SECONDS = 1.0
AT_ONCE = 8  # batches under way: a slow answer must not hold the others
ARCHIVED_PAUSE = timedelta(minutes=5)
OUTCOMES = timedelta(hours=25)  # prices of archived tokens are wanted for a day after the last alert
FAILING_SECONDS = 60.0

AskChecks = Callable[[Sequence[Token], Callable[[Token, Seen | None], None]], Awaitable[None]]


class Glances:
    """Glances at whatever is due. Without a `source`, or while it fails, `working` is False and checks take over.

    `ask_checks` pays for checks of tokens at once, if it can, and tells of each; None where nobody can be paid.
    """

    def __init__(
        self,
        tokens: Tokens,
        settings: SettingsSource,
        source: GlanceSource | None,
        recorder: Recorder,
        clock: Clock,
        heartbeat: Heartbeat,
        patience: Patience,
        intervals: Mapping[Status, timedelta],
        batches_per_minute: float,
        ask_checks: AskChecks | None = None,
    ) -> None:
        self._tokens = tokens
        self._settings = settings
        self._source = source
        self._recorder = recorder
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience
        self._pauses = {Status.ARCHIVED: ARCHIVED_PAUSE, **intervals}
        self._pace_seconds = 60 / batches_per_minute
        self._ask_checks = ask_checks
        self._room = asyncio.Semaphore(AT_ONCE)
        self._logged: TTLCache[str, bool] = TTLCache(maxsize=100, ttl=60)
        self.bell = Bell()
        self._opening: set[int] = set()
        self._worked_at: float | None = None
        self._failing = False
        self.enabled = source is not None

    @property
    def working(self) -> bool:
        """Whether glances watch the gate: one failure in between is no reason to pay for that."""
        if not self._failing or self._worked_at is None:
            return self.enabled and not self._failing
        return asyncio.get_running_loop().time() - self._worked_at < FAILING_SECONDS

    async def run(self) -> None:
        """Runs until cancelled."""
        async with asyncio.TaskGroup() as group:
            await self._patience.keep(lambda: self._pass(group))

    async def _pass(self, group: asyncio.TaskGroup) -> None:
        settings = await self._settings.current()
        async with self._room:
            due = await self._claim(settings)
        self._heartbeat.beat("glances")
        if due:
            group.create_task(self._glance(due, settings, group), name="glance")
            await asyncio.sleep(self._pace_seconds)  # real seconds: so are `batches_per_minute`
        else:
            await self.bell.pause(self._clock, IDLE_SECONDS)

    async def _claim(self, settings: Settings) -> list[Token]:
        now = self._clock.now()
        watched = max(timedelta(hours=settings.revive_hours), OUTCOMES)
        return await self._tokens.claim_glances(now, self._pauses, now - watched, BATCH)

    async def _glance(self, tokens: Sequence[Token], settings: Settings, group: asyncio.TaskGroup) -> None:
        """One batch. A failure postpones it: its next glance was moved ahead by the claim."""
        async with self._room:
            found = await self._ask(tokens)
        now = self._clock.now()
        opening: list[tuple[Token, Glance]] = []
        for token in tokens:
            glance = found.get(token.mint)
            if token.id in self._opening:
                self._heartbeat.count("glance", "gate_pending")  # the check that an earlier one asked for is on its way
            elif glance is not None and self._ask_checks and opens_gate(token, glance.sample, now, settings):
                opening.append((token, glance))
            elif glance is not None:
                self._recorder.take(Answer(token, settings, glance=Seen(glance.sample, glance.pools)))
            elif outlived(token, now, settings):
                self._recorder.take(Answer(token, settings, glance=Seen(None)))
        if opening and self._ask_checks:
            group.create_task(self._open_gate(opening, settings, self._ask_checks), name=f"gate-{opening[0][0].id}")

    async def _ask(self, tokens: Sequence[Token]) -> dict[str, Glance]:
        if self._source is None:
            return {}
        try:
            found = await self._source.glance([token.mint for token in tokens])
        except ProviderError as error:
            self._failed(error)
            return {}
        self._failing, self._worked_at = False, asyncio.get_running_loop().time()
        self._heartbeat.count("glance", "found" if found else "nothing")
        return found

    def _failed(self, error: ProviderError) -> None:
        """Counted; logged at most once per kind and minute."""
        kind = type(error).__name__
        self._failing = True
        self._heartbeat.count("glance", kind)
        if kind not in self._logged:
            self._logged[kind] = True
            log.warning("glance.failed", kind=kind, error=str(error), note="at most once a minute")

    async def _open_gate(
        self, opening: Sequence[tuple[Token, Glance]], settings: Settings, ask_checks: AskChecks
    ) -> None:
        """Each of these is recorded as soon as its own check is there, or cannot be had."""
        glances = {token.id: Seen(glance.sample, glance.pools) for token, glance in opening}
        self._opening.update(glances)

        def tell(token: Token, check: Seen | None) -> None:
            done = partial(self._opening.discard, token.id)
            self._recorder.take(Answer(token, settings, glance=glances[token.id], check=check), done)

        await ask_checks([token for token, _ in opening], tell)
