"""The tables, one file per family. No queries live here."""

from storage.tables.asking import PoolListRow, SafetyRow
from storage.tables.keeping import (
    BillingCycleRow,
    FeedGapRow,
    FeedHearingRow,
    LeaderRow,
    SettingChangeRow,
    SettingRow,
    SpendingRow,
)
from storage.tables.market import (
    DailyLevelRow,
    EpisodeCheckRow,
    PoolRow,
    PoolSnapshotRow,
    TokenRow,
    TokenScoreRow,
    TokenSnapshotRow,
    TransitionRow,
)
from storage.tables.outcomes import OutcomePriceRow, OutcomeRow
from storage.tables.people import AlertRow, ChatRow, OutboxRow, ProposalRow, WatchRow
from storage.tables.root import Json, Table

__all__ = [
    "AlertRow",
    "BillingCycleRow",
    "ChatRow",
    "DailyLevelRow",
    "EpisodeCheckRow",
    "FeedGapRow",
    "FeedHearingRow",
    "Json",
    "LeaderRow",
    "OutboxRow",
    "OutcomePriceRow",
    "OutcomeRow",
    "PoolListRow",
    "PoolRow",
    "PoolSnapshotRow",
    "ProposalRow",
    "SafetyRow",
    "SettingChangeRow",
    "SettingRow",
    "SpendingRow",
    "Table",
    "TokenRow",
    "TokenScoreRow",
    "TokenSnapshotRow",
    "TransitionRow",
    "WatchRow",
]
