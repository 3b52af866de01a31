"""What the panel's buttons change, and what hostile values do not."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogs import Catalogs
from bot.views.alerts_buttons import Change, Page, alerts_keyboard
from bot.wishes import Panel, Wish, changes_of
from engine.chats import PER_DAY, Hearing, Preferences
from engine.settings import Settings
from engine.zones import zone_named
from tests.made import NOON, minutes

PANEL = Panel(Preferences(), Settings(), NOON, levels={5: 3.1, 20: 2.3, 60: 1.1}, in_group=True)
NIGHT = {"quiet_from": 23 * 60, "quiet_until": 7 * 60}


def wishing(**facts: Any) -> Panel:
    return replace(PANEL, preferences=Preferences(**facts))


@pytest.mark.parametrize(
    ("wish", "value", "changes"),
    [
        (Wish.PER_DAY, "20", {"per_day": 20, "threshold": None}),
        (Wish.OWN, "", {"threshold": 2.0, "per_day": None}),
        (Wish.OWN, "2.5", {"threshold": 2.5, "per_day": None}),
        (Wish.OWN, "2,5", {"threshold": 2.5, "per_day": None}),
        (Wish.OWN, "1.5", {"threshold": 1.5, "per_day": None}),
        (Wish.STEP, "0.5", {"threshold": 2.5, "per_day": None}),
        (Wish.STEP, "-0.1", {"threshold": 1.9, "per_day": None}),
        (Wish.WATCHED, "silent", {"watched": Hearing.SILENT}),
        (Wish.LIQUIDITY, "25000", {"min_liquidity_usd": 25_000.0}),
        (Wish.LIQUIDITY, "0", {"min_liquidity_usd": None}),
        (Wish.PICTURES, "0", {"pictures": False}),
        (Wish.QUIET, "23-7", NIGHT),
        (Wish.QUIET, "off", {"quiet_from": None, "quiet_until": None}),
        (Wish.ZONE, "europe/berlin", {"time_zone": "Europe/Berlin"}),
        (Wish.CAP, "0", {"hourly_cap": None}),
        (Wish.CAP, "60", {"hourly_cap": 60}),
        (Wish.MUTE, "8", {"muted_until": NOON + minutes(480)}),
        (Wish.MUTE, "morning", {"muted_until": NOON + minutes(20 * 60)}),
        (Wish.MUTE, "0", {"muted_until": None}),
        (Wish.MINTS, "1", {"answers_mints": True}),
    ],
)
def test_a_button_changes_what_it_says(wish: Wish, value: str, changes: dict[str, Any]) -> None:
    assert changes_of(wish, value, PANEL) == changes


@pytest.mark.parametrize(
    ("wish", "value"),
    [
        (Wish.PER_DAY, "21"),
        (Wish.PER_DAY, "-5"),
        (Wish.PER_DAY, "020"),
        (Wish.OWN, "1.49"),
        (Wish.OWN, "100.5"),
        (Wish.OWN, "nan"),
        (Wish.OWN, "1e9"),
        (Wish.OWN, "two"),
        (Wish.STEP, "50"),
        (Wish.ACTIVATED, "loud"),
        (Wish.LIQUIDITY, "1"),
        (Wish.PICTURES, "2"),
        (Wish.QUIET, "7-7"),
        (Wish.QUIET_FROM, "1"),
        (Wish.ZONE, "../etc"),
        (Wish.CAP, "1000000"),
        (Wish.MUTE, "100000"),
        (Wish.MINTS, "yes"),
    ],
)
def test_a_value_that_no_button_carries_changes_nothing(wish: Wish, value: str) -> None:
    assert changes_of(wish, value, PANEL) is None


def test_mints_are_answered_in_groups_only() -> None:
    assert changes_of(Wish.MINTS, "1", replace(PANEL, in_group=False)) is None


def test_own_thresholds_start_from_what_counts_now_and_stay_within_bounds() -> None:
    assert changes_of(Wish.OWN, "", wishing(per_day=5)) == {"threshold": 3.1, "per_day": None}
    assert changes_of(Wish.STEP, "-0.5", wishing(threshold=1.7)) == {"threshold": 1.5, "per_day": None}
    assert changes_of(Wish.STEP, "0.5", wishing(threshold=99.8)) == {"threshold": 100.0, "per_day": None}


def test_no_level_is_below_the_one_at_which_episodes_begin() -> None:
    assert wishing(per_day=60).level == 1.5
    assert wishing(threshold=1.2).level == 1.5


def test_a_market_that_was_not_watched_for_long_has_the_common_level() -> None:
    assert replace(wishing(per_day=20), levels={}).level == 2.0


def test_quiet_hours_go_round_midnight_and_are_never_empty() -> None:
    assert changes_of(Wish.QUIET_FROM, "1", wishing(**NIGHT)) == {"quiet_from": 0}
    assert changes_of(Wish.QUIET_UNTIL, "-1", wishing(quiet_from=360, quiet_until=420)) == {"quiet_until": 300}


def test_a_mute_that_is_over_is_none() -> None:
    assert wishing(muted_until=NOON).muted_until is None
    assert wishing(muted_until=NOON + minutes(1)).muted_until == NOON + minutes(1)


@given(st.sampled_from(Wish), st.text(max_size=60) | st.floats().map(str) | st.integers().map(str))
def test_whatever_is_forged_leaves_sensible_wishes(wish: Wish, value: str) -> None:
    changes = changes_of(wish, value, wishing(**NIGHT)) or {}
    wishes = replace(Preferences(**NIGHT), **changes)  # type: ignore[arg-type]
    assert wishes.per_day in (None, *PER_DAY)
    assert wishes.threshold is None or 1.5 <= wishes.threshold <= 100
    assert wishes.quiet_from != wishes.quiet_until or wishes.quiet_from is None
    assert zone_named(wishes.time_zone) == wishes.time_zone


@pytest.mark.parametrize("page", Page)
def test_every_button_of_ours_is_understood(page: Page) -> None:
    for panel in (PANEL, wishing(**NIGHT, per_day=20, muted_until=NOON + minutes(9))):
        with Catalogs().speaking("ru"):
            rows = alerts_keyboard(panel, page).inline_keyboard
        carried = [str(button.callback_data) for row in rows for button in row]
        assert all(len(data.encode()) <= 64 for data in carried)
        for tap in (Change.unpack(data) for data in carried if data.startswith(f"{Change.__prefix__}:")):
            assert changes_of(tap.wish, tap.value, panel) is not None
