"""A run is recorded over real sockets and played again by other stand-ins: the same figures at the same moments."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from bot.masking import Mask
from bot.recording import Recording
from deploy.sandbox import playground
from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.clock import HandClock
from deploy.sandbox.dexscreener import DexScreenerApi
from deploy.sandbox.faults import Fault
from deploy.sandbox.metering import too_many
from deploy.sandbox.playback import Playback
from deploy.sandbox.pumpportal import PumpPortalSocket, create_frame, migrate_frame
from deploy.sandbox.recorded import Recorded, recorded
from deploy.sandbox.replaying import Replay
from deploy.sandbox.world import World, mint_of
from engine.birdeye import Birdeye
from engine.dexscreener import DexScreener
from engine.errors import NoDataYet, ProviderDown, RateLimited
from engine.heartbeat import Heartbeat
from engine.http import JsonClient, Overhear, nobody
from engine.model import Sample
from tests.listening import listening, subscribed
from tests.made import NOON
from tests.markets import OpenTill
from tests.waiting import until

KEY = "s3cret-key-0123456789"
LATER = timedelta(days=40, hours=1, seconds=7)
ONE, TWO = mint_of("one"), mint_of("two")


@dataclass
class Scene:
    """Both markets and who asks them."""

    clock: HandClock
    world: World
    birdeye_api: BirdeyeApi
    dexscreener_api: DexScreenerApi
    birdeye: Birdeye
    dexscreener: DexScreener

    def play(self, playback: Playback) -> None:
        """From now on the playback answers, from its first frame on."""
        self.birdeye_api.playback = self.dexscreener_api.playback = playback
        with suppress(StopIteration):
            next(playback.frames())

    async def look(self, mint: str) -> Sample:
        return await self.birdeye.look(mint, fresh=True)

    async def glance(self, *mints: str) -> dict[str, Sample]:
        return {mint: glance.sample for mint, glance in (await self.dexscreener.glance(mints)).items()}


@asynccontextmanager
async def scene(clock: HandClock, recording: Recording | None = None) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        stack.enter_context(stamina.set_testing(True, attempts=1))
        world = World(7, clock)
        paid = await stack.enter_async_context(BirdeyeApi(world, api_key=KEY))
        free = await stack.enter_async_context(DexScreenerApi(world))

        async def client(source: str, url: str) -> JsonClient:
            overhear: Overhear = recording.answers(source, url) if recording else nobody
            made = JsonClient(Heartbeat(), attempts=1, overhear=overhear)
            return await stack.enter_async_context(made)

        birdeye = Birdeye(await client("birdeye", paid.url), paid.url, KEY, clock, Heartbeat(), OpenTill())
        client_ = await client("dexscreener", free.url)
        dexscreener = DexScreener(client_, free.url, clock, Heartbeat(), requests_per_minute=600_000)
        yield Scene(clock, world, paid, free, birdeye, dexscreener)


@dataclass
class Run:
    """A recorded run, and what its looks had told."""

    recorded: Recorded
    looks: list[Sample]
    glances: list[dict[str, Sample]]


async def run(path: Path) -> Run:
    """A frame at 10 s; looks at one token at 20 s and 50 s, and glances at two of them then."""
    clock = HandClock(NOON)
    looks, glances = [], []
    with Recording(path, Mask([KEY]), clock) as recording:
        async with scene(clock, recording) as told:
            clock.move(10)
            recording.frame(json.dumps(migrate_frame(ONE)).encode())
            told.world.adopt(ONE, "ONE", "Number One")
            told.world.adopt(TWO, "TWO", "Number Two")
            for seconds in (10, 30):
                clock.move(seconds)
                looks.append(await told.look(ONE))
                glances.append(await told.glance(ONE, TWO))
            await told.birdeye.safety(ONE)
            await told.birdeye.credits()
            clock.move(10)
            told.birdeye_api.fail(too_many(clock.now() + timedelta(seconds=30)), times=1)
            told.dexscreener_api.fail(Fault(502, raw=b"<html>"), times=1)
            with pytest.raises(RateLimited):
                await told.look(ONE)
            with pytest.raises(ProviderDown):
                await told.glance(ONE)
            clock.move(10)
            glances.append(await told.glance(TWO))
    found = recorded(str(path))
    assert isinstance(found, Recorded)
    return Run(found, looks, glances)


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
        await portal.replay(Playback(found, HandClock()).frames())
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
        assert options.replay.join(now.birdeye_api, now.dexscreener_api, now.world, options.replay_speed) == {}
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
