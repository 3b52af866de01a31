"""The feed's gaps: told once each, from the last moment at which it surely heard something."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from deploy.sandbox.pumpportal import PumpPortalSocket, create_frame, migrate_frame
from deploy.sandbox.world import mint_of
from engine.events import Gap, Migration
from tests.listening import Listener, listening, subscribed
from tests.made import NOON, minutes
from tests.waiting import until

ONE, TWO = mint_of("one"), mint_of("two")


@pytest.fixture
async def portal() -> AsyncIterator[PumpPortalSocket]:
    async with PumpPortalSocket() as portal:
        yield portal


async def heard(portal: PumpPortalSocket, listener: Listener, mint: str = ONE) -> None:
    """A migration comes through."""
    before = len(listener.heard)
    portal.push(migrate_frame(mint))
    await until(lambda: len(listener.heard) > before, what="the migration")


async def lost(portal: PumpPortalSocket, listener: Listener) -> None:
    """The connection ends, and the listener knows."""
    before = len(listener.clock.slept)
    await portal.close_all()
    await until(lambda: len(listener.clock.slept) > before, what="the end of the session")


async def test_the_first_subscription_of_all_has_no_gap_before_it(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        await heard(portal, listener)
    assert listener.gaps == []


async def test_a_lost_session_leaves_a_gap_from_its_last_useful_frame_to_the_next_ack(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        await heard(portal, listener)
        heard_at = listener.clock.now()
        listener.clock.move(40)
        portal.push("useless")
        await until(lambda: listener.counted("frame_dropped", "not_json"), what="the useless frame")
        await lost(portal, listener)
        await until(lambda: listener.gaps, what="the gap")
        assert listener.clock.slept == [1]
        assert listener.gaps == [Gap(heard_at, heard_at + timedelta(seconds=41))]


async def test_a_creation_in_a_subscribed_session_shows_that_the_feed_heard(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        listener.clock.move(40)
        heard_at = listener.clock.now()
        portal.push(create_frame(ONE, "ONE", "Number One"))
        await until(lambda: listener.counted("frame_heard", "creation"), what="the creation")
        await lost(portal, listener)
        await until(lambda: listener.gaps, what="the gap")
    assert listener.gaps[0].began_at == heard_at


async def test_many_vain_dials_are_one_gap(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        await subscribed(portal, listener)
        heard_at = listener.clock.now()
        portal.refuse(503, times=3)
        await lost(portal, listener)
        await until(lambda: listener.gaps, what="the gap")
        await heard(portal, listener)
        slept = sum(listener.clock.slept)
    assert len(listener.clock.slept) == 4
    assert listener.gaps == [Gap(heard_at, heard_at + timedelta(seconds=slept))]


async def test_each_outage_is_a_gap_of_its_own(portal: PumpPortalSocket) -> None:
    async with listening(portal.url) as listener:
        for outages in range(1, 4):
            await until(lambda: portal.subscribers == 1, what="the subscription")
            await heard(portal, listener)
            await lost(portal, listener)
            await until(lambda n=outages: len(listener.gaps) == n, what="the gap")  # type: ignore[misc]
    assert all(gap.seconds == pytest.approx(1) for gap in listener.gaps)


async def test_a_session_that_never_heard_anything_counts_from_its_beginning(portal: PumpPortalSocket) -> None:
    portal.silent = True
    async with listening(portal.url, silence_seconds=0.1) as listener:
        dialled_at = listener.clock.now()
        await until(lambda: portal.connections == 1, what="the connection")
        listener.clock.move(120)
        await until(lambda: listener.clock.slept, what="the end of patience")
        portal.silent = False
        await until(lambda: listener.gaps, what="the gap")
    assert listener.gaps[0].began_at == dialled_at
    assert listener.gaps[0].seconds > 120


async def test_a_silent_session_leaves_a_gap_from_its_last_frame(portal: PumpPortalSocket) -> None:
    async with listening(portal.url, silence_seconds=0.3) as listener:
        await subscribed(portal, listener)
        heard_at = listener.clock.now()
        listener.clock.move(120)
        await until(lambda: listener.gaps, what="the gap")
    assert listener.gaps[0].began_at == heard_at
    assert listener.gaps[0].seconds > 120


async def test_while_the_program_was_away_the_feed_was_deaf(portal: PumpPortalSocket) -> None:
    portal.refuse(503, times=2)
    async with listening(portal.url, heard_until=NOON - minutes(90)) as listener:
        await until(lambda: listener.gaps, what="the gap")
        await heard(portal, listener)
    slept = timedelta(seconds=sum(listener.clock.slept))
    assert listener.gaps == [Gap(NOON - minutes(90), NOON + slept)]


async def test_a_migration_without_an_ack_ends_the_gap_and_is_told_after_it(portal: PumpPortalSocket) -> None:
    portal.silent = True
    async with listening(portal.url, heard_until=NOON - minutes(5)) as listener:
        await until(lambda: portal.connections == 1, what="the connection")
        portal.silent = False
        portal.push('{"message":"ho"}')
        portal.push(str(migrate_frame(ONE)).replace("'", '"'))
        await until(lambda: listener.heard, what="the migration")
    assert [type(event) for event in listener.events] == [Gap, Migration]
    assert listener.gaps == [Gap(NOON - minutes(5), NOON)]


async def test_creations_before_the_ack_do_not_shorten_the_gap(portal: PumpPortalSocket) -> None:
    portal.ignored_methods = {"subscribeMigration"}
    async with listening(portal.url, heard_until=NOON - minutes(5)) as listener:
        await until(lambda: listener.counted("frame_heard", "ack"), what="the ack of creations")
        listener.clock.move(60)
        portal.push(create_frame(ONE, "ONE", "Number One"))
        await until(lambda: listener.counted("frame_heard", "creation"), what="the creation")
        assert listener.gaps == []
        portal.ignored_methods = set()
        await lost(portal, listener)
        await until(lambda: listener.gaps, what="the gap")
    assert listener.gaps == [Gap(NOON - minutes(5), NOON + timedelta(seconds=61))]


async def test_a_clock_set_back_meanwhile_is_told_as_it_was(portal: PumpPortalSocket) -> None:
    async with listening(portal.url, heard_until=NOON + minutes(5)) as listener:
        await until(lambda: listener.gaps, what="the gap")
    assert listener.gaps[0].seconds == -300
