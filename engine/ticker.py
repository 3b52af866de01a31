"""Loop: settings → due tokens → looks → decisions → one transaction for whatever has arrived meanwhile.

A look runs beside the loop, so a slow token never holds the others; a poisonous one is found by halving and postponed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter

import structlog
from cachetools import TTLCache

from engine.decision import decide
from engine.errors import BadData, BadRequest, NoDataYet, ProviderError
from engine.heartbeat import Heartbeat
from engine.model import Sample, Status, Token, Verdict
from engine.patience import Patience
from engine.ports import Clock, Looks, Market, SettingsSource, Tokens
from engine.settings import Settings

log = structlog.get_logger()

PASS_SECONDS = 1.0  # the grain of the schedule: how often due tokens are asked for
CHUNK = 50
IDLE_SECONDS = 5.0
HISTORY = timedelta(minutes=95)  # holder growth looks back 90 minutes
ARCHIVED_PAUSE = timedelta(minutes=5)
POISON_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a look brought: a sample, or None when there is no data; with the settings of the tick that asked."""

    token: Token
    sample: Sample | None
    settings: Settings


class Ticker:
    """Looks at every due token and records what follows."""

    def __init__(
        self,
        tokens: Tokens,
        looks: Looks,
        settings: SettingsSource,
        market: Market,
        clock: Clock,
        heartbeat: Heartbeat,
        patience: Patience,
        intervals: dict[Status, timedelta],
        looks_at_once: int,
        on_alert: Callable[[], None],
    ) -> None:
        self._tokens = tokens
        self._looks = looks
        self._settings = settings
        self._market = market
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience
        self._wait = {Status.ARCHIVED: ARCHIVED_PAUSE} | intervals
        self._looks_at_once = looks_at_once
        self._on_alert = on_alert
        self._logged: TTLCache[str, bool] = TTLCache(maxsize=100, ttl=60)
        self._bell = asyncio.Event()
        self._answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._asked: set[int] = set()

    def wake(self) -> None:
        """Look for due tokens now instead of at the next pass."""
        self._bell.set()

    async def run(self) -> None:
        """Runs until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._patience.keep(lambda: self._pass(group)), name="ticker-schedule")
            group.create_task(self._record_answers(), name="ticker-record")

    async def _pass(self, group: asyncio.TaskGroup) -> None:
        await self.tick(group)
        pause = asyncio.create_task(self._clock.sleep(PASS_SECONDS))
        bell = asyncio.create_task(self._bell.wait())
        try:
            await asyncio.wait({pause, bell}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            bell.cancel()

    async def tick(self, group: asyncio.TaskGroup) -> None:
        """Start as many looks at due tokens as there is room for; the others wait as rows, for newer settings."""
        self._bell.clear()
        settings = await self._settings.current()
        room = self._looks_at_once - len(self._asked)
        for token in await self._claim(room, settings) if room > 0 else ():
            if token.id not in self._asked:
                self._asked.add(token.id)
                group.create_task(self._ask(token, settings), name=f"look-{token.id}")
        self._heartbeat.beat("ticker")

    async def _claim(self, room: int, settings: Settings) -> list[Token]:
        now = self._clock.now()
        archived_since = now - timedelta(hours=settings.revive_hours)
        return await self._tokens.claim_due(now, self._wait, archived_since, room)

    async def _ask(self, token: Token, settings: Settings) -> None:
        """One look. A provider's failure postpones this token only: its next look was moved ahead by the claim."""
        try:
            sample: Sample | None = await self._market.look(token.mint, fresh=True)
        except NoDataYet as error:
            self._heartbeat.count("look", "no_data")
            log.debug("look.found_nothing", token=token.mint, reason=str(error))
            sample = None
        except BadRequest as error:  # asking again would not mend it
            self._failed(token, error)
            await self._patience.once(partial(self._rest, token))
            sample = None
        except ProviderError as error:
            self._failed(token, error)
            self._done([token])
            return
        else:
            self._heartbeat.count("look", "ok")
        await self._answers.put(Answer(token, sample, settings))

    def _failed(self, token: Token, error: ProviderError) -> None:
        """Counted; logged at most once per kind and minute, since a provider fails for many tokens at once."""
        kind = type(error).__name__
        self._heartbeat.count("look", kind)
        if kind not in self._logged:
            self._logged[kind] = True
            log.warning("look.failed", token=token.mint, kind=kind, error=str(error), note="at most once a minute")

    def _done(self, tokens: Iterable[Token]) -> None:
        """These looks are over: there is room for others."""
        self._asked.difference_update(token.id for token in tokens)
        self._bell.set()

    async def _record_answers(self) -> None:
        while True:
            answers = await self._arrived()
            if answers:
                await self.settle(answers)
                self._done(answer.token for answer in answers)
            self._heartbeat.beat("recorder")

    async def _arrived(self) -> list[Answer]:
        """What has come in since the last time, at most a chunk; nothing when it stays quiet for a while."""
        answers: list[Answer] = []
        with suppress(TimeoutError):
            answers.append(await asyncio.wait_for(self._answers.get(), IDLE_SECONDS))
        while len(answers) < CHUNK and not self._answers.empty():
            answers.append(self._answers.get_nowait())
        return answers

    async def settle(self, answers: Sequence[Answer]) -> None:
        """Decide and record a chunk of answers; a chunk that the database refuses is halved around the bad token."""
        now = self._clock.now()
        ids = [answer.token.id for answer in answers]
        history = await self._patience.once(partial(self._looks.holder_points, ids, now - HISTORY))
        for settings, group in groupby(answers, key=attrgetter("settings")):
            verdicts = [decide(a.token, a.sample, history.get(a.token.id, ()), now, settings) for a in group]
            await self._record(verdicts, now, settings)

    async def _record(self, verdicts: Sequence[Verdict], now: datetime, settings: Settings) -> None:
        try:
            await self._patience.once(partial(self._looks.record, verdicts, now, settings))
        except BadData as error:
            await self._isolate(verdicts, now, settings, error)
        else:
            self._tell(verdicts)

    async def _isolate(self, verdicts: Sequence[Verdict], now: datetime, settings: Settings, error: BadData) -> None:
        """Record the good half of a refused chunk; a token alone is poisonous and rests a while."""
        if len(verdicts) > 1:
            middle = len(verdicts) // 2
            await self._record(verdicts[:middle], now, settings)
            await self._record(verdicts[middle:], now, settings)
            return
        token = verdicts[0].before
        self._heartbeat.count("look", "poisonous")
        log.error("look.refused", token=token.mint, error=str(error))
        await self._patience.once(partial(self._rest, token))

    async def _rest(self, token: Token) -> None:
        await self._tokens.postpone([token.id], self._clock.now() + POISON_PAUSE)

    def _tell(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if verdict.transition:
                moved = f"{verdict.transition.before} → {verdict.transition.after}"
                log.info("token.moved", token=verdict.after.mint, status=moved, reason=str(verdict.transition.reason))
        if any(verdict.alerts for verdict in verdicts):
            self._on_alert()
