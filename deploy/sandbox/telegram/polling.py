"""How the bot hears: getUpdates as Telegram's long poll, and the webhook's absence."""

from __future__ import annotations

import asyncio
from typing import Any

from deploy.sandbox.telegram.refused import Refused
from deploy.sandbox.telegram.values import Json
from deploy.sandbox.telegram.world import World

LONGEST_POLL_SECONDS = 50
MOST_UPDATES = 100
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def get_updates(world: World, params: Json) -> list[Json]:
    """The unconfirmed updates, as soon as there are any; a newer call ends an older one with a 409."""
    world.allowed_updates = params.get("allowed_updates", world.allowed_updates)
    world.confirm(params.get("offset", 0))
    limit = min(max(params.get("limit", MOST_UPDATES), 1), MOST_UPDATES)
    timeout = min(max(params.get("timeout", 0), 0), LONGEST_POLL_SECONDS)
    ticket = world.poller = object()
    world.touch()
    try:
        await _wait_for_updates(world, ticket, timeout)
        return list(world.updates)[:limit]
    finally:
        if world.poller is ticket:
            world.poller = None


async def _wait_for_updates(world: World, ticket: object, timeout_seconds: float) -> None:
    try:
        async with asyncio.timeout(timeout_seconds):
            while not world.updates and not world.closing and world.poller is ticket:
                await world.change()
    except TimeoutError:
        return
    if world.poller is not ticket:
        raise Refused(409, CONFLICT)


def delete_webhook(world: World, params: Json) -> bool:
    """There is no webhook yet, so only the waiting updates can be dropped."""
    if params.get("drop_pending_updates"):
        world.updates.clear()
    return True


def get_webhook_info(world: World, _params: Json) -> dict[str, Any]:
    """An empty URL: the bot polls."""
    info = {"url": "", "has_custom_certificate": False, "pending_update_count": len(world.updates)}
    return info | ({"allowed_updates": world.allowed_updates} if world.allowed_updates else {})
