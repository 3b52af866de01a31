"""A stand-in for Birdeye over a real socket: the same paths, headers, field names, nulls and errors.

What the figures are is the world's affair; which faults happen is the test's.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from deploy.sandbox.lives import SUPPLY, Figures, Life, Window
from deploy.sandbox.world import World
from engine import fields

OVERVIEW_CREDITS = 15


@dataclass(frozen=True, slots=True)
class Fault:
    """How an answer goes wrong. `raw` replaces the JSON `body`; `hang` never answers; `drop` closes the connection."""

    status: int = 200
    body: object = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0
    hang: bool = False
    drop: bool = False


HTML_PAGE = Fault(status=200, raw=b"<!doctype html><title>Just a moment</title>", headers={"Content-Type": "text/html"})
NULL_DATA = Fault(body={"success": True, "data": None})
EMPTY_DATA = Fault(body={"success": True, "data": {}})
HANG = Fault(hang=True)
DROP = Fault(drop=True)
NOT_FOUND = Fault(status=404, body={"success": False, "message": "Not found"})
UNAUTHORIZED = Fault(status=401, body={"success": False, "message": "Unauthorized"})
BAD_ADDRESS = Fault(status=400, body={"success": False, "message": "address is invalid format"})
TOO_MANY = Fault(status=429, body={"success": False, "message": "Too many requests"})


@dataclass(slots=True)
class _Plan:
    fault: Fault
    mint: str | None
    times: float


class BirdeyeApi:
    """Birdeye on 127.0.0.1; use with `async with`, then `url` is where it listens. Port 0 takes any free one.

    `requests` lists the mints asked for, `credits_used` what that would have cost.
    """

    def __init__(self, world: World, *, api_key: str = "sandbox", port: int = 0, per_second: int | None = None) -> None:
        self._world = world
        self._api_key = api_key
        self._port = port
        self._per_second = per_second
        self._recent: deque[float] = deque()
        self._plans: list[_Plan] = []
        self._told: dict[str, Mapping[str, object]] = {}
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.requests: list[str] = []
        self.credits_used = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/defi/token_overview", self._overview)
        app.router.add_route("*", "/{path:.*}", self._elsewhere)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def fail(self, fault: Fault, *, mint: str | None = None, times: float = float("inf")) -> None:
        """Let the next `times` answers (about `mint`, or about any token) go wrong."""
        self._plans.append(_Plan(fault, mint, times))

    def heal(self) -> None:
        """No more faults."""
        self._plans.clear()

    def tell(self, mint: str, data: Mapping[str, object]) -> None:
        """Answer exactly this `data` about the mint, whatever the world thinks of it."""
        self._told[mint] = data

    async def _overview(self, request: web.Request) -> web.StreamResponse:
        mint = request.query.get("address", "")
        self.requests.append(mint)
        if (fault := self._refusal(request, mint) or self._planned(mint)) is not None:
            return await self._go_wrong(fault, request)
        self.credits_used += OVERVIEW_CREDITS
        data = self._told.get(mint) or self._data(mint)
        if data is None:
            return await self._go_wrong(NOT_FOUND, request)
        return _json({"success": True, "data": data}, headers={"x-credits-used": str(OVERVIEW_CREDITS)})

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        return await self._go_wrong(NOT_FOUND, request)

    def _refusal(self, request: web.Request, mint: str) -> Fault | None:
        if request.headers.get("X-API-KEY") != self._api_key:
            return UNAUTHORIZED
        if fields.mint(mint) is None:
            return BAD_ADDRESS
        return self._throttled()

    def _throttled(self) -> Fault | None:
        if self._per_second is None:
            return None
        now = asyncio.get_running_loop().time()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) < self._per_second:
            self._recent.append(now)
            return None
        reset = str(int(self._world.clock.now().timestamp()) + 1)
        return Fault(429, TOO_MANY.body, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})

    def _planned(self, mint: str) -> Fault | None:
        for plan in self._plans:
            if plan.times > 0 and plan.mint in (None, mint):
                plan.times -= 1
                return plan.fault
        return None

    async def _go_wrong(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        if fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault.hang:
            await self._closing.wait()
        if (fault.drop or fault.hang) and request.transport is not None:
            request.transport.abort()
        if fault.raw is not None:
            return web.Response(status=fault.status, body=fault.raw, headers=fault.headers)
        return _json(fault.body, fault.status, fault.headers)

    def _data(self, mint: str) -> dict[str, object] | None:
        life, figures = self._world.known(mint), self._world.figures(mint)
        return None if life is None or figures is None else overview(life, figures)


def overview(life: Life, figures: Figures) -> dict[str, object]:
    """The `data` of /defi/token_overview with frames=5m,1h, under Birdeye's field names."""
    return {
        "address": life.mint,
        "decimals": 6,
        "symbol": life.symbol,
        "name": life.name,
        "marketCap": figures.market_cap,
        "fdv": figures.market_cap,
        "extensions": None,
        "logoURI": None,
        "liquidity": figures.liquidity,
        "lastTradeUnixTime": int(figures.last_trade_at.timestamp()),
        "lastTradeHumanTime": figures.last_trade_at.strftime("%Y-%m-%dT%H:%M:%S"),
        "price": figures.price,
        "totalSupply": SUPPLY,
        "circulatingSupply": SUPPLY,
        "holder": figures.holders,
        **_window("5m", figures.last_5m, figures.price),
        **_window("1h", figures.last_1h, figures.price),
        "numberMarkets": 2 if life.curve_seconds is not None else 1,
    }


def _window(frame: str, window: Window, price: float) -> dict[str, object]:
    trades, usd = window.buys + window.sells, window.buys_usd + window.sells_usd
    return {
        f"priceChange{frame}Percent": None,
        f"uniqueWallet{frame}": trades // 2,
        f"uniqueWalletHistory{frame}": 0,
        f"uniqueWallet{frame}ChangePercent": None,
        f"trade{frame}": trades,
        f"tradeHistory{frame}": 0,
        f"trade{frame}ChangePercent": None,
        f"buy{frame}": window.buys,
        f"sell{frame}": window.sells,
        f"buy{frame}ChangePercent": None,
        f"sell{frame}ChangePercent": None,
        f"v{frame}": usd / price,
        f"v{frame}USD": usd,
        f"v{frame}ChangePercent": None,
        f"vBuy{frame}": window.buys_usd / price,
        f"vBuy{frame}USD": window.buys_usd,
        f"vSell{frame}": window.sells_usd / price,
        f"vSell{frame}USD": window.sells_usd,
    }


def _json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    dumps: Any = json.dumps  # lone surrogates leave as \\ud83d, as a real provider's JSON may hold them
    return web.json_response(body, status=status, headers=headers, dumps=dumps)
