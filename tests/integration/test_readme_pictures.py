"""The README's pictures: what the bot really says about a pretend hour, and a browser that photographs it."""

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from deploy.sandbox.pictures.__main__ import FOLDER, main
from deploy.sandbox.pictures.camera import ADVICE, SCALE, NoPicture, browser, photograph
from deploy.sandbox.pictures.cast import HOT
from deploy.sandbox.pictures.page import html
from deploy.sandbox.pictures.shots import shots
from deploy.sandbox.telegram import SentMessage, User
from storage.database import Database

README = FOLDER.parents[1] / "README.md"
LARGEST_BYTES = 150_000
WIDTH_PX = 400


async def test_the_bot_answers_what_the_pictures_show(database: Database) -> None:
    taken = await shots(database)
    pages = {name: html(*messages) for name, messages in taken.items()}
    assert pages.keys() == {path.stem for path in FOLDER.glob("*.png")}
    assert "High score:" in pages["alert"]
    assert all(HOT in pages[name] for name in ("alert", "top", "token"))
    for name in ("alert", "token"):
        assert taken[name][-1].photo is not None
        assert '<span class="key">' in pages[name]
    assert pages["top"].count("<code>") >= 5, "several tokens are active at the end of the hour"
    told = [re.findall(r"Score <b>([\d.]+)", pages[name]) for name in ("alert", "token")]
    assert told[0] == told[1] != [], "no look came between the alert and its picture"


async def test_the_pictures_can_be_had_in_russian(database: Database) -> None:
    taken = await shots(database, "ru")
    assert "Оценка" in (taken["alert"][-1].caption or "")
    assert taken["alerts"][-1].edited


def test_every_picture_is_small_and_stands_in_the_readme_with_words_for_who_cannot_see_it() -> None:
    for picture in FOLDER.rglob("*.png"):
        assert picture.stat().st_size < LARGEST_BYTES
        assert f'src="deploy/pictures/{picture.relative_to(FOLDER)}" alt="' in README.read_text(encoding="utf-8")


def test_a_browser_photographs_a_page_without_anything_around_it() -> None:
    try:
        chromium = browser()
    except NoPicture as error:
        pytest.skip(str(error))
    said = SentMessage(1, 1, User(7, "Bot", is_bot=True), datetime(2026, 7, 3, tzinfo=UTC), 1, text="Hello 🚀")
    png = photograph(html(said), chromium)
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        assert picture.width == WIDTH_PX * SCALE
        assert 200 < picture.height < 600


def test_without_a_browser_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["pictures"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == ADVICE
    assert "apt install chromium" in ADVICE
