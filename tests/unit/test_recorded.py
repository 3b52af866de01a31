"""Which files the sandbox plays, and what it makes of broken ones."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from deploy.sandbox.recorded import Recorded, recorded

HEADER = {"format": "tothemoon-recording", "version": 1, "started_at": "2026-07-03T12:00:00+00:00"}
FRAME = {"t": 2.5, "source": "pumpportal", "frame": {"txType": "migrate"}}
ANSWER = {"t": 1.5, "source": "birdeye", "path": "/x", "query": {}, "status": 200, "headers": {}, "body": None}


def written(folder: Path, *lines: object) -> str:
    path = folder / "run.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return str(path)


def test_a_recorded_run_tells_its_start_its_first_frame_and_its_sources(tmp_path: Path) -> None:
    run = recorded(written(tmp_path, HEADER, ANSWER, FRAME))
    assert isinstance(run, Recorded)
    assert run.started_at.isoformat() == HEADER["started_at"]
    assert (run.first_frame_seconds, sorted(run.sources), run.answers) == (2.5, ["birdeye", "pumpportal"], True)
    assert list(run.records()) == [ANSWER, FRAME]


def test_lines_that_are_none_are_passed_over(tmp_path: Path) -> None:
    bad = [
        "",
        "no json",
        "[" * 100_000,
        [1],
        {"t": 1},
        {**FRAME, "t": "1"},
        {**FRAME, "t": float("nan")},
        {**FRAME, "source": "telegram"},
        {"t": 1, "source": "pumpportal", "text": 7},
        {**ANSWER, "headers": None},
        {**ANSWER, "path": 7},
        {name: value for name, value in ANSWER.items() if name != "body"},
        {**ANSWER, "status": 101},
        {**ANSWER, "status": 600},
        {**ANSWER, "status": -5},
        {**ANSWER, "body": json.loads("[" * 300 + "]" * 300)},
        {**FRAME, "frame": json.loads('{"x":' * 300 + "7" + "}" * 300)},
    ]
    run = recorded(written(tmp_path, HEADER, *bad, FRAME, json.dumps(FRAME)[:-9]))
    assert isinstance(run, Recorded)
    assert list(run.records()) == [FRAME]


def test_a_line_that_is_no_text_is_passed_over_too(tmp_path: Path) -> None:
    path = Path(written(tmp_path, HEADER, ANSWER, FRAME))
    path.write_bytes(path.read_bytes().replace(b'"/x"', b'"/\xff"'))
    run = recorded(str(path))
    assert isinstance(run, Recorded)
    assert list(run.records()) == [FRAME]


@pytest.mark.parametrize(
    ("sources", "missing"),
    [
        ([], {}),
        (["birdeye"], {"DEXSCREENER_ENABLED": "false"}),
        (["dexscreener"], {"BIRDEYE_API_KEY": ""}),
        (["birdeye", "dexscreener"], {}),
    ],
)
def test_the_program_does_without_those_who_tell_nothing(
    tmp_path: Path, sources: list[str], missing: dict[str, str]
) -> None:
    run = recorded(written(tmp_path, HEADER, FRAME, *({**ANSWER, "source": source} for source in sources)))
    assert isinstance(run, Recorded)
    assert run.missing() == missing


def test_a_plain_session_of_frames_is_played_too(tmp_path: Path) -> None:
    session = [{"t_wall": 1.5, "frame": {"txType": "migrate"}}]
    assert recorded(written(tmp_path, json.dumps(session, indent=1))) == session


@pytest.mark.parametrize(
    "lines",
    [
        [""],
        ["no json"],
        ["[1]"],
        [{"t_wall": 1}],
        [[{"t_wall": -1, "frame": {}}]],
        [[{"t_wall": 1, "frame": []}]],
        [[{"t_wall": 1, "frame": {}, "text": 5}]],
        [[{"t_wall": float("inf"), "frame": {}}]],
        [[{"t_wall": 10**400, "frame": {}}]],
        [[{"t_wall": 1, "frame": json.loads('{"x":' * 300 + "7" + "}" * 300)}]],
        ["[" * 100_000],
        [{"a": 1}, {"b": 2}],
        [{**HEADER, "version": 2}],
        [{"format": "tothemoon-recording", "version": 1}],
        [{**HEADER, "started_at": "2026-07-03T12:00:00"}],
    ],
    ids=lambda lines: repr(lines)[:40],
)
def test_any_other_file_is_refused_in_a_sentence(tmp_path: Path, lines: list[object]) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"run\.jsonl is not a recording"):
        recorded(written(tmp_path, *lines))


def test_a_file_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a recording"):
        recorded(str(tmp_path / "nowhere"))
