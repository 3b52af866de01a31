"""Plays a recorded run in the world's time: its frames, and at any moment the latest answer that had been recorded.

An answer's times are moved by as much as lies between the recorded moment and the one at which it is played: at speed 1
the same for all of them, the difference of both starts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.recording import KEPT_HEADERS
from deploy.sandbox.faults import json_answer
from deploy.sandbox.recorded import Record, Recorded
from deploy.sandbox.shifting import shifted, shifted_headers
from engine.pairs import listed, mints_of
from engine.ports import Clock

HEADER = re.compile(r"[ -~]{1,100}")


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as it goes over the wire; `raw` replaces the JSON `body`."""

    status: int
    headers: Mapping[str, str]
    body: Any = None
    raw: str | None = None

    def answer(self) -> web.Response:
        """For aiohttp."""
        if self.raw is None:
            return json_answer(self.body, self.status, self.headers)
        body = self.raw.encode(errors="replace")
        return web.Response(status=self.status, body=body, content_type="text/html", headers=self.headers)


class Playback:
    """A recording that runs from the moment its first frame is asked for; until then it stands at that frame.

    `speed` is how many recorded seconds pass in one second of the clock.
    """

    def __init__(self, recorded: Recorded, clock: Clock, speed: float = 1.0) -> None:
        self._recorded = recorded
        self._clock = clock
        self._speed = speed
        self._began_at: datetime | None = None
        self._coming = (record for record in recorded.records() if record["source"] != "pumpportal")
        self._next = next(self._coming, None)
        self._birdeye: dict[tuple[str, str], Record] = {}
        self._pairs: dict[str, tuple[float, list[Any]]] = {}
        self._outage: Record | None = None

    def frames(self) -> Iterator[Record]:
        """The frames as {"t_wall", "frame" or "text"}, `t_wall` in seconds of the recording. Starts the playback."""
        self._began_at = self._clock.now()
        for record in self._recorded.records():
            if record["source"] == "pumpportal":
                yield {"t_wall": record["t"], **record}

    def birdeye(self, path: str, mint: str) -> Told | None:
        """What Birdeye had answered to this call by now; None when it had not been asked."""
        self._wind()
        record = self._birdeye.get((path, mint))
        return None if record is None else self._told(record)

    def outage(self) -> Told | None:
        """How DexScreener fails: as its latest answer by now to anybody did, unless that was a good one."""
        self._wind()
        return None if self._outage is None else self._told(self._outage)

    def pairs(self, mints: Sequence[str]) -> tuple[list[Any], list[str]]:
        """What DexScreener had told of these mints by now, each pair once; and the mints nobody had asked it about."""
        self._wind()
        found: dict[str, Any] = {}
        for mint in mints:
            t, pairs = self._pairs.get(mint, (0.0, []))
            found |= {json.dumps(pair): shifted(pair, self._shift(t)) for pair in pairs}
        return list(found.values()), [mint for mint in mints if mint not in self._pairs]

    def _wind(self) -> None:
        """Take in what had been answered up to this moment."""
        position = self._recorded.first_frame_seconds
        if self._began_at is not None:
            position += (self._clock.now() - self._began_at).total_seconds() * self._speed
        while self._next is not None and self._next["t"] <= position:
            self._take(self._next)
            self._next = next(self._coming, None)

    def _take(self, record: Record) -> None:
        if record["source"] == "birdeye":
            self._birdeye[record["path"], str(record["query"].get("address", ""))] = record
            return
        pairs = [] if record["status"] == 404 else listed(record.get("body"))
        if pairs is None or record["status"] not in (200, 404):
            self._outage = record
            return
        self._outage = None
        for mint in record["path"].rpartition("/")[2].split(","):
            self._pairs[mint] = (record["t"], [pair for pair in pairs if mint in mints_of(pair)])

    def _told(self, record: Record) -> Told:
        shift = self._shift(record["t"])
        headers = shifted_headers(_kept(record["headers"]), shift)
        return Told(record["status"], headers, shifted(record.get("body"), shift), record.get("text"))

    def _shift(self, t: float) -> float:
        """Seconds from the moment `t` of the recording to the moment at which it is played."""
        since_first = timedelta(seconds=(t - self._recorded.first_frame_seconds) / self._speed)
        played_at = (self._began_at or self._clock.now()) + since_first
        return (played_at - self._recorded.started_at).total_seconds() - t


def _kept(headers: Mapping[str, Any]) -> dict[str, str]:
    """Those that a recording keeps: any other may contradict what the server says by itself."""
    told = {name: str(headers[name]) for name in KEPT_HEADERS if name in headers}
    return {name: value for name, value in told.items() if HEADER.fullmatch(value)}
