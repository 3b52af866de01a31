"""Loop: the paid looks. Once a second it is weighed whose checks would tell most, and how many the budget allows.

A look runs beside the loop, so a slow token never holds the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from cachetools import TTLCache

from engine.bell import Bell
from engine.errors import BadRequest, BudgetHeld, NoDataYet, ProviderError
from engine.heartbeat import Heartbeat
from engine.memory import SettingsSource, Tokens
from engine.model import Status, Token
from engine.patience import Patience
from engine.plans import OVERVIEW
from engine.ports import Clock, PaidMarket
from engine.recorder import Answer, Recorder, Seen
from engine.settings import Settings
from engine.till import Till
from engine.urgency import GATE_NEARLY, Affordable, affordable, candidate_of, choose

log = structlog.get_logger()

PASS_SECONDS = 1.0  # the grain of the schedule
CANDIDATES = 5_000  # more are not weighed in one pass; the longest due come first
AT_ONCE_SECONDS = 8.0  # an activation waits so long for its score
MALFORMED_PAUSE = timedelta(minutes=10)


@dataclass(slots=True)
class _Queue:
    """Whose checks come next, as weighed at `at` under `settings`."""

    token_ids: list[int]
    at: datetime
    settings: Settings

    def holds(self, now: datetime, settings: Settings) -> bool:
        """Whether somebody is left, and nothing has changed since that would matter."""
        fresh = abs(now - self.at) < timedelta(seconds=PASS_SECONDS)
        return fresh and bool(self.token_ids) and settings == self.settings


class Checks:
    """Pays for looks where they may decide something. `glances_work` tells whether glances watch the gate for free."""

    def __init__(
        self,
        tokens: Tokens,
        settings: SettingsSource,
        market: PaidMarket,
        till: Till,
        recorder: Recorder,
        clock: Clock,
        heartbeat: Heartbeat,
        patience: Patience,
        intervals: Mapping[Status, timedelta],
        *,
        at_once: int,
        glances_work: Callable[[], bool] = lambda: True,
    ) -> None:
        self._tokens = tokens
        self._settings = settings
        self._market = market
        self._till = till
        self._recorder = recorder
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience
        self._intervals = intervals
        self._at_once = at_once
        self.glances_work = glances_work
        self._asked: set[int] = set()
        self._wanted: dict[int, asyncio.Future[Seen | None]] = {}
        self._queue: _Queue | None = None
        self._logged: TTLCache[str, bool] = TTLCache(maxsize=100, ttl=60)
        self.bell = Bell()
        self.bound_seconds: float | None = None

    async def run(self) -> None:
        """Runs until cancelled."""
        async with asyncio.TaskGroup() as group:
            await self._patience.keep(lambda: self._pass(group))

    async def _pass(self, group: asyncio.TaskGroup) -> None:
        await self.tick(group)
        await self.bell.pause(self._clock, PASS_SECONDS)

    async def tick(self, group: asyncio.TaskGroup) -> None:
        """Start as many checks as there is room and money for; the others wait as rows, for newer settings."""
        room = self._at_once - len(self._asked)
        if room > 0 and self._market.resting() is None:
            settings, now = await self._settings.current(), self._clock.now()
            await self._start(await self._next(now, settings, room), now, settings, group)
        self._heartbeat.beat("checks")

    async def _start(self, token_ids: list[int], now: datetime, settings: Settings, group: asyncio.TaskGroup) -> None:
        """They count as asked from here on, so that nobody asks a second time while they are claimed."""
        self._asked.update(token_ids)
        try:
            claimed = await self._claim(token_ids, now)
        except BaseException:
            self._asked.difference_update(token_ids)
            raise
        self._asked.difference_update(set(token_ids) - {token.id for token in claimed})
        for token in claimed:
            group.create_task(self._check(token, settings), name=f"check-{token.id}")

    async def _next(self, now: datetime, settings: Settings, room: int) -> list[int]:
        """The ids of the tokens whose checks come next. All that are due are read again only when the queue is old."""
        queue = self._queue
        if queue is None or not queue.holds(now, settings):
            queue = self._queue = _Queue(await self._chosen(now, settings), now, settings)
        waiting = [token_id for token_id in queue.token_ids if token_id not in self._asked]
        queue.token_ids = waiting[room:]
        return waiting[:room]

    async def _chosen(self, now: datetime, settings: Settings) -> list[int]:
        """The ids of the tokens that are worth a check now, the most urgent first."""
        nearly = None if (glances := self.glances_work()) is False else int(GATE_NEARLY * settings.min_tx_count)
        due, active = await self._tokens.candidates(now, nearly, CANDIDATES)
        can = self._affordable(active, glances=glances)
        self.bound_seconds = can.bound_seconds
        waiting = [candidate_of(token, now, settings) for token in due if token.id not in self._asked]
        return [choice.token_id for choice in choose(waiting, can, now, settings)]

    def _affordable(self, active: int, *, glances: bool) -> Affordable:
        """What those that are asked for already may still cost is not there to be spent."""
        price_cu = self._till.prices.of(OVERVIEW)
        allowed, promised_cu = self._till.allowance(), len(self._asked) * price_cu
        now_cu, routine_cu = allowed.now_cu - promised_cu, allowed.routine_cu - promised_cu
        return affordable(
            replace(allowed, now_cu=max(0.0, now_cu), routine_cu=max(0.0, routine_cu)),
            price_cu,
            active,
            self._intervals[Status.ACTIVE].total_seconds(),
            self._intervals[Status.INITIAL].total_seconds(),
            glances=glances,
        )

    async def _claim(self, token_ids: list[int], now: datetime) -> list[Token]:
        """Their next checks are moved ahead before anything else happens."""
        return await self._tokens.claim_checks(token_ids, now, self._intervals) if token_ids else []

    async def _check(self, token: Token, settings: Settings) -> None:
        """One look. A provider's failure postpones this token only: its next look was moved ahead by the claim."""
        seen = await self._look(token)
        wanted = self._wanted.get(token.id)
        if wanted is not None and not wanted.done():
            wanted.set_result(seen)
            self._done(token)
        elif seen is None:
            self._done(token)
        else:
            self._recorder.take(Answer(token, settings, check=seen), partial(self._done, token))

    async def at_once(self, tokens: Sequence[Token], tell: Callable[[Token, Seen | None], None]) -> None:
        """The checks that activations ask for. `tell` hears of each when it is there; None when it cannot be had soon.

        They are claimed together, so that a batch of activations costs one statement. A token that is asked about
        already is not asked about again: the answer that is on its way is told.
        """
        if self._market.resting() is not None:
            for token in tokens:
                tell(token, None)
            return
        free = [token for token in tokens if token.id not in self._asked]
        under_way = [token for token in tokens if token.id in self._asked]
        self._take(free)
        async with asyncio.TaskGroup() as group:
            for token in under_way:
                group.create_task(self._on_its_way(token, tell), name=f"wanted-{token.id}")
            await self._patience.once(partial(self._claim, [token.id for token in free], self._clock.now()))
            for token in free:
                group.create_task(self._soon(token, tell), name=f"soon-{token.id}")

    def _take(self, tokens: Sequence[Token]) -> None:
        """These are asked about now, and need not wait in the queue any more."""
        self._asked |= {token.id for token in tokens}
        if self._queue is not None:
            self._queue.token_ids = [token_id for token_id in self._queue.token_ids if token_id not in self._asked]

    async def _on_its_way(self, token: Token, tell: Callable[[Token, Seen | None], None]) -> None:
        """Take over the check that is under way. One that comes too late is recorded by itself."""
        wanted = self._wanted[token.id] = asyncio.get_running_loop().create_future()
        seen: Seen | None = None
        try:
            async with asyncio.timeout(AT_ONCE_SECONDS):
                seen = await wanted
        except TimeoutError:
            self._heartbeat.count("look", "too_late")
        finally:
            if self._wanted.get(token.id) is wanted:
                del self._wanted[token.id]
        tell(token, seen)

    async def _soon(self, token: Token, tell: Callable[[Token, Seen | None], None]) -> None:
        seen: Seen | None = None
        try:
            async with asyncio.timeout(AT_ONCE_SECONDS):
                seen = await self._look(token, urgent=True)
        except TimeoutError:
            self._heartbeat.count("look", "too_late")
        finally:
            self._done(token)
        tell(token, seen)

    async def _look(self, token: Token, *, urgent: bool = False) -> Seen | None:
        """What Birdeye says now; None when it could not be asked."""
        try:
            seen = Seen(await self._market.look(token.mint, fresh=True, urgent=urgent))
        except NoDataYet as error:
            self._heartbeat.count("look", "no_data")
            log.debug("look.found_nothing", token=token.mint, reason=str(error))
            return Seen(None)
        except BadRequest as error:  # asking again would not mend it
            self._failed(token, error)
            await self._patience.once(partial(self._rest, token))
            return Seen(None)
        except BudgetHeld:  # no failure: there was less money left when its turn came
            self._heartbeat.count("look", "BudgetHeld")
            return None
        except ProviderError as error:
            self._failed(token, error)
            return None
        self._heartbeat.count("look", "ok")
        return seen

    async def _rest(self, token: Token) -> None:
        pauses = dict.fromkeys(Status, MALFORMED_PAUSE)  # of checks alone: glances go on
        await self._tokens.claim_checks([token.id], self._clock.now(), pauses)

    def _failed(self, token: Token, error: ProviderError) -> None:
        """Counted; logged at most once per kind and minute, since a provider fails for many tokens at once."""
        kind = type(error).__name__
        self._heartbeat.count("look", kind)
        if kind not in self._logged:
            self._logged[kind] = True
            log.warning("look.failed", token=token.mint, kind=kind, error=str(error), note="at most once a minute")

    def _done(self, token: Token) -> None:
        """This look is over: there is room for another."""
        self._asked.discard(token.id)
        self.bell.ring()
