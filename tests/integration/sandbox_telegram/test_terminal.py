"""The terminal chat: what is typed, what is printed, and how it bears its standard input."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
)

from deploy.sandbox.telegram import BotApi, User
from deploy.sandbox.terminal import chat, visible
from tests.integration.sandbox_telegram.driving import KEYBOARD, png

PROJECT = Path(__file__).parents[3]
# The job control of a shell, as little of it as is needed: a terminal of its own, a background job, then `fg`.
SHELL = """
import os, subprocess, sys
tty = os.open(os.ttyname(0), os.O_RDWR)
job = subprocess.Popen([sys.executable, "-c", os.environ["JOB"]], stdout=subprocess.PIPE, process_group=0)
print(job.stdout.readline().decode().strip(), flush=True)
os.tcsetpgrp(tty, job.pid)
print(job.communicate(timeout=10)[0].decode().strip(), flush=True)
"""
JOB = """
import asyncio, os
from deploy.sandbox.telegram import BotApi
from deploy.sandbox.terminal import chat
async def main():
    async with BotApi(token="123456:TEST") as api:
        ann = api.user(7, "Ann")
        with open(os.devnull, "w") as out:
            task = asyncio.create_task(chat(api, ann, out=out))
            await asyncio.sleep(0.2)  # time enough for a careless reader to be stopped
            print("ready", flush=True)
            update = await api.until(lambda: api.world.updates)
            print(update[0]["message"]["text"], flush=True)
            task.cancel()
            await asyncio.wait([task])
asyncio.run(main())
"""


class Screen(io.StringIO):
    """Remembers what was printed and lets one wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._printed = asyncio.Event()

    def write(self, text: str, /) -> int:
        self._printed.set()
        return super().write(text)

    async def shows(self, wanted: str) -> None:
        async with asyncio.timeout(5):
            while wanted not in self.getvalue():
                self._printed.clear()
                await self._printed.wait()


@asynccontextmanager
async def _terminal(api: BotApi, user: User, out: Screen, folder: Path | None = None) -> AsyncIterator[int]:
    """A running chat and the descriptor to write the user's lines to."""
    source, keyboard = os.pipe()
    task = asyncio.create_task(chat(api, user, source=source, out=out, folder=folder))
    try:
        yield keyboard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        os.close(source)
        with suppress(OSError):
            os.close(keyboard)


async def test_lines_typed_go_to_the_bot_and_answers_are_printed(
    api: BotApi, bot: Bot, ann: User, tmp_path: Path
) -> None:
    out = Screen()
    async with _terminal(api, ann, out, tmp_path) as keyboard:
        os.write(keyboard, "/top\nпри".encode())
        os.write(keyboard, "вет\n".encode())
        texts = await api.until(lambda: [u["message"]["text"] for u in api.world.updates][1:3] or None)
        texts = await api.until(lambda: t if len(t := [u["message"]["text"] for u in api.world.updates]) == 3 else None)
        photo = BufferedInputFile(png(), "chart.png")
        link = MessageEntity(type="text_link", offset=0, length=2, url="https://example.com")
        sent = await bot.send_photo(ann.id, photo, caption="up", caption_entities=[link], reply_markup=KEYBOARD)
        await out.shows("[#1 Refresh] [#2 Copy]")
    saved = tmp_path / f"{sent.message_id}.png"
    assert texts == ["/start", "/top", "привет"]
    assert saved.read_bytes() == png()
    assert out.getvalue().splitlines() == [
        "bot> up",
        "     up: https://example.com",
        f"     (picture: {saved})",
        "     [#1 Refresh] [#2 Copy]",
    ]


async def test_buttons_are_pressed_by_number(api: BotApi, bot: Bot, ann: User) -> None:
    out = Screen()
    async with _terminal(api, ann, out) as keyboard:
        os.write(keyboard, b"#1\n")
        await out.shows("No message has buttons.")
        await bot.send_message(ann.id, "Hello", reply_markup=KEYBOARD)
        os.write(keyboard, b"#1\n#2\n#3\n")
        await out.shows("Press #1 to #2.")
        await bot.answer_callback_query(api.world.updates[-1]["callback_query"]["id"], text="Done")
        await out.shows("(Done)")
    assert "Copied: 7YyMint" in out.getvalue()
    assert api.world.updates[-1]["callback_query"]["data"] == "refresh:1"


async def test_the_end_of_the_input_does_not_end_the_chat(api: BotApi, bot: Bot, ann: User) -> None:
    out = Screen()
    async with _terminal(api, ann, out) as keyboard:
        os.write(keyboard, b"last words")
        os.close(keyboard)
        await api.until(lambda: len(api.world.updates) == 2)
        await bot.send_message(ann.id, "still here")
        await out.shows("bot> still here")
    assert out.getvalue() == "bot> still here\n"


async def test_an_end_that_is_typed_at_a_terminal_is_answered_by_a_line(api: BotApi, bot: Bot, ann: User) -> None:
    out = Screen()
    keyboard, terminal = os.openpty()
    task = asyncio.create_task(chat(api, ann, source=terminal, out=out))
    os.write(keyboard, b"last words\n\x04")
    await out.shows("(end of input: messages are still shown; Ctrl-C ends the sandbox)\n")
    assert api.world.updates[-1]["message"]["text"] == "last words"
    await bot.send_message(ann.id, "still here")
    await out.shows("bot> still here")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    os.close(keyboard)
    os.close(terminal)


@pytest.fixture(params=[os.devnull, None])
def empty_stdin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ExitStack() as files:
        stdin = files.enter_context(Path(request.param).open()) if request.param else None
        monkeypatch.setattr(sys, "stdin", stdin)
        yield


@pytest.mark.usefixtures("empty_stdin")
async def test_an_empty_or_missing_input_is_no_trouble(api: BotApi, bot: Bot, ann: User) -> None:
    out = Screen()
    task = asyncio.create_task(chat(api, ann, out=out))
    await bot.send_message(ann.id, "hi")
    await out.shows("bot> hi")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert out.getvalue() == "bot> hi\n"


def test_a_background_job_is_not_stopped_and_reads_once_it_is_in_front() -> None:
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, b"hello\n")
        shell = subprocess.run(  # noqa: S603  our own interpreter and script
            [sys.executable, "-c", SHELL],
            env={"JOB": JOB},
            cwd=PROJECT,
            stdin=terminal,
            capture_output=True,
            start_new_session=True,
            timeout=30,
            check=False,
        )
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert (shell.returncode, shell.stdout.split(), shell.stderr) == (0, [b"ready", b"hello"], b"")


async def test_nothing_that_a_terminal_obeys_is_printed(api: BotApi, bot: Bot, ann: User) -> None:
    out = Screen()
    async with _terminal(api, ann, out):
        markup = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="\x1b]0;b\x07", callback_data="a")]])
        await bot.send_message(ann.id, "\x1b[2J\x9b1mred\r\b\u202egnp\nnext 👩\u200d🚀", reply_markup=markup)
        await out.shows("[#1")
    assert (
        out.getvalue()
        == "bot> \ufffd[2J\ufffd1mred\ufffd\ufffd\ufffdgnp\n     next 👩\u200d🚀\n     [#1 \ufffd]0;b\ufffd]\n"
    )
    assert visible("\u2028\udc80") == "\ufffd\ufffd"
