"""A chat with the bot in the terminal: lines go to the bot, its messages, buttons and pictures come back.

The terminal is never set to another mode and never written to raw: what the bot says may be hostile.
"""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from deploy.sandbox.telegram import BotApi, SentMessage, Toast, User
from deploy.sandbox.telegram.values import Json

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
NEEDED = frozenset("\n\u200d")  # line breaks, and the joiner inside emoji
LONGEST_LINE_CHARACTERS = 4096
BACKGROUND_PAUSE_SECONDS = 0.5
END_OF_INPUT = "(end of input: messages are still shown; Ctrl-C ends the sandbox)"


async def chat(
    api: BotApi, user: User, *, source: int | None = None, out: TextIO = sys.stdout, folder: Path | None = None
) -> None:
    """Plays the user until cancelled. `source` is a file descriptor, by default standard input.

    `#2` presses the second button of the latest message that has some. Pictures are saved in `folder`.
    The end of the input ends nothing: messages are still shown, which is said where somebody typed it.
    """
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    version = max((event.version for event in api.world.since(0)), default=0)
    with _Reader(_standard_input() if source is None else source, lines):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_listen(api, user, lines, out))
            tasks.create_task(_show(api, user, version, out, folder))


async def _listen(api: BotApi, user: User, lines: asyncio.Queue[str | None], out: TextIO) -> None:
    while (typed := await lines.get()) is not None:
        line = typed.strip()[:LONGEST_LINE_CHARACTERS]
        if line.startswith("#"):
            _write(out, _press(api, user, line[1:]))
        elif line:
            api.say(user, line)
    _write(out, END_OF_INPUT)


def _press(api: BotApi, user: User, number: str) -> str:
    """Presses a button by its number; gives what to tell the user, mostly nothing."""
    message = next((m for m in reversed(api.messages(user.id)) if m.buttons), None)
    if message is None:
        return "No message has buttons."
    if not number.isdecimal() or not 1 <= int(number) <= len(message.buttons):
        return f"Press #1 to #{len(message.buttons)}."
    button = message.buttons[int(number) - 1]
    if "callback_data" not in button:
        return _target(button)
    api.tap(user, message, button["callback_data"])
    return ""


def _target(button: Json) -> str:
    """What a button does that the bot never hears of."""
    if "copy_text" in button:
        return f"Copied: {button['copy_text']['text']}"
    return f"Opens: {button['url']}" if "url" in button else "This button does nothing in a terminal."


async def _show(api: BotApi, user: User, version: int, out: TextIO, folder: Path | None) -> None:
    while True:
        for event in api.world.since(version):
            version = event.version
            if isinstance(event, Toast) and event.user_id == user.id:
                _write(out, f"({event.text})")
            if isinstance(event, SentMessage) and event.chat_id == user.id:
                _write(out, _readable(event, folder))
        await api.world.change()


def _readable(message: SentMessage, folder: Path | None) -> str:
    name = "bot, changed" if message.edited else "bot"
    body = message.text or message.caption or ""
    lines = [f"{name}> " + body.replace("\n", "\n     "), *_links(message, body)]
    if message.file:
        lines.append("     " + _save(message, folder))
    if message.buttons:
        numbered = [f"[#{number} {button['text']}]" for number, button in enumerate(message.buttons, start=1)]
        lines.append("     " + " ".join(numbered))
    return "\n".join(lines)


def _links(message: SentMessage, body: str) -> list[str]:
    """The addresses behind words, which a terminal cannot show otherwise."""
    encoded = body.encode("utf-16-le")
    links = []
    for entity in message.entities:
        if entity["type"] == "text_link":
            word = encoded[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
            links.append(f"     {word}: {entity['url']}")
    return links


def _save(message: SentMessage, folder: Path | None) -> str:
    if message.file is None or folder is None:
        return "(a picture)"
    path = folder / f"{message.message_id}{Path(message.file.path).suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(message.file.content)
    except OSError as error:
        return f"(a picture that could not be saved as {path}: {error.strerror})"
    return f"(picture: {path})"


def _write(out: TextIO, text: str) -> None:
    if not text:
        return
    encoding = out.encoding or "utf-8"
    with suppress(BrokenPipeError):
        print(visible(text).encode(encoding, "replace").decode(encoding), file=out, flush=True)


def visible(text: str) -> str:
    """The text without anything that a terminal obeys or hides; each such character shows as �."""
    return "".join(c if c in NEEDED or unicodedata.category(c) not in HIDDEN else "\ufffd" for c in text)


def _standard_input() -> int | None:
    with suppress(OSError, ValueError, AttributeError):  # closed, or replaced by something without a descriptor
        return sys.stdin.fileno()
    return None


class _Reader:
    """Reads lines in a thread: unlike the loop it can wait on a file, /dev/null or a terminal, left in its mode.

    None in `lines` is the end that was typed at a terminal; files and pipes end without a word.

    Two traps: a blocked readline of `sys.stdin` would hang the interpreter's exit, so the descriptor itself is
    read; and a background job that reads its terminal is stopped by SIGTTIN, so it waits until it is in front.
    """

    def __init__(self, source: int | None, lines: asyncio.Queue[str | None]) -> None:
        self._source = source
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._woken, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        os.close(self._wake)
        self._thread.join()
        os.close(self._woken)

    def _run(self) -> None:
        if self._source is None:
            return
        rest = b""
        with suppress(OSError, ValueError):  # the source was closed: as good as its end
            while chunk := self._next_chunk(self._source):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._hand_over(line)
                rest = rest[-LONGEST_LINE_CHARACTERS:]
        self._hand_over(rest)
        if os.isatty(self._source):  # no more once it has hung up: nobody is left to be told
            self._loop.call_soon_threadsafe(self._lines.put_nowait, None)

    def _next_chunk(self, source: int) -> bytes:
        """The next bytes; empty at the end of the input or when the chat is over."""
        while True:
            in_front = _in_front(source)
            wait_for = [self._woken, source] if in_front else [self._woken]
            ready, _, _ = select.select(wait_for, [], [], BACKGROUND_PAUSE_SECONDS)
            if self._woken in ready:
                return b""
            if source in ready and _in_front(source):
                return os.read(source, 65536)

    def _hand_over(self, line: bytes) -> None:
        if line:
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line.decode("utf-8", "replace"))


def _in_front(source: int) -> bool:
    """Whether reading the source cannot stop this process: it is no terminal of ours, or we are in its foreground."""
    try:
        return os.tcgetpgrp(source) == os.getpgrp()
    except OSError:
        return True
