"""What Birdeye's answers mean before their figures are read: the table of its errors, and a call's price. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine import fields
from engine.errors import (
    BadKey,
    BadRequest,
    BudgetSpent,
    EndpointDenied,
    NoDataYet,
    ProviderDown,
    ProviderError,
    RateLimited,
)
from engine.retry_after import retry_at


def verdict(  # noqa: PLR0911 - a line per row of Birdeye's table of errors
    status: int, body: object, headers: Mapping[str, str], now: datetime
) -> ProviderError | None:
    """What an answer means; None when it should carry figures. `headers` by lower-case name."""
    said = _message(body)
    if status == 200:
        return None if isinstance(body, dict) else NoDataYet("Birdeye answered with no JSON object", "not_json")
    if status == 400 and "compute units" in said.lower():
        return BudgetSpent("Birdeye's compute units are used up: wait for the next period or take a larger plan")
    if status == 401 and "permission" in said.lower():
        return EndpointDenied("Birdeye's plan for this key does not include this call: take a plan that does")
    if status == 401:
        return BadKey("Birdeye refuses the API key: check BIRDEYE_API_KEY")
    if status == 403 and body is not None:
        return EndpointDenied("Birdeye's allow-list refuses this address: allow it in the account's security settings")
    if status == 404:
        return NoDataYet("Birdeye does not know this token yet", "not_found")
    if status == 429:
        return RateLimited("Birdeye asks for fewer requests", retry_at(headers, now))
    if 400 <= status < 500 and status != 403:
        return BadRequest(f"Birdeye calls the request malformed (status {status}): {said or 'it does not say why'}")
    return ProviderDown(f"Birdeye answered with status {status}")


def credits_used(headers: Mapping[str, str]) -> int | None:
    """The call's true price in compute units, where the answer tells it."""
    said = headers.get("x-credits-used", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 8 else None


def _message(body: object) -> str:
    """The provider's own words, short and storable; empty when there are none."""
    said = body.get("message") if isinstance(body, dict) else None
    return fields.text(said, 200) or ""
