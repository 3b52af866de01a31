"""The clock: real time, fast time, and never a step behind what is already known."""

import time
from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock


def wall() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - what the clock is compared with


def test_at_speed_one_it_is_the_wall_clock() -> None:
    before = wall()
    now = SystemClock().now()

    assert before <= now <= wall()
    assert now.utcoffset() == timedelta(0)


def test_it_never_shows_a_time_before_the_latest_known_one() -> None:
    known = wall() + timedelta(hours=3)

    assert SystemClock(1.0, known).now() == known
    assert SystemClock(60.0, known).now() >= known
    assert SystemClock(1.0, wall() - timedelta(hours=3)).now() >= wall() - timedelta(seconds=5)


def test_a_fast_clock_gains_time_by_its_speed() -> None:
    started = time.monotonic()
    clock = SystemClock(600.0, datetime(2100, 1, 1, tzinfo=UTC))
    made = time.monotonic()

    first = clock.now()
    while clock.now() - first < timedelta(seconds=30):
        assert time.monotonic() - started < 10

    gained = clock.now() - datetime(2100, 1, 1, tzinfo=UTC)
    assert gained <= timedelta(seconds=(time.monotonic() - started) * 600)
    assert gained >= timedelta(seconds=(time.monotonic() - made) * 600) * 0.5


def test_two_fast_clocks_that_count_from_the_same_moment_show_the_same_time() -> None:
    since = wall() - timedelta(seconds=90)
    early, late = (SystemClock(60.0, since=since) for _ in range(2))
    before, shown, after = early.now(), late.now(), early.now()
    grain = timedelta(seconds=60 * 0.1)  # each clock compares the wall with the machine's seconds once, by itself
    assert before - grain <= shown <= after + grain
    assert before - since >= timedelta(seconds=90 * 60)
    known = wall() + timedelta(days=3)
    assert SystemClock(60.0, known, since).now() == known
    assert wall() - SystemClock(1.0, since=since).now() < timedelta(seconds=5)


def test_a_fast_clock_waits_for_the_moment_from_which_it_counts() -> None:
    since = wall() + timedelta(hours=1)
    assert SystemClock(60.0, since=since).now() == since


def test_a_step_of_the_wall_clock_does_not_move_a_fast_clock() -> None:
    walls = iter([wall(), wall(), wall() - timedelta(seconds=1), wall() - timedelta(hours=1)])
    last = wall()
    clock = SystemClock(600.0, since=last - timedelta(seconds=90), wall=lambda: next(walls, last))
    first = clock.now()
    assert first <= clock.now() <= clock.now() < first + timedelta(seconds=600)


async def test_sleep_takes_domain_seconds() -> None:
    clock = SystemClock(600.0)
    began, real = clock.now(), time.monotonic()

    await clock.sleep(60)

    assert time.monotonic() - real >= 0.09
    assert time.monotonic() - real < 10
    assert clock.now() - began >= timedelta(seconds=55)
