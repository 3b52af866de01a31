"""What was asked about tokens beyond their looks: when, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.root import Table


def _token_as_key() -> Mapped[int]:
    """The token that a row is about, one row each; it goes with it."""
    return mapped_column(BigInteger, ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)


class SafetyRow(Table):
    """A token's safety facts as last told. Null is unknown; `as_of` is null until some were told."""

    __tablename__ = "safety"

    token_id: Mapped[int] = _token_as_key()
    asked_at: Mapped[datetime]
    as_of: Mapped[datetime | None]
    top10_share: Mapped[float | None]
    creator_share: Mapped[float | None]
    mint_authority: Mapped[bool | None]
    freeze_authority: Mapped[bool | None]
    mutable_metadata: Mapped[bool | None]


class PoolListRow(Table):
    """When a token's list of pools was last asked for; the pools themselves stand in their own table."""

    __tablename__ = "pool_lists"

    token_id: Mapped[int] = _token_as_key()
    asked_at: Mapped[datetime]
