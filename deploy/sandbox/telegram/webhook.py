"""How the bot asks to be called instead of polling: setWebhook and its kin. The calls themselves are `courier`'s."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from deploy.sandbox.guard import LOOPBACK
from deploy.sandbox.telegram import limits
from deploy.sandbox.telegram.refused import violation
from deploy.sandbox.telegram.values import Json, Webhook
from deploy.sandbox.telegram.world import World

CONNECTIONS = 40  # when the bot does not say how many
MOST_CONNECTIONS = 100
SECRET_CHARACTERS = 256


def set_webhook(world: World, params: Json) -> bool:
    """From now on updates are delivered to this address; an empty one ends that."""
    if not params.get("url"):
        return delete_webhook(world, params)
    _check(params)
    world.allowed_updates = params.get("allowed_updates", world.allowed_updates)
    if params.get("drop_pending_updates"):
        world.updates.clear()
    connections = params.get("max_connections", CONNECTIONS)
    world.webhook = Webhook(params["url"], params.get("secret_token"), connections)
    return True


def delete_webhook(world: World, params: Json) -> bool:
    """The bot will poll; what waits is kept unless it wants that dropped."""
    world.webhook = None
    if params.get("drop_pending_updates"):
        world.updates.clear()
    return True


def get_webhook_info(world: World, _params: Json) -> Json:
    """Where updates go, how many wait, and why the last delivery failed; an empty URL when the bot polls."""
    info = {"url": "", "has_custom_certificate": False, "pending_update_count": len(world.updates)}
    allowed = {"allowed_updates": world.allowed_updates} if world.allowed_updates else {}
    return info | allowed | (world.webhook.as_json() if world.webhook else {})


def _check(params: Json) -> None:
    for name in ("certificate", "ip_address"):
        if name in params:
            raise violation(f"{name} is not played by this stand-in")
    _check_url(params["url"])
    secret = params.get("secret_token", "-")
    if len(secret) > SECRET_CHARACTERS:
        raise violation("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", secret):
        raise violation("secret token contains unallowed characters")
    if not 1 <= params.get("max_connections", CONNECTIONS) <= MOST_CONNECTIONS:
        raise violation(f"max_connections must be 1-{MOST_CONNECTIONS}")
    limits.check_update_kinds(params.get("allowed_updates", []))


def _check_url(url: str) -> None:
    """Telegram wants https anywhere; this stand-in calls nothing but this machine, without a certificate."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise violation("invalid webhook URL specified") from None
    if parts.hostname in LOOPBACK and parts.scheme == "http":
        return
    if parts.scheme != "https":
        raise violation("bad webhook: An HTTPS URL must be provided for webhook")
    raise violation("bad webhook: this stand-in delivers to http://127.0.0.1 only")
