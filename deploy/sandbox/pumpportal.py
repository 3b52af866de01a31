"""A stand-in for PumpPortal's socket: its acks, the events of the world or of a recorded session, faults.

Which tokens there are is the world's affair.
"""

from __future__ import annotations

import asyncio
import http
import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from random import Random
from types import TracebackType
from typing import Any, Self

import base58
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from deploy.sandbox.world import USDC, Event, World

PATH = "/api/data"
HTML = "<!doctype html><title>Real-time updates - PumpPortal</title>"
ACKS = {
    "subscribeMigration": "Subscribed to 'migration' events.",
    "subscribeNewToken": "Successfully subscribed to token creation events.",
}
STREAMS = {"migrate": "subscribeMigration", "create": "subscribeNewToken"}
REFUSAL = "'{}' methods are only available when connecting with an API key funded with at least 0.02 SOL."


class PumpPortalSocket:
    """PumpPortal on 127.0.0.1; use with `async with`, then `url` is the socket's address. Port 0 takes any free one.

    Faults: `refuse(status)`, `html_page`, `accept_and_close`, `silent`, `refused_methods`, `ignored_methods`,
    `close_all()`.
    `dials` counts handshakes of all kinds.
    """

    def __init__(self, *, port: int = 0, one_per_ip: bool = False) -> None:
        self._port = port
        self._one_per_ip = one_per_ip
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
        self, session: Sequence[Mapping[str, Any]], *, speed: float = 1.0, world: World | None = None
    ) -> None:
        """Tell a recorded session, a list of {"t_wall", "frame"}, once; `world` then invents its tokens' figures."""
        await self._subscribed.wait()
        names: dict[str, tuple[str, str]] = {}
        told_at = session[0]["t_wall"] if session else 0.0
        for record in session:
            frame, mint = record["frame"], record["frame"].get("mint", "")
            await asyncio.sleep(max(0.0, record["t_wall"] - told_at) / speed)
            told_at = record["t_wall"]
            if frame.get("txType") == "create":
                names[mint] = (str(frame.get("symbol", "")), str(frame.get("name", "")))
            if frame.get("txType") == "migrate" and world is not None:
                world.adopt(mint, *names.get(mint, (mint[:4].upper(), "a token of the recording")))
            if "txType" in frame:  # the recorded acks are answers to somebody else's subscriptions
                self.push(frame)

    def _greet(self, connection: ServerConnection, request: Request) -> Response | None:
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
        if self._one_per_ip and self._subscribers:
            return connection.respond(http.HTTPStatus.TOO_MANY_REQUESTS, "one connection per address\n")
        return None

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
            await connection.send(json.dumps({"message": REFUSAL.format(method)}))


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
    return create_frame(event.life.mint, event.life.symbol, event.life.name)


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


def _base58(seed: str, length: int) -> str:
    return base58.b58encode(Random(seed).randbytes(length)).decode()


def _method(message: str | bytes) -> str:
    try:
        request = json.loads(message)
    except ValueError:
        return ""
    return str(request.get("method", "")) if isinstance(request, dict) else ""
