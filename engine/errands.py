"""Loop: what is asked of Birdeye once an alert was decided: the token's safety facts, and its pools without glances.

One call at a time, and only where the budget allows it; what an activation asks for comes from what is put by.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Generic, Protocol, TypeVar

import structlog
from cachetools import TTLCache

from engine.bell import Bell
from engine.errors import BadData, BadRequest, NoDataYet, ProviderError, ToTheMoonError
from engine.heartbeat import Heartbeat
from engine.model import Errand, PoolFigures, Safety
from engine.patience import Patience
from engine.plans import MARKETS, SECURITY
from engine.ports import Clock

log = structlog.get_logger()

PAUSE_SECONDS = 60.0
AT_ONCE = 50

_A = TypeVar("_A")
_Kept_contra = TypeVar("_Kept_contra", contravariant=True)


class Informant(Protocol):
    """Birdeye's part. Raises ProviderError."""

    async def safety(self, mint: str) -> Safety:
        """The token's safety facts as of now."""
        ...

    async def pools(self, mint: str) -> tuple[PoolFigures, ...]:
        """The token's exchange pools."""
        ...

    def resting(self, endpoint: str) -> ProviderError | None:
        """Why the endpoint is not asked at present; None when it is."""
        ...


class Budget(Protocol):
    """Whether a call of the endpoint may be paid now."""

    def may(self, endpoint: str, urgent: bool) -> bool:
        """Charges nothing."""
        ...


class Memory(Protocol[_Kept_contra]):
    """Storage's part. Raises DatabaseAway, and `keep` also BadData, having written nothing."""

    async def wanted(self, now: datetime, limit: int) -> list[Errand]:
        """Tokens of which this is worth asking, the most urgent first."""
        ...

    async def keep(self, token_id: int, answer: _Kept_contra, asked_at: datetime, /) -> None:
        """Remember the answer, so that it is not asked for again soon."""
        ...


@dataclass(frozen=True, slots=True)
class _Question(Generic[_A]):
    """What is asked of whom and kept where; `nothing` is kept when the answer held nothing."""

    endpoint: str
    ask: Callable[[str], Awaitable[_A]]
    memory: Memory[_A]
    nothing: _A


class Errands:
    """Asks what an alert's readers will want to know, and keeps it."""

    def __init__(
        self,
        birdeye: Informant,
        budget: Budget,
        safeties: Memory[Safety | None],
        pools: Memory[Sequence[PoolFigures]],
        glances_work: Callable[[], bool],
        clock: Clock,
        heartbeat: Heartbeat,
        patience: Patience,
    ) -> None:
        self._birdeye = birdeye
        self._budget = budget
        self._safety: _Question[Safety | None] = _Question(SECURITY, birdeye.safety, safeties, None)
        self._pools: _Question[Sequence[PoolFigures]] = _Question(MARKETS, birdeye.pools, pools, ())
        self._glances_work = glances_work
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience
        self._failed: TTLCache[tuple[str, int], bool] = TTLCache(
            maxsize=1000, ttl=PAUSE_SECONDS, timer=lambda: clock.now().timestamp()
        )
        self._bell = Bell()

    def wake(self) -> None:
        """An alert was decided: look for errands now instead of after the pause."""
        self._bell.ring()

    async def run(self) -> None:
        """Runs until cancelled. Raises DatabaseAway when the database stays away."""
        await self._patience.keep(self._pass)

    async def _pass(self) -> None:
        await self.round()
        await self._bell.pause(self._clock, PAUSE_SECONDS)

    async def round(self) -> None:
        """Ask once whatever is wanted and may be asked now. Raises DatabaseAway."""
        await self._see_to(self._safety)
        if not self._glances_work():
            await self._see_to(self._pools)
        self._heartbeat.beat("errands")

    async def _see_to(self, question: _Question[_A]) -> None:
        for errand in await question.memory.wanted(self._clock.now(), AT_ONCE):
            if self._may_ask(question.endpoint, errand):
                await self._run_errand(question, errand)

    def _may_ask(self, endpoint: str, errand: Errand) -> bool:
        """A call that failed is not repeated by the next alert's bell, only after the pause."""
        if self._birdeye.resting(endpoint) is not None or (endpoint, errand.token_id) in self._failed:
            return False
        return self._budget.may(endpoint, errand.urgent)

    async def _run_errand(self, question: _Question[_A], errand: Errand) -> None:
        asked_at = self._clock.now()
        try:
            answer = await question.ask(errand.mint)
        except NoDataYet as error:
            self._heartbeat.count("errand", "no_data")
            log.debug("errand.found_nothing", token=errand.mint, endpoint=question.endpoint, reason=str(error))
            answer = question.nothing
        except BadRequest as error:  # asking again soon would not mend it
            self._note(question.endpoint, errand, error)
            answer = question.nothing
        except ProviderError as error:
            self._note(question.endpoint, errand, error)
            self._failed[question.endpoint, errand.token_id] = True
            return
        else:
            self._heartbeat.count("errand", "ok")
        await self._keep(question, errand, answer, asked_at)

    async def _keep(self, question: _Question[_A], errand: Errand, answer: _A, asked_at: datetime) -> None:
        """A refused answer counts as none; a token that is gone by now needs none."""
        keep = question.memory.keep
        try:
            await self._patience.once(partial(keep, errand.token_id, answer, asked_at))
        except BadData as error:
            self._note(question.endpoint, errand, error)
            with suppress(BadData):
                await self._patience.once(partial(keep, errand.token_id, question.nothing, asked_at))

    def _note(self, endpoint: str, errand: Errand, error: ToTheMoonError) -> None:
        kind = type(error).__name__
        self._heartbeat.count("errand", kind)
        log.warning("errand.failed", token=errand.mint, endpoint=endpoint, kind=kind, error=str(error))
