"""Tokens, their pools and what looks found. Names and columns of the first five are given by the domain's glossary."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from engine.model import Status
from storage.tables.root import TIMES, Json, Table, new_id, of_token

LONG_AGO = text("'1970-01-01 00:00:00+00'::timestamptz")
TOKEN_STATUS = Enum(Status, name="token_status", values_callable=lambda kind: [member.value for member in kind])


class TokenRow(Table):
    """A tracked token and the engine's state between its looks.

    `next_glance_at` and `next_check_at` are also the claims on its next looks.
    """

    __tablename__ = "tokens"
    __table_args__ = (
        Index("ux_tokens_address", "address", unique=True),
        Index("ix_tokens_status", "status"),
        Index("ix_tokens_next_check_at", "next_check_at"),
        Index("ix_tokens_next_glance_at", "next_glance_at", postgresql_where=text("status <> 'Archived'")),
        Index("ix_tokens_archived_at", "archived_at"),
        Index("ix_tokens_created_at", "created_at"),
        Index("ix_tokens_symbol_key", "symbol_key"),
    )

    id: Mapped[int] = new_id()
    address: Mapped[str]
    symbol: Mapped[str | None]
    status: Mapped[Status] = mapped_column(TOKEN_STATUS)
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    last_score_value: Mapped[float | None]
    symbol_key: Mapped[str | None]
    name: Mapped[str | None]
    signature: Mapped[str | None]
    migrated_to: Mapped[str | None]
    archived_at: Mapped[datetime | None]
    revived_at: Mapped[datetime | None]
    revivals: Mapped[int] = mapped_column(server_default="0")
    first_trade_at: Mapped[datetime | None]
    first_price: Mapped[float | None]
    last_score_at: Mapped[datetime | None]
    settings_version: Mapped[int | None]
    next_check_at: Mapped[datetime]
    last_look_at: Mapped[datetime | None]
    last_trade_at: Mapped[datetime | None]
    low_since: Mapped[datetime | None]
    low_latest: Mapped[list[datetime]] = mapped_column(ARRAY(TIMES), server_default="{}")
    episode: Mapped[int] = mapped_column(server_default="0")
    episode_opened_at: Mapped[datetime | None]
    episode_below_since: Mapped[datetime | None]
    episode_peak: Mapped[float | None]
    episode_floor: Mapped[float | None]
    next_glance_at: Mapped[datetime] = mapped_column(server_default=LONG_AGO)
    glanced_at: Mapped[datetime | None]
    glance_pre_score: Mapped[float | None]
    glance_tx_count_5m: Mapped[int | None]
    glance_liquidity: Mapped[float | None]
    checked_at: Mapped[datetime | None]
    unseen: Mapped[float | None]
    score_source: Mapped[str | None]


class PoolRow(Table):
    """An exchange pool of a token."""

    __tablename__ = "pools"
    __table_args__ = (
        Index("ux_pools_address", "pool_address", unique=True),
        Index("ix_pools_token_id", "token_id"),
        Index("ix_pools_address_lower", text("lower(pool_address)")),
    )

    id: Mapped[int] = new_id()
    token_id: Mapped[int] = of_token()
    pool_address: Mapped[str]
    dex_name: Mapped[str]


class TokenSnapshotRow(Table):
    """One look's figures; USD."""

    __tablename__ = "token_snapshots"
    __table_args__ = (
        Index("ix_token_snapshots_token_ts", "token_id", "ts"),
        Index("ix_token_snapshots_ts", "ts"),
    )

    id: Mapped[int] = new_id()
    token_id: Mapped[int] = of_token()
    ts: Mapped[datetime]
    holders: Mapped[int | None]
    price: Mapped[float | None]
    source: Mapped[str]
    liquidity: Mapped[float | None]
    market_cap: Mapped[float | None]
    tx_count_5m: Mapped[int | None]
    tx_count_1h: Mapped[int | None]
    volume_5m: Mapped[float | None]
    volume_1h: Mapped[float | None]
    buys_volume_5m: Mapped[float | None]
    sells_volume_5m: Mapped[float | None]


class PoolSnapshotRow(Table):
    """A pool's 5m figures, where a source has them; USD."""

    __tablename__ = "pool_snapshots"
    __table_args__ = (
        Index("ix_pool_snapshots_pool_ts", "pool_id", "ts"),
        Index("ix_pool_snapshots_ts", "ts"),
    )

    id: Mapped[int] = new_id()
    pool_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("pools.id", ondelete="CASCADE"))
    ts: Mapped[datetime]
    liquidity: Mapped[float | None]
    volume: Mapped[float | None]
    buys_volume: Mapped[float | None]
    sells_volume: Mapped[float | None]
    tx_count: Mapped[int | None]


class TokenScoreRow(Table):
    """A check's score and everything needed to compute it again."""

    __tablename__ = "token_scores"
    __table_args__ = (
        Index("ix_token_scores_token_ts", "token_id", "ts"),
        Index("ix_token_scores_ts", "ts"),
    )

    id: Mapped[int] = new_id()
    token_id: Mapped[int] = of_token()
    ts: Mapped[datetime]
    score: Mapped[float]
    components: Mapped[Json]


class TransitionRow(Table):
    """A status change and its reason, in English and as the template and values to translate."""

    __tablename__ = "token_transitions"
    __table_args__ = (Index("ix_token_transitions_token_ts", "token_id", "ts"),)

    id: Mapped[int] = new_id()
    token_id: Mapped[int] = of_token()
    ts: Mapped[datetime]
    status_before: Mapped[Status] = mapped_column(TOKEN_STATUS)
    status_after: Mapped[Status] = mapped_column(TOKEN_STATUS)
    reason: Mapped[str]
    reason_template: Mapped[str]
    reason_values: Mapped[Json]


class EpisodeCheckRow(Table):
    """A check of an open episode that qualified for an alert: the level (score / y) it reached, its liquidity in USD.

    `floor` is the level that was old news then, because settings had changed.
    """

    __tablename__ = "episode_checks"
    __table_args__ = (Index("ix_episode_checks_ts", "ts"),)

    token_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True)
    episode: Mapped[int] = mapped_column(primary_key=True)
    ts: Mapped[datetime] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime]
    level: Mapped[float]
    floor: Mapped[float | None]
    liquidity: Mapped[float | None]


class DailyLevelRow(Table):
    """The level that about `per_day` episodes a day have reached lately, as it was from `set_at` on."""

    __tablename__ = "daily_levels"

    per_day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    set_at: Mapped[datetime] = mapped_column(primary_key=True)
    level: Mapped[float]
