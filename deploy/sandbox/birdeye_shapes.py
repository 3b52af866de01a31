"""What Birdeye's answers hold besides the figures: the windows before, fields that are null, pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from deploy.sandbox.birdeye_answers import overview
from deploy.sandbox.lives import Life

FRAMES = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1)}
COUNTED = ("uniqueWallet", "trade", "sell", "buy", "v", "vBuy", "vSell")
NO_SAFETY_FACTS = dict.fromkeys(
    (
        "creatorOwnerAddress",
        "ownerOfOwnerAddress",
        "creationSlot",
        "mintTime",
        "mintSlot",
        "creatorBalance",
        "metaplexUpdateAuthority",
        "metaplexOwnerUpdateAuthority",
        "metaplexUpdateAuthorityBalance",
        "metaplexUpdateAuthorityPercent",
        "top10HolderBalance",
        "top10UserBalance",
        "top10UserPercent",
        "fakeToken",
        "transferFeeEnable",
        "transferFeeData",
        "jupStrictList",
    )
)
NO_DAY = dict.fromkeys(("trade24hChangePercent", "uniqueWallet24h", "uniqueWallet24hChangePercent"))
NO_COST = {"overage_cost": {"total": 0, "api": 0, "ws": 0}}
PAGE_AT_MOST = 20


def with_history(told: Mapping[str, Any], life: Life, now: datetime, frames: str) -> dict[str, Any]:
    """An overview with the windows before its windows, and only with the frames that were asked for, if any were."""
    whole = dict(told)
    for frame, length in FRAMES.items():
        then = life.figures(now - length)
        past = {} if then is None else overview(life, then)
        whole |= _before(frame, told, past)
    unwanted = [frame for frame in FRAMES if frames and frame not in frames.split(",")]
    return {name: value for name, value in whole.items() if not any(frame in name for frame in unwanted)}


def _before(frame: str, told: Mapping[str, Any], past: Mapping[str, Any]) -> dict[str, Any]:
    """What one frame's window held before; a change against nothing is null."""
    price = past.get("price") or told["price"]
    found: dict[str, Any] = {
        f"history{frame}Price": price,
        f"priceChange{frame}Percent": _percent(told["price"], price),
    }
    for stem in COUNTED:
        was = past.get(f"{stem}{frame}", 0)
        found[f"{stem}History{frame}"] = was
        found[f"{stem}{frame}ChangePercent"] = _percent(told[f"{stem}{frame}"], was)
        if f"{stem}{frame}USD" in told:
            found[f"{stem}History{frame}USD"] = past.get(f"{stem}{frame}USD", 0)
    return found


def _percent(now: float, then: float) -> float | None:
    return 100 * (now - then) / then if then else None


def with_safety_nulls(told: Mapping[str, Any]) -> dict[str, Any]:
    """All of the recorded fields; the untold ones are null, as many of the recorded are."""
    return {**NO_SAFETY_FACTS, **told, "jupStrictList": False}


def page_of(told: Mapping[str, Any], offset: int, limit: int) -> dict[str, Any]:
    """One page of a token's markets, with the fields of a day that nobody trades on; `total` counts all of them."""
    items = [{**NO_DAY, **item, "createdAt": _zulu(item["createdAt"])} for item in told["items"]]
    return {**told, "items": items[offset : offset + limit]}


def _zulu(written: str) -> str:
    return datetime.fromisoformat(written).isoformat(timespec="milliseconds").replace("+00:00", "Z")
