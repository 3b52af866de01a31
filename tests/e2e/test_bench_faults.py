"""The bench of faults together with few chats; and that its laws notice what they forbid."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.bench.fates import REACHABLE, WELL
from tests.bench.faults import measure
from tests.bench.faults_laws import ALARM, HEALTH, Found, Systemic, broken, table

pytestmark = pytest.mark.timeout(90)


async def test_every_reachable_chat_gets_every_alert_through_all_faults(fresh_database: dict[str, Any]) -> None:
    found = await measure(fresh_database, chats=28, alerts=2, seed=3, systemic_seconds=None)
    assert broken(found) == [], table(found)
    assert found.met.total() > 5
    assert found.lost.total() > 0
    assert {m.fate in REACHABLE for m in found.members if m.struck} == {True, False}
    assert_laws_notice(found)


def assert_laws_notice(found: Found) -> None:
    """Change what was found in one way at a time, and each time another law is broken."""
    once = [key for key in found.accepted if found.accepted[key] == 1 and found.lost[key] == 0]
    sound = next(key for key in once if well(found, key))
    unheard, twice = Counter(found.accepted), found.accepted + Counter([sound])
    del unheard[sound]
    assert broken(replace(found, accepted=unheard)) == ["1 alerts never reached a reachable chat: sent"]
    assert f"{sound[0]} (well) got {sound[1]} again, without a lost answer" in broken(replace(found, accepted=twice))
    late = dict(found.outcomes) | {sound: "expired"}
    assert broken(replace(found, accepted=unheard, outcomes=late)) == [
        "1 alerts never reached a reachable chat: expired"
    ]
    off = dict(found.chats) | {sound[0]: ("blocked", None)}
    assert any("off because of blocked, not None" in law for law in broken(replace(found, chats=off)))

    untold = replace(found, systemic=Systemic("mint", seconds=1))
    assert broken(replace(untold, told_of_systemic={HEALTH, ALARM})) == []
    for silent, other in ((HEALTH, ALARM), (ALARM, HEALTH)):
        law = f"{silent} did not tell of the alert that Telegram refused"
        assert broken(replace(untold, told_of_systemic={other})) == [law]


def well(found: Found, key: tuple[int, str, str]) -> bool:
    return any(m.chat.id == key[0] and m.fate == WELL for m in found.members)
