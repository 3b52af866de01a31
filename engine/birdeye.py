"""The Birdeye adapter: the only file that knows Birdeye's JSON, its errors and when to leave it in peace.

What a look costs and who is looked at next is not decided here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import structlog

from engine import fields
from engine.errors import (
    BadKey,
    BadRequest,
    BudgetSpent,
    ConfigError,
    EndpointDenied,
    NoDataYet,
    ProviderDown,
    ProviderError,
    RateLimited,
)
from engine.heartbeat import Heartbeat
from engine.http import JsonClient
from engine.model import Sample, Source
from engine.ports import Clock

OVERVIEW = "/defi/token_overview"
TOLERANCE = 0.05  # how far a sum may be from its parts before both are mistrusted
RATE_REST = timedelta(seconds=30)
LONGEST_RATE_REST = timedelta(hours=1)
RESTS: Mapping[type[ProviderError], timedelta] = {
    BudgetSpent: timedelta(hours=1),
    BadKey: timedelta(minutes=10),
    EndpointDenied: timedelta(hours=6),
}

OUTAGE_FAILURES = 5  # failures in a row, without one answer in between, that make an outage
LONGEST_OUTAGE_REST = timedelta(seconds=60)

log = structlog.get_logger()

_T = TypeVar("_T")
_N = TypeVar("_N", int, float)
_Complain = Callable[[str], None]


class _Resting(Exception):
    """A look was stopped on its way, because Birdeye rests for this reason."""

    def __init__(self, reason: ProviderError) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Birdeye:
    """Birdeye as `engine.ports.Market`. After a refusal it asks nothing until the rest is over, and says why.

    Raises ConfigError for a key that cannot be sent.
    """

    def __init__(self, client: JsonClient, base_url: str, api_key: str, clock: Clock, heartbeat: Heartbeat) -> None:
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
        self._resting: dict[str, tuple[datetime, ProviderError]] = {}
        self._outages = 0

    async def look(self, mint: str, *, fresh: bool = False) -> Sample:
        """The token's figures as of now. Raises the kind of ProviderError that says what to do."""
        self._refuse_while_resting(OVERVIEW)
        try:
            sample = await self._ask(mint, fresh=fresh)
        except NoDataYet:
            self._answered()
            raise
        except _Resting as resting:
            raise resting.reason from None
        except ProviderError as error:
            self._heartbeat.fail("birdeye", str(error))
            self._rest(error, OVERVIEW)
            raise
        self._answered()
        return sample

    def _answered(self) -> None:
        self._heartbeat.beat("birdeye")
        self._outages = 0

    async def _ask(self, mint: str, *, fresh: bool) -> Sample:
        params = {"address": mint, "frames": "5m,1h"}
        url = self._base_url + OVERVIEW
        answer = await self._client.get(
            url, params, headers=self._headers, fresh=fresh, allow=lambda: self._stop_if_resting(OVERVIEW)
        )
        now = self._clock.now()
        if (error := verdict(answer.status, answer.body, answer.headers, now)) is not None:
            raise error
        return parse_overview(answer.body, mint, now, self._count_bad)

    def _count_bad(self, field: str) -> None:
        self._heartbeat.count("birdeye_field_dropped", field)

    def _stop_if_resting(self, path: str) -> None:
        """The same for a look that queued before the rest began: it is neither sent nor counted as a failure."""
        try:
            self._refuse_while_resting(path)
        except ProviderError as error:
            raise _Resting(error) from None

    def _refuse_while_resting(self, path: str) -> None:
        for scope in ("", path):
            until, error = self._resting.get(scope, (None, None))
            if until is not None and error is not None and self._clock.now() < until:
                raise error.with_traceback(None)

    def _rest(self, error: ProviderError, path: str) -> None:
        now = self._clock.now()
        until = error.retry_at if isinstance(error, RateLimited) else now + self._rest_length(error)
        if until <= now:
            return
        scope = path if isinstance(error, EndpointDenied) else ""
        if scope in self._resting and self._resting[scope][0] >= until:
            return
        self._resting[scope] = (until, error)
        log.warning("birdeye.rest_started", reason=str(error), until=until.isoformat())

    def _rest_length(self, error: ProviderError) -> timedelta:
        """One token's failures are its own; several in a row are an outage, which is asked less and less often."""
        if not isinstance(error, ProviderDown):
            return RESTS.get(type(error), timedelta())
        self._outages += 1
        doublings = min(self._outages - OUTAGE_FAILURES, 10)
        return min(timedelta(seconds=2.0**doublings), LONGEST_OUTAGE_REST) if doublings >= 0 else timedelta()


def verdict(  # noqa: PLR0911 - a line per row of Birdeye's table of errors
    status: int, body: object, headers: Mapping[str, str], now: datetime
) -> ProviderError | None:
    """What an answer means; None when it should carry figures. `headers` by lower-case name."""
    said = _message(body)
    if status == 200:
        return (
            None
            if isinstance(body, dict)
            else ProviderDown("Birdeye answered with something that is not a JSON object")
        )
    if status == 400 and "compute units" in said.lower():
        return BudgetSpent("Birdeye's compute units are used up: wait for the next period or take a larger plan")
    if status == 401 and "permission" in said.lower():
        return EndpointDenied("Birdeye's plan for this key does not include this call: take a plan that does")
    if status == 401:
        return BadKey("Birdeye refuses the API key: check BIRDEYE_API_KEY")
    if status == 403 and body is not None:
        return EndpointDenied("Birdeye's allow-list refuses this address: allow it in the account's security settings")
    if status == 404:
        return NoDataYet("Birdeye does not know this token yet")
    if status == 429:
        return RateLimited("Birdeye asks for fewer requests", _retry_at(headers, now))
    if 400 <= status < 500 and status != 403:
        return BadRequest(f"Birdeye calls the request malformed (status {status}): {said or 'it does not say why'}")
    return ProviderDown(f"Birdeye answered with status {status}")


def parse_overview(body: object, mint: str, now: datetime, complain: _Complain = lambda _: None) -> Sample:
    """The figures in a token_overview answer. A field that is wrong or contradicts its parts is None and complained of.

    Raises NoDataYet when the answer has no figures, or those of another token.
    """
    read = _Reader(_data_of(body, mint), complain)
    trades_5m, _, _ = read.window(fields.count, "trade5m", "buy5m", "sell5m")
    trades_1h, _, _ = read.window(fields.count, "trade1h", "buy1h", "sell1h")
    volume_5m, buys_5m, sells_5m = read.window(fields.amount, "v5mUSD", "vBuy5mUSD", "vSell5mUSD")
    volume_1h, _, _ = read.window(fields.amount, "v1hUSD", "vBuy1hUSD", "vSell1hUSD")
    sample = Sample(
        ts=now,
        source=Source.BIRDEYE,
        price=read("price", fields.positive),
        liquidity=read("liquidity", fields.amount),
        market_cap=read("marketCap", fields.positive) or read("mc", fields.positive),
        holders=read("holder", fields.count),
        tx_count_5m=trades_5m,
        tx_count_1h=trades_1h,
        volume_5m=volume_5m,
        volume_1h=volume_1h,
        buys_volume_5m=buys_5m,
        sells_volume_5m=sells_5m,
        last_trade_at=read("lastTradeUnixTime", lambda value: fields.moment(value, now)),
        symbol=read("symbol", lambda value: fields.text(value, 64)),
        name=read("name", lambda value: fields.text(value, 128)),
    )
    if not _has_figures(sample):
        raise NoDataYet("Birdeye knows this token but has no figures yet")
    return sample


class _Reader:
    """Reads fields out of `data`; a missing field is None, a wrong one also, and complained of."""

    def __init__(self, data: Mapping[str, object], complain: _Complain) -> None:
        self._data = data
        self._complain = complain

    def __call__(self, name: str, kind: Callable[[object], _T | None]) -> _T | None:
        raw = self._data.get(name)
        good = None if raw is None else kind(raw)
        if raw is not None and good is None:
            self._complain(name)
        return good

    def window(
        self, kind: Callable[[object], _N | None], total: str, buys: str, sells: str
    ) -> tuple[_N | None, _N | None, _N | None]:
        """A total with its two parts; none of the three where they contradict each other."""
        whole, bought, sold = self(total, kind), self(buys, kind), self(sells, kind)
        if whole is None or bought is None or sold is None:
            return whole, bought, sold
        if math.isclose(bought + sold, whole, rel_tol=TOLERANCE, abs_tol=1):
            return whole, bought, sold
        self._complain(f"{total} against {buys} + {sells}")
        return None, None, None


def _data_of(body: object, mint: str) -> Mapping[str, object]:
    """The `data` of an answer about `mint`. Raises NoDataYet."""
    data = body.get("data") if isinstance(body, dict) and body.get("success") is not False else None
    if not isinstance(data, dict) or not data:
        raise NoDataYet("Birdeye has no figures for this token yet")
    if data.get("address", mint) != mint:
        raise NoDataYet("Birdeye's answer is about another token")
    return data


def _has_figures(sample: Sample) -> bool:
    figures = (sample.price, sample.liquidity, sample.holders, sample.tx_count_5m, sample.tx_count_1h)
    return any(figure is not None for figure in (*figures, sample.volume_5m, sample.volume_1h))


def _message(body: object) -> str:
    """The provider's own words, short and storable; empty when there are none."""
    said = body.get("message") if isinstance(body, dict) else None
    return fields.text(said, 200) or ""


def _retry_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """When to ask again: the reset time if it is sane, else Retry-After, else half a minute from now."""
    for wish in (_reset_time(headers.get("x-ratelimit-reset", "")), _retry_after(headers.get("retry-after", ""), now)):
        if wish is not None and now < wish <= now + LONGEST_RATE_REST:
            return wish
    return now + RATE_REST


def _reset_time(header: str) -> datetime | None:
    return datetime.fromtimestamp(int(header), UTC) if header.isdecimal() and len(header) == 10 else None


def _retry_after(header: str, now: datetime) -> datetime | None:
    """Seconds or an HTTP date."""
    if header.isdecimal() and len(header) < 10:
        return now + timedelta(seconds=int(header))
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo is not None else None
