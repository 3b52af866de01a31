"""The tables, one file per family. No queries live here."""

from storage.tables.asking import PoolListRow, SafetyRow
from storage.tables.keeping import (
    BillingCycleRow,
    FeedGapRow,
    FeedHearingRow,
    SettingChangeRow,
    SettingRow,
    SpendingRow,
)
from storage.tables.market import PoolRow, PoolSnapshotRow, TokenRow, TokenScoreRow, TokenSnapshotRow, TransitionRow
from storage.tables.outcomes import OutcomePriceRow, OutcomeRow
from storage.tables.people import AlertRow, ChatRow, OutboxRow
from storage.tables.root import Json, Table

__all__ = [
    "AlertRow",
    "BillingCycleRow",
    "ChatRow",
    "FeedGapRow",
    "FeedHearingRow",
    "Json",
    "OutboxRow",
    "OutcomePriceRow",
    "OutcomeRow",
    "PoolListRow",
    "PoolRow",
    "PoolSnapshotRow",
    "SafetyRow",
    "SettingChangeRow",
    "SettingRow",
    "SpendingRow",
    "Table",
    "TokenRow",
    "TokenScoreRow",
    "TokenSnapshotRow",
    "TransitionRow",
]
