from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from deploy.sandbox.pumpportal import PumpPortalSocket, migrate_frame
from deploy.sandbox.world import mint_of
from engine.redial import WRONG_ADDRESS
from tests.listening import listening, subscribed
from tests.waiting import until

ONE, TWO = mint_of("one"), mint_of("two")


@pytest.fixture
async def portal() -> AsyncIterator[PumpPortalSocket]:
    async with PumpPortalSocket() as portal:
        yield portal


async def test_after_a_lost_connection_it_listens_again_within_seconds(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        for number, mint in enumerate((ONE, TWO), start=1):
            await until(lambda: portal.subscribers == 1, what="the subscription")
            portal.push(migrate_frame(mint))
            await until(lambda n=number: len(listener.heard) == n, what="the migration")  # type: ignore[misc]
            await portal.close_all()
        await until(lambda: portal.subscribers == 1, what="the third session")
    assert listener.mints == [ONE, TWO]
    assert listener.clock.slept == [pytest.approx(1, abs=0.01)] * 2
    assert listener.last_error == "PumpPortal closed the connection (code 1001)"


async def test_a_server_that_accepts_and_closes_is_dialled_ever_more_slowly(portal: PumpPortalSocket) -> None:
    portal.accept_and_close = True
    async with listening(portal.url) as listener:
        await until(lambda: len(listener.clock.slept) >= 12, what="twelve fruitless sessions")
    pauses = listener.clock.slept[:12]
    assert all(1 <= pause <= 300 for pause in pauses)
    assert pauses[4] > 4 * pauses[0]
    assert min(pauses[9:]) >= 225
    assert portal.dials <= len(listener.clock.slept) + 1


async def test_a_session_that_gave_an_event_resets_the_pause(portal: PumpPortalSocket) -> None:
    portal.accept_and_close = True
    async with listening(portal.url) as listener:
        await until(lambda: len(listener.clock.slept) >= 6, what="six fruitless sessions")
        portal.accept_and_close = False
        await until(lambda: portal.subscribers == 1, what="the subscription")
        fruitless = len(listener.clock.slept)
        portal.push(migrate_frame(ONE))
        await until(lambda: listener.heard, what="the migration")
        await portal.close_all()
        await until(lambda: len(listener.clock.slept) > fruitless, what="the pause")
    assert listener.clock.slept[fruitless] == pytest.approx(1, abs=0.01)


async def test_acks_alone_do_not_make_a_session_fruitful(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        for sessions in range(1, 6):
            await until(lambda: portal.subscribers == 1, what="the subscription")
            await portal.close_all()
            await until(lambda n=sessions: len(listener.clock.slept) >= n, what="the pause")  # type: ignore[misc]
    assert listener.clock.slept[4] > 4 * listener.clock.slept[0]


@pytest.mark.parametrize("status", [403, 429])
async def test_refused_handshakes_are_answered_with_minutes_of_patience(portal: PumpPortalSocket, status: int) -> None:
    portal.refuse(status, times=3)
    async with listening(portal.url) as listener:
        await until(lambda: portal.subscribers == 1, what="the subscription after three refusals")
    first, second, third = listener.clock.slept[:3]
    assert 45 <= first <= 60
    assert 90 <= second <= 120
    assert 180 <= third <= 240
    assert f"status {status}" in listener.last_error


async def test_a_web_page_instead_of_a_socket_is_explained(portal: PumpPortalSocket) -> None:
    page = portal.url.replace("/api/data", "/data-api/real-time?api-key=s3cret")
    with capture_logs() as logs:
        async with listening(page) as listener:
            await until(lambda: listener.last_error, what="the error")
    assert listener.last_error == WRONG_ADDRESS
    assert "wss://pumpportal.fun/api/data" in listener.last_error
    assert "s3cret" not in str(logs)
    assert listener.clock.slept[0] >= 45


async def test_silence_ends_the_session_and_so_does_useless_talk(portal: PumpPortalSocket) -> None:
    portal.silent = True
    async with listening(portal.url, silence_seconds=0.05) as listener:
        await until(lambda: "nothing useful for 0.05 s" in listener.last_error, what="the end of patience")
        portal.silent = False

        def babble() -> bool:
            portal.push("blah")
            return len(listener.clock.slept) >= 6

        await until(babble, what="more sessions that say nothing useful")
    assert listener.counted("frame_dropped", "not_json") > 0


async def test_a_refused_subscription_is_a_failure_and_waits_long(portal: PumpPortalSocket) -> None:
    portal.refused_methods["subscribeMigration"] = "'subscribeMigration' is only available with an API key"
    with capture_logs() as logs:
        async with listening(portal.url) as listener:
            await until(lambda: listener.clock.slept, what="the pause after the refusal")
    assert "only available with an API key" in listener.last_error
    assert listener.heartbeat.pulse("feed_subscribed").beat_seconds is None
    assert listener.clock.slept[0] >= 45
    assert "feed.subscription_refused" in [entry["event"] for entry in logs]


async def test_without_creations_the_migrations_are_still_heard(portal: PumpPortalSocket) -> None:
    portal.refused_methods["subscribeNewToken"] = "'subscribeNewToken' is only available with an API key"
    async with listening(portal.url, silence_seconds=0.2) as listener:
        await until(lambda: listener.counted("subscription_refused", "creations"), what="the refusal")
        await asyncio.wait_for(_quiet_for(0.3), 5)
        portal.push(migrate_frame(ONE))
        await until(lambda: listener.heard, what="the migration")
    assert listener.clock.slept == []


async def _quiet_for(seconds: float) -> None:
    """Let the usual limit of silence pass: that nothing happens can only be seen by waiting."""
    begin = asyncio.get_running_loop().time()
    await until(lambda: asyncio.get_running_loop().time() - begin > seconds, what="time to pass")


async def test_a_frame_beyond_the_limit_ends_the_session_not_the_program(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        portal.push("x" * 1_100_000)
        await until(lambda: listener.clock.slept, what="the end of the session")
        await until(lambda: portal.subscribers == 1, what="the next session")
        portal.push(migrate_frame(ONE))
        await until(lambda: listener.heard, what="the migration")


@pytest.mark.parametrize("speech", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 101 Switching\r\n\r\n", b"\x00" * 500])
async def test_a_server_that_speaks_something_else_is_an_error_and_a_pause(speech: bytes) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(speech)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server, listening(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/data") as listener:
        await until(lambda: len(listener.clock.slept) >= 2, what="two pauses")
    assert listener.last_error


async def test_a_closed_port_is_an_error_and_a_pause() -> None:
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        async with listening(f"ws://127.0.0.1:{placeholder.getsockname()[1]}/api/data") as listener:
            await until(lambda: len(listener.clock.slept) >= 3, what="three pauses")
    assert "could not be reached" in listener.last_error


async def test_a_second_connection_from_one_address_can_be_refused() -> None:
    async with PumpPortalSocket(one_per_ip=True) as portal, listening(portal.url) as first:
        await subscribed(portal, first)
        async with listening(portal.url) as second:
            await until(lambda: "status 429" in second.last_error, what="the refusal")


async def test_a_second_connection_can_ban_the_address_until_the_ban_is_over() -> None:
    async with PumpPortalSocket(ban_seconds=3600) as portal, listening(portal.url) as first:
        await subscribed(portal, first)
        async with listening(portal.url) as second:
            await until(lambda: "status 403" in second.last_error, what="the refusal")
            await until(lambda: "status 403" in first.last_error, what="the ban of the first one too")
            assert portal.connections == 0
        portal.lift_ban()
        await until(lambda: portal.subscribers == 1, what="the first one again")


async def test_a_page_in_a_browser_cannot_connect_nor_get_the_address_banned() -> None:
    async with PumpPortalSocket(ban_seconds=60) as portal, connect(portal.url, proxy=None):
        with pytest.raises(InvalidStatus, match="403"):
            await connect(portal.url, proxy=None, origin=Origin("http://evil.example"))
        assert portal.connections == 1
