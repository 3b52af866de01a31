"""Files of recorded runs: what `tothemoon record` has written, and plain sessions of PumpPortal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.recording import FORMAT, VERSION
from engine.fields import load_json

Record = dict[str, Any]
Session = list[Record]

STATUSES = range(200, 600)  # what a server can answer with
DEEPEST = 100  # what is nested deeper is no provider's, and may be too deep to be written again
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
        with self.path.open("rb") as lines:
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
        with Path(path).open("rb") as lines:
            header = _json(next(lines, b""))
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
    session = load_json(Path(path).read_bytes())
    if not isinstance(session, list) or not all(map(_is_told, session)):
        raise ValueError("it is not a list of objects with t_wall and frame")
    return session


def _is_told(item: Any) -> bool:
    told = isinstance(item["frame"], dict) and isinstance(item.get("text", ""), str)
    return told and not _is_deep(item["frame"]) and _is_time(item["t_wall"]) and item["t_wall"] >= 0


def _record(line: bytes) -> Record | None:
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
    known = all(isinstance(record.get(name), kind) for name, kind in kinds.items())
    return told and known and record["status"] in STATUSES


def _json(line: bytes) -> object:
    try:
        told = load_json(line)
    except ValueError:
        return None
    return None if line.count(b"[") + line.count(b"{") > DEEPEST and _is_deep(told) else told


def _is_deep(value: object, levels: int = DEEPEST) -> bool:
    """Whether it is nested more than so many levels deep."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deep(item, levels - 1) for item in held)
