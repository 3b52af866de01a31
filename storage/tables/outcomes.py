"""What became of alerts. Rows are only ever added and filled in, never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.root import Json, Table, new_id

OPEN = "due_at IS NOT NULL"


class OutcomeRow(Table):
    """An alert as it was decided, and what followed; USD. Money is null where it was not told or not trusted.

    `due_at` is when it is next attended to, null once all is known. The free series before `followed_until` is not
    needed any more. `token_id` is no foreign key: tokens stay, and a new one would lock their table.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        Index("ux_outcomes_token_kind_episode", "token_id", "kind", "episode", unique=True),
        Index("ix_outcomes_decided_at", "decided_at"),
        Index("ix_outcomes_due_at", "due_at", postgresql_where=text(OPEN)),
        Index("ix_outcomes_followed_until", "followed_until", postgresql_where=text(OPEN)),
    )

    id: Mapped[int] = new_id()
    token_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    episode: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime]
    score: Mapped[float | None]
    components: Mapped[Json | None]
    price: Mapped[float | None]
    market_cap: Mapped[float | None]
    liquidity: Mapped[float | None]
    observed_minutes: Mapped[float | None]
    settings_version: Mapped[int]
    entry_state: Mapped[str | None]
    entry_price: Mapped[float | None]
    entry_at: Mapped[datetime | None]
    best_price: Mapped[float | None]
    followed_until: Mapped[datetime]
    due_at: Mapped[datetime | None]


class OutcomePriceRow(Table):
    """What one horizon brought; `best_price` is the best trusted price from the entry up to it."""

    __tablename__ = "outcome_prices"

    outcome_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("outcomes.id"), primary_key=True)
    horizon_minutes: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str]
    price: Mapped[float | None]
    priced_at: Mapped[datetime | None]
    best_price: Mapped[float | None]
