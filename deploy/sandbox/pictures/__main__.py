"""`python -m deploy.sandbox.pictures`: makes the README's pictures anew from an hour of a pretend market."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

import structlog

from deploy.sandbox.pictures.camera import NoPicture, browser, photograph
from deploy.sandbox.pictures.page import html
from deploy.sandbox.pictures.shots import Shots, shots
from storage.database import Database
from storage.embedded import embedded_postgres

FOLDER = Path(__file__).resolve().parents[2] / "pictures"


def main() -> None:
    """Run the command line; 1 with a sentence where there is no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m deploy.sandbox.pictures", description=__doc__)
    parser.add_argument("--language", choices=("en", "ru"), default="en", help="the language of your Telegram")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="how your Telegram looks")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    words = parser.parse_args()
    try:
        chromium = browser()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        pages = {name: html(*said, theme=words.theme) for name, said in asyncio.run(taken(words.language)).items()}
        words.folder.mkdir(parents=True, exist_ok=True)
        for name, page in pages.items():
            (words.folder / f"{name}.png").write_bytes(photograph(page, chromium))
            sys.stdout.write(f"{words.folder / name}.png\n")
    except NoPicture as error:
        sys.exit(f"{error}")


async def taken(language: str) -> Shots:
    """The messages to be shown, over a database of their own."""
    with tempfile.TemporaryDirectory(prefix="tothemoon-pictures-") as folder:
        async with embedded_postgres(Path(folder)) as address:
            database = Database(address)
            try:
                await database.migrate()
                return await shots(database, language)
            finally:
                await database.close()


if __name__ == "__main__":
    main()
