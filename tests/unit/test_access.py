"""Who counts as an admin, what counts as a command, and how many are too many."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.types import Chat, Message, MessageOriginUser, User
from hypothesis import given
from hypothesis import strategies as st

from bot.access import WINDOW_SECONDS, Answer, Flood, Window, is_admin, is_plain
from bot.commands.arguments import count
from engine.settings import Settings

ADMIN = User(id=1, is_bot=False, first_name="Ada")
STRANGER = User(id=2, is_bot=False, first_name="Bob")
OTHER_BOT = User(id=3, is_bot=True, first_name="Via")
ANONYMOUS = User(id=1087968824, is_bot=True, first_name="Group")
PRIVATE = Chat(id=1, type="private")
GROUP = Chat(id=-100, type="supergroup", title="Traders")
NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)
FORWARDED = MessageOriginUser(date=NOON, sender_user=STRANGER)


def message(**facts: Any) -> Message:
    usual: dict[str, Any] = {
        "message_id": 5,
        "date": NOON,
        "chat": PRIVATE,
        "from_user": ADMIN,
        "text": "/set weight tx_accel 0.4",
    }
    return Message(**(usual | facts))


def test_an_admin_is_known_by_id_in_private() -> None:
    assert is_admin(message(), {1})


@pytest.mark.parametrize(
    "facts",
    [
        {"from_user": STRANGER},
        {"from_user": None},
        {"chat": GROUP},
        {"chat": GROUP, "from_user": ANONYMOUS, "sender_chat": GROUP},
        {"sender_chat": GROUP},
        {"forward_origin": FORWARDED},
        {"via_bot": OTHER_BOT},
        {"is_automatic_forward": True},
        {"text": None, "caption": "/set weight tx_accel 0.4"},
    ],
    ids=",".join,
)
def test_anything_but_a_plain_private_text_of_an_admin_is_not_an_admins(facts: dict[str, Any]) -> None:
    assert not is_admin(message(**facts), {1})


def test_nobody_is_an_admin_when_there_are_none() -> None:
    assert not is_admin(message(), set())


@pytest.mark.parametrize(
    "facts",
    [
        {"forward_origin": FORWARDED},
        {"via_bot": OTHER_BOT},
        {"is_automatic_forward": True},
        {"text": None, "caption": "/top"},
    ],
    ids=",".join,
)
def test_what_the_sender_did_not_type_here_is_no_command(facts: dict[str, Any]) -> None:
    assert not is_plain(message(**facts))


def test_a_group_member_may_give_plain_commands() -> None:
    assert is_plain(message(chat=GROUP, from_user=STRANGER))


def test_a_flood_gets_one_notice_and_then_silence() -> None:
    window = Window()
    answers = [window.hit(now=float(second), limit=3) for second in range(6)]
    assert answers == [Answer.GO_ON] * 3 + [Answer.NOTICE, Answer.SILENCE, Answer.SILENCE]


def test_the_window_moves_with_time() -> None:
    window = Window()
    for second in range(3):
        window.hit(now=float(second), limit=3)
    assert window.hit(now=59.9, limit=3) is Answer.NOTICE
    assert window.hit(now=60.0, limit=3) is Answer.GO_ON
    assert window.hit(now=60.1, limit=3) is Answer.SILENCE


def test_a_calm_minute_earns_a_new_notice() -> None:
    window = Window()
    first = [window.hit(now=0.0, limit=2) for _ in range(4)]
    later = [window.hit(now=61.0, limit=2) for _ in range(4)]
    assert first == later == [Answer.GO_ON, Answer.GO_ON, Answer.NOTICE, Answer.SILENCE]


@given(st.lists(st.floats(0, 20), max_size=200), st.integers(1, 10))
def test_no_minute_ever_lets_more_than_the_limit_through(pauses: list[float], limit: int) -> None:
    window, now, passed = Window(), 0.0, []
    for pause in pauses:
        now += pause
        if window.hit(now, limit) is Answer.GO_ON:
            passed.append(now)
    for begin in passed:
        assert sum(begin <= at < begin + WINDOW_SECONDS for at in passed) <= limit


def test_one_flooding_user_does_not_silence_another_chat() -> None:
    flood, limits = Flood(monotonic=lambda: 0.0), Settings(commands_per_user=2, commands_per_chat=5)
    assert [flood.hit(1, -100, limits) for _ in range(3)] == [Answer.GO_ON, Answer.GO_ON, Answer.NOTICE]
    assert flood.hit(2, -100, limits) is Answer.GO_ON


def test_a_chat_has_a_limit_of_its_own() -> None:
    flood, limits = Flood(monotonic=lambda: 0.0), Settings(commands_per_user=2, commands_per_chat=3)
    answers = [flood.hit(sender_id, -100, limits) for sender_id in range(5)]
    assert answers == [Answer.GO_ON] * 3 + [Answer.NOTICE, Answer.SILENCE]
    assert flood.hit(9, -200, limits) is Answer.GO_ON


@pytest.mark.parametrize(("text", "wanted"), [("", 10), ("1", 1), ("20", 20), ("07", 7)])
def test_a_count_is_a_whole_number_within_bounds(text: str, wanted: int) -> None:
    assert count(text, default=10, at_most=20) == wanted


@pytest.mark.parametrize("text", ["0", "21", "-1", "1.5", "ten", "٣", "²", "1e1", "5 5", "9" * 5000])
def test_a_count_that_is_none_is_not_guessed(text: str) -> None:
    assert count(text, default=10, at_most=20) is None
