"""The file of a recorded run: what stands in it, what never does, and what happens when it cannot be written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.masking import Mask
from bot.recording import MAX_FILE_BYTES, WAITING_LINES, Recording
from deploy.sandbox.clock import HandClock
from engine.errors import ConfigError
from engine.http import TEXT_CHARACTERS, Answer, parse_body

KEY, TOKEN, PASSWORD = "s3cret-key-0123456789", "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr", "hunter2&co"
SECRETS = (KEY, TOKEN, f"postgresql://moon:{PASSWORD}@db/moon")
BASE = "https://public-api.birdeye.so"
OVERVIEW = f"{BASE}/defi/token_overview"


def recording(folder: Path, clock: HandClock | None = None, max_bytes: int = MAX_FILE_BYTES) -> Recording:
    return Recording(folder / "run.jsonl", Mask(SECRETS), clock or HandClock(), max_bytes)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "run.jsonl").read_text(encoding="ascii").splitlines()]


def answer(raw: bytes = b'{"success":true,"data":{"price":1e-05}}', status: int = 200, **headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, told, parse_body(raw), raw.decode(errors="replace")[:TEXT_CHARACTERS])


def test_frames_and_answers_stand_in_order_with_their_seconds_behind_a_header(tmp_path: Path) -> None:
    clock = HandClock()
    with recording(tmp_path, clock) as made:
        clock.move(1.5)
        made.frame(b'{"txType":"migrate","mint":"M"}')
        clock.move(2)
        made.answers("birdeye", BASE)(
            OVERVIEW, {"address": "M"}, answer(x_credits_used="15", server="x", set_cookie="y")
        )
    header, frame, told = lines(tmp_path)
    assert header == {"format": "tothemoon-recording", "version": 1, "started_at": "2026-07-03T12:00:00+00:00"}
    assert frame == {"t": 1.5, "source": "pumpportal", "frame": {"txType": "migrate", "mint": "M"}}
    assert told == {
        "t": 3.5,
        "source": "birdeye",
        "method": "GET",
        "path": "/defi/token_overview",
        "query": {"address": "M"},
        "status": 200,
        "headers": {"x-credits-used": "15"},
        "body": {"success": True, "data": {"price": 1e-05}},
    }


def test_seconds_are_those_of_the_program_once_its_clock_is_there(tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        made.clock = HandClock(datetime(2026, 7, 5, 12, tzinfo=UTC))
        made.clock.move(60)
        made.frame(b"{}")
    header, frame = lines(tmp_path)
    told_at = datetime.fromisoformat(header["started_at"]) + timedelta(seconds=frame["t"])
    assert told_at == made.clock.now()


def test_what_is_no_json_stands_as_bounded_text(tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        made.frame(b"\xff" * 5_000)
        made.frame(b"[" * 100_000)
        made.answers("dexscreener", "")("/x", {}, answer(b"<html>" * 5_000, status=502))
    _, bytes_, nested, page = lines(tmp_path)
    assert bytes_["text"] == "\ufffd" * 1_000
    assert nested["text"] == "[" * 1_000
    assert (page["status"], page["text"][:12], len(page["text"])) == (502, "<html><html>", 1_000)
    assert not {"frame", "body"} & {*bytes_, *nested, *page}


def test_hostile_text_and_numbers_come_back_as_they_were(tmp_path: Path) -> None:
    frame = {"name": "\ud83d\x00\n\u2028", "initialBuy": 12345678901234567890, "deep": [[{}]], "solAmount": 1e-300}
    with recording(tmp_path) as made:
        made.frame(json.dumps(frame).encode())
    assert lines(tmp_path)[1]["frame"] == frame


def test_no_secret_is_kept_wherever_a_provider_repeats_it(tmp_path: Path) -> None:
    said = {
        "message": f"bad key {KEY}",
        KEY: [TOKEN, {"x": PASSWORD}],
        "url": "https://u:pw12@h/?api-key=abc",
        "n": 0.5,
    }
    with recording(tmp_path) as made:
        made.frame(json.dumps(said).encode())
        made.frame(f"no json, but {KEY} {TOKEN} {PASSWORD}".encode())
        hear = made.answers("birdeye", f"https://user:{KEY}@proxy/{KEY}")
        hear(f"https://user:{KEY}@proxy/{KEY}/defi/x", {"address": KEY, "api_key": "abc"}, answer(retry_after=KEY))
        hear("/x", {}, answer(json.dumps(said).encode(), status=401))
        hear("/x", {}, answer(f"<p>{TOKEN}".encode(), status=500))
    text = (tmp_path / "run.jsonl").read_text()
    for secret in (*SECRETS, PASSWORD, TOKEN.partition(":")[2], "pw12", "=abc", '"abc"'):
        assert secret not in text
    assert len(lines(tmp_path)) == 6
    assert lines(tmp_path)[1]["frame"]["n"] == 0.5
    assert (lines(tmp_path)[3]["path"], lines(tmp_path)[3]["query"]) == ("/defi/x", {"address": "***"})


@pytest.mark.parametrize("before", [0, 1_000 - len(TOKEN) // 2, 1_999, 2_000 - len(TOKEN) // 2])
@pytest.mark.parametrize("unit", ["-", TOKEN + " "])
def test_a_secret_on_the_cut_leaves_no_half_of_itself(tmp_path: Path, before: int, unit: str) -> None:
    raw = ((unit * before)[:before] + TOKEN * 100).encode()
    with recording(tmp_path) as made:
        made.frame(raw)
        made.answers("birdeye", BASE)(OVERVIEW, {}, answer(raw, status=500, retry_after="-" * 90 + TOKEN))
    _, frame, told = lines(tmp_path)
    for text in (frame["text"], told["text"]):
        assert set(text) <= {"-", "*", " "}
    assert told["headers"] == {}


def test_a_secret_of_digits_is_hidden_as_a_number_too(tmp_path: Path) -> None:
    with Recording(tmp_path / "run.jsonl", Mask(["40171717"]), HandClock()) as made:
        made.frame(b'{"n":40171717,"f":40171717.0,"list":[40171717],"other":4017171,"yes":true,"no":null}')
    frame = lines(tmp_path)[1]["frame"]
    assert frame == {"n": "***", "f": "***", "list": ["***"], "other": 4017171, "yes": True, "no": None}


def test_a_file_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text("precious")
    with pytest.raises(ConfigError, match="exists already"), recording(tmp_path):
        pass
    assert (tmp_path / "run.jsonl").read_text() == "precious"


def test_a_file_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be made"), recording(tmp_path / "nowhere"):
        pass


def test_a_file_without_room_for_its_first_line_is_told_in_a_sentence_and_not_left(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be made .+ has room for it$"), recording(tmp_path, max_bytes=10):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_heard_nothing_leaves_no_file(tmp_path: Path) -> None:
    with recording(tmp_path):
        assert (tmp_path / "run.jsonl").exists()
    assert not (tmp_path / "run.jsonl").exists()


def test_a_full_file_ends_the_recording_and_not_the_run(tmp_path: Path) -> None:
    with capture_logs() as logs, recording(tmp_path, max_bytes=300) as made:
        for number in range(50):
            made.frame(json.dumps({"number": number}).encode())
    assert (tmp_path / "run.jsonl").stat().st_size <= 300
    assert [line["frame"]["number"] for line in lines(tmp_path)[1:]] == list(range(len(lines(tmp_path)) - 1))
    assert [line["event"] for line in logs] == ["recording.ended", "recording.closed"]


def test_a_full_disk_ends_the_recording_and_not_the_run(tmp_path: Path) -> None:
    with capture_logs() as logs, recording(tmp_path) as made:
        assert made._file is not None
        made._file.close()
        made._file = Path("/dev/full").open("w", encoding="ascii")  # noqa: SIM115 - the recording closes it
        made.frame(b"{}")
        made._thread.join(10)
        made.frame(b"{}")
    assert [line["event"] for line in logs] == ["recording.ended", "recording.closed"]
    assert made.lines == 0


def test_lines_are_readable_by_others_at_once(tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        made.frame(b"{}")
        made._waiting.put(None)
        made._thread.join(10)
        assert len(lines(tmp_path)) == 2, "also while the run goes on"


def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    made = recording(tmp_path)
    for _ in range(WAITING_LINES + 7):
        made.frame(b"{}")
    assert made.lost == 7
