"""What the providers say during a run, as lines of a file that the sandbox can replay. Secrets are kept out of it.

The first line is {"format", "version", "started_at"}. Then one line each, `t` being seconds since that start: a frame
as {"t", "source": "pumpportal", "frame"}; an answer as {"t", "source": "birdeye" or "dexscreener", "method", "path",
"query", "status", "headers", "body"}. What is no JSON stands under "text" instead of "frame" or "body".
"""

from __future__ import annotations

import json
import queue
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import structlog

from bot.masking import HIDDEN, Mask
from engine.errors import ConfigError
from engine.fields import load_json
from engine.http import TEXT_CHARACTERS, Answer, Overhear
from engine.ports import Clock

FORMAT, VERSION = "tothemoon-recording", 1
MAX_FILE_BYTES = 1_000_000_000
WAITING_LINES = 1_000
LAST_LINES_SECONDS = 2.0
KEPT_CHARACTERS = 1_000
SECRET_CHARACTERS = TEXT_CHARACTERS - KEPT_CHARACTERS  # room for the longest secret in its longest spelling
KEPT_HEADERS = (
    "x-credits-used",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
)
_HEADER_LENGTHS = range(1, 101)  # a longer one is none of these, and half of it could be half a secret
_SECRET_NAME = re.compile("key|token|secret|password|auth|sign", re.IGNORECASE)

log = structlog.get_logger()

Line = dict[str, Any]


class Recording:
    """A context manager around a run. Lines are written by a thread of its own, each one at once.

    What it cannot write (a full disk, `max_bytes` reached) ends the recording and not the run; the log says so. Without
    a single line no file is kept. Raises ConfigError when entered, if `path` exists or cannot be made. The program's
    `clock` may take the place of the given one before the first line: a fast one exists only behind its database.
    """

    def __init__(self, path: Path, mask: Mask, clock: Clock, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._path = path
        self._mask = mask
        self.clock = clock
        self._started_at = clock.now()
        self._room_bytes = max_bytes
        self._waiting: queue.Queue[Line | None] = queue.Queue(WAITING_LINES)
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._file: IO[str] | None = None
        self._over = False
        self.lines = 0
        self.lost = 0

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("x", encoding="ascii")
        except FileExistsError:
            raise ConfigError(f"{self._path} exists already; name a new file, such as evening.jsonl") from None
        except (OSError, ValueError) as error:
            raise ConfigError(_unmade(self._path, error)) from None
        try:
            self._started_at = self.clock.now()
            self._write({"format": FORMAT, "version": VERSION, "started_at": self._started_at.isoformat()})
        except OSError as error:
            self._close()
            self._path.unlink(missing_ok=True)
            raise ConfigError(_unmade(self._path, error)) from None
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put(None)
        self._thread.join(LAST_LINES_SECONDS)
        self._over = True
        if self._thread.is_alive():
            self.lost += self._waiting.qsize()
        elif not self.lines:
            self._path.unlink(missing_ok=True)
        log.info("recording.closed", file=str(self._path), lines=self.lines, lost=self.lost)

    def frame(self, raw: bytes) -> None:
        """A frame of PumpPortal has come. Never raises."""
        try:
            what = {"frame": load_json(raw)}
        except ValueError:
            what = {"text": raw[: 4 * TEXT_CHARACTERS].decode(errors="replace")[:TEXT_CHARACTERS]}
        self._note({"source": "pumpportal", **what})

    def answers(self, source: str, base_url: str) -> Overhear:
        """What hears the answers of the provider at this address. It never raises."""

        def overhear(url: str, params: Mapping[str, str], answer: Answer) -> None:
            request = {"method": "GET", "path": url.removeprefix(base_url), "query": _harmless(params)}
            self._note({"source": source, **request, **_told(answer)})

        return overhear

    def _note(self, line: Line) -> None:
        if not self._over:
            self._put({"t": round((self.clock.now() - self._started_at).total_seconds(), 3), **line})

    def _put(self, line: Line | None) -> None:
        """A disk that hangs must not hold the run up: what finds no room is lost, and counted."""
        try:
            self._waiting.put_nowait(line)
        except queue.Full:
            self.lost += 1

    def _run(self) -> None:
        while (line := self._waiting.get()) is not None:
            try:
                self._write(line)
                self.lines += 1
            except RecursionError:  # it could just be read, but not be written again
                self.lost += 1
            except OSError as error:
                self._over = True
                log.warning("recording.ended", file=str(self._path), reason=error.strerror or str(error))
                break
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # what a full disk did not take is tried again here
                self._file.close()

    def _write(self, line: Line) -> None:
        """Raises OSError, also when the file would grow too large."""
        text = self._text(line)
        self._room_bytes -= len(text)
        if self._file is None or self._room_bytes < 0:
            raise OSError("the file is as large as it may become")
        self._file.write(text)
        self._file.flush()

    def _text(self, line: Line) -> str:
        """Values are masked only where there is something to hide: that is slow, and spares the numbers."""
        if "text" in line:
            line = {**line, "text": _cut(line["text"], self._mask)}
        text = json.dumps(line, separators=(",", ":"))
        if self._mask(text) != text:
            text = json.dumps(_masked(line, self._mask), separators=(",", ":"))
        return text + "\n"


def _unmade(path: Path, error: OSError | ValueError) -> str:
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return f"{path} cannot be made ({reason}); name a file in a folder of yours that has room for it"


def _told(answer: Answer) -> Line:
    """What is kept of an answer."""
    headers = {name: told for name in KEPT_HEADERS if len(told := answer.headers.get(name, "")) in _HEADER_LENGTHS}
    what = {"text": answer.text} if answer.body is None else {"body": answer.body}
    return {"status": answer.status, "headers": headers, **what}


def _cut(text: str, mask: Mask) -> str:
    """Masked before it is cut: half a secret is none to the mask. The end may hold such a half already."""
    whole = len(text) < TEXT_CHARACTERS
    return (mask(text) if whole else mask(text)[:-SECRET_CHARACTERS])[:KEPT_CHARACTERS]


def _harmless(params: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in params.items() if not _SECRET_NAME.search(name)}


def _masked(value: Any, mask: Mask) -> Any:
    """The same with every text masked, also those that are names, and every number that is a secret."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, int | float):
        return value if mask(told := json.dumps(value)) == told else HIDDEN
    if isinstance(value, dict):
        return {_masked(name, mask): _masked(held, mask) for name, held in value.items()}
    return [_masked(held, mask) for held in value] if isinstance(value, list) else value
