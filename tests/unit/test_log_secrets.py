"""No way of logging shows a secret."""

import asyncio
import gc
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import structlog

from tests.unit.terminal import logging_to, restored_logging

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
OTHER_TOKEN = "987654321:ZZyyXXwwVVuuTTssRRqqPPooNNmmLLkkJJi"
KEY = "key+/with spéciäl\"signs'\\and=more"
PASSWORD = "p@ss/wörd"
DSN = f"postgresql://moon:{quote(PASSWORD, safe='')}@db.example:5432/moon"
SECRETS = (TOKEN, KEY, DSN)
FORBIDDEN = (
    TOKEN,
    OTHER_TOKEN,
    quote(TOKEN, safe=""),
    "spéciäl",
    "ciäl",
    "and=more",
    "and%3Dmore",
    "@ss",
    "40ss",
    "rd@",
)


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    with restored_logging():
        yield


def raise_chained(secret: str) -> None:
    try:
        raise ValueError(f"inner {secret}")  # noqa: TRY301 - the chain is what is tested
    except ValueError as inner:
        raise RuntimeError(f"outer\nhttps://api.telegram.org/bot{secret}/getMe") from inner


def log_exceptions(secret: str) -> None:
    log = structlog.get_logger("tests")
    try:
        raise_chained(secret)
    except RuntimeError as error:
        log.exception("thing.failed", error=str(error))
        log.warning("thing.failed", error=error, exc_info=error)
        logging.getLogger("aiogram").exception("failed with %s", secret)
        logging.getLogger("aiogram").exception("grouped", exc_info=ExceptionGroup(f"group {secret}", [error]))


def log_crashes(secret: str) -> None:
    try:
        raise_chained(secret)
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)

    thread = threading.Thread(target=raise_chained, args=(secret,), name="worker")
    thread.start()
    thread.join()


class Unraisable:
    """Fails where nobody can catch it."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __del__(self) -> None:
        raise_chained(self.secret)


def log_unraisable(secret: str) -> None:
    Unraisable(secret)
    gc.collect()


def log_forgotten_task(secret: str) -> None:
    async def forget() -> None:
        async def crash() -> None:
            raise_chained(secret)

        task = asyncio.create_task(crash(), name=secret)
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(forget())


def log_values(secret: str) -> None:
    log = structlog.get_logger("tests")
    log.info("thing.seen", value=secret, nested={"list": [secret, {"deep": (secret,)}], secret: 1}, key=secret.encode())
    log.info(f"thing.seen {secret}")
    log.bind(bound=secret).info("thing.seen", url=f"https://h/bot{secret}/x", quoted=quote(secret, safe=""))
    log.info("thing.seen", form=quote_plus(secret), lines=f"one\n{secret}\r\ntwo")
    structlog.contextvars.bind_contextvars(request_id=secret)
    log.info("thing.seen")


def log_stdlib(secret: str) -> None:
    other = logging.getLogger("aiohttp.client")
    other.info("plain %s and %r", secret, {"repr": secret})
    other.info("%(key)s", {"key": secret})
    other.info(secret)
    other.info("wrong arguments %d", secret)
    logging.info("on the root %s", secret)
    other.warning("with the stack", stack_info=True)


def log_warnings(secret: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"unclosed {secret}", ResourceWarning, stacklevel=1)


WAYS = [log_values, log_stdlib, log_exceptions, log_crashes, log_unraisable, log_forgotten_task, log_warnings]


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("secret", [TOKEN, OTHER_TOKEN, KEY, DSN, PASSWORD])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_logging_shows_a_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: Callable[[str], None], secret: str, tty: bool
) -> None:
    terminal = logging_to(monkeypatch, tty=tty, log_file=tmp_path / "moon.log", secrets=SECRETS)

    way(secret)

    for text in (terminal.text, (tmp_path / "moon.log").read_text(encoding="utf-8")):
        assert "***" in text
        readable = text.encode().decode("unicode_escape", errors="replace")
        assert not [part for part in FORBIDDEN if part in text or part in readable]
