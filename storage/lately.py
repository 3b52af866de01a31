"""What a chat got lately and what waits for it, as columns beside each claimed row of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from engine.hearing import HOUR, LESS_URGENT, MINUTE, NEWS, PRIORITIES
from storage.tables import OutboxRow

ABOUT_TOKENS = [PRIORITIES[kind] for kind in NEWS]
MAY_WAIT = [PRIORITIES[kind] for kind in LESS_URGENT]


def less_urgent(row: type[OutboxRow]) -> ColumnElement[bool]:
    """Whether the row is one that bursts hold: news that may wait, and not of a watched token."""
    return and_(row.action == "send", row.priority.in_(MAY_WAIT), ~row.facts.has_key("watched"))


def lately_columns(claimed: Sequence[int], now: datetime) -> LateralFromClause:
    """The fields of engine.chats.Lately in their order, of the chat of an OutboxRow beside which this is joined.

    `claimed` are the ids of this claim. Spans go by the domain's clock, as rows were decided; `now` is its time.
    """
    other = aliased(OutboxRow)
    is_open = other.outcome.is_(None)
    elsewhere = is_open & (other.lease_until > func.clock_timestamp()) & other.id.not_in(claimed)
    ahead = other.id.in_(claimed) & (tuple_(other.priority, other.id) < tuple_(OutboxRow.priority, OutboxRow.id))
    told = (other.action == "digest") & (is_open | (other.outcome == "sent"))
    may_wait, sent = less_urgent(other), other.outcome == "sent"
    news = (other.action == "send") & other.priority.in_(ABOUT_TOKENS) & (sent | elsewhere)
    due = (other.outcome == "held") & (other.digest_at <= now)
    last_hour, last_minute = (other.created_at > OutboxRow.created_at - span for span in (HOUR, MINUTE))
    together = other.created_at < OutboxRow.created_at + MINUTE  # the later one may be sent first
    counts = {
        "sent_last_hour": last_hour & (news | told),
        "sent_last_minute": last_minute & (told | (may_wait & sent & together)),
        "going": last_minute & may_wait & together & (elsewhere | ahead),
        "waiting": may_wait & (is_open | due),
    }
    columns = [func.count().filter(which).label(name) for name, which in counts.items()]
    return select(*columns).where(other.chat_id == OutboxRow.chat_id).correlate(OutboxRow).lateral("lately")
