"""A stand-in for PumpPortal's socket: its acks, the events of the world or of a recorded session, faults.

Which tokens there are is the world's affair.
"""

from __future__ import annotations

import asyncio
import http
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from random import Random
from types import TracebackType
from typing import Any, Self

import base58
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from deploy.sandbox.journal import Journal
from deploy.sandbox.world import USDC, Event, World
from engine import fields
from engine.ports import Clock

PATH = "/api/data"
HTML = "<!doctype html><title>Real-time updates - PumpPortal</title>"
ACKS = {
    "subscribeMigration": "Subscribed to 'migration' events.",
    "subscribeNewToken": "Successfully subscribed to token creation events.",
}
STREAMS = {"migrate": "subscribeMigration", "create": "subscribeNewToken"}
BANNED = "Too many connections: this address is banned. Bans expire hourly.\n"
NO_METHOD = {"errors": "Invalid message: a method is needed."}
REFUSAL = "'{}' methods are only available when connecting with an API key funded with at least 0.02 SOL."


class PumpPortalSocket:
    """PumpPortal on 127.0.0.1; use with `async with`, then `url` is the socket's address. Port 0 takes any free one.

    With `one_per_ip` a second connection is refused; with `ban_seconds` it also ends the first one, and nobody is let
    in for so long (the real bans expire hourly).
    Faults: `refuse(status)`, `html_page`, `accept_and_close`, `silent`, `refused_methods`, `ignored_methods`,
    `close_all()`.
    `dials` counts handshakes of all kinds.
    """

    def __init__(self, *, port: int = 0, one_per_ip: bool = False, ban_seconds: float = 0.0) -> None:
        self._port = port
        self._one_per_ip = one_per_ip or ban_seconds > 0
        self._ban_seconds = ban_seconds
        self._banned_until = 0.0
        self._subscribers: dict[ServerConnection, set[str]] = {}
        self._subscribed = asyncio.Event()
        self._server: Server | None = None
        self._refusing: list[tuple[int, Sequence[tuple[str, str]]]] = []
        self.html_page = False
        self.accept_and_close = False
        self.silent = False
        self.refused_methods: dict[str, str] = {}
        self.ignored_methods: set[str] = set()
        self.dials = 0
        self.journal = Journal()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._converse, "127.0.0.1", self._port, process_request=self._greet, close_timeout=1
        )
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}{PATH}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def connections(self) -> int:
        """How many connections are open, subscribed or not."""
        return len(self._subscribers)

    @property
    def subscribers(self) -> int:
        """How many connections hear migrations just now."""
        return sum("subscribeMigration" in methods for methods in self._subscribers.values())

    def refuse(self, status: int, times: int = 1, headers: Sequence[tuple[str, str]] = ()) -> None:
        """Turn the next handshakes down with this status and these further headers; a name may come twice."""
        self._refusing += [(status, headers)] * times

    async def ban(self, seconds: float) -> None:
        """End every connection, and let nobody in for so long."""
        self._banned_until = asyncio.get_running_loop().time() + seconds
        await self.close_all(1008)

    def lift_ban(self) -> None:
        """Let connections in again."""
        self._banned_until = 0.0

    async def close_all(self, code: int = 1001) -> None:
        """End every connection."""
        for connection in list(self._subscribers):
            await connection.close(code)

    def push(self, frame: Mapping[str, object] | str | bytes, *, text: bool | None = None) -> None:
        """Send a frame to those who subscribed to its kind; text and bytes that are no event go to everybody.

        `text` calls bytes text, which they need not be.
        """
        method = STREAMS.get(str(frame.get("txType"))) if isinstance(frame, Mapping) else None
        hearers = [c for c, methods in self._subscribers.items() if method is None or method in methods]
        self.journal.note(_told(frame), 0 if self.silent or not hearers else http.HTTPStatus.OK)
        if not self.silent:
            broadcast(hearers, json.dumps(frame) if isinstance(frame, Mapping) else frame, text=text)

    async def live(self, world: World) -> None:
        """Tell the world's events for ever. The world begins with the first subscriber, who so misses nothing."""
        await self._subscribed.wait()
        async with aclosing(world.events()) as events:
            async for event in events:
                self.push(frame_of(event))
                if event.kind == "create" and event.number % 20 == 7:
                    self.push(wrong_mint_frame(event))

    async def replay(
        self, session: Iterable[Mapping[str, Any]], clock: Clock, *, speed: float = 1.0, world: World | None = None
    ) -> None:
        """Tell a recorded session once: {"t_wall", "frame"} each, or "text" for what is no JSON.

        `speed` is how many recorded seconds pass in one of the clock's. `world` then invents its tokens' figures.
        """
        await self._subscribed.wait()
        names: dict[str, tuple[str, str]] = {}
        records, began_at, first = iter(session), None, 0.0
        while (record := await asyncio.to_thread(next, records, None)) is not None:  # much may lie between two frames
            if began_at is None:
                began_at, first = clock.now(), record["t_wall"]
            passed_seconds = (clock.now() - began_at).total_seconds()
            await clock.sleep(max(0.0, (record["t_wall"] - first) / speed - passed_seconds))
            self._retell(record, names, world)

    def _retell(self, record: Mapping[str, Any], names: dict[str, tuple[str, str]], world: World | None) -> None:
        frame = record.get("frame")
        if isinstance(frame, dict) and world is not None:
            _adopt(world, frame, names)
        if "text" in record:
            self.push(record["text"].encode(errors="replace"), text=True)
        elif not isinstance(frame, dict):
            self.push(json.dumps(frame))
        elif "txType" in frame:  # the recorded acks are answers to somebody else's subscriptions
            self.push(frame)

    async def _greet(self, connection: ServerConnection, request: Request) -> Response | None:
        if "Origin" in request.headers:  # a page in some browser, which must not get our address banned
            return connection.respond(http.HTTPStatus.FORBIDDEN, "no page may connect\n")
        self.dials += 1
        if self._refusing:
            status, headers = self._refusing.pop(0)
            refusal = connection.respond(http.HTTPStatus(status), "refused\n")
            refusal.headers.update(headers)
            return refusal
        if self.html_page or request.path.split("?")[0] != PATH:
            page = connection.respond(http.HTTPStatus.OK, HTML)
            page.headers["Content-Type"] = "text/html; charset=utf-8"
            return page
        return await self._crowded(connection)

    async def _crowded(self, connection: ServerConnection) -> Response | None:
        """The refusal of a second connection, or of any while the address is banned."""
        now = asyncio.get_running_loop().time()
        if now >= self._banned_until and not (self._one_per_ip and self._subscribers):
            return None
        if now >= self._banned_until and self._ban_seconds:
            await self.ban(self._ban_seconds)
        if now < self._banned_until:
            return connection.respond(http.HTTPStatus.FORBIDDEN, BANNED)
        return connection.respond(http.HTTPStatus.TOO_MANY_REQUESTS, "one connection per address\n")

    async def _converse(self, connection: ServerConnection) -> None:
        if self.accept_and_close:
            return
        self._subscribers[connection] = set()
        try:
            async for message in connection:
                await self._answer(connection, message)
        except ConnectionClosed:
            pass  # people leave without a word; that is their right
        finally:
            del self._subscribers[connection]

    async def _answer(self, connection: ServerConnection, message: str | bytes) -> None:
        method = _method(message)
        if self.silent or method in self.ignored_methods:
            return
        if method in self.refused_methods:
            await connection.send(json.dumps({"message": self.refused_methods[method]}))
        elif method in ACKS:
            self._subscribers[connection].add(method)
            await connection.send(json.dumps({"message": ACKS[method]}))
            if method == "subscribeMigration":
                self._subscribed.set()
        else:
            refusal = {"message": REFUSAL.format(method)} if method else NO_METHOD
            await connection.send(json.dumps(refusal))


def _adopt(world: World, frame: Mapping[str, Any], names: dict[str, tuple[str, str]]) -> None:
    """Remember the `names` that creations tell, and let the world invent a life for what migrates."""
    if (mint := fields.mint(frame.get("mint"))) is None:
        return
    if frame.get("txType") == "create":
        names[mint] = (str(frame.get("symbol", "")), str(frame.get("name", "")))
    if frame.get("txType") == "migrate":
        world.adopt(mint, *names.get(mint, (mint[:4].upper(), "a token of the recording")))


def migrate_frame(mint: str) -> dict[str, object]:
    """A migration as PumpPortal tells it."""
    return {"signature": _base58(f"m{mint}", 64), "mint": mint, "txType": "migrate", "pool": "pump-amm"}


def create_frame(mint: str, symbol: str, name: str) -> dict[str, object]:
    """A creation as PumpPortal tells it."""
    return {**_birth(mint), "name": name, "symbol": symbol, "uri": f"https://example.com/{mint}.json"}


def frame_of(event: Event) -> dict[str, object]:
    """The frame that tells the event."""
    if event.kind == "migrate":
        return migrate_frame(event.life.mint)
    if event.number % 20 == 13:
        return bonk_frame(event.life.mint, event.life.symbol, event.life.name)
    return create_frame(event.life.mint, event.life.symbol, event.life.name)


def bonk_frame(mint: str, symbol: str, name: str) -> dict[str, object]:
    """A creation on the other launchpad that PumpPortal tells of: other fields, and no bonding curve."""
    frame = create_frame(mint, symbol, name)
    sol, bought = frame["solAmount"], frame["initialBuy"]
    for absent in ("bondingCurveKey", "vTokensInBondingCurve", "vSolInBondingCurve", "is_mayhem_mode"):
        del frame[absent]
    return {**frame, "solInPool": sol, "tokensInPool": 967_574_707.8, "newTokenBalance": bought, "pool": "bonk"}


def wrong_mint_frame(event: Event) -> dict[str, object]:
    """A creation that carries the USDC mint and no name, as one in twenty of the recorded ones does."""
    return {**_birth(event.life.mint), "mint": USDC, "initialBuy": 0, "solAmount": 0}


def _birth(mint: str) -> dict[str, object]:
    sol = round(Random(mint).uniform(0.1, 5), 9)
    return {
        "signature": _base58(f"c{mint}", 64),
        "mint": mint,
        "traderPublicKey": _base58(f"t{mint}", 32),
        "txType": "create",
        "initialBuy": sol * 33_000_000,
        "solAmount": sol,
        "bondingCurveKey": _base58(f"b{mint}", 32),
        "vTokensInBondingCurve": 1_073_000_000 - sol * 33_000_000,
        "vSolInBondingCurve": 30 + sol,
        "marketCapSol": 28 + sol,
        "is_mayhem_mode": False,
        "pool": "pump",
    }


def _told(frame: Mapping[str, object] | str | bytes) -> str:
    """A frame in two words, for the journal."""
    return f"{frame.get('txType')} {str(frame.get('mint'))[:4]}…" if isinstance(frame, Mapping) else "raw bytes"


def _base58(seed: str, length: int) -> str:
    return base58.b58encode(Random(seed).randbytes(length)).decode()


def _method(message: str | bytes) -> str:
    try:
        request = json.loads(message)
    except ValueError:
        return ""
    return str(request.get("method", "")) if isinstance(request, dict) else ""
