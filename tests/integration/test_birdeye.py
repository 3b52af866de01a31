from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from deploy.sandbox.birdeye import EMPTY_DATA, NOT_FOUND, NULL_DATA
from deploy.sandbox.faults import DROP, HANG, Fault
from deploy.sandbox.world import mint_of
from engine.birdeye import OUTAGE_FAILURES
from engine.errors import BadKey, BadRequest, ConfigError, NoDataYet, ProviderDown, RateLimited
from tests.integration.birdeye_scene import Scene, birdeye_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with birdeye_scene() as scene:
        yield scene


async def test_a_look_gives_the_worlds_figures(scene: Scene) -> None:
    sample = await scene.birdeye.look(scene.hero)
    figures = scene.world.figures(scene.hero)
    assert figures is not None
    assert (sample.price, sample.liquidity) == (figures.price, figures.liquidity)
    assert sample.holders == figures.holders
    assert sample.tx_count_5m == figures.last_5m.buys + figures.last_5m.sells
    assert sample.buys_volume_5m == pytest.approx(figures.last_5m.buys_usd)
    assert (sample.symbol, sample.ts) == ("HERO", scene.clock.now())
    assert sample.last_trade_at is not None
    assert scene.api.credits_used == 15
    assert scene.heartbeat.pulse("birdeye").beat_seconds is not None
    assert not [what for what, _ in scene.heartbeat.counts if what == "birdeye_field_dropped"]


async def test_a_fresh_look_asks_again_and_another_one_is_answered_from_the_cache(scene: Scene) -> None:
    await scene.birdeye.look(scene.hero)
    await scene.birdeye.look(scene.hero)
    assert scene.api.requests == [scene.hero]
    await scene.birdeye.look(scene.hero, fresh=True)
    assert scene.api.requests == [scene.hero] * 2


async def test_bad_fields_are_dropped_and_counted(scene: Scene) -> None:
    scene.api.tell(scene.hero, {"address": scene.hero, "price": "12", "holder": -3, "liquidity": 5})
    sample = await scene.birdeye.look(scene.hero)
    assert (sample.price, sample.holders, sample.liquidity) == (None, None, 5)
    assert scene.heartbeat.counts["birdeye_field_dropped", "price"] == 1
    assert scene.heartbeat.counts["birdeye_field_dropped", "holder"] == 1


@pytest.mark.parametrize("fault", [NULL_DATA, EMPTY_DATA, NOT_FOUND, Fault(body={"success": False})], ids=repr)
async def test_no_data_yet_is_a_sign_of_life(scene: Scene, fault: Fault) -> None:
    scene.api.fail(fault, mint=scene.hero)
    with pytest.raises(NoDataYet):
        await scene.birdeye.look(scene.hero)
    pulse = scene.heartbeat.pulse("birdeye")
    assert pulse.beat_seconds is not None
    assert pulse.last_error is None


async def test_an_unknown_mint_is_no_data_yet(scene: Scene) -> None:
    with pytest.raises(NoDataYet):
        await scene.birdeye.look(mint_of("nobody"))


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        (HANG, 3),
        (DROP, 6),  # aiohttp itself repeats a GET at once when the connection breaks before any answer
        (Fault(status=502, raw=b"<html>"), 3),
    ],
    ids=repr,
)
async def test_a_failing_provider_is_down_for_this_token_only(scene: Scene, fault: Fault, asked: int) -> None:
    other = scene.world.adopt(mint_of("other"), "OTHER", "Other").mint
    scene.api.fail(fault, mint=scene.hero)
    with pytest.raises(ProviderDown):
        await scene.birdeye.look(scene.hero)
    assert scene.api.requests == [scene.hero] * asked
    assert scene.heartbeat.pulse("birdeye").failing_seconds is not None
    assert (await scene.birdeye.look(other)).symbol == "OTHER"
    assert scene.heartbeat.pulse("birdeye").failing_seconds is None
    scene.api.heal()
    assert (await scene.birdeye.look(scene.hero)).symbol == "HERO"


async def test_two_answers_that_come_too_late_are_made_good_by_a_third(scene: Scene) -> None:
    scene.api.fail(Fault(delay_seconds=0.8), times=2)
    assert (await scene.birdeye.look(scene.hero)).symbol == "HERO"
    assert len(scene.api.requests) == 3


async def test_a_request_called_malformed_is_not_repeated_but_others_go_on(scene: Scene) -> None:
    with pytest.raises(BadRequest, match="invalid format"):
        await scene.birdeye.look("not-a-mint")
    assert len(scene.api.requests) == 1
    assert (await scene.birdeye.look(scene.hero)).symbol == "HERO"


async def test_a_wrong_key_says_what_to_check_and_never_shows_the_key(scene: Scene) -> None:
    with capture_logs() as logs, pytest.raises(BadKey, match="BIRDEYE_API_KEY") as caught:
        await scene.adapter("wr0ng-s3cret").look(scene.hero)
    assert logs
    assert "s3cret" not in f"{caught.value!r} {logs} {scene.heartbeat.pulse('birdeye')} {scene.heartbeat.counts}"


@pytest.mark.parametrize("key", ["a\nb", "ключ"])
async def test_a_key_that_no_header_can_carry_is_a_configuration_error(scene: Scene, key: str) -> None:
    with pytest.raises(ConfigError, match="BIRDEYE_API_KEY"):
        scene.adapter(key)


async def test_every_token_of_the_world_is_read_without_a_complaint(scene: Scene) -> None:
    for number in range(60):
        mint = scene.world.life(number).mint
        scene.clock.move(30)
        try:
            await scene.birdeye.look(mint, fresh=True)
        except NoDataYet:
            continue
    complaints = [kind for what, kind in scene.heartbeat.counts if what == "birdeye_field_dropped"]
    assert set(complaints) <= {"symbol", "name"}
    assert scene.heartbeat.counts["http_request", "127.0.0.1 2xx"] > 20


async def test_looks_that_wait_their_turn_when_a_rest_begins_are_not_sent(scene: Scene) -> None:
    scene.api.fail(
        Fault(
            429,
            {"message": "Too many requests"},
            headers={"x-ratelimit-reset": str(int(scene.clock.now().timestamp()) + 60)},
        )
    )
    mints = [mint_of(f"queued:{number}") for number in range(40)]
    results = await asyncio.gather(*(scene.birdeye.look(mint) for mint in mints), return_exceptions=True)
    assert all(isinstance(result, RateLimited) for result in results)
    assert len(scene.api.requests) <= 8


async def test_an_outage_is_asked_less_and_less_but_one_token_s_failures_are_its_own(scene: Scene) -> None:
    for _ in range(OUTAGE_FAILURES - 1):
        scene.api.fail(DROP, times=9)
        with pytest.raises(ProviderDown):
            await scene.birdeye.look(scene.hero, fresh=True)
        scene.api.heal()
    await scene.birdeye.look(scene.hero, fresh=True)
    scene.api.fail(DROP)
    for _ in range(OUTAGE_FAILURES):
        with pytest.raises(ProviderDown):
            await scene.birdeye.look(scene.hero, fresh=True)
    asked = len(scene.api.requests)
    with pytest.raises(ProviderDown):
        await scene.birdeye.look(scene.hero, fresh=True)
    assert len(scene.api.requests) == asked
    scene.api.heal()
    scene.clock.move(1)
    assert (await scene.birdeye.look(scene.hero, fresh=True)).price is not None
