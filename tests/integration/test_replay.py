"""A run is recorded over real sockets and played again by other stand-ins: the same figures at the same moments."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.masking import Mask
from bot.recording import Recording
from deploy.sandbox import playground
from deploy.sandbox.clock import HandClock
from deploy.sandbox.playback import Playback
from deploy.sandbox.pumpportal import PumpPortalSocket, create_frame, migrate_frame
from deploy.sandbox.recorded import Recorded, recorded
from deploy.sandbox.replaying import Replay
from engine.errors import NoDataYet, ProviderDown, RateLimited
from engine.model import Sample
from tests.integration.replay_scene import LATER, ONE, TWO, run, scene
from tests.listening import listening, subscribed
from tests.made import NOON
from tests.waiting import until


def moved(sample: Sample) -> dict[str, Any]:
    """The figures of a sample, and its times as they are told `LATER`."""
    times = (sample.last_trade_at, sample.first_trade_at)
    return {**_figures(sample), "times": [at + LATER if at else None for at in times]}


def as_told(sample: Sample) -> dict[str, Any]:
    return {**_figures(sample), "times": [sample.last_trade_at, sample.first_trade_at]}


def _figures(sample: Sample) -> dict[str, Any]:
    return {"figures": sample.figures, "symbol": sample.symbol, "name": sample.name, "source": sample.source}


async def test_at_each_moment_the_latest_recorded_answer_is_told_with_its_times_moved(tmp_path: Path) -> None:
    then = await run(tmp_path / "run.jsonl")
    clock = HandClock(NOON + LATER + timedelta(seconds=10))
    async with scene(clock) as now:
        now.play(Playback(then.recorded, clock))
        with pytest.raises(NoDataYet):
            await now.look(ONE)
        assert await now.glance(ONE, TWO) == {}
        for seconds, which in ((10, 0), (29, 0), (1, 1)):
            clock.move(seconds)
            assert as_told(await now.look(ONE)) == moved(then.looks[which])
            found = await now.glance(TWO, ONE)
            assert {mint: as_told(found[mint]) for mint in found} == {
                mint: moved(sample) for mint, sample in then.glances[which].items()
            }
        with pytest.raises(NoDataYet):
            await now.look(TWO)
        assert (await now.birdeye.safety(ONE)).top10_share is not None
        assert (await now.birdeye.credits()).used == 2 * 15 + 50 + 1


async def test_failures_come_again_at_their_moment_and_go(tmp_path: Path) -> None:
    then = await run(tmp_path / "run.jsonl")
    clock = HandClock(NOON + LATER + timedelta(seconds=10))
    async with scene(clock) as now:
        now.play(Playback(then.recorded, clock))
        clock.move(55)
        with pytest.raises(RateLimited) as caught:
            await now.look(ONE)
        assert caught.value.retry_at == NOON + LATER + timedelta(seconds=90)
        with pytest.raises(ProviderDown):
            await now.glance(TWO)
        clock.move(5)
        assert {mint: as_told(sample) for mint, sample in (await now.glance(ONE, TWO)).items()} == {
            ONE: moved(then.glances[1][ONE]),
            TWO: moved(then.glances[2][TWO]),
        }


async def test_a_faster_playback_tells_later_answers_and_keeps_their_ages(tmp_path: Path) -> None:
    then = await run(tmp_path / "run.jsonl")
    clock = HandClock(NOON + LATER)
    async with scene(clock) as now:
        now.play(Playback(then.recorded, clock, speed=10))
        clock.move(4)  # second 50 of the recording
        told, was = await now.look(ONE), then.looks[1]
        assert told.figures == was.figures
        assert told.last_trade_at is not None
        assert was.last_trade_at is not None
        assert told.ts - told.last_trade_at == was.ts - was.last_trade_at


async def test_until_the_first_frame_is_asked_for_the_playback_stands_at_it(tmp_path: Path) -> None:
    then = await run(tmp_path / "run.jsonl")
    clock = HandClock(NOON + LATER)
    async with scene(clock) as now:
        playback = Playback(then.recorded, clock)
        now.birdeye_api.playback = playback
        clock.move(3600)
        with pytest.raises(NoDataYet):
            await now.look(ONE)
        now.play(playback)
        clock.move(10)
        assert (await now.look(ONE)).figures == then.looks[0].figures


async def test_recorded_frames_are_told_again_as_they_came(tmp_path: Path) -> None:
    said = [json.dumps(create_frame(TWO, "TWO", "Two")), "no json", "[7]", json.dumps(migrate_frame(TWO))]
    with Recording(tmp_path / "run.jsonl", Mask(), HandClock()) as recording:
        recording.frame(b'{"message": "Subscribed to \'migration\' events."}')
        for frame in said:
            recording.frame(frame.encode())
    found = recorded(str(tmp_path / "run.jsonl"))
    assert isinstance(found, Recorded)
    heard: list[bytes] = []
    async with PumpPortalSocket() as portal, listening(portal.url, overhear=heard.append) as listener:
        await subscribed(portal, listener)
        del heard[:]
        await portal.replay(Playback(found, HandClock()).frames(), HandClock())
        await until(lambda: listener.mints == [TWO], what="the migration")
    assert [frame.decode() for frame in heard] == said


async def test_a_recording_without_answers_leaves_the_figures_to_the_world(tmp_path: Path) -> None:
    with Recording(tmp_path / "run.jsonl", Mask(), HandClock()) as recording:
        recording.frame(json.dumps(migrate_frame(TWO)).encode())
    replay = Replay(str(tmp_path / "run.jsonl"))
    async with PumpPortalSocket() as portal, listening(portal.url) as listener, scene(HandClock()) as now:
        assert replay.join(now.birdeye_api, now.dexscreener_api, now.world) == {}
        await replay.tell(portal, now.world)
        await until(lambda: listener.mints == [TWO], what="the migration")
        assert (await now.look(TWO)).price is not None


@pytest.mark.parametrize("speed", ["1", "20"])
async def test_the_command_line_lets_the_markets_play_the_file(tmp_path: Path, speed: str) -> None:
    then = await run(tmp_path / "run.jsonl")
    options = playground.parse(["--replay", str(tmp_path / "run.jsonl"), "--replay-speed", speed])
    clock = HandClock(NOON + LATER)
    async with scene(clock) as now:
        assert options.replay is not None
        assert options.replay.join(now.birdeye_api, now.dexscreener_api, now.world) == {}
        assert now.birdeye_api.playback is not None
        now.play(now.birdeye_api.playback)
        clock.move(10 / float(speed))
        assert (await now.look(ONE)).figures == then.looks[0].figures
        assert set(await now.glance(ONE, TWO)) == {ONE, TWO}


async def test_a_plain_session_is_told_by_the_same_option_and_leaves_the_figures_to_the_world(tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text(json.dumps([{"t_wall": 7.5, "frame": migrate_frame(TWO)}]))
    replay = playground.parse(["--replay", str(tmp_path / "session.json")]).replay
    assert replay is not None
    async with PumpPortalSocket() as portal, listening(portal.url) as listener, scene(HandClock()) as now:
        assert replay.join(now.birdeye_api, now.dexscreener_api, now.world) == {}
        await replay.tell(portal, now.world)
        await until(lambda: listener.mints == [TWO], what="the migration")
        assert (await now.look(TWO)).price is not None


@pytest.mark.parametrize("speed", [1.0, 4.0])
async def test_frames_come_at_their_times_by_the_worlds_clock(tmp_path: Path, speed: float) -> None:
    times = [7.5, 9.5, 9.5, 3.0, 19.5]  # one was written when the clock had been set back
    session = [{"t_wall": t, "frame": {"txType": "create", "mint": str(t)}} for t in times]
    (tmp_path / "session.json").write_text(json.dumps(session))
    replay = playground.parse(["--replay", str(tmp_path / "session.json"), "--replay-speed", str(speed)]).replay
    clock = HandClock()
    async with PumpPortalSocket() as portal, listening(portal.url) as listener, scene(clock) as now:
        assert replay is not None
        await subscribed(portal, listener)
        replay.join(now.birdeye_api, now.dexscreener_api, now.world)
        await replay.tell(portal, now.world)
    assert clock.slept == [0, 2 / speed, 0, 0, 10 / speed]


async def test_hostile_lines_end_no_replay(tmp_path: Path) -> None:
    hostile = [{"txType": "migrate", "mint": "\ud800"}, {"txType": ["migrate"], "mint": {}}, {"txType": "create"}]
    session = [{"t_wall": 1, "frame": frame, "text": "\ud800"} for frame in hostile]
    session += [{"t_wall": 1, "frame": frame} for frame in [*hostile, migrate_frame(TWO)]]
    (tmp_path / "session.json").write_text(json.dumps(session))
    replay = Replay(str(tmp_path / "session.json"))
    async with PumpPortalSocket() as portal, listening(portal.url) as listener, scene(HandClock()) as now:
        await replay.tell(portal, now.world)
        await until(lambda: listener.mints == [TWO], what="the migration")


async def test_much_between_two_frames_holds_nobody_up() -> None:
    loop, others_had_their_turn = asyncio.get_running_loop(), threading.Event()

    def frames() -> Iterator[dict[str, Any]]:
        yield {"t_wall": 0, "frame": {}}
        loop.call_soon_threadsafe(others_had_their_turn.set)
        assert others_had_their_turn.wait(10)

    async with PumpPortalSocket() as portal, listening(portal.url) as listener:
        await subscribed(portal, listener)
        await portal.replay(frames(), HandClock())
