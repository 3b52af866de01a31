"""Sets up logging: structlog and the standard library in one stream, every rendered line masked. Decides no events."""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.masking import Mask

_FILE_BYTES = 10_000_000
_FILES_KEPT = 5
_FIRST_KEYS = ("ts", "level", "msg", "module", "token", "request_id")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_QUIET = {
    "aiohttp.access": logging.CRITICAL,
    "aiogram.event": logging.WARNING,
    "alembic": logging.WARNING,
    "matplotlib": logging.INFO,
    "PIL": logging.INFO,
}
# The same list object for every call: structlog's capture_logs edits it in place.
_BEFORE_RENDERING: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.filter_by_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]
_FOREIGN = [p for p in _BEFORE_RENDERING[:-1] if p is not structlog.stdlib.filter_by_level]

log = structlog.get_logger(__name__)


def configure(level: str, log_file: Path | None, secrets: Iterable[str]) -> None:
    """Log to stderr, and to `log_file` if given, from now on. Replaces an earlier configuration.

    stderr gets readable lines on a terminal and JSON lines elsewhere; the file gets JSON and is rotated by size.
    """
    mask = Mask(secrets)
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(_MaskedFormatter(_render_text if sys.stderr.isatty() else _render_json, mask))
    handlers: list[logging.Handler] = [to_stderr]
    if log_file is not None:
        handlers.append(_file_handler(log_file, mask))
    logging.basicConfig(level=level, handlers=handlers, force=True)
    # Otherwise a line that cannot be written is reported on stderr with its arguments, past the mask.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    for name, quiet_level in _QUIET.items():
        logging.getLogger(name).setLevel(quiet_level)
    structlog.configure(
        processors=_BEFORE_RENDERING,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    _install_hooks()


def _file_handler(log_file: Path, mask: Mask) -> logging.Handler:
    handler = RotatingFileHandler(
        log_file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(_MaskedFormatter(_render_json, mask))
    return handler


def _install_hooks() -> None:
    """Exceptions that nobody caught take the same way through the mask. (asyncio's are logged as it is.)"""
    sys.excepthook = lambda kind, error, trace: _log_crash("program.crashed", kind, error, trace)
    threading.excepthook = lambda args: _log_crash("thread.crashed", *args[:3])
    sys.unraisablehook = lambda args: _log_crash("exception.ignored", args.exc_type, args.exc_value, args.exc_traceback)


def _log_crash(event: str, kind: Any, error: Any, trace: Any) -> None:
    log.critical(event, error=kind.__name__, exc_info=(kind, error or kind(), trace))


class _MaskedFormatter(structlog.stdlib.ProcessorFormatter):
    """Renders any record as one masked line; whatever cannot be rendered is shown as far as it can be."""

    def __init__(self, render: Callable[[EventDict], str], mask: Mask) -> None:
        def last(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
            return mask(render(_arrange(event)))

        keep = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        super().__init__(processors=[structlog.processors.format_exc_info, keep, last], foreign_pre_chain=_FOREIGN)
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line. Never raises."""
        try:
            return super().format(record)
        except Exception as error:  # noqa: BLE001 - a log call must never stop the work it tells of
            fault = {"msg": _show(record.msg), "module": record.name, "log_fault": type(error).__name__}
            return self._mask(json.dumps({"level": record.levelname.lower(), **fault}))


def _arrange(event: EventDict) -> EventDict:
    """Our names for the keys, the common ones first."""
    named = {**event, "msg": event.get("event", ""), "module": event.get("logger")}
    first = {key: named[key] for key in _FIRST_KEYS if key in named}
    return first | {key: value for key, value in named.items() if key not in (*_FIRST_KEYS, "event", "logger")}


def _render_json(event: EventDict) -> str:
    try:
        return json.dumps(event, default=_show, allow_nan=False)
    except (TypeError, ValueError, RecursionError):  # not a number, a key that is no text, a value inside itself
        return json.dumps({key: value if isinstance(value, str) else _show(value) for key, value in event.items()})


def _render_text(event: EventDict) -> str:
    """`ts level msg key=value …`, then the traceback on lines of its own; no control characters reach the terminal."""
    fields = dict(event)
    trace = fields.pop("exception", None)
    head = [str(fields.pop(key, "")) for key in ("ts", "level", "msg")]
    line = " ".join([*head, *(f"{key}={_show(value)}" for key, value in fields.items())])
    text = line if trace is None else f"{line}\n{trace}"
    return _CONTROL.sub(lambda control: repr(control[0])[1:-1], text)


def _show(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a broken repr must not lose the line
        return f"<{type(value).__name__} that cannot be shown>"
