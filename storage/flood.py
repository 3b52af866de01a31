"""More alerts decided lately than the setting allows: then all rows but alarms rest, as while alerts are paused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ScalarSelect, Text, case, cast, func, literal, select

from engine.hearing import FLOOD
from engine.settings import SPECS
from storage.alerts import HEARD
from storage.tables import AlertRow, SettingRow

SETTING = "alerts_per_10_minutes"


def decided_lately(now: datetime) -> ScalarSelect[int]:
    """How many alerts were decided within the ten minutes before `now`, by the domain's clock."""
    lately = (AlertRow.decided_at > now - FLOOD, AlertRow.kind.in_([kind.value for kind in HEARD]))
    return select(func.count(AlertRow.id)).where(*lately).scalar_subquery()


def allowed() -> ScalarSelect[float]:
    """How many may be. A stored value that is no number is the default, as everywhere."""
    stored = cast(cast(SettingRow.value, Text), Float)
    number = case((func.jsonb_typeof(SettingRow.value) == "number", stored))
    known = select(func.max(number)).where(SettingRow.key == SETTING).scalar_subquery()
    return select(func.coalesce(known, literal(SPECS[SETTING].default, Float))).scalar_subquery()
