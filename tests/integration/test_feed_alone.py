"""The feed without creations, by the switch or because they are refused: silence is normal, quiet is no failure."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.pumpportal import PumpPortalSocket, create_frame, migrate_frame
from deploy.sandbox.world import mint_of
from engine import pumpportal
from tests.listening import Listener, listening, subscribed
from tests.waiting import until

ONE = mint_of("one")
REFUSAL = "'subscribeNewToken' is only available with an API key"


@pytest.fixture
async def portal() -> AsyncIterator[PumpPortalSocket]:
    async with PumpPortalSocket() as portal:
        yield portal


def beat_alone(listener: Listener) -> bool:
    return listener.heartbeat.pulse("feed_alone").beat_seconds is not None


async def test_without_the_switch_migrations_alone_are_subscribed_to(portal: PumpPortalSocket) -> None:
    async with listening(portal.url, creations=False) as listener:
        await until(lambda: portal.subscribers == 1 and beat_alone(listener), what="the subscription")
        portal.push(create_frame(ONE, "ONE", "Number One"))
        portal.push(migrate_frame(ONE))
        await until(lambda: listener.heard, what="the migration")
    assert listener.heard[0].symbol is None
    assert (listener.counted("frame_heard", "ack"), listener.counted("frame_heard", "creation")) == (1, 0)


async def test_migrations_alone_may_be_silent_for_longer(
    portal: PumpPortalSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pumpportal, "SILENCE_SECONDS", 0.05)
    monkeypatch.setattr(pumpportal, "SILENCE_ALONE_SECONDS", 0.3)
    async with listening(portal.url, creations=False, silence_seconds=None) as listener:
        await until(lambda: listener.last_error, what="the end of patience")
    assert listener.last_error == "PumpPortal sent nothing useful for 0.3 s"


async def test_refused_creations_count_as_hearing_migrations_alone(portal: PumpPortalSocket) -> None:
    portal.refused_methods["subscribeNewToken"] = REFUSAL
    async with listening(portal.url) as listener:
        await until(lambda: beat_alone(listener), what="the sign that migrations are heard alone")
    assert listener.clock.slept == []


async def test_with_both_streams_nothing_is_heard_alone(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        portal.push(migrate_frame(ONE))
        await until(lambda: listener.heard, what="the migration")
    assert not beat_alone(listener)


async def test_quiet_sessions_that_held_are_not_dialled_ever_more_slowly(portal: PumpPortalSocket) -> None:
    async with listening(portal.url, creations=False) as listener:
        for sessions in range(1, 6):
            await until(lambda: portal.subscribers == 1, what="the subscription")
            await until(lambda n=sessions: listener.counted("frame_heard", "ack") == n, what="the ack")  # type: ignore[misc]
            listener.clock.move(60)
            await portal.close_all()
            await until(lambda n=sessions: len(listener.clock.slept) == n, what="the pause")  # type: ignore[misc]
    assert listener.clock.slept == [1] * 5
