"""How a stand-in's answers go wrong when a test asks for it; shared by the stand-ins of the market providers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


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
HANG = Fault(hang=True)
DROP = Fault(drop=True)


@dataclass(slots=True)
class _Plan:
    fault: Fault
    mint: str | None
    times: float


class Faults:
    """The faults planned for one stand-in, and their happening."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self._closing = asyncio.Event()

    def plan(self, fault: Fault, mint: str | None, times: float) -> None:
        """Let the next `times` answers (about `mint`, or about any token) go wrong."""
        self._plans.append(_Plan(fault, mint, times))

    def heal(self) -> None:
        """No more faults."""
        self._plans.clear()

    def close(self) -> None:
        """End the answers that hang."""
        self._closing.set()

    def due(self, mints: Collection[str]) -> Fault | None:
        """The fault that an answer about these mints meets, used up by one; None when it goes well."""
        for plan in self._plans:
            if plan.times > 0 and (plan.mint is None or plan.mint in mints):
                plan.times -= 1
                return plan.fault
        return None

    async def happen(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        """Answer as the fault says."""
        if fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault.hang:
            await self._closing.wait()
        if (fault.drop or fault.hang) and request.transport is not None:
            request.transport.abort()
        if fault.raw is not None:
            return web.Response(status=fault.status, body=fault.raw, headers=fault.headers)
        return json_answer(fault.body, fault.status, fault.headers)


def json_answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer in JSON."""
    dumps: Any = json.dumps  # lone surrogates leave as \\ud83d, as a real provider's JSON may hold them
    return web.json_response(body, status=status, headers=headers, dumps=dumps)
