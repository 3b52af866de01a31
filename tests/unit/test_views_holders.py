"""Holders in /token: told by checks alone, so a glance after one must not hide them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.catalogs import Catalogs
from bot.views.token import overview
from engine.card import Card
from engine.model import Component, Sample, Score, Source
from engine.settings import Settings
from engine.shown import Portrait, Standing
from tests.made import NOON, minutes, sample, token
from tests.unit.reading import shown

GLANCE = sample(source=Source.DEXSCREENER, holders=None)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


def line(look: Sample, score: Score | None) -> str:
    portrait = Portrait(Standing(token(), look), score)
    return next(row for row in shown(overview(Card(portrait), NOON, Settings())).splitlines() if "Holders" in row)


def counted(holders: float | None) -> Score:
    growth = Component("holder_growth", None, 0.25, inputs={"holders": holders})
    return Score(NOON - minutes(2), 1.0, 1.0, (growth,), 0.75, 60, False, 0.1, True, 0, Source.BIRDEYE)


def test_after_a_glance_the_holders_of_the_last_check_are_told_with_their_age() -> None:
    assert line(GLANCE, counted(1170)) == "Holders 1170 · 2m ago"


def test_a_look_that_counts_holders_tells_its_own() -> None:
    assert line(sample(holders=990), counted(1170)) == "Holders 990"


@pytest.mark.parametrize("score", [None, counted(None)])
def test_holders_that_nobody_counted_stay_unknown(score: Score | None) -> None:
    assert line(GLANCE, score) == "Holders –"
