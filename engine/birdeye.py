"""The Birdeye adapter: asks its endpoints, knows when to leave it in peace, and learns what the key may use.

What an answer says is read in engine/{overview,security,markets,credits}.py, what an error means in engine/refusals.py.
What a call may cost and who is looked at next is not decided here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from engine.credits import Credits, parse_credits
from engine.errors import (
    BadKey,
    BudgetHeld,
    BudgetSpent,
    ConfigError,
    EndpointDenied,
    NoDataYet,
    ProviderDown,
    ProviderError,
    RateLimited,
)
from engine.heartbeat import Heartbeat
from engine.http import Answer, JsonClient
from engine.markets import PAGE, parse_markets
from engine.model import PoolFigures, Safety, Sample
from engine.overview import parse_overview
from engine.plans import CREDITS, MARKETS, OVERVIEW, SECURITY
from engine.ports import Clock, Payer
from engine.refusals import credits_used, verdict
from engine.security import parse_security

EVERYWHERE = ""  # the scope of a rest that holds for every endpoint
WRAPPED_SOL = "So11111111111111111111111111111111111111112"
RESTS: Mapping[type[ProviderError], timedelta] = {
    BudgetSpent: timedelta(hours=3),
    BadKey: timedelta(minutes=10),
    EndpointDenied: timedelta(hours=6),
}
OUTAGE_FAILURES = 5  # failures in a row, without one answer in between, that make an outage
LONGEST_OUTAGE_REST = timedelta(seconds=60)

log = structlog.get_logger()

_T = TypeVar("_T")


class _Resting(Exception):
    """A call was stopped on its way, because Birdeye rests for this reason."""

    def __init__(self, reason: ProviderError) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(slots=True)
class _Bill:
    """A call's endpoint and urgency, and what its latest attempt was charged."""

    endpoint: str
    urgent: bool = False
    charged_cu: int = 0


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a probe learnt: the endpoints that the key's plan refuses.

    `alarm` is a sentence for the admins where no figures can be had at all: a bad key, nothing left, no overview.
    """

    denied: frozenset[str]
    alarm: str | None = None

    def may(self, endpoint: str) -> bool:
        """Whether the endpoint is worth asking. One that could not be reached was not refused."""
        return endpoint not in self.denied


class Birdeye:
    """Birdeye as `engine.ports.Market`, and its other endpoints, named by their paths.

    After a refusal it asks nothing until the rest is over, and says why. `till` is charged before each attempt, when it
    is its turn, and told what its answer cost. Every method raises the kind of ProviderError that says what to do;
    the constructor ConfigError for a key that cannot be sent.
    """

    def __init__(
        self,
        client: JsonClient,
        base_url: str,
        api_key: str,
        clock: Clock,
        heartbeat: Heartbeat,
        till: Payer,
    ) -> None:
        if not (api_key.isascii() and api_key.isprintable()):
            raise ConfigError("BIRDEYE_API_KEY holds characters that no key has; paste it again, such as 1a2b3c4d5e6f")
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._headers = {
            "X-API-KEY": api_key,
            "x-chain": "solana",
            "accept": "application/json",
            "User-Agent": "ToTheMoon2",
        }
        self._clock = clock
        self._heartbeat = heartbeat
        self._till = till
        self._resting: dict[str, tuple[datetime, ProviderError]] = {}
        self._outages = 0

    async def look(self, mint: str, *, fresh: bool = False, urgent: bool = False) -> Sample:
        """The token's figures as of now; what is `urgent` goes before other calls."""
        params, bill = {"address": mint, "frames": "5m,1h"}, _Bill(OVERVIEW, urgent)
        return await self._ask(bill, params, lambda body, now: parse_overview(body, mint, now, self._bad), fresh)

    async def safety(self, mint: str) -> Safety:
        """The token's safety facts as of now."""
        return await self._ask(
            _Bill(SECURITY), {"address": mint}, lambda body, now: parse_security(body, mint, now, self._bad)
        )

    async def pools(self, mint: str) -> tuple[PoolFigures, ...]:
        """The token's exchange pools, the most liquid first."""
        order = {"time_frame": "24h", "sort_type": "desc", "sort_by": "liquidity", "offset": "0", "limit": str(PAGE)}
        return await self._ask(
            _Bill(MARKETS), {"address": mint, **order}, lambda body, _now: parse_markets(body, mint, self._bad)
        )

    async def credits(self) -> Credits:
        """What the account has used and has left in its current period."""
        return await self._ask(_Bill(CREDITS), {}, lambda body, now: parse_credits(body, now, self._bad), fresh=True)

    async def probe(self) -> Permissions:
        """Asks the cheapest calls once to learn what the key may use. Never raises ProviderError."""
        denied: set[str] = set()
        for endpoint, call in ((OVERVIEW, self.look), (SECURITY, self.safety)):
            if isinstance(self.resting(endpoint), BadKey | BudgetSpent):
                break
            refusal = await self._refusal(partial(call, WRAPPED_SOL))
            denied |= {endpoint} if isinstance(refusal, EndpointDenied) else set()
        useless = self.resting(OVERVIEW)
        alarm = str(useless) if isinstance(useless, BadKey | BudgetSpent | EndpointDenied) else None
        log.info("birdeye.probed", denied=sorted(denied), alarm=alarm)
        return Permissions(frozenset(denied), alarm)

    def resting(self, endpoint: str = OVERVIEW) -> ProviderError | None:
        """Why the endpoint is not asked at present; None when it is."""
        for scope in (EVERYWHERE, endpoint):
            until, error = self._resting.get(scope, (None, None))
            if until is not None and self._clock.now() < until:
                return error
        return None

    async def _refusal(self, call: Callable[[], Awaitable[object]]) -> ProviderError | None:
        try:
            await call()
        except ProviderError as error:
            return error
        return None

    async def _ask(
        self, bill: _Bill, params: Mapping[str, str], parse: Callable[[object, datetime], _T], fresh: bool = False
    ) -> _T:
        if (refusal := self.resting(bill.endpoint)) is not None:
            raise refusal.with_traceback(None)
        try:
            found = await self._fetch(bill, params, parse, fresh)
        except NoDataYet as error:
            self._found_nothing(error)
            raise
        except BudgetHeld:
            raise
        except _Resting as resting:
            raise resting.reason.with_traceback(None) from None
        except ProviderError as error:
            self._refused(error, bill.endpoint)
            raise
        self._answered()
        return found

    def _answered(self) -> None:
        self._heartbeat.beat("birdeye")
        self._outages = 0

    async def _fetch(
        self, bill: _Bill, params: Mapping[str, str], parse: Callable[[object, datetime], _T], fresh: bool
    ) -> _T:
        answer = await self._client.get(
            self._base_url + bill.endpoint,
            params,
            headers=self._headers,
            fresh=fresh,
            allow=lambda: self._pay(bill),
            heard=lambda answer: self._settle(bill, answer),
        )
        now = self._clock.now()
        if (error := verdict(answer.status, answer.body, answer.headers, now)) is not None:
            raise error
        return parse(answer.body, now)

    async def _pay(self, bill: _Bill) -> None:
        """Charges an attempt. Raises BudgetHeld, or _Resting for a call that queued before a rest began: it is neither
        sent nor counted as a failure.
        """
        self._stop_if_resting(bill.endpoint)
        bill.charged_cu = await self._till.pay(bill.endpoint, urgent=bill.urgent)
        try:
            self._stop_if_resting(bill.endpoint)
        except _Resting:
            self._till.refund(bill.endpoint, bill.charged_cu)
            raise

    def _stop_if_resting(self, endpoint: str) -> None:
        if (reason := self.resting(endpoint)) is not None:
            raise _Resting(reason)

    def _settle(self, bill: _Bill, answer: Answer) -> None:
        told_cu = credits_used(answer.headers)
        self._till.settle(bill.endpoint, bill.charged_cu, told_cu, answer.status)

    def _bad(self, field: str) -> None:
        self._heartbeat.count("birdeye_field_dropped", field)

    def _found_nothing(self, error: NoDataYet) -> None:
        """No data is a sign of life, unless it is a page: those come from whatever stands before Birdeye."""
        self._heartbeat.count("birdeye_no_data", error.kind)
        if error.kind == "not_json":
            self._heartbeat.fail("birdeye", str(error))
            self._rest(ProviderDown(str(error)), EVERYWHERE)
        else:
            self._answered()

    def _refused(self, error: ProviderError, endpoint: str) -> None:
        """Birdeye is well when it refuses but an extra: no more than a count. Anything else is a failure."""
        if isinstance(error, EndpointDenied) and endpoint != OVERVIEW:
            self._heartbeat.count("birdeye_endpoint_denied", endpoint)
        else:
            self._heartbeat.fail("birdeye", str(error))
        self._rest(error, endpoint if isinstance(error, EndpointDenied) else EVERYWHERE)

    def _rest(self, error: ProviderError, scope: str) -> None:
        now = self._clock.now()
        until = error.retry_at if isinstance(error, RateLimited) else now + self._rest_length(error)
        if until <= now or (scope in self._resting and self._resting[scope][0] >= until):
            return
        self._resting[scope] = (until, error)
        log.warning("birdeye.rest_started", reason=str(error), endpoint=scope or "all", until=until.isoformat())

    def _rest_length(self, error: ProviderError) -> timedelta:
        """One token's failures are its own; several in a row are an outage, which is asked less and less often."""
        if not isinstance(error, ProviderDown):
            return RESTS.get(type(error), timedelta())
        self._outages += 1
        doublings = min(self._outages - OUTAGE_FAILURES, 10)
        return min(timedelta(seconds=2.0**doublings), LONGEST_OUTAGE_REST) if doublings >= 0 else timedelta()
