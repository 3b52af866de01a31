"""The chat page in a real browser, served by the real playground: what a person does in the first three minutes."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.sandbox.company import ADA, GROUP, YOU
from deploy.sandbox.pictures.camera import NoPicture, browser
from deploy.sandbox.telegram.places import SUPERGROUP_IDS
from tests.chat_page import chat, control, person
from tests.chromium import Page, chromium
from tests.e2e.playgrounds import playground

pytestmark = pytest.mark.timeout(300)

SIZE_PX = (1360, 860)
SUPERGROUP = SUPERGROUP_IDS + GROUP
KEPT = Path(os.environ["CHAT_PICTURES"]) if "CHAT_PICTURES" in os.environ else None  # noqa: TID251 - an option of this test
HOSTILE = "<img src=x onerror=alert(1)> javascript:alert(1) https://example.com/<b>"

BOT_SAID = "[...document.querySelectorAll('.theirs .words')]"
PAINTED = "(image => image?.complete && image.decode().then(() => true))(document.querySelector('.shot img'))"
HEALTHY = "document.querySelector('[data-status=ok]')"


def key(text: str) -> str:
    """The lowest button with this text."""
    return f"[...document.querySelectorAll('.key')].filter(key => key.textContent.includes('{text}')).at(-1)"


def said(text: str) -> str:
    return f"{BOT_SAID}.some(words => words.textContent.includes('{text}'))"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """The page, open in a browser while the program still starts."""
    try:
        program = browser()
    except NoPicture as error:
        pytest.skip(str(error))
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(chromium(program))
        await opened.look(*SIZE_PX)
        sandbox = await stack.enter_async_context(playground())
        await opened.open(sandbox.url)
        yield opened
        assert await sandbox.interrupt() == 0


async def write(page: Page, text: str) -> None:
    await page.click("document.querySelector('#words')")
    await page.write(text)
    await page.press("Enter")


async def test_a_person_chats_breaks_the_feed_and_sees_it_mended(page: Page, tmp_path: Path) -> None:
    await page.until(HEALTHY, 60, "the program's health")
    await upgrade_a_group_that_hears_alerts(page)
    await break_the_feed_after_a_migration(page)
    await page.click(chat(SUPERGROUP))
    await write(page, HOSTILE)
    await page.until("document.querySelector('.mine .words')?.textContent.includes('onerror')", what="hostile words")
    assert await page.value("document.querySelectorAll('.words img, .words b, .mine a').length") == 0
    await page.until(PAINTED, 60, "the alert where the group goes on")
    await page.photograph(tmp_path / "supergroup.png")
    await page.click(chat(YOU))
    await page.until(PAINTED, 60, "a push alert with its picture")
    await page.photograph(tmp_path / "alert.png")
    await ask_for_the_top(page, tmp_path)
    await speak_russian(page, tmp_path)
    await page.click(chat(ADA))
    await page.until("document.documentElement.lang === 'en'", what="the page in Ada's language")
    await page.until(said("Alarm: "), 150, "the admin's alarm")
    await page.photograph(tmp_path / "alarm.png")
    await page.click(control("feed"))
    await page.until(said("Works again: "), 60, "the recovery")
    await page.until(HEALTHY, 20, "the program's health")
    await page.photograph(tmp_path / "recovery.png")
    assert page.complaints == []
    if KEPT is not None:
        await asyncio.to_thread(shutil.copytree, tmp_path, KEPT, dirs_exist_ok=True)


async def upgrade_a_group_that_hears_alerts(page: Page) -> None:
    """By its administrator; afterwards it is the trader again who acts."""
    await page.click(person(ADA))
    await page.click(chat(GROUP))
    await write(page, "/subscribe")
    await page.until(said("This chat gets alerts from now on"), what="the group's subscription")
    await page.click("document.querySelector('#upgrade')")
    await page.until(f"{chat(SUPERGROUP)}?.ariaCurrent === 'true' && !{chat(GROUP)}", what="the supergroup")
    await page.click(person(YOU))


async def break_the_feed_after_a_migration(page: Page) -> None:
    """A busy token is heard of, and then nothing more: what follows shall happen while the alarm draws near."""
    await page.click(control("migrate"))
    await page.until(f"{control('token')}?.textContent.includes('·')", what="the migrated token")
    await page.click(control("pump"))
    await page.click(control("feed"))
    await page.until(f"{control('feed')}.ariaChecked === 'true'")


async def ask_for_the_top(page: Page, tmp_path: Path) -> None:
    """By the menu and its keys; then both buttons of the answer."""
    await page.click("document.querySelector('#words')")
    await page.write("/to")
    await page.until("document.querySelectorAll('.offer-row').length === 2", what="/top and /token in the menu")
    await page.photograph(tmp_path / "menu.png")
    await page.press("Enter")
    await page.until(key("Chart"), what="the answer to /top")
    pictures = await page.value("document.querySelectorAll('.shot').length")
    await page.click(key("Refresh"))
    await page.until("!document.querySelector('.waits')", what="the answer to Refresh")
    await page.click(key("Chart"))
    await page.until(f"document.querySelectorAll('.shot').length > {pictures}", what="the chart")
    await page.photograph(tmp_path / "chart.png")


async def speak_russian(page: Page, tmp_path: Path) -> None:
    """The page, and the bot's next answer; seen in the dark and in a narrow window."""
    await page.click("document.querySelector('#language')")
    await page.until("document.documentElement.lang === 'ru'", what="the page in Russian")
    await write(page, "/top")
    await page.until(key("График"), what="the answer in Russian")
    await page.look(*SIZE_PX, dark=True)
    await page.photograph(tmp_path / "russian-dark.png")
    await page.look(380, 760)
    await page.photograph(tmp_path / "narrow.png")
    await page.look(*SIZE_PX)
