"""Chats, alerts and what is on its way to whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.root import Json, Table, new_id


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
