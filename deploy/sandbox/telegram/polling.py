"""How the bot hears when it has no webhook: getUpdates as Telegram's long poll."""

from __future__ import annotations

import asyncio

from deploy.sandbox.telegram import limits
from deploy.sandbox.telegram.refused import Refused
from deploy.sandbox.telegram.values import Json
from deploy.sandbox.telegram.world import World

LONGEST_POLL_SECONDS = 50
MOST_UPDATES = 100
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
WEBHOOK_SET = "Conflict: terminated by setWebhook request"


async def get_updates(world: World, params: Json) -> list[Json]:
    """The unconfirmed updates, as soon as there are any; a newer call ends an older one with a 409."""
    if world.webhook:
        raise Refused(409, WEBHOOK_ACTIVE)
    limits.check_update_kinds(params.get("allowed_updates", []))
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
            while not world.updates and not world.closing and world.poller is ticket and not world.webhook:
                await world.change()
    except TimeoutError:
        return
    if world.webhook:
        raise Refused(409, WEBHOOK_SET)
    if world.poller is not ticket:
        raise Refused(409, CONFLICT)
