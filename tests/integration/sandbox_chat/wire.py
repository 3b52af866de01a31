"""What the page's server is asked without a browser: the stream of news, and orders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


@asynccontextmanager
async def news(browser: aiohttp.ClientSession) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
    """The events of an open page."""
    async with browser.get("/events") as stream:

        async def told() -> AsyncIterator[tuple[str, Any]]:
            name = ""
            async for line in stream.content:
                key, _, value = line.decode().strip().partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    yield name, json.loads(value)

        yield told()


async def next_of(events: AsyncIterator[tuple[str, Any]], wanted: str) -> Any:
    async with asyncio.timeout(10):
        async for name, facts in events:
            if name == wanted:
                return facts
    raise AssertionError("the stream ended")


async def order(browser: aiohttp.ClientSession, path: str, **body: Any) -> Any:
    async with browser.post(f"/api/{path}", json=body) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()
