"""Loop: whatever looks have brought meanwhile → decisions on the newest state → one transaction.

Only here the engine's state changes, so glances and checks of one token never overwrite each other. A chunk that the
database refuses is halved until the poisonous token is alone, which is postponed and counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter

import structlog

from engine.chats import Watch
from engine.decision import decide, join
from engine.errors import BadData
from engine.heartbeat import Heartbeat
from engine.memory import Looks, Tokens, Watches
from engine.model import HolderPoint, PoolFigures, Sample, Source, Token, Verdict
from engine.patience import Patience
from engine.ports import Clock
from engine.settings import Settings
from engine.watching import watched_by

log = structlog.get_logger()

CHUNK = 200
IDLE_SECONDS = 5.0
HISTORY = timedelta(minutes=95)  # holder growth looks back 90 minutes
REPEATED = timedelta(minutes=2)  # how far back a glance may be that another one repeats
POISON_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one source said of a token: a sample, None when it had no data, and the pools where it tells them."""

    sample: Sample | None
    pools: tuple[PoolFigures, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a glance, a check or both brought about a token, under the settings of the tick that asked.

    None is a look that was not taken.
    """

    token: Token
    settings: Settings
    glance: Seen | None = None
    check: Seen | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows of the tokens of a chunk."""

    tokens: dict[int, Token]
    points: dict[int, list[HolderPoint]]
    glances: dict[int, Sample]
    watches: dict[int, tuple[Watch, ...]]


class Recorder:
    """Records answers. `glances_score` says that glances are the checks, because nobody can be paid for any."""

    def __init__(
        self,
        tokens: Tokens,
        looks: Looks,
        watches: Watches,
        clock: Clock,
        heartbeat: Heartbeat,
        patience: Patience,
        on_alert: Callable[[], None],
        *,
        glances_score: bool = False,
    ) -> None:
        self._tokens = tokens
        self._looks = looks
        self._watches = watches
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience
        self._on_alert = on_alert
        self._glances_score = glances_score
        self._answers: asyncio.Queue[tuple[Answer, Callable[[], None]]] = asyncio.Queue()

    def take(self, answer: Answer, done: Callable[[], None] = lambda: None) -> None:
        """Queue an answer; `done` is called once it is recorded."""
        self._answers.put_nowait((answer, done))

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            arrived = await self._arrived()
            if arrived:
                await self.settle([answer for answer, _ in arrived])
            for _, done in arrived:
                done()
            self._heartbeat.beat("recorder")

    async def _arrived(self) -> list[tuple[Answer, Callable[[], None]]]:
        """What has come in since the last time, at most a chunk; nothing when it stays quiet for a while."""
        arrived: list[tuple[Answer, Callable[[], None]]] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):  # wait_for would lose a cancellation that comes with an answer
                arrived.append(await self._answers.get())
        while len(arrived) < CHUNK and not self._answers.empty():
            arrived.append(self._answers.get_nowait())
        return arrived

    async def settle(self, answers: Sequence[Answer]) -> None:
        """Decide and record a chunk of answers, each on what those before it have left."""
        now = self._clock.now()
        known = await self._patience.once(partial(self._known, answers, now))
        for settings, group in groupby(answers, key=attrgetter("settings")):
            verdicts = [self._decide(answer, known, now) for answer in group if answer.token.id in known.tokens]
            await self._record(verdicts, now, settings)

    async def _known(self, answers: Sequence[Answer], now: datetime) -> _Known:
        ids = {answer.token.id for answer in answers}
        checked = {answer.token.id for answer in answers if answer.check or self._glances_score}
        glanced = {answer.token.id for answer in answers if answer.glance}
        return _Known(
            await self._tokens.current(list(ids)),
            await self._looks.holder_points(list(checked), now - HISTORY) if checked else {},
            await self._looks.latest(list(glanced), Source.DEXSCREENER, now - REPEATED) if glanced else {},
            await self._watches.of_tokens(list(ids)),
        )

    def _decide(self, answer: Answer, known: _Known, now: datetime) -> Verdict:
        token_id, points = answer.token.id, known.points.get(answer.token.id, ())
        state = known.tokens[token_id]
        verdict: Verdict | None = None
        if answer.glance:
            seen, scored, previous = answer.glance, self._glances_score, known.glances.get(token_id)
            verdict = decide(
                state, seen.sample, points, now, answer.settings, check=scored, previous=previous, pools=seen.pools
            )
        if answer.check:
            check = decide(verdict.after if verdict else state, answer.check.sample, points, now, answer.settings)
            verdict = join(verdict, check) if verdict else check
        assert verdict is not None  # noqa: S101 - an answer comes of a glance or a check; this is for the type checker
        known.tokens[token_id] = verdict.after
        known.watches[token_id], watched = watched_by(known.watches.get(token_id, ()), verdict, now, answer.settings)
        return replace(verdict, watched=watched) if watched else verdict

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
        await self._patience.once(partial(self._tokens.postpone, [token.id], now + POISON_PAUSE))

    def _tell(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if verdict.transition:
                moved = f"{verdict.transition.before} → {verdict.transition.after}"
                log.info("token.moved", token=verdict.after.mint, status=moved, reason=str(verdict.transition.reason))
        if any(verdict.alerts or any(seen.news for seen in verdict.watched) for verdict in verdicts):
            self._on_alert()
