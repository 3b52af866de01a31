from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.retry_after import retry_at
from tests.made import NOON


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12),
        ({"retry-after": "Fri, 03 Jul 2026 12:00:20 GMT"}, 20),
        ({"x-ratelimit-reset": str(int(NOON.timestamp()) + 7), "retry-after": "12"}, 7),
        ({"retry-after": "-4"}, 30),
        ({"retry-after": "3601"}, 30),
        ({"retry-after": "9" * 400}, 30),
        ({"retry-after": "0"}, 30),
        ({}, 30),
    ],
)
def test_the_provider_says_when_to_ask_again_and_nonsense_means_half_a_minute(
    headers: dict[str, str], seconds: int
) -> None:
    assert retry_at(headers, NOON) == NOON + timedelta(seconds=seconds)


@given(st.dictionaries(st.sampled_from(["x-ratelimit-reset", "retry-after"]), st.text() | st.integers().map(str)))
def test_any_header_gives_a_time_within_the_next_hour(headers: dict[str, str]) -> None:
    assert NOON < retry_at(headers, NOON) <= NOON + timedelta(hours=1)
