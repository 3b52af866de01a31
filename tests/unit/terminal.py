"""What the tests of logging share: a stderr to look at, and the way back to the logging of the test run."""

import logging
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from bot import logs


@contextmanager
def restored_logging() -> Iterator[None]:
    """Whatever is configured inside is gone afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    root.handlers.clear()
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.raiseExceptions = True
    logging.captureWarnings(capture=False)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


class Terminal:
    """Where stderr goes in these tests; may claim to be a terminal."""

    encoding = "utf-8"

    def __init__(self, *, tty: bool = False) -> None:
        self.text = ""
        self._tty = tty

    def write(self, text: str) -> int:
        text.encode()
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return self._tty


def logging_to(
    monkeypatch: pytest.MonkeyPatch, *, tty: bool = False, log_file: Path | None = None, secrets: Iterable[str] = ()
) -> Terminal:
    """Configure logging at DEBUG with a new terminal as stderr."""
    terminal = Terminal(tty=tty)
    monkeypatch.setattr(sys, "stderr", terminal)
    logs.configure("DEBUG", log_file, secrets)
    return terminal
