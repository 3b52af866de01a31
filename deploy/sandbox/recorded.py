"""Files of recorded runs: what `tothemoon record` has written, and plain sessions of PumpPortal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.recording import FORMAT, VERSION

Record = dict[str, Any]
Session = list[Record]

LONGEST_SECONDS = 3e9  # Unix time until 2065, and a fast clock's until 2100


@dataclass(frozen=True, slots=True)
class Recorded:
    """A file of `tothemoon record`: when it began, when its first frame came, and who tells something in it."""

    path: Path
    started_at: datetime
    first_frame_seconds: float
    sources: frozenset[str]

    @property
    def answers(self) -> bool:
        """Whether a provider of figures is in it; without one, figures have to be invented."""
        return bool(self.sources - {"pumpportal"})

    def records(self) -> Iterator[Record]:
        """What it tells, in order. Lines that are none, such as one that a crash cut off, are passed over."""
        with self.path.open(encoding="utf-8") as lines:
            for line in lines:
                if (record := _record(line)) is not None:
                    yield record

    def missing(self) -> dict[str, str]:
        """The environment of a program that does without those who tell nothing in it."""
        absent = {"birdeye": ("BIRDEYE_API_KEY", ""), "dexscreener": ("DEXSCREENER_ENABLED", "false")}
        return {} if not self.answers else dict(absent[source] for source in absent.keys() - self.sources)


def recorded(path: str) -> Recorded | Session:
    """The run or session in this file; a session is a list of {"t_wall", "frame"}.

    Raises argparse's error for anything else.
    """
    try:
        with Path(path).open(encoding="utf-8") as lines:
            header = _json(next(lines, ""))
        if isinstance(header, dict) and header.get("format") == FORMAT:
            return _run(Path(path), header)
        return _session(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise argparse.ArgumentTypeError(f"{path} is not a recording ({error})") from None


def _run(path: Path, header: Record) -> Recorded:
    if header.get("version") != VERSION:
        raise ValueError(f"its version is {header.get('version')}, and this sandbox reads {VERSION}")
    started_at = datetime.fromisoformat(header["started_at"])
    if started_at.tzinfo is None:
        raise ValueError("its started_at has no time zone")
    first_frame, sources = None, set()
    for record in Recorded(path, started_at, 0.0, frozenset()).records():
        sources.add(record["source"])
        if first_frame is None and record["source"] == "pumpportal":
            first_frame = record["t"]
    return Recorded(path, started_at, first_frame or 0.0, frozenset(sources))


def _session(path: str) -> Session:
    session = json.loads(Path(path).read_text(encoding="utf-8"))
    if not all(isinstance(item["frame"], dict) and item["t_wall"] >= 0 for item in session):
        raise ValueError("it is not a list of objects with t_wall and frame")
    return list(session)


def _record(line: str) -> Record | None:
    record = _json(line)
    if not isinstance(record, dict) or not _is_time(record.get("t")):
        return None
    if record.get("source") == "pumpportal":
        return record if "frame" in record or isinstance(record.get("text"), str) else None
    return record if record.get("source") in ("birdeye", "dexscreener") and _is_answer(record) else None


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and -LONGEST_SECONDS < value < LONGEST_SECONDS


def _is_answer(record: Record) -> bool:
    kinds = {"path": str, "query": dict, "status": int, "headers": dict}
    told = "body" in record or isinstance(record.get("text"), str)
    return told and all(isinstance(record.get(name), kind) for name, kind in kinds.items())


def _json(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
