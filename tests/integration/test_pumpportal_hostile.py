"""Servers that answer wrongly on purpose: the feed must neither end the program, nor stay deaf, nor insist."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.pumpportal import PumpPortalSocket, create_frame, migrate_frame
from deploy.sandbox.world import mint_of
from engine import pumpportal
from tests.listening import listening, subscribed
from tests.waiting import until

ONE = mint_of("one")


@pytest.fixture
async def portal() -> AsyncIterator[PumpPortalSocket]:
    async with PumpPortalSocket() as portal:
        yield portal


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (302, [("Location", "ws://127.0.0.1:99999/x")]),
        (302, [("Location", "ws://127.0.0.1:abc/x")]),
        (302, [("Location", "ws://[::1/x")]),
        (302, [("Location", "ws://127.0.0.1:1/"), ("Location", "ws://127.0.0.1:2/")]),
        (404, [("Content-Type", "text/html")]),  # beside the stand-in's own
        (429, [("Retry-After", "7"), ("Retry-After", "x")]),
    ],
)
async def test_a_nonsensical_handshake_is_an_error_and_a_pause(
    portal: PumpPortalSocket, status: int, headers: list[tuple[str, str]]
) -> None:
    portal.refuse(status, times=2, headers=headers)
    async with listening(portal.url) as listener:
        await until(lambda: portal.subscribers == 1, what="the subscription after two nonsensical answers")
    assert len(listener.clock.slept) == 2
    assert listener.last_error


@pytest.mark.parametrize(("status", "asked", "least"), [(429, "1800", 1800), (403, "7", 45), (503, "600", 600)])
async def test_a_server_that_says_how_long_to_stay_away_is_obeyed(
    portal: PumpPortalSocket, status: int, asked: str, least: float
) -> None:
    portal.refuse(status, headers=[("Retry-After", asked)])
    async with listening(portal.url) as listener:
        await until(lambda: portal.subscribers == 1, what="the subscription after the refusal")
    assert least <= listener.clock.slept[0] <= max(least, 60)


async def test_a_text_that_is_no_utf_8_does_not_end_the_session(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        portal.push(b'{"txType":"\xff"}', text=True)
        portal.push(migrate_frame(ONE))
        await until(lambda: listener.heard, what="the migration")
    assert listener.clock.slept == []
    assert listener.counted("frame_dropped", "not_json") == 1


async def test_creations_alone_do_not_hide_for_ever_that_migrations_are_not_subscribed(
    portal: PumpPortalSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pumpportal, "SILENCE_ALONE_SECONDS", 0.2)
    portal.ignored_methods = {"subscribeMigration"}

    def babble() -> bool:
        portal.push(create_frame(ONE, "ONE", "Number One"))
        return bool(listener.clock.slept)

    async with listening(portal.url) as listener:
        await until(babble, what="the end of the session")
        assert "does not confirm the subscription to migrations" in listener.last_error
        portal.ignored_methods = set()
        await until(lambda: portal.subscribers == 1, what="the subscription")


async def test_refusals_are_not_useful_talk(portal: PumpPortalSocket) -> None:
    async with listening(portal.url, silence_seconds=0.2) as listener:
        await subscribed(portal, listener)

        def complain() -> bool:
            portal.push('{"errors":"something is wrong"}')
            return bool(listener.clock.slept)

        await until(complain, what="the end of patience")
    assert "nothing useful" in listener.last_error
