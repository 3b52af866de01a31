"""Loop: the paid looks. Each pass asks whose check would tell most, and how many the budget allows now.

A look runs beside the loop, so a slow token never holds the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from cachetools import TTLCache

from engine.bell import Bell
from engine.errors import BadRequest, NoDataYet, ProviderError
from engine.heartbeat import Heartbeat
from engine.model import Status, Token
from engine.patience import Patience
from engine.plans import OVERVIEW
from engine.ports import Clock, PaidMarket, SettingsSource, Tokens
from engine.recorder import Answer, Recorder, Seen
from engine.settings import Settings
from engine.till import Till
from engine.urgency import GATE_NEARLY, Affordable, affordable, candidate_of, choose

log = structlog.get_logger()

PASS_SECONDS = 1.0  # the grain of the schedule
CANDIDATES = 5_000  # more are not weighed in one pass; the longest due come first
AT_ONCE_SECONDS = 8.0  # an activation waits so long for its score
MALFORMED_PAUSE = timedelta(minutes=10)


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
        settings, now = await self._settings.current(), self._clock.now()
        room = self._at_once - len(self._asked)
        if room > 0 and self._market.resting() is None:
            for token in await self._claim(await self._chosen(now, settings, room), now):
                self._asked.add(token.id)
                group.create_task(self._check(token, settings), name=f"check-{token.id}")
        self._heartbeat.beat("checks")

    async def _chosen(self, now: datetime, settings: Settings, room: int) -> list[int]:
        """The ids of the tokens whose checks come next."""
        nearly = None if (glances := self.glances_work()) is False else int(GATE_NEARLY * settings.min_tx_count)
        due, active = await self._tokens.candidates(now, nearly, CANDIDATES)
        can = self._affordable(active, glances=glances)
        self.bound_seconds = can.bound_seconds
        waiting = [candidate_of(token, now, settings) for token in due if token.id not in self._asked]
        return [choice.token_id for choice in choose(waiting, can, now, settings)[:room]]

    def _affordable(self, active: int, *, glances: bool) -> Affordable:
        price_cu = self._till.prices.of(OVERVIEW)
        return affordable(
            self._till.allowance(),
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
        if seen is None:
            self._done(token)
        else:
            self._recorder.take(Answer(token, settings, check=seen), partial(self._done, token))

    async def at_once(self, token: Token) -> Seen | None:
        """The check that an activation asks for; None when it cannot be had soon."""
        if token.id in self._asked or self._market.resting() is not None:
            return None
        self._asked.add(token.id)
        try:
            await self._patience.once(partial(self._claim, [token.id], self._clock.now()))
            async with asyncio.timeout(AT_ONCE_SECONDS):
                return await self._look(token)
        except TimeoutError:
            self._heartbeat.count("look", "too_late")
            return None
        finally:
            self._done(token)

    async def _look(self, token: Token) -> Seen | None:
        """What Birdeye says now; None when it could not be asked."""
        try:
            seen = Seen(await self._market.look(token.mint, fresh=True))
        except NoDataYet as error:
            self._heartbeat.count("look", "no_data")
            log.debug("look.found_nothing", token=token.mint, reason=str(error))
            return Seen(None)
        except BadRequest as error:  # asking again would not mend it
            self._failed(token, error)
            await self._patience.once(partial(self._rest, token))
            return Seen(None)
        except ProviderError as error:
            self._failed(token, error)
            return None
        self._heartbeat.count("look", "ok")
        return seen

    async def _rest(self, token: Token) -> None:
        await self._tokens.postpone([token.id], self._clock.now() + MALFORMED_PAUSE)

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
