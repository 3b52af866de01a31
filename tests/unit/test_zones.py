"""Time zones by the names people write, and their mornings."""

from datetime import UTC, datetime
from itertools import chain

import pytest

from bot.catalogs import Catalogs
from bot.views.zones import city, zone
from engine.zones import REGIONS, local, tomorrow_morning, utc_offset, zone_named

SUMMER = datetime(2026, 7, 3, 12, tzinfo=UTC)
WINTER = datetime(2026, 12, 3, 12, tzinfo=UTC)
OFFERED = list(chain(*REGIONS.values()))


@pytest.mark.parametrize("name", OFFERED)
def test_every_zone_on_offer_exists_and_has_a_russian_name(name: str) -> None:
    assert zone_named(name) == name
    with Catalogs().speaking("ru"):
        assert not city(name).isascii()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
        ("", None),
        ("Europe", None),
        ("../../etc/passwd", None),
        ("/etc/localtime", None),
        ("\0", None),
        ("Mars/Olympus", None),
        ("x" * 5000, None),
    ],
)
def test_a_zone_is_known_by_its_name_and_never_by_a_path(text: str, name: str | None) -> None:
    assert zone_named(text) == name


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        ("UTC", "UTC"),
        ("Europe/Berlin", "UTC+2"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC−2:30"),
        ("America/New_York", "UTC−4"),
    ],
)
def test_an_offset_is_written_as_people_do(name: str, offset: str) -> None:
    assert utc_offset(SUMMER, name) == offset


def test_an_offset_follows_the_season() -> None:
    with Catalogs().speaking("en"):
        assert zone("Europe/Berlin", SUMMER) == "Berlin (UTC+2)"
        assert zone("Europe/Berlin", WINTER) == "Berlin (UTC+1)"
        assert zone("UTC", WINTER) == "UTC"


def test_a_zone_that_this_machine_does_not_know_counts_as_utc() -> None:
    assert local(SUMMER, "Mars/Olympus") == SUMMER


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        (datetime(2026, 7, 3, 12, tzinfo=UTC), datetime(2026, 7, 4, 6, tzinfo=UTC)),
        (datetime(2026, 7, 3, 21, 59, tzinfo=UTC), datetime(2026, 7, 4, 6, tzinfo=UTC)),
        (datetime(2026, 7, 3, 23, 30, tzinfo=UTC), datetime(2026, 7, 4, 6, tzinfo=UTC)),
        (datetime(2026, 7, 4, 3, tzinfo=UTC), datetime(2026, 7, 5, 6, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
    ],
    ids=["noon", "evening", "small hours", "early morning", "clocks go back", "clocks go forward"],
)
def test_tomorrow_begins_at_eight_where_the_chat_is(now: datetime, morning: datetime) -> None:
    assert tomorrow_morning(now, "Europe/Berlin") == morning
