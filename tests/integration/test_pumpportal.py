from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect

from deploy.sandbox.birdeye import BirdeyeApi
from deploy.sandbox.clock import HandClock
from deploy.sandbox.pumpportal import PumpPortalSocket, bonk_frame, create_frame, migrate_frame
from deploy.sandbox.world import USDC, World, mint_of
from engine.birdeye import Birdeye
from engine.http import JsonClient
from tests.listening import listening, subscribed
from tests.markets import OpenTill
from tests.waiting import until

SESSION = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "pumpportal" / "session_full.json"
BONK = SESSION.with_name("create_event_bonk.json")
ONE, TWO = mint_of("one"), mint_of("two")


@pytest.fixture
async def portal() -> AsyncIterator[PumpPortalSocket]:
    async with PumpPortalSocket() as portal:
        yield portal


async def test_a_migration_is_heard_and_the_heart_beats(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        assert listener.heartbeat.pulse("feed_subscribed").beat_seconds is not None
        portal.push(migrate_frame(ONE))
        await until(lambda: listener.heard, what="the migration")
    assert listener.heard[0].mint == ONE
    assert listener.heard[0].pool == "pump-amm"
    assert listener.heard[0].symbol is None
    assert listener.heartbeat.pulse("feed").beat_seconds is not None
    assert listener.clock.slept == []


async def test_a_creation_heard_before_gives_the_migration_its_symbol_name_and_age(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        portal.push(create_frame(ONE, "ONE", "Number One"))
        await until(lambda: listener.counted("frame_heard", "creation"), what="the creation")
        born_at = listener.clock.now()
        listener.clock.move(90)
        portal.push(migrate_frame(ONE))
        portal.push(migrate_frame(TWO))
        await until(lambda: len(listener.heard) == 2, what="both migrations")
    one, two = listener.heard
    assert (one.symbol, one.name, one.first_trade_at) == ("ONE", "Number One", born_at)
    assert (one.heard_at - born_at).total_seconds() == 90
    assert (two.symbol, two.name, two.first_trade_at) == (None, None, None)


async def test_hostile_frames_are_counted_and_logged_once_and_the_next_one_is_handled(portal: PumpPortalSocket) -> None:
    hostile: list[tuple[str | bytes, str]] = [
        ("<html>", "not_json"),
        (b"\xff\x00", "not_json"),
        ("[" * 100_000, "not_json"),
        ("[1]", "not_object"),
        ('{"txType":"buy"}', "unknown_type"),
        ('{"txType":"migrate"}', "bad_mint"),
        (json.dumps(migrate_frame("0OIl")), "bad_mint"),
        (json.dumps(migrate_frame(USDC)), "quote_mint"),
        ('{"message":"maintenance at noon"}', "unknown_message"),
    ]
    with capture_logs() as logs:
        async with listening(portal.url) as listener:
            await subscribed(portal, listener)
            for raw, _ in hostile:
                portal.push(raw)
            portal.push(migrate_frame(ONE))
            await until(lambda: listener.heard, what="the migration after the hostile frames")
    kinds = [kind for _, kind in hostile]
    assert {kind: listener.counted("frame_dropped", kind) for kind in kinds} == {k: kinds.count(k) for k in kinds}
    logged = [entry["kind"] for entry in logs if entry["event"] == "frame.dropped"]
    assert sorted(logged) == sorted(set(kinds))
    assert listener.mints == [ONE]
    assert listener.clock.slept == []


async def test_a_migration_without_an_ack_proves_the_subscription(portal: PumpPortalSocket) -> None:
    portal.silent = True
    async with listening(portal.url) as listener:
        await until(lambda: portal.dials == 1 and portal.connections == 1, what="the connection")
        portal.silent = False
        portal.push(json.dumps(migrate_frame(ONE)))
        await until(lambda: listener.heard, what="the migration")
    assert listener.heartbeat.pulse("feed_subscribed").beat_seconds is not None


async def test_the_recorded_session_gives_its_seven_migrations_and_no_errors(portal: PumpPortalSocket) -> None:
    if not SESSION.exists():
        pytest.skip("the recorded session is not here")
    session = json.loads(SESSION.read_text())
    async with listening(portal.url) as listener:
        world = World(1, listener.clock)
        await portal.replay(session, HandClock(), world=world)
        await until(lambda: len(listener.heard) == 7, what="seven migrations")
        async with BirdeyeApi(world) as api, JsonClient(listener.heartbeat) as client:
            birdeye = Birdeye(client, api.url, "sandbox", listener.clock, listener.heartbeat, OpenTill())
            samples = [await birdeye.look(mint) for mint in listener.mints]
    assert len(set(listener.mints)) == 7
    assert USDC not in listener.mints
    assert listener.counted("frame_dropped", "quote_mint") == 10
    assert sum(migration.symbol is not None for migration in listener.heard) == 2
    assert all(sample.tx_count_5m for sample in samples)
    assert listener.clock.slept == []
    assert listener.last_error == ""


async def test_the_world_is_told_in_order_and_its_hero_migrates_after_ten_seconds(portal: PumpPortalSocket) -> None:
    clock = HandClock()
    world = World(3, clock)
    async with listening(portal.url) as listener:
        telling = asyncio.create_task(portal.live(world))
        await until(lambda: len(listener.heard) >= 8, what="eight migrations")
        telling.cancel()
        await asyncio.wait([telling])
    hero = listener.heard[0]
    life = world.known(hero.mint)
    assert life is not None
    assert life.symbol == "HERO"
    assert life.migrates_at is not None
    assert (life.migrates_at - life.created_at).total_seconds() == 10
    assert listener.mints[0] == World(3, HandClock()).life(0).mint
    assert listener.counted("frame_dropped", "quote_mint") >= 1
    assert all(world.figures(mint) for mint in listener.mints)


async def test_who_listens_in_is_told_every_frame_as_it_came(portal: PumpPortalSocket) -> None:
    overheard: list[bytes] = []
    async with listening(portal.url, overhear=overheard.append) as listener:
        await subscribed(portal, listener)
        for frame in (b"\xff\x00", json.dumps(migrate_frame(ONE)).encode()):
            portal.push(frame)
        await until(lambda: listener.heard, what="the migration")
    assert overheard[2:] == [b"\xff\x00", json.dumps(migrate_frame(ONE)).encode()]
    assert all(b"ubscribed to" in ack for ack in overheard[:2])


async def test_a_creation_on_the_other_launchpad_has_other_fields_and_is_heard_all_the_same(
    portal: PumpPortalSocket,
) -> None:
    frame = bonk_frame(ONE, "BONKED", "Bonked")
    if BONK.exists():
        assert set(frame) == set(json.loads(BONK.read_text())[0])
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        portal.push(frame)
        portal.push(migrate_frame(ONE))
        await until(lambda: listener.heard, what="the migration")
    assert listener.heard[0].symbol == "BONKED"


async def test_a_message_without_a_method_is_answered_with_errors(portal: PumpPortalSocket) -> None:
    async with connect(portal.url) as socket:
        await socket.send("subscribe, please")
        assert set(json.loads(await socket.recv())) == {"errors"}
