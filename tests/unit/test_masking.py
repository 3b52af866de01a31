"""Masking: what is hidden, and what stays readable."""

import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.masking import Mask


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bot123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr/getMe", "bot***/getMe"),
        ("bot123456789%3AAAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr/getMe", "bot***/getMe"),
        ("postgres://moon:hunter2@db/moon", "postgres://***@db/moon"),
        ("wss://h/api?api-key=hunter2&x=1", "wss://h/api?api-key=***&x=1"),
        ("https://h/x?a=1&API_KEY=hunter2", "https://h/x?a=1&API_KEY=***"),
        ("12:34:56 and http://127.0.0.1:8000/health and a@b", "12:34:56 and http://127.0.0.1:8000/health and a@b"),
    ],
)
def test_shapes_of_secrets_are_hidden_without_knowing_them(text: str, shown: str) -> None:
    assert Mask()(text) == shown


@pytest.mark.parametrize(
    "dsn",
    [
        "postgres://moon:hunter2@h1:5432,h2:5433/moon?sslmode=require",
        "postgresql://moon@h/moon?password=hunter2",
        "postgresql://moon:hunter%32@h/moon",
    ],
)
def test_the_password_of_an_address_is_hidden_on_its_own(dsn: str) -> None:
    assert Mask([dsn])("password hunter2 refused") == "password *** refused"


def test_a_secret_that_contains_another_is_hidden_whole() -> None:
    assert Mask(["moon", "moonlight"])("the moonlight and the moon") == "the *** and the ***"


def test_a_tiny_password_does_not_blank_out_the_log() -> None:
    mask = Mask(["postgres://u:a@h/db"])

    assert mask("an alarm at postgres://u:a@h/db") == "an alarm at ***"


@pytest.mark.parametrize("odd", ["", "http://[::1", "postgres://u:p%ZZ%@[h/db", "://", "@", "***"])
def test_odd_secrets_are_no_fault(odd: str) -> None:
    assert Mask([odd])("plain text") == "plain text"


@given(st.text(min_size=4), st.text())
def test_a_secret_is_hidden_however_it_is_spelled(secret: str, around: str) -> None:
    assume("*" not in secret)
    mask = Mask([secret])

    for spelled in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe="")):
        assert spelled not in mask(f"{around} {spelled} {around}")
