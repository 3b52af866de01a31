"""A page as a PNG, by headless Chromium. It loads nothing: no address resolves, and the page itself forbids it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "no Chromium found: apt install chromium fonts-noto-color-emoji fonts-dejavu"
WINDOW = (800, 4000)
SCALE = 2
COLOURS = 256
PATIENCE_SECONDS = 60


class NoPicture(Exception):
    """There is no browser, or it made no picture; the sentence says what to do."""


def browser() -> str:
    """Where Chromium is. Raises NoPicture."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise NoPicture(ADVICE)
    return found


def photograph(page: str, chromium: str) -> bytes:
    """The page as a PNG of twice its size, cropped to what is not transparent. Raises NoPicture."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-pictures-") as name:
        folder = Path(name)
        (folder / "page.html").write_text(page, encoding="utf-8")
        _run([chromium, *_words(folder)], folder)
        return _cropped((folder / "page.png").read_bytes())


def usual() -> list[str]:
    """What any headless Chromium of ours is told; a sandbox cannot be had by root, who is met in containers."""
    return [
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]


def _words(folder: Path) -> list[str]:
    return [
        *usual(),
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'profile'}",
        f"--force-device-scale-factor={SCALE}",
        f"--window-size={WINDOW[0]},{WINDOW[1]}",
        "--default-background-color=00000000",
        f"--screenshot={folder / 'page.png'}",
        (folder / "page.html").as_uri(),
    ]


def _run(words: list[str], folder: Path) -> None:
    try:
        ended = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)  # noqa: S603 - words of this file
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPicture(f"{words[0]} did not run: {error}") from error
    if ended.returncode or not (folder / "page.png").exists():
        raise NoPicture(f"{words[0]} ended with code {ended.returncode} and no picture: {ended.stderr[-500:]}")


def _cropped(png: bytes) -> bytes:
    """What was drawn, in few colours. Raises NoPicture when the page was empty or longer than the window."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        box = picture.convert("RGBA").getchannel("A").getbbox()
        if box is None or box[3] == picture.height:
            raise NoPicture("the page is empty, or longer than the browser's window")
        drawn = picture.convert("RGB").crop(box)
    target = io.BytesIO()
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
    return target.getvalue()
