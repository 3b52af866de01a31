"""The tables. Names and columns of the first six are given by the domain's glossary; no queries live here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKey, Identity, Index, Integer, MetaData, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.model import Status

Json = dict[str, Any]
TIMES = DateTime(timezone=True)
TOKEN_STATUS = Enum(Status, name="token_status", values_callable=lambda kind: [member.value for member in kind])


class Table(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "ux_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {datetime: TIMES, str: Text(), Json: JSONB(none_as_null=True)}  # noqa: RUF012 - SQLAlchemy's own spelling


def _id() -> Mapped[int]:
    return mapped_column(BigInteger, Identity(), primary_key=True)


def _of_token() -> Mapped[int]:
    return mapped_column(BigInteger, ForeignKey("tokens.id", ondelete="CASCADE"))


class TokenRow(Table):
    """A tracked token and the engine's state between its looks. `next_check_at` is also the claim on its next look."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index("ux_tokens_address", "address", unique=True),
        Index("ix_tokens_status", "status"),
        Index("ix_tokens_next_check_at", "next_check_at"),
        Index("ix_tokens_created_at", "created_at"),
        Index("ix_tokens_symbol_key", "symbol_key"),
    )

    id: Mapped[int] = _id()
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


class PoolRow(Table):
    """An exchange pool of a token."""

    __tablename__ = "pools"
    __table_args__ = (
        Index("ux_pools_address", "pool_address", unique=True),
        Index("ix_pools_token_id", "token_id"),
    )

    id: Mapped[int] = _id()
    token_id: Mapped[int] = _of_token()
    pool_address: Mapped[str]
    dex_name: Mapped[str]


class TokenSnapshotRow(Table):
    """One look's figures; USD."""

    __tablename__ = "token_snapshots"
    __table_args__ = (
        Index("ix_token_snapshots_token_ts", "token_id", "ts"),
        Index("ix_token_snapshots_ts", "ts"),
    )

    id: Mapped[int] = _id()
    token_id: Mapped[int] = _of_token()
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

    id: Mapped[int] = _id()
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

    id: Mapped[int] = _id()
    token_id: Mapped[int] = _of_token()
    ts: Mapped[datetime]
    score: Mapped[float]
    components: Mapped[Json]


class TransitionRow(Table):
    """A status change and its reason, in English and as the template and values to translate."""

    __tablename__ = "token_transitions"
    __table_args__ = (Index("ix_token_transitions_token_ts", "token_id", "ts"),)

    id: Mapped[int] = _id()
    token_id: Mapped[int] = _of_token()
    ts: Mapped[datetime]
    status_before: Mapped[Status] = mapped_column(TOKEN_STATUS)
    status_after: Mapped[Status] = mapped_column(TOKEN_STATUS)
    reason: Mapped[str]
    reason_template: Mapped[str]
    reason_values: Mapped[Json]


class SettingRow(Table):
    """A setting that was changed at least once."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    updated_at: Mapped[datetime]


class SettingChangeRow(Table):
    """The audit of settings: who changed what, when. The settings version is the number of `versioned` rows."""

    __tablename__ = "setting_changes"

    id: Mapped[int] = _id()
    key: Mapped[str]
    old_value: Mapped[Any] = mapped_column(JSONB)
    new_value: Mapped[Any] = mapped_column(JSONB)
    changed_by: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime]
    versioned: Mapped[bool]


class SpendingRow(Table):
    """What the calls of one endpoint cost within one hour, in the provider's compute units."""

    __tablename__ = "spending"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    endpoint: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    credits: Mapped[int] = mapped_column(BigInteger)


class ChatRow(Table):
    """A Telegram chat; `id` is Telegram's. It hears alerts while it is subscribed and not off."""

    __tablename__ = "chats"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[str]
    title: Mapped[str | None]
    language: Mapped[str]
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    subscribed_at: Mapped[datetime | None]
    threshold: Mapped[float | None]
    threshold_set_at: Mapped[datetime | None]
    off_at: Mapped[datetime | None]
    off_reason: Mapped[str | None]


class AlertRow(Table):
    """Something worth telling, once per token, kind and episode; kept even if nobody hears it."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ux_alerts_token_kind_episode", "token_id", "kind", "episode", unique=True),)

    id: Mapped[int] = _id()
    token_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tokens.id"))
    kind: Mapped[str]
    episode: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime]
    facts: Mapped[Json]


class OutboxRow(Table):
    """One alert for one chat: open while `outcome` is null, claimed while `lease_until` lies ahead (database clock)."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ux_outbox_chat_alert_action", "chat_id", "alert_id", "action", unique=True),
        Index(
            "ix_outbox_open",
            "priority",
            text("hashint8extended(chat_id, alert_id)"),
            postgresql_where=text("outcome IS NULL"),
        ),
        Index("ix_outbox_sent_at", "sent_at", postgresql_where=text("sent_at IS NOT NULL")),
        Index("ix_outbox_created_at", "created_at"),
        Index("ix_outbox_alert_id", "alert_id"),
    )

    id: Mapped[int] = _id()
    chat_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("chats.id", onupdate="CASCADE", ondelete="CASCADE"))
    alert_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("alerts.id", ondelete="CASCADE"))
    action: Mapped[str]
    facts: Mapped[Json]
    priority: Mapped[int]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str | None]
    last_error: Mapped[str | None]
