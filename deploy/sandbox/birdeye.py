"""A stand-in for Birdeye over a real socket: the same paths, headers, prices, limits and errors.

What the figures are is the world's affair, how they are told stands in birdeye_answers.py and its neighbours; which
faults happen is the test's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from aiohttp import web

from deploy.sandbox.birdeye_answers import credits_left, whole_overview
from deploy.sandbox.birdeye_markets import PAGE_AT_MOST, markets
from deploy.sandbox.birdeye_more import MANY, SINGLE
from deploy.sandbox.birdeye_safety import security
from deploy.sandbox.faults import Fault, json_answer
from deploy.sandbox.gates import BATCHES, CREDITS, ENDPOINTS, MARKETS, OVERVIEW, SECURITY, denied
from deploy.sandbox.lives import Life, draw
from deploy.sandbox.metering import PERIOD, Meter
from deploy.sandbox.playback import Playback
from deploy.sandbox.provider import Provider, remember
from deploy.sandbox.world import World
from engine import fields

GATE = (
    "Your API key is either suspended or lacks sufficient permissions to access this resource. "
    "Please check your account status or upgrade to a higher plan. "
    "For assistance, contact bds.support@birdeye.so."
)
NULL_DATA = Fault(body={"success": True, "data": None})
EMPTY_DATA = Fault(body={"success": True, "data": {}})
NOT_FOUND = Fault(status=404, body={"success": False, "message": "Not found"})
UNAUTHORIZED = Fault(status=401, body={"success": False, "message": "Unauthorized"})
NOT_IN_PLAN = Fault(status=401, body={"success": False, "message": GATE})
ACCESS_DENIED = Fault(status=403, body={"status": False, "message": "Access Denied"})
BAD_ADDRESS = Fault(status=400, body={"success": False, "message": "address is invalid format"})
BAD_PAGE = Fault(status=400, body={"success": False, "message": "limit is invalid format"})
TOO_MANY_ADDRESSES = Fault(status=400, body={"success": False, "message": "list_address is invalid format"})


class BirdeyeApi(Provider):
    """Birdeye on 127.0.0.1; use with `async with`, then `url` is where it listens. Port 0 takes any free one.

    `meter` holds the plan's limits and prices, `denied` the paths it lacks; `subscribe` sets both as a plan has them.
    For `lag_seconds` after its migration a token has no data yet, told in one of four ways.
    `calls` counts requests by path, `requests` lists the mints whose overview was asked for lately. A `playback`
    answers instead of the world about the tokens that are in it.
    """

    def __init__(
        self,
        world: World,
        *,
        api_key: str = "sandbox",
        port: int = 0,
        per_second: int | None = None,
        plan: str | None = None,
    ) -> None:
        super().__init__(port)
        self._world = world
        self._api_key = api_key
        self._told: dict[tuple[str, str], Mapping[str, object]] = {}
        self.meter = Meter(world.clock, per_second)
        self.playback: Playback | None = None
        self.denied: set[str] = set()
        self.lag_seconds = 0.0
        self.calls: Counter[str] = Counter()
        self.requests: list[str] = []
        if plan is not None:
            self.subscribe(plan)

    @property
    def credits_used(self) -> int:
        """What all calls so far have cost, in compute units."""
        return self.meter.used

    def routes(self) -> Iterable[web.RouteDef]:
        """The paths it answers."""
        known = [web.get(path, self._answer) for path in ENDPOINTS]
        return [*known, web.route("*", "/{path:.*}", self._elsewhere)]

    def subscribe(self, plan: str) -> None:
        """Give the account this plan: its limits and what it may ask."""
        self.meter.keep_to(plan)
        self.denied = denied(plan)

    def tell(self, mint: str, data: Mapping[str, object], endpoint: str = OVERVIEW) -> None:
        """Answer exactly this `data` about the mint, whatever the world thinks of it."""
        self._told[endpoint, mint] = data

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        endpoint, mints = request.path, _asked(request)
        self.calls[endpoint] += 1
        if endpoint == OVERVIEW:
            remember(self.requests, mints[0])
        await self.linger()
        if (fault := self._refusal(request, endpoint, mints) or self._faults.due(set(mints))) is not None:
            return await self._faults.happen(fault, request)
        price = {"x-credits-used": str(self.meter.charge(endpoint, len(mints)))}
        if self.playback is not None and (played := self.playback.birdeye(endpoint, mints[0])) is not None:
            return played.answer()
        if (unlisted := self._unlisted(endpoint, mints[0])) is not None:
            return json_answer(unlisted.body, unlisted.status, price)
        data = self._batch(endpoint, mints) if endpoint in MANY else self._single(endpoint, mints[0], request.query)
        if data is None:
            return json_answer(NOT_FOUND.body, NOT_FOUND.status, price)
        return json_answer({"success": True, "data": data}, headers=price)

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        return await self._faults.happen(NOT_FOUND, request)

    def _refusal(self, request: web.Request, endpoint: str, mints: list[str]) -> Fault | None:
        if request.headers.get("X-API-KEY") != self._api_key:
            return UNAUTHORIZED
        if endpoint in self.denied:
            return NOT_IN_PLAN
        if len(mints) > BATCHES.get(endpoint, 1):
            return TOO_MANY_ADDRESSES
        if endpoint != CREDITS and not all(fields.mint(mint) for mint in mints):
            return BAD_ADDRESS
        if endpoint == MARKETS and not _is_page(request.query):
            return BAD_PAGE
        return self.meter.refusal(endpoint, len(mints))

    def _unlisted(self, endpoint: str, mint: str) -> Fault | None:
        """How it says that it has no data of a token that has only just migrated."""
        life = self._world.known(mint)
        if life is None or endpoint in MANY or not self._lags(life):
            return None
        named = Fault(body={"success": True, "data": {"address": mint, "symbol": life.symbol, "name": life.name}})
        return (NOT_FOUND, NULL_DATA, EMPTY_DATA, named)[draw(mint) % 4]

    def _lags(self, life: Life) -> bool:
        if life.migrates_at is None:
            return False
        return 0 <= (self._world.clock.now() - life.migrates_at).total_seconds() < self.lag_seconds

    def _batch(self, endpoint: str, mints: list[str]) -> dict[str, object]:
        """By mint; those that it does not know, or not yet, are absent."""
        lives = {mint: self._world.known(mint) for mint in mints}
        listed = [mint for mint, life in lives.items() if life is None or not self._lags(life)]
        told = {mint: self._single(OVERVIEW, mint, {}) for mint in listed}
        return {mint: MANY[endpoint](data) for mint, data in told.items() if data is not None}

    def _single(self, endpoint: str, mint: str, query: Mapping[str, str]) -> Mapping[str, object] | None:
        """What it tells of one token: what a test says, or else the world's figures with all of the real fields."""
        if (told := self._told.get((endpoint, mint))) is not None:
            return told
        if endpoint in SINGLE:
            whole = self._single(OVERVIEW, mint, {})
            return None if whole is None else SINGLE[endpoint](whole)
        if endpoint == CREDITS:
            began_at = self.meter.began_at
            return credits_left(self.meter.used, self.meter.monthly, began_at, began_at + PERIOD)
        return self._figures(endpoint, mint, query)

    def _figures(self, endpoint: str, mint: str, query: Mapping[str, str]) -> Mapping[str, object] | None:
        life, now = self._world.known(mint), self._world.clock.now()
        if life is None or (figures := life.figures(now)) is None:
            return None
        if endpoint == MARKETS:
            return markets(life, now, _number(query, "offset", 0), _number(query, "limit", 10))
        if endpoint == SECURITY:
            return security(life, figures.holders)
        return whole_overview(life, figures, now, query.get("frames", ""))


def _asked(request: web.Request) -> list[str]:
    """The mints of a request, one empty one where it names none."""
    named = request.query.get("list_address" if request.path in BATCHES else "address", "")
    return named.split(",") if request.path in BATCHES else [named]


def _is_page(query: Mapping[str, str]) -> bool:
    return _number(query, "offset", 0) >= 0 and 1 <= _number(query, "limit", 10) <= PAGE_AT_MOST


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    """A whole number of the query; -1 for what is none."""
    word = query.get(name, str(usual))
    return int(word) if word.isdecimal() and len(word) < 7 else -1
