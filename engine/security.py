"""Birdeye's token_security -> safety facts. Pure; the only file that knows this endpoint's fields.

Most of its fields are null for most tokens, and a null says nothing: only an explicit answer counts as one.
"""

from __future__ import annotations

from datetime import datetime

from engine import fields
from engine.errors import NoDataYet
from engine.model import Safety
from engine.reader import Complain, Reader, data_of

NOBODY = "1" * 32  # the system program's address stands for "no authority"


def parse_security(body: object, mint: str, now: datetime, complain: Complain = lambda _: None) -> Safety:
    """The safety facts in a token_security answer; what is null, missing or wrong is None, which means unknown.

    Raises NoDataYet when the answer tells none of them, or those of another token.
    """
    read = Reader(data_of(body, mint), complain)
    safety = Safety(
        top10_share=read("top10HolderPercent", fields.share),
        creator_share=read("creatorPercentage", fields.share),
        mint_authority=_held(read, "ownerAddress", "mintable"),  # Birdeye's word for the mint authority is "owner"
        freeze_authority=_held(read, "freezeAuthority", "freezeable"),
        mutable_metadata=read("mutableMetadata", fields.flag),
        as_of=now,
    )
    shares, powers = (safety.top10_share, safety.creator_share), (safety.mint_authority, safety.freeze_authority)
    if all(fact is None for fact in (*shares, *powers, safety.mutable_metadata)):
        raise NoDataYet("Birdeye has no safety facts for this token yet", "no_figures")
    return safety


def _held(read: Reader, address: str, flag: str) -> bool | None:
    """Whether somebody holds this authority. Where the two fields contradict each other, the worse one counts."""
    holder, said = read(address, fields.mint), read(flag, fields.flag)
    if holder is not None:
        return holder != NOBODY or bool(said)
    return said
