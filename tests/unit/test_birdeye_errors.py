from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import (
    BadKey,
    BadRequest,
    BudgetSpent,
    EndpointDenied,
    NoDataYet,
    ProviderDown,
    ProviderError,
    RateLimited,
)
from engine.refusals import verdict

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "birdeye" / "errors.json"
NOW = datetime(2026, 7, 3, 12, tzinfo=UTC)


def test_every_recorded_error_is_classified() -> None:
    if not RECORDED.exists():
        pytest.skip("the recorded errors are not here")
    errors = json.loads(RECORDED.read_text())
    verdicts = [verdict(e["status"], e["body"], e.get("headers", {}), NOW) for e in errors]
    kinds = [type(v) for v in verdicts]
    assert kinds == [
        BudgetSpent,
        BadRequest,
        BadKey,
        EndpointDenied,
        EndpointDenied,
        NoDataYet,
        RateLimited,
        ProviderDown,
    ]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"success": False, "message": "Compute units usage limit exceeded"}, BudgetSpent),
        (400, {"success": False, "message": "address is invalid format"}, BadRequest),
        (400, None, BadRequest),
        (401, {"success": False, "message": "Unauthorized"}, BadKey),
        (401, None, BadKey),
        (401, {"message": "Your API key lacks sufficient permissions to access this resource"}, EndpointDenied),
        (403, {"status": False, "message": "Access Denied"}, EndpointDenied),
        (403, None, ProviderDown),
        (404, None, NoDataYet),
        (429, None, RateLimited),
        (500, {"success": False}, ProviderDown),
        (555, None, ProviderDown),
        (302, None, ProviderDown),
        (200, None, NoDataYet),
        (200, [1], NoDataYet),
    ],
)
def test_an_answer_is_classified_by_what_to_do_about_it(status: int, body: object, kind: type[ProviderError]) -> None:
    assert type(verdict(status, body, {}, NOW)) is kind


def test_a_good_answer_is_no_error() -> None:
    assert verdict(200, {"success": True, "data": {}}, {}, NOW) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 7)}, 7),
        ({"retry-after": "12"}, 12),
        ({"retry-after": "Fri, 03 Jul 2026 12:00:20 GMT"}, 20),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 90_000), "retry-after": "3"}, 3),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) * 1000)}, 30),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) - 5)}, 30),
        ({"x-ratelimit-reset": "soon", "retry-after": "-4"}, 30),
        ({"retry-after": "9" * 400}, 30),
        ({"retry-after": "Fri, 03 Jul 99999999999999999999 12:00:20 GMT"}, 30),
        ({}, 30),
    ],
)
def test_a_rate_limit_says_when_to_ask_again_and_nonsense_means_half_a_minute(
    headers: dict[str, str], seconds: int
) -> None:
    error = verdict(429, None, headers, NOW)
    assert isinstance(error, RateLimited)
    assert error.retry_at == NOW + timedelta(seconds=seconds)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
BODIES = JSON | st.fixed_dictionaries({"message": JSON})
HEADERS = st.dictionaries(
    st.sampled_from(["x-ratelimit-reset", "retry-after"]), st.text() | st.integers().map(str) | st.floats().map(str)
)


@given(st.integers(100, 999), BODIES, HEADERS)
def test_any_answer_gets_a_verdict_with_a_sane_retry_time(status: int, body: object, headers: dict[str, str]) -> None:
    error = verdict(status, body, headers, NOW)
    if isinstance(error, RateLimited):
        assert NOW < error.retry_at <= NOW + timedelta(hours=1)
    assert error is not None or status == 200
