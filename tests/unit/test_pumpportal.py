from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidURI

from engine.events import Creation, Migration
from engine.frames import QUOTE_MINTS, Ack, Dropped, Refusal, Stream, parse_frame
from engine.redial import WRONG_ADDRESS, diagnose, pause_seconds

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads" / "pumpportal"
NOW = datetime(2026, 7, 3, 12, tzinfo=UTC)
MINT = "BzqYzBGydDrwjnYVtWfupr8GFoSxpCQdTkjRppBKpump"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"


def parse(frame: object) -> object:
    return parse_frame(json.dumps(frame), NOW)


def recorded(name: str) -> Any:
    path = PAYLOADS / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not here")
    return json.loads(path.read_text())


def test_a_migration_is_a_mint_a_time_and_where_it_went() -> None:
    frame = {"signature": "2C8b", "mint": MINT, "txType": "migrate", "pool": "pump-amm"}
    assert parse(frame) == Migration(mint=MINT, heard_at=NOW, signature="2C8b", pool="pump-amm")


def test_a_creation_tells_symbol_and_name() -> None:
    frame = {"mint": MINT, "txType": "create", "symbol": "T\x001", "name": "x" * 1000, "uri": 5}
    assert parse(frame) == Creation(mint=MINT, heard_at=NOW, symbol="T1", name="x" * 128)


def test_a_frame_of_bytes_is_read_like_text() -> None:
    frame = json.dumps({"mint": MINT, "txType": "migrate"}).encode()
    assert parse_frame(frame, NOW) == Migration(mint=MINT, heard_at=NOW)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("", "not_json"),
        ("hello", "not_json"),
        (b"\xff\xfe{}", "not_json"),
        ("[" * 100_000, "not_json"),
        ("9" * 10_000, "not_json"),
        ("[]", "not_object"),
        ("null", "not_object"),
        ('"subscribed to migration"', "not_object"),
        ("{}", "unknown_type"),
        ('{"txType":"buy","mint":"' + MINT + '"}', "unknown_type"),
        ('{"txType":["migrate"],"mint":"' + MINT + '"}', "unknown_type"),
        ('{"message":"hello there"}', "unknown_message"),
        ('{"message":7}', "unknown_type"),
    ],
)
def test_a_frame_of_no_use_is_dropped_with_its_kind(raw: str | bytes, kind: str) -> None:
    assert parse_frame(raw, NOW) == Dropped(kind)


@pytest.mark.parametrize(
    "mint",
    [None, 7, "", "abc", MINT + "x" * 10, MINT[:-1] + "0", MINT + "\n", " " + MINT, "1" * 44, "z" * 44, "x" * 900_000],
)
@pytest.mark.parametrize("kind", ["migrate", "create"])
def test_a_bad_mint_is_dropped(mint: object, kind: str) -> None:
    assert parse({"txType": kind, "mint": mint}) == Dropped("bad_mint")


@pytest.mark.parametrize("mint", sorted(QUOTE_MINTS))
@pytest.mark.parametrize("kind", ["migrate", "create"])
def test_a_quote_mint_is_dropped_for_every_kind_of_event(mint: str, kind: str) -> None:
    assert parse({"txType": kind, "mint": mint}) == Dropped("quote_mint")


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("Subscribed to 'migration' events.", Ack(Stream.MIGRATIONS)),
        ("Successfully subscribed to token creation events.", Ack(Stream.CREATIONS)),
        ("Successfully subscribed to something new.", Ack(Stream.UNKNOWN)),
    ],
)
def test_an_ack_is_known_by_its_words(said: str, meaning: Ack) -> None:
    assert parse({"message": said}) == meaning


@pytest.mark.parametrize(
    ("frame", "stream"),
    [
        ({"message": "'subscribeMigration' is only available with an API key"}, Stream.MIGRATIONS),
        ({"message": "'subscribeNewToken' is not allowed"}, Stream.CREATIONS),
        ({"message": "'subscribeTokenTrade' and 'subscribeAccountTrade' methods are only available…"}, Stream.OTHER),
        ({"errors": "Invalid request"}, Stream.UNKNOWN),
        ({"errors": ["x"]}, Stream.UNKNOWN),
        ({"message": "You are not subscribed to migration events"}, Stream.MIGRATIONS),
    ],
)
def test_a_refusal_is_told_from_an_ack_by_its_words(frame: object, stream: Stream) -> None:
    refusal = parse(frame)
    assert isinstance(refusal, Refusal)
    assert refusal.stream is stream
    assert refusal.text


def test_the_recorded_session_gives_seven_migrations_and_no_quote_mint() -> None:
    frames = [parse(record["frame"]) for record in recorded("session_full.json")]
    migrations = [frame for frame in frames if isinstance(frame, Migration)]
    dropped = [frame.kind for frame in frames if isinstance(frame, Dropped)]
    assert len({migration.mint for migration in migrations}) == len(migrations) == 7
    assert not QUOTE_MINTS & {frame.mint for frame in frames if isinstance(frame, Migration | Creation)}
    assert dropped == ["quote_mint"] * 10
    assert sum(isinstance(frame, Creation) for frame in frames) == 188


def test_the_recorded_acks_and_the_refusal_are_told_apart() -> None:
    creations, migrations, refusal = (parse(frame) for frame in recorded("acks.json"))
    assert creations == Ack(Stream.CREATIONS)
    assert migrations == Ack(Stream.MIGRATIONS)
    assert isinstance(refusal, Refusal)
    assert refusal.stream is Stream.OTHER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
EVENTS = st.fixed_dictionaries(
    {"mint": st.just(MINT) | JSON},
    optional=dict.fromkeys(("symbol", "name", "signature", "pool", "message", "errors"), JSON)
    | {"txType": st.sampled_from(["migrate", "create"]) | JSON},
)


@given(EVENTS | JSON)
def test_any_json_is_read_without_raising_and_its_texts_are_storable(frame: object) -> None:
    heard = parse(frame)
    texts: list[str | None] = []
    if isinstance(heard, Migration):
        texts = [heard.mint, heard.signature, heard.pool]
    elif isinstance(heard, Creation):
        texts = [heard.mint, heard.symbol, heard.name]
    elif isinstance(heard, Refusal):
        texts = [heard.text]
    else:
        assert isinstance(heard, Ack | Dropped)
    for text in texts:
        assert text is None or (0 < len(text) <= 200 and "\x00" not in text and text.encode())


@given(st.text() | st.binary())
def test_any_bytes_are_read_without_raising(raw: str | bytes) -> None:
    assert isinstance(parse_frame(raw, NOW), Ack | Dropped | Refusal)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 1))
def test_every_pause_is_between_a_second_and_five_minutes(fruitless: int, refused: int, jitter: float) -> None:
    assert 1 <= pause_seconds(fruitless, refused, jitter) <= 300


def test_pauses_grow_while_sessions_stay_fruitless_and_refusals_wait_minutes() -> None:
    assert [pause_seconds(n, 0, 1) for n in range(5)] == [1, 1, 2, 4, 8]
    assert [pause_seconds(n, n, 1) for n in (1, 2, 3, 4)] == [60, 120, 240, 300]
    jitters = {pause_seconds(9, 0, random.Random(seed).random()) for seed in range(20)}
    assert len(jitters) == 20


def test_trouble_never_repeats_the_url_as_it_may_hold_a_key() -> None:
    wrong = InvalidURI("https://pumpportal.fun/data-api/real-time?api-key=s3cret", "scheme isn't ws or wss")
    trouble = diagnose(wrong, NOW)
    assert trouble.text == WRONG_ADDRESS
    assert "s3cret" not in diagnose(OSError("wss://x/?api-key=s3cret"), NOW).text
    refused = diagnose(OSError(111, "Connection refused"), NOW)
    assert refused.text == "PumpPortal could not be reached: Connection refused"
