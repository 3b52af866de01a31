"""Who holds a pretend token, and its safety facts: both from the same list of holders. Pure."""

from __future__ import annotations

from typing import NamedTuple

from deploy.sandbox.births import address_of
from deploy.sandbox.lives import SUPPLY, Life, draw

CREATOR = address_of("creator")
LISTED = 10
UNKNOWN = dict.fromkeys(
    (
        "creatorOwnerAddress",
        "ownerAddress",
        "ownerOfOwnerAddress",
        "creationSlot",
        "mintTime",
        "mintSlot",
        "ownerBalance",
        "ownerPercentage",
        "metaplexUpdateAuthority",
        "metaplexOwnerUpdateAuthority",
        "metaplexUpdateAuthorityBalance",
        "metaplexUpdateAuthorityPercent",
        "isTrueToken",
        "fakeToken",
        "lockInfo",
        "freezeable",
        "freezeAuthority",
        "transferFeeEnable",
        "transferFeeData",
        "nonTransferable",
    )
)


class Holder(NamedTuple):
    """Somebody with so much of the supply (0…1)."""

    owner: str
    share: float


def largest(mint: str, holders: int) -> list[Holder]:
    """The ten largest of so many holders, or all: together 15 to 54 %. The creator is one of the lower ones."""
    count, lot = min(LISTED, holders), draw(mint)
    together, parts = 0.15 + lot % 40 / 100, sum(1 / place for place in range(1, count + 1))
    owners = [address_of(f"{mint}:owner:{place}") for place in range(1, count + 1)]
    if (creator := 3 + lot % 12) < count:
        owners[creator] = CREATOR
    return [Holder(owner, together / parts / place) for place, owner in enumerate(owners, 1)]


def security(life: Life, holders: int) -> dict[str, object]:
    """The `data` of /defi/token_security: nobody can mint or freeze a pump.fun token, which Birdeye tells by nulls."""
    listed = largest(life.mint, holders)
    top = sum(holder.share for holder in listed)
    creator = sum(holder.share for holder in listed if holder.owner == CREATOR)
    return {
        **UNKNOWN,
        "creatorAddress": CREATOR,
        "creationTx": life.mint,
        "creationTime": int(life.created_at.timestamp()),
        "mintTx": life.mint,
        "creatorBalance": creator * SUPPLY,
        "creatorPercentage": creator,
        "mutableMetadata": draw(life.mint) % 5 == 0,
        "top10HolderBalance": top * SUPPLY,
        "top10HolderPercent": top,
        "top10UserBalance": top * SUPPLY,
        "top10UserPercent": top,
        "totalSupply": SUPPLY,
        "preMarketHolder": [],
        "isToken2022": False,
        "jupStrictList": False,
    }
