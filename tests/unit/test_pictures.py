import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.catalogs import Catalogs
from bot.charts import Cell
from bot.pictures import Pictures, chart_key, grid_key
from engine.settings import Settings
from engine.shown import Portrait, Standing
from tests.charting import series
from tests.made import NOON, minutes, token

SETTINGS = Settings()
PORTRAIT = Portrait(Standing(token(), None), None, tuple(series(float, 9)), tuple(series(float, 9)))
CELLS = {7: Cell(1, series(float, 9)), 5: Cell(2, series(float, 3))}
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


async def test_within_a_minute_a_chart_and_a_grid_are_drawn_once() -> None:
    pictures = Pictures()
    assert await pictures.chart(PORTRAIT, NOON, SETTINGS) is await pictures.chart(PORTRAIT, NOON + SECOND, SETTINGS)
    assert await pictures.grid(CELLS, NOON, SETTINGS) is await pictures.grid(CELLS, NOON + SECOND, SETTINGS)


async def test_a_grid_is_drawn_anew_for_other_tokens_another_order_minute_or_language() -> None:
    pictures = Pictures()
    first = await pictures.grid(CELLS, NOON, SETTINGS)
    for cells, now in ((dict(reversed(CELLS.items())), NOON), ({7: CELLS[7]}, NOON), (CELLS, NOON + minutes(1))):
        assert await pictures.grid(cells, now, SETTINGS) is not first
    with Catalogs().speaking("ru"):
        assert await pictures.grid(CELLS, NOON, SETTINGS) is not first


async def test_an_empty_grid_is_a_picture_too() -> None:
    assert await Pictures().grid({}, NOON, SETTINGS)


async def test_flows_make_the_chart_taller() -> None:
    pictures = Pictures()
    usual = await pictures.chart(PORTRAIT, NOON, SETTINGS)
    other = replace(PORTRAIT, flows=tuple(series(lambda _i: 0.5, 9)), standing=Standing(token(id=2), None))
    assert await pictures.chart(other, NOON, SETTINGS) != usual


def test_an_uploaded_picture_is_known_until_it_would_look_otherwise() -> None:
    pictures = Pictures()
    key = chart_key(PORTRAIT, NOON, SETTINGS)
    assert pictures.known(key) is None
    pictures.remember(key, "AgAC-chart")
    assert pictures.known(chart_key(PORTRAIT, NOON + SECOND, SETTINGS)) == "AgAC-chart"
    assert pictures.known(chart_key(PORTRAIT, NOON + minutes(1), SETTINGS)) is None
    assert pictures.known(chart_key(replace(PORTRAIT, scores=PORTRAIT.scores[:-1], prices=()), NOON, SETTINGS)) is None
    assert pictures.known(chart_key(PORTRAIT, NOON, replace(SETTINGS, alert_score_on=3.0))) is None
    with Catalogs().speaking("ru"):
        assert pictures.known(chart_key(PORTRAIT, NOON, SETTINGS)) is None


def test_a_grid_is_known_by_its_tokens_in_their_order_and_ranks() -> None:
    pictures = Pictures()
    pictures.remember(grid_key([7, 5], NOON, SETTINGS), "AgAC-grid")
    assert pictures.known(grid_key([7, 5], NOON, SETTINGS)) == "AgAC-grid"
    assert pictures.known(grid_key([5, 7], NOON, SETTINGS)) is None
    assert pictures.known(grid_key([7, 5], NOON, SETTINGS, first_rank=11)) is None


def test_an_alert_may_be_known_by_a_key_of_its_own() -> None:
    pictures = Pictures()
    pictures.remember(("alert", 12, "ru"), "AgAC-alert")
    assert pictures.known(("alert", 12, "ru")) == "AgAC-alert"
    assert pictures.known(("alert", 12, "en")) is None


async def test_cells_are_read_once_for_all_who_tap_at_the_same_time() -> None:
    pictures, reads = Pictures(), []

    async def read() -> dict[int, Cell]:
        reads.append(1)
        await asyncio.sleep(0)
        return CELLS

    key = grid_key(list(CELLS), NOON, SETTINGS)
    drawn = await asyncio.gather(*(pictures.grid_of(key, read, NOON, SETTINGS) for _ in range(4)))
    assert len(reads) == 1
    assert all(png is drawn[0] for png in drawn)
