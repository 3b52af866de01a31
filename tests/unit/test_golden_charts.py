"""The charts look as the kept pictures do, pixel by pixel: `python -m tests.golden` draws those anew."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from bot.charts import MAX_BYTES, ChartLabels, sparklines
from tests.charting import ALERT_LEVEL, LABELS, series
from tests.golden.cards import FOLDER, PICTURES
from tests.made import NOON

KEPT = sorted(FOLDER.glob("*.png"))
LEVELS, PIXELS = 12, 20  # a pixel may differ by so much of 255; and so few pixels by more


def decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def strangers(one: Image.Image, other: Image.Image) -> int:
    """How many pixels differ by more than LEVELS in any channel."""
    red, green, blue = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(most.histogram()[LEVELS + 1 :])


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_chart_looks_as_it_did(path: Path) -> None:
    png = PICTURES[path.stem]()
    kept, drawn = decoded(path.read_bytes()), decoded(png)
    assert len(png) <= MAX_BYTES
    assert drawn.size == kept.size
    assert strangers(drawn, kept) <= PIXELS


def test_every_picture_is_kept_and_all_of_them_are_small() -> None:
    assert {path.stem for path in KEPT} == set(PICTURES)
    assert sum(path.stat().st_size for path in KEPT) < 600_000


@pytest.mark.parametrize("changed", [replace(LABELS, now="new"), replace(LABELS, score="Scare")])
def test_one_changed_letter_is_noticed(changed: ChartLabels) -> None:
    points = series(lambda _i: 0.5, 9)
    usual, other = (decoded(sparklines(points, [], [], NOON, one, ALERT_LEVEL)) for one in (LABELS, changed))
    assert strangers(usual, other) > PIXELS
