"""How fast the bot speaks. Only what must never be too soon is held against the clock: machines are noisy."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from bot.pace import CHAT_SECONDS, Pace, Turnstile


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_turns_are_never_closer_than_the_rate_allows() -> None:
    stile, times = Turnstile(200), []

    async def pass_through() -> None:
        await stile.turn()
        times.append(now())

    await asyncio.gather(*(pass_through() for _ in range(60)))
    spans = [later - earlier for earlier, later in zip(times, times[2:], strict=False)]
    assert min(spans) >= 1 / 200 - 0.002, "one that came late may be made up for, not two"


async def test_who_is_urgent_passes_before_all_who_wait() -> None:
    stile, passed = Turnstile(100), []

    async def pass_through(name: str, *, urgent: bool = False) -> None:
        await stile.turn(urgent=urgent)
        passed.append(name)

    alerts = [asyncio.create_task(pass_through(f"alert {number}")) for number in range(10)]
    await alerts[0]
    answer = asyncio.create_task(pass_through("answer", urgent=True))
    await asyncio.gather(*alerts, answer)
    assert passed.index("answer") <= 3
    assert [name for name in passed if name != "answer"] == [f"alert {number}" for number in range(10)]


async def test_a_crowd_of_urgent_ones_leaves_turns_for_the_others() -> None:
    stile, passed = Turnstile(1000), []

    async def pass_through(*, urgent: bool) -> None:
        await stile.turn(urgent=urgent)
        passed.append(urgent)

    crowd = [asyncio.create_task(pass_through(urgent=True)) for _ in range(100)]
    others = [asyncio.create_task(pass_through(urgent=False)) for _ in range(5)]
    await asyncio.gather(*crowd, *others)
    assert passed.index(False) <= 5
    assert [number for number, urgent in enumerate(passed) if not urgent][-1] <= 25


async def test_a_turn_that_nobody_waits_for_any_more_goes_to_the_next() -> None:
    stile = Turnstile(100)
    await stile.turn()
    await stile.turn()
    gone = asyncio.create_task(stile.turn())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait_for(stile.turn(), 5)


async def test_a_chats_next_message_waits_a_second_after_the_answer_to_the_last() -> None:
    pace = Pace(1000)
    async with pace.alert_to(7) as granted:
        assert granted
        async with pace.alert_to(7) as again:
            assert not again
        assert pace.busy() == {7: 0}
        async with pace.alert_to(8) as elsewhere:
            assert elsewhere
    assert 0 < pace.busy()[7] <= CHAT_SECONDS
    async with pace.alert_to(7) as again:
        assert not again


async def test_an_answer_waits_for_its_chat_and_alerts_wait_for_the_answer() -> None:
    pace = Pace(1000)
    async with pace.alert_to(7):
        ended = now()
    async with pace.answer_turn(7, 10):
        assert now() - ended >= CHAT_SECONDS - 0.005
        async with pace.alert_to(7) as granted:
            assert not granted


async def test_an_answer_is_refused_where_its_chat_is_taken_for_too_long() -> None:
    pace = Pace(1000)
    pace.rest(30, 7)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5), pace.answer_turn(7, 10):
            raise AssertionError("it was not its turn")
    assert pace.busy()[7] > 24, "it was told at once, not after ten seconds"
    async with pace.answer_turn(8, 10):
        assert pace.rest_seconds() > 29


async def test_who_asks_for_more_than_may_be_said_is_told_so_instead_of_waiting_in_line() -> None:
    pace, refused = Pace(1000), []

    async def answer() -> None:
        try:
            async with pace.answer_turn(7, 3):
                pass
        except TimeoutError:
            refused.append(now())

    begun = now()
    answers = [asyncio.create_task(answer()) for _ in range(10)]
    await asyncio.wait(answers, timeout=0.2)
    assert len(refused) == 6, "one goes, three may wait"
    assert max(refused) - begun < 2
    for waiting in answers:
        waiting.cancel()
    await asyncio.gather(*answers, return_exceptions=True)


async def test_a_group_hears_nineteen_messages_a_minute_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, heard = [1000.0], []
    monkeypatch.setattr("bot.pace._now", lambda: clock[0])
    pace = Pace(100_000)
    while clock[0] < 1300:
        async with pace.alert_to(-7) as granted:
            if granted:
                heard.append(clock[0])
        clock[0] += 0.5
    assert max(sum(begin <= at < begin + 60 for at in heard) for begin in heard) <= 19
    assert min(later - earlier for earlier, later in pairwise(heard)) >= CHAT_SECONDS
    assert len(heard) >= 5 * 19


async def test_chats_that_are_free_again_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("bot.pace._now", lambda: clock[0])
    pace = Pace(100_000)
    for chat_id in (7, -7):
        async with pace.alert_to(chat_id):
            pass
    assert set(pace.busy()) == {7, -7}
    clock[0] += 1
    assert pace.busy() == {}
    assert list(pace._chats) == [-7], "its minute is not over"
    clock[0] += 60
    assert pace.busy() == {}
    assert not pace._chats
