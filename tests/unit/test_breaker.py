"""When an alert is stopped, for how long, and when that is over."""

from hypothesis import given
from hypothesis import strategies as st

from bot.breaker import (
    CALM_SECONDS,
    CHATS,
    FIRST_REST_SECONDS,
    LONGEST_REST_SECONDS,
    RETRY_SECONDS,
    TRIES,
    Breaker,
    Course,
    Ruling,
)

WORDS = "bad request: can't parse entities"


def stopped(breaker: Breaker, now: float, alert_id: int = 1) -> Ruling:
    """The ruling on the last of as many chats as stop an alert."""
    return [breaker.refused(alert_id, chat_id, WORDS, now) for chat_id in range(CHATS)][-1]


def test_the_same_words_from_several_chats_stop_the_alert() -> None:
    breaker = Breaker()
    assert stopped(breaker, 0) == Ruling(Course.REST, FIRST_REST_SECONDS)
    assert breaker.is_open


def test_other_words_alerts_or_tries_of_one_chat_do_not() -> None:
    breaker = Breaker()
    for number in range(CHATS + 2):
        assert breaker.refused(1, number, f"{WORDS} {number}", 0) == Ruling(Course.RETRY, RETRY_SECONDS)
        assert breaker.refused(10 + number, number, WORDS, 0) == Ruling(Course.RETRY, RETRY_SECONDS)
    assert not breaker.is_open


def test_one_chat_that_refuses_alone_is_given_up_after_a_few_tries() -> None:
    breaker = Breaker()
    courses = [breaker.refused(1, 7, WORDS, number).course for number in range(TRIES)]
    assert courses == [Course.RETRY] * (TRIES - 1) + [Course.GIVE_UP]
    assert not breaker.is_open


def test_chats_that_refuse_among_others_that_do_not_stop_nothing() -> None:
    breaker = Breaker()
    for chat_id in range(CHATS * 3):
        assert breaker.refused(1, chat_id, WORDS, 0).course is Course.RETRY
        assert not breaker.accepted(1)
    assert not breaker.is_open
    assert breaker.refused(1, 0, WORDS, 20).course is Course.RETRY
    assert breaker.refused(1, 0, WORDS, 40).course is Course.GIVE_UP, "its tries are not forgotten"


def test_a_row_that_was_on_its_way_waits_with_the_others() -> None:
    breaker = Breaker()
    stopped(breaker, 0)
    assert breaker.refused(1, 99, WORDS, 10) == Ruling(Course.RETRY, FIRST_REST_SECONDS - 10)


def test_each_rest_is_longer_up_to_a_limit() -> None:
    breaker, now, rests = Breaker(), 0.0, []
    for _ in range(8):
        ruling = stopped(breaker, now)
        rests.append(ruling.seconds)
        now += ruling.seconds
    assert rests[:3] == [FIRST_REST_SECONDS, 2 * FIRST_REST_SECONDS, 4 * FIRST_REST_SECONDS]
    assert rests[-1] == LONGEST_REST_SECONDS


def test_one_success_ends_it_and_the_next_time_begins_anew() -> None:
    breaker = Breaker()
    stopped(breaker, 0)
    assert not breaker.accepted(2)
    assert breaker.accepted(1)
    assert not breaker.is_open
    assert not breaker.accepted(1)
    assert stopped(breaker, 100).seconds == FIRST_REST_SECONDS


def test_it_is_over_when_nothing_was_refused_for_a_while_after_the_rest() -> None:
    breaker = Breaker()
    stopped(breaker, 0)
    breaker.forget(FIRST_REST_SECONDS + CALM_SECONDS - 1)
    assert breaker.is_open
    breaker.forget(FIRST_REST_SECONDS + CALM_SECONDS + 1)
    assert not breaker.is_open


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.floats(0, 100)), max_size=60))
def test_no_row_is_given_up_while_its_alert_rests(refusals: list[tuple[int, int, float]]) -> None:
    breaker, now, rests_until = Breaker(), 0.0, dict.fromkeys(range(4), 0.0)
    for alert_id, chat_id, pause in refusals:
        now += pause
        ruling = breaker.refused(alert_id, chat_id, WORDS, now)
        assert ruling.course is not Course.GIVE_UP or now >= rests_until[alert_id]
        if ruling.course is Course.REST:
            rests_until[alert_id] = now + ruling.seconds
