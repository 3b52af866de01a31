"""No second and no minute ever sees more requests than allowed, wherever it begins."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sandbox.clock import HandClock
from engine.pace import Pace, Windows
from tests.made import NOON


def made(rps: int, rpm: int, pauses: Sequence[float]) -> list[datetime]:
    """When requests are made that come after these pauses (seconds) and wait for their turns."""
    windows, now, times = Windows(rps, rpm), NOON, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        while wait := windows.wait(now):
            now += wait
        windows.note(now)
        times.append(now)
    return times


def fullest(times: list[datetime], window: timedelta) -> int:
    """The most requests within any window: one that begins with a request is the fullest."""
    return max(sum(begin <= ts <= begin + window for ts in times) for begin in times)


@given(
    rps=st.integers(1, 20),
    rpm=st.integers(1, 60),
    pauses=st.lists(st.floats(0, 40) | st.just(0), min_size=1, max_size=150),
)
def test_no_window_is_ever_exceeded(rps: int, rpm: int, pauses: list[float]) -> None:
    times = made(rps, rpm, pauses)
    assert fullest(times, timedelta(seconds=1)) <= rps
    assert fullest(times, timedelta(seconds=60)) <= rpm


@pytest.mark.parametrize(("rps", "rpm"), [(1, 60), (15, 900), (50, 1_000), (100, 1_500)])
def test_a_crowd_is_let_through_nearly_as_fast_as_allowed(rps: int, rpm: int) -> None:
    times = made(rps, rpm, [0] * 3 * rpm)
    assert times[-1] - times[0] <= timedelta(seconds=200)


def test_a_request_after_a_rest_does_not_wait() -> None:
    assert made(1, 60, [0, 2, 2]) == [NOON, NOON + timedelta(seconds=2), NOON + timedelta(seconds=4)]


def test_a_clock_set_back_costs_one_window_at_most() -> None:
    windows = Windows(1, 60)
    windows.note(NOON)
    assert timedelta() < windows.wait(NOON - timedelta(hours=1)) <= timedelta(seconds=2)


async def test_many_tasks_share_the_turns() -> None:
    clock = HandClock()
    pace, times = Pace(5, 20, clock), []

    async def ask() -> None:
        await pace.turn()
        times.append(clock.now())

    await asyncio.gather(*(ask() for _ in range(60)))
    assert len(times) == 60
    assert fullest(times, timedelta(seconds=1)) <= 5
    assert fullest(times, timedelta(seconds=60)) <= 20
