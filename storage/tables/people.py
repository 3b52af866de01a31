"""Chats with their wishes, alerts, what is on its way to whom, and what admins have yet to confirm."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.root import Json, Table, new_id


class ChatRow(Table):
    """A Telegram chat; `id` is Telegram's. It hears alerts while it is subscribed and not off.

    `membership_at` is Telegram's time of the latest change told of the bot's membership there, and the number of the
    update that told it follows: several may come within a second.
    """

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
    language_chosen: Mapped[bool] = mapped_column(server_default="false")
    per_day: Mapped[int | None]
    hear_activated: Mapped[str] = mapped_column(server_default="silent")
    hear_high_score: Mapped[str] = mapped_column(server_default="on")
    hear_revived: Mapped[str] = mapped_column(server_default="silent")
    hear_watched: Mapped[str] = mapped_column(server_default="on")
    min_liquidity: Mapped[float | None]
    pictures: Mapped[bool] = mapped_column(server_default="true")
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    hourly_cap: Mapped[int | None] = mapped_column(server_default="20")
    muted_until: Mapped[datetime | None]
    answers_mints: Mapped[bool] = mapped_column(server_default="false")
    membership_at: Mapped[datetime | None]
    membership_update: Mapped[int | None] = mapped_column(BigInteger)


class WatchRow(Table):
    """What one chat wants to know of one token; USD. See engine.chats.Watch."""

    __tablename__ = "watches"
    __table_args__ = (Index("ix_watches_token_id", "token_id"),)

    chat_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("chats.id", onupdate="CASCADE", ondelete="CASCADE"), primary_key=True
    )
    token_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime]
    score: Mapped[float | None]
    score_reached: Mapped[bool] = mapped_column(server_default="false")
    price_percent: Mapped[float | None]
    base_price: Mapped[float | None]
    liquidity_percent: Mapped[float | None]
    base_liquidity: Mapped[float | None]
    revived: Mapped[bool] = mapped_column(server_default="true")
    archived: Mapped[bool] = mapped_column(server_default="true")
    base_source: Mapped[str | None]
    base_price_at: Mapped[datetime | None]
    base_liquidity_at: Mapped[datetime | None]
    first_price: Mapped[float | None]


class AlertRow(Table):
    """Something worth telling, once per token, kind and episode; kept even if nobody hears it."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ux_alerts_token_kind_episode", "token_id", "kind", "episode", unique=True),
        Index("ix_alerts_decided_at", "decided_at"),
    )

    id: Mapped[int] = new_id()
    token_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tokens.id"))
    kind: Mapped[str]
    episode: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime]
    facts: Mapped[Json]


class OutboxRow(Table):
    """One alert for one chat: open while `outcome` is null, claimed while `lease_until` lies ahead (database clock).

    One that is `held` waits until `digest_at` (the domain's clock) to be told in a digest, the row `digest_id`.
    """

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
        Index("ix_outbox_digest_at", "digest_at", postgresql_where=text("outcome = 'held'")),
        Index("ix_outbox_digest_id", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
    )

    id: Mapped[int] = new_id()
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
    digest_at: Mapped[datetime | None]
    digest_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("outbox.id", ondelete="SET NULL"))


class ProposalRow(Table):
    """A change that an admin has asked for and has yet to confirm; `decision` is null until then."""

    __tablename__ = "proposals"

    id: Mapped[int] = new_id()
    admin_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    content: Mapped[Json]
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]
