"""Recorded times are moved to the present, and nothing else is."""

from __future__ import annotations

import pytest

from deploy.sandbox.shifting import shifted, shifted_headers


def test_known_times_are_moved_wherever_they_stand() -> None:
    body = {
        "data": {
            "lastTradeUnixTime": 1_750_000_000,
            "lastTradeHumanTime": "2025-06-15T15:06:40",
            "items": [{"createdAt": "2024-05-28T07:19:22.813Z", "liquidity": 1_750_000_000}],
        },
        "pairs": [{"pairCreatedAt": 1_750_000_000_123}],
        "start_time": 1_750_000_000.5,
    }
    assert shifted(body, 90.2) == {
        "data": {
            "lastTradeUnixTime": 1_750_000_090,
            "lastTradeHumanTime": "2025-06-15T15:08:10",
            "items": [{"createdAt": "2024-05-28T07:20:52.813Z", "liquidity": 1_750_000_000}],
        },
        "pairs": [{"pairCreatedAt": 1_750_000_090_323}],
        "start_time": 1_750_000_090.5,
    }


@pytest.mark.parametrize("value", [None, "", "soon", True, 0, -1, "9999-12-31T23:59:59"])
def test_what_is_no_time_stays_as_it_is(value: object) -> None:
    body = {"lastTradeUnixTime": value, "lastTradeHumanTime": value, "pairCreatedAt": value}
    assert shifted(body, 1e6) == body


def test_a_written_time_stays_as_long_as_it_was() -> None:
    assert shifted({"createdAt": "2025-06-15T15:06:40Z"}, -60) == {"createdAt": "2025-06-15T15:05:40Z"}


def test_the_end_of_a_rate_limit_is_moved_and_no_other_header() -> None:
    headers = {"x-ratelimit-reset": "1750000000", "retry-after": "17", "x-credits-used": "15"}
    assert shifted_headers(headers, 60) == {**headers, "x-ratelimit-reset": "1750000060"}
    assert shifted_headers({"x-ratelimit-reset": "soon"}, 60) == {"x-ratelimit-reset": "soon"}
