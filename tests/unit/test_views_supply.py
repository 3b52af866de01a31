"""Where the figures come from, told in both languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.callbacks import HelpSection
from bot.catalogs import Catalogs
from bot.views.help import help_
from bot.views.supply import supply_lines
from engine.settings import Settings
from engine.shown import PaidSupply, Supply
from tests.made import NOON
from tests.unit.reading import shown

PAID = PaidSupply("lite", 2_500_000, 575_000, NOON + timedelta(days=12), 900.0, None)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def told(supply: Supply | None, settings: Settings | None = None) -> list[str]:
    return [
        line if isinstance(line, str) else shown(line) for line in supply_lines(supply, settings or Settings(), NOON)
    ]


def test_nothing_is_told_before_looks_begin() -> None:
    assert told(None) == []


def test_the_budget_is_told_in_words_with_the_bound_on_every_check() -> None:
    assert told(Supply(True, PAID)) == [
        "Figures",
        "Birdeye: 23% of this month's budget used, 12d left",
        "Each active token is checked at least every 15m, hot ones far more often.",
    ]


def test_what_is_not_known_yet_is_left_out() -> None:
    assert told(Supply(True, replace(PAID, spent_cu=None, bound_seconds=None))) == ["Figures"]


@pytest.mark.parametrize("kind", ["BudgetSpent", "BadKey", "EndpointDenied", "RateLimited", "ProviderDown"])
def test_a_resting_birdeye_says_why(kind: str) -> None:
    [_, _, line] = told(Supply(True, replace(PAID, resting=kind)))
    assert line.startswith("⚠️ ")
    assert "scores" in line


def test_without_a_key_it_says_what_is_missing_and_what_follows() -> None:
    assert told(Supply(True, None)) == [
        "Figures",
        "Only free figures of DexScreener: trades and volume are known, holders and buyers are not.",
        "So 50% of the score is known, and 🔥 alerts ask for 75%.",
    ]
    assert len(told(Supply(True, None), Settings(alert_min_coverage=0.5))) == 2, "an admin has lowered the bar"


@pytest.mark.parametrize(
    ("supply", "end"),
    [
        (Supply(None, PAID), "switched off."),
        (Supply(False, PAID), "Birdeye stands in for it."),
        (Supply(False, None), "figures come when it does."),
    ],
)
def test_missing_glances_are_told(supply: Supply, end: str) -> None:
    assert told(supply)[-1].endswith(end)


def test_help_says_what_a_missing_key_means() -> None:
    assert "Only free figures" in shown(help_(HelpSection.SCORE, Settings(), free_only=True))
    assert "Only free figures" not in shown(help_(HelpSection.SCORE, Settings()))


def test_it_reads_in_russian() -> None:
    with Catalogs().speaking("ru"):
        assert told(Supply(True, PAID))[1] == "Birdeye: израсходовано 23% бюджета месяца, осталось 12 д"
