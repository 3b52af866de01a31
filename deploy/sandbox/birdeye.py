"""A stand-in for Birdeye over a real socket: the same paths, headers, prices, limits and errors.

What the figures are is the world's affair, how they are told stands in birdeye_answers.py; which faults happen is the
test's.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping

from aiohttp import web

from deploy.sandbox.birdeye_answers import credits_left, markets, overview, security
from deploy.sandbox.faults import Fault, json_answer
from deploy.sandbox.metering import PERIOD, Meter
from deploy.sandbox.provider import Provider
from deploy.sandbox.world import World
from engine import fields

OVERVIEW = "/defi/token_overview"
SECURITY = "/defi/token_security"
MARKETS = "/defi/v2/markets"
CREDITS = "/utils/v1/credits"
GATE = (
    "Your API key is either suspended or lacks sufficient permissions to access this resource. "
    "Please check your account status or upgrade to a higher plan."
)
NULL_DATA = Fault(body={"success": True, "data": None})
EMPTY_DATA = Fault(body={"success": True, "data": {}})
NOT_FOUND = Fault(status=404, body={"success": False, "message": "Not found"})
UNAUTHORIZED = Fault(status=401, body={"success": False, "message": "Unauthorized"})
NOT_IN_PLAN = Fault(status=401, body={"success": False, "message": GATE})
BAD_ADDRESS = Fault(status=400, body={"success": False, "message": "address is invalid format"})


class BirdeyeApi(Provider):
    """Birdeye on 127.0.0.1; use with `async with`, then `url` is where it listens. Port 0 takes any free one.

    `meter` holds the plan's limits and prices, `denied` the paths it lacks; every answer takes `latency_seconds`.
    `calls` counts requests by path, `requests` lists the mints whose overview was asked for.
    """

    def __init__(self, world: World, *, api_key: str = "sandbox", port: int = 0, per_second: int | None = None) -> None:
        super().__init__(port)
        self._world = world
        self._api_key = api_key
        self._told: dict[tuple[str, str], Mapping[str, object]] = {}
        self.meter = Meter(world.clock, per_second)
        self.denied: set[str] = set()
        self.latency_seconds = 0.0
        self.calls: Counter[str] = Counter()
        self.requests: list[str] = []

    @property
    def credits_used(self) -> int:
        """What all calls so far have cost, in compute units."""
        return self.meter.used

    def routes(self) -> Iterable[web.RouteDef]:
        """The paths it answers."""
        known = [web.get(path, self._answer) for path in (OVERVIEW, SECURITY, MARKETS, CREDITS)]
        return [*known, web.route("*", "/{path:.*}", self._elsewhere)]

    def tell(self, mint: str, data: Mapping[str, object], endpoint: str = OVERVIEW) -> None:
        """Answer exactly this `data` about the mint, whatever the world thinks of it."""
        self._told[endpoint, mint] = data

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        endpoint, mint = request.path, request.query.get("address", "")
        self.calls[endpoint] += 1
        if endpoint == OVERVIEW:
            self.requests.append(mint)
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        if (fault := self._refusal(request, endpoint, mint) or self._faults.due({mint})) is not None:
            return await self._faults.happen(fault, request)
        price = {"x-credits-used": str(self.meter.charge(endpoint))}
        data = self._told.get((endpoint, mint)) or self._data(endpoint, mint)
        if data is None:
            return json_answer(NOT_FOUND.body, NOT_FOUND.status, price)
        return json_answer({"success": True, "data": data}, headers=price)

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        return await self._faults.happen(NOT_FOUND, request)

    def _refusal(self, request: web.Request, endpoint: str, mint: str) -> Fault | None:
        if request.headers.get("X-API-KEY") != self._api_key:
            return UNAUTHORIZED
        if endpoint in self.denied:
            return NOT_IN_PLAN
        if endpoint != CREDITS and fields.mint(mint) is None:
            return BAD_ADDRESS
        return self.meter.refusal(endpoint)

    def _data(self, endpoint: str, mint: str) -> Mapping[str, object] | None:
        if endpoint == CREDITS:
            began_at = self.meter.began_at
            return credits_left(self.meter.used, self.meter.monthly, began_at, began_at + PERIOD)
        life, figures = self._world.known(mint), self._world.figures(mint)
        if life is None or figures is None:
            return None
        if endpoint == MARKETS:
            return markets(life, self._world.clock.now())
        return security(life) if endpoint == SECURITY else overview(life, figures)
