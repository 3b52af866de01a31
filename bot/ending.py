"""How a run ends: by a signal, when its time is up, or by errors; and with which exit code."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from engine.errors import ConfigError, DatabaseAway

log = structlog.get_logger()


@contextmanager
def stopping(program: asyncio.Task[Any], after_seconds: float | None) -> Iterator[None]:
    """SIGINT and SIGTERM cancel the program, also where a shell had them ignored; so does the end of its time."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, program.cancel)
    alarm = None if after_seconds is None else loop.call_later(after_seconds, program.cancel)
    try:
        yield
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)
        if alarm is not None:
            alarm.cancel()


def judge(group: BaseExceptionGroup[BaseException]) -> int:
    """The exit code when loops have ended with errors. Raises the ConfigError among them, or the group of bugs."""
    wrong, _ = group.split(ConfigError)
    away, bugs = group.split(DatabaseAway)
    if wrong is not None:
        raise _first(wrong)
    if away is None or bugs is not None:
        raise group
    return gave_up(_first(away))


def gave_up(error: BaseException) -> int:
    """The exit code when the database stayed away; the log says so."""
    log.error("program.gave_up", reason=str(error), advice="check DB_DSN and whether PostgreSQL runs")
    return 1


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
