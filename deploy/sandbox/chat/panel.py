"""The panel beside the chat: its orders, and what it shows of the world and of the program's health."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp
from aiohttp import web

from deploy.sandbox.chat.outside import MOVES, Outside
from deploy.sandbox.chat.switches import Switches
from deploy.sandbox.orders import field, order, quoted, refuse
from deploy.sandbox.telegram.values import Json

LOOKS_EVERY_SECONDS = 1.5
PATIENCE = aiohttp.ClientTimeout(total=4)


class Panel:
    """What can be done to the outside world, and how it looks. `watch` keeps the health up to date."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._switches = Switches(outside)
        self._health: Json = {"status": "away", "parts": {}}

    def routes(self) -> list[web.RouteDef]:
        """POST /api/switch and POST /api/market."""
        return [web.post("/api/switch", self.switch), web.post("/api/market", self.market)]

    def state(self) -> Json:
        """All that the panel shows, as JSON."""
        return {
            "switches": self._switches.state,
            "tokens": self._outside.tokens(),
            "providers": list(self._outside.asked()),
            "credits": self._outside.credits(),
            "health": self._health,
        }

    async def switch(self, request: web.Request) -> web.Response:
        """{"name", "on"} -> {"switches"}."""
        body = await order(request)
        name, on = field(body, "name", str), field(body, "on", bool)
        try:
            await self._switches.turn(name, on=on)
        except LookupError as error:
            refuse(str(error.args[0]))
        return web.json_response({"switches": self._switches.state})

    async def market(self, request: web.Request) -> web.Response:
        """{"action": migrate, pump, rug or revive, "mint" but for migrate} -> {"mint", "symbol"}."""
        body = await order(request)
        action = field(body, "action", str)
        if action == "migrate":
            mint = self._outside.migrate()
        elif action in MOVES:
            mint = field(body, "mint", str)
            self._move(action, mint)
        else:
            refuse(f"there is no action {quoted(action)}; there are: migrate, {', '.join(MOVES)}")
        life = self._outside.world.known(mint)
        return web.json_response({"mint": mint, "symbol": life.symbol if life else ""})

    def _move(self, action: str, mint: str) -> None:
        try:
            self._outside.move(action, mint)
        except LookupError as error:
            refuse(str(error.args[0]), "noToken")

    async def watch(self) -> None:
        """Asks the program how it is, for ever."""
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            while True:
                self._health = await self._ask(session)
                await asyncio.sleep(LOOKS_EVERY_SECONDS)

    async def _ask(self, session: aiohttp.ClientSession) -> Json:
        with suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with session.get(self._outside.health_url) as answer:
                told = await answer.json()
                return told if isinstance(told, dict) else {}
        return {"status": "away", "parts": {}}
