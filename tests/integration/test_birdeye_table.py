"""Birdeye's table of errors, a row a test, as the stand-in answers over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from deploy.sandbox.birdeye import EMPTY_DATA, NOT_FOUND, NULL_DATA
from deploy.sandbox.faults import HTML_PAGE, Fault
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
from engine.plans import OVERVIEW, SECURITY
from tests.integration.birdeye_scene import KEY, Scene, birdeye_scene

ACCESS_DENIED = Fault(status=403, body={"status": False, "message": "Access Denied"})


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with birdeye_scene() as scene:
        yield scene


async def rests_for(scene: Scene, kind: type[ProviderError], rest: timedelta) -> None:
    """Assert that nothing is asked until the rest is over, and that then all is well again."""
    asked = sum(scene.api.calls.values())
    for _ in range(3):
        with pytest.raises(kind):
            await scene.birdeye.look(scene.hero, fresh=True)
    scene.clock.move(rest.total_seconds() - 1)
    with pytest.raises(kind):
        await scene.birdeye.look(scene.hero, fresh=True)
    assert sum(scene.api.calls.values()) == asked
    scene.clock.move(1)
    assert (await scene.birdeye.look(scene.hero, fresh=True)).symbol == "HERO"
    assert scene.birdeye.resting() is None


async def test_spent_compute_units_rest_all_endpoints_for_hours_and_the_heartbeat_says_so(scene: Scene) -> None:
    scene.api.meter.monthly = 20
    await scene.birdeye.look(scene.hero, fresh=True)
    with capture_logs() as logs, pytest.raises(BudgetSpent, match="compute units"):
        await scene.birdeye.look(scene.hero, fresh=True)
    with pytest.raises(BudgetSpent):
        await scene.birdeye.safety(scene.hero)
    assert [line["event"] for line in logs] == ["birdeye.rest_started"]
    assert "compute units" in (scene.heartbeat.pulse("birdeye").last_error or "")
    assert scene.heartbeat.pulse("birdeye").failing_seconds is not None
    scene.api.meter.monthly = None
    await rests_for(scene, BudgetSpent, timedelta(hours=3))
    assert scene.heartbeat.pulse("birdeye").failing_seconds is None


async def test_a_request_called_malformed_is_our_bug_and_is_neither_repeated_nor_rested_for(scene: Scene) -> None:
    with pytest.raises(BadRequest, match="invalid format"):
        await scene.birdeye.safety("not-a-mint")
    assert scene.api.calls == {SECURITY: 1}
    assert scene.birdeye.resting() is None


async def test_a_bad_key_rests_all_endpoints_and_says_what_to_check(scene: Scene) -> None:
    scene.birdeye = scene.adapter("wrong")
    with pytest.raises(BadKey, match="check BIRDEYE_API_KEY"):
        await scene.birdeye.look(scene.hero)
    with pytest.raises(BadKey):
        await scene.birdeye.credits()
    assert scene.api.calls == {OVERVIEW: 1}
    scene.api._api_key = "wrong"
    await rests_for(scene, BadKey, timedelta(minutes=10))


async def test_a_plan_without_an_endpoint_switches_off_that_endpoint_only(scene: Scene) -> None:
    scene.api.denied = {SECURITY}
    for _ in range(3):
        with pytest.raises(EndpointDenied, match="take a plan"):
            await scene.birdeye.safety(scene.hero)
        assert (await scene.birdeye.look(scene.hero, fresh=True)).symbol == "HERO"
    assert scene.api.calls == {SECURITY: 1, OVERVIEW: 3}
    assert isinstance(scene.birdeye.resting(SECURITY), EndpointDenied)
    assert scene.birdeye.resting(OVERVIEW) is None
    assert scene.heartbeat.pulse("birdeye").last_error is None
    scene.api.denied = set()
    scene.clock.move(6 * 3600)
    assert (await scene.birdeye.safety(scene.hero)).top10_share is not None


async def test_a_plan_without_the_overview_is_a_failure_of_the_provider(scene: Scene) -> None:
    scene.api.denied = {OVERVIEW}
    with pytest.raises(EndpointDenied):
        await scene.birdeye.look(scene.hero)
    assert scene.heartbeat.pulse("birdeye").failing_seconds is not None
    scene.api.denied = set()
    await rests_for(scene, EndpointDenied, timedelta(hours=6))


async def test_an_allow_list_is_told_from_a_plan_by_its_words(scene: Scene) -> None:
    scene.api.fail(ACCESS_DENIED, times=1)
    with pytest.raises(EndpointDenied, match="allow-list"):
        await scene.birdeye.look(scene.hero)
    await rests_for(scene, EndpointDenied, timedelta(hours=6))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (NOT_FOUND, "not_found"),
        (Fault(body={"success": False, "message": "token not found"}), "no_data"),
        (NULL_DATA, "no_data"),
        (EMPTY_DATA, "no_data"),
        (Fault(body={"success": True}), "no_data"),
        (Fault(body={"success": True, "data": {"symbol": "NEW"}}), "no_figures"),
        (Fault(body={"success": True, "data": {"address": KEY, "price": 1}}), "wrong_mint"),
        (Fault(body=["x"]), "not_json"),
        (HTML_PAGE, "not_json"),
    ],
    ids=repr,
)
async def test_an_answer_without_figures_is_no_data_yet_with_a_counted_reason(
    scene: Scene, fault: Fault, kind: str
) -> None:
    scene.api.fail(fault, times=1)
    with pytest.raises(NoDataYet):
        await scene.birdeye.look(scene.hero)
    assert scene.heartbeat.counts["birdeye_no_data", kind] == 1
    assert scene.birdeye.resting() is None
    assert (scene.heartbeat.pulse("birdeye").failing_seconds is None) == (kind != "not_json")
    assert (await scene.birdeye.look(scene.hero, fresh=True)).symbol == "HERO"


async def test_too_many_requests_in_a_second_rest_until_the_reset_header(scene: Scene) -> None:
    scene.api.meter.per_second = 2
    await scene.birdeye.look(scene.hero, fresh=True)
    await scene.birdeye.look(scene.hero, fresh=True)
    with pytest.raises(RateLimited) as caught:
        await scene.birdeye.look(scene.hero, fresh=True)
    assert caught.value.retry_at == scene.clock.now() + timedelta(seconds=1)
    await rests_for(scene, RateLimited, timedelta(seconds=1))


async def test_too_many_requests_in_a_minute_rest_until_the_reset_header(scene: Scene) -> None:
    scene.api.meter.per_minute = 3
    for _ in range(3):
        await scene.birdeye.look(scene.hero, fresh=True)
        scene.clock.move(5)
    with pytest.raises(RateLimited):
        await scene.birdeye.credits()
    await rests_for(scene, RateLimited, timedelta(seconds=45))


async def test_too_many_requests_without_a_reset_rest_as_long_as_retry_after_says(scene: Scene) -> None:
    scene.api.fail(Fault(status=429, raw=b"slow down", headers={"Retry-After": "17"}), times=1)
    with pytest.raises(RateLimited):
        await scene.birdeye.look(scene.hero)
    await rests_for(scene, RateLimited, timedelta(seconds=17))


@pytest.mark.parametrize("status", [500, 502, 503, 555])
@pytest.mark.parametrize("raw", [b"<html>oops", b'{"success":false}'], ids=["html", "json"])
async def test_a_server_error_is_repeated_and_then_the_next_token_is_asked(
    scene: Scene, status: int, raw: bytes
) -> None:
    scene.api.fail(Fault(status=status, raw=raw), times=3)
    with pytest.raises(ProviderDown, match=str(status)):
        await scene.birdeye.look(scene.hero)
    assert scene.api.calls[OVERVIEW] == 3
    assert scene.birdeye.resting() is None
    scene.api.fail(Fault(status=status, raw=raw), times=2)
    assert (await scene.birdeye.look(scene.hero)).symbol == "HERO"


async def test_an_answer_that_comes_too_late_is_asked_for_again(scene: Scene) -> None:
    scene.api.latency_seconds = 0.8
    with pytest.raises(ProviderDown, match="no answer within"):
        await scene.birdeye.look(scene.hero)
    assert scene.api.calls[OVERVIEW] == 3
