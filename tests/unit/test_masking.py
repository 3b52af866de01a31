"""Masking: what is hidden, and what stays readable."""

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

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

    raw = secret.encode(errors="replace")
    everything = "".join(f"%{byte:02X}" for byte in raw), "".join(f"&#{ord(character)};" for character in secret)
    packed = raw.hex(), raw.hex().upper()
    usual = (
        secret,
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        repr(raw)[2:-1],
        quote(secret, safe="", errors="replace"),
    )
    for spelled in (*usual, quote_plus(secret, errors="replace"), html.escape(secret), *everything, *packed):
        assert spelled not in mask(f"{around} {spelled} {around}")


KEY = "s3cret-Key/0123?~456"


@pytest.mark.parametrize(
    "spelled",
    [
        KEY.upper(),
        KEY.lower(),
        quote(quote(KEY, safe=""), safe=""),
        quote(KEY.upper(), safe="").lower(),
        KEY.replace("?", "&amp;#063;"),
        "".join(f"&#x{ord(character):x};" for character in KEY),
        "".join(f"\\u{ord(character):04x}" for character in KEY),
        "".join(f"\\\\x{ord(character):02X}" for character in KEY),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
    ],
)
def test_any_character_may_be_escaped_in_the_usual_ways(spelled: str) -> None:
    assert Mask([KEY])(f"said {spelled}, no more") == "said ***, no more"


@pytest.mark.parametrize("encode", [base64.standard_b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "u", "me", "u:v", "user"])
@pytest.mark.parametrize("after", ["", "x", "xy", "xyz"])
def test_base64_hides_no_secret_wherever_it_begins(encode: Callable[[bytes], bytes], before: str, after: str) -> None:
    encoded = encode(f"{before}{KEY}{after}".encode()).decode()
    left = Mask([KEY])(f"Basic {encoded}")
    assert "***" in left
    assert len(left) <= len("Basic ***") + len(encode(before.encode())) + len(encode(after.encode())) + 3


@pytest.mark.parametrize("unit", ["\\", "%", "&", "%25", "&amp;", "%61", "s3cret-Key", "7333"])
def test_a_long_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    mask, began = Mask([KEY, "\\\\back"]), time.process_time()
    mask(unit * (200_000 // len(unit)))
    assert time.process_time() - began < 2
