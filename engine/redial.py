"""Why a session with PumpPortal ended, and how long to wait before the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI

from engine.retry_after import retry_at

SHORTEST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
REFUSED_PAUSE_SECONDS = 60.0  # an address that dials on gets banned for an hour
REFUSING_STATUSES = frozenset({401, 403, 429})
WISHES = ("x-ratelimit-reset", "retry-after")
WRONG_ADDRESS = "PUMPPORTAL_WS_URL is a web page's address, not the socket's: use wss://pumpportal.fun/api/data"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a session ended, without secrets. `refused` asks for patience: dialling on would make it worse.

    `wait_seconds` is how long the server itself asks us to stay away.
    """

    text: str
    refused: bool = False
    wait_seconds: float = 0.0


class SessionOver(Exception):
    """We end the session ourselves, because of this trouble."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.text)
        self.trouble = trouble


def pause_seconds(fruitless: int, refused: int, jitter: float) -> float:
    """How long to wait before dialling again, from 1 s to 5 min; `jitter` is a random number from 0 to 1.

    `fruitless` counts sessions in a row that came to nothing, `refused` those that the server turned down.
    """
    pause = SHORTEST_PAUSE_SECONDS * 2.0 ** min(max(fruitless - 1, 0), 20)
    if refused:
        pause = max(pause, REFUSED_PAUSE_SECONDS * 2.0 ** min(refused - 1, 20))
    return max(SHORTEST_PAUSE_SECONDS, min(pause, LONGEST_PAUSE_SECONDS) * (0.75 + 0.25 * jitter))


def diagnose(error: Exception, now: datetime) -> Trouble:
    """Why a session ended. Never repeats the URL, which may hold a key."""
    if isinstance(error, SessionOver):
        return error.trouble
    if isinstance(error, InvalidStatus):
        return _diagnose_handshake(error.response.status_code, error.response.headers, now)
    if isinstance(error, InvalidURI):
        return Trouble(WRONG_ADDRESS, refused=True)
    if isinstance(error, ConnectionClosed):
        code = error.rcvd.code if error.rcvd is not None else None
        return Trouble(f"PumpPortal closed the connection (code {code})" if code else "the connection broke")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return Trouble(f"PumpPortal could not be reached: {reason}")


def _diagnose_handshake(status: int, headers: Headers, now: datetime) -> Trouble:
    wait_seconds = _asked_to_wait(headers, now)
    if status in REFUSING_STATUSES:
        text = f"PumpPortal refuses the connection (status {status}); waiting, as dialling on gets banned"
        return Trouble(text, refused=True, wait_seconds=wait_seconds)
    if status == 200 or (status < 500 and "html" in _header(headers, "content-type").lower()):
        return Trouble(WRONG_ADDRESS, refused=True)
    return Trouble(f"PumpPortal answered the handshake with status {status}", wait_seconds=wait_seconds)


def _asked_to_wait(headers: Headers, now: datetime) -> float:
    wishes = {name: _header(headers, name) for name in WISHES if name in headers}
    return (retry_at(wishes, now) - now).total_seconds() if wishes else 0.0


def _header(headers: Headers, name: str) -> str:
    """The first of this name: asking for one alone raises where a server tells several."""
    return next(iter(headers.get_all(name)), "")
