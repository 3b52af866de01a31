"""What is sent: an outbox row as a message in its reader's language, as its chat wants to be told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from weakref import WeakValueDictionary

from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import Text
from cachetools import TTLCache

from bot.catalogs import Catalogs
from bot.links import Link
from bot.pictures import Pictures
from bot.views.alert import alert
from bot.views.digest import digest
from bot.views.keyboards import alert_keyboard
from bot.views.notice import notice
from engine.chats import Hearing
from engine.hearing import hearing_of
from engine.model import AlertKind
from engine.parcels import Parcel
from engine.ports import Clock
from engine.settings import Settings
from engine.shown import AlertFacts
from storage.looks import Looks
from storage.outbox import Outbox

UPLOAD_SECONDS = 1.0  # for which the others wait, so that a picture is uploaded once


@dataclass(frozen=True, slots=True)
class Letter:
    """An alert in its reader's language. `photo` is a new picture or the file id of one that Telegram has."""

    text: Text
    silent: bool
    photo: BufferedInputFile | str | None = None
    keyboard: InlineKeyboardMarkup | None = None


class Letters:
    """Writes letters, and remembers which pictures Telegram has. `links` are the owner's own, for the buttons."""

    def __init__(
        self,
        outbox: Outbox,
        looks: Looks,
        pictures: Pictures,
        catalogs: Catalogs,
        clock: Clock,
        links: Sequence[Link] = (),
    ) -> None:
        self._outbox, self._looks, self._links = outbox, looks, links
        self._pictures, self._catalogs, self._clock = pictures, catalogs, clock
        self._file_ids: TTLCache[tuple[int, str], str] = TTLCache(1000, 3600)
        self._uploads: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def writing(self, parcel: Parcel, settings: Settings) -> AsyncIterator[Letter | None]:
        """What `write` gives; the first letter with a new picture holds up the others until Telegram has it."""
        letter = await self.write(parcel, settings)
        async with AsyncExitStack() as stack:
            if letter is not None and isinstance(letter.photo, BufferedInputFile):
                letter = await self._in_line(letter, (parcel.alert_id, parcel.language), stack)
            yield letter

    async def _in_line(self, letter: Letter, key: tuple[int, str], stack: AsyncExitStack) -> Letter:
        """Wait for the upload of another, if there is one; else the stack holds the others up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(UPLOAD_SECONDS):
                await stack.enter_async_context(self._uploads.setdefault(key, asyncio.Lock()))
        if (file_id := self._file_ids.get(key)) is None:
            return letter
        await stack.aclose()
        return replace(letter, photo=file_id)

    async def write(self, parcel: Parcel, settings: Settings) -> Letter | None:
        """The letter for this row; None when there is nothing to tell any more. Raises DatabaseAway."""
        with self._catalogs.speaking(parcel.language):
            if parcel.facts.kind is AlertKind.DIGEST:
                return await self._digest(parcel, settings)
            if parcel.edits is not None:
                return self._edit(parcel.facts, settings)
            return await self._alert(parcel, parcel.facts, settings)

    def _edit(self, facts: AlertFacts, settings: Settings) -> Letter | None:
        """The alert as it was told, with what is known now; its picture stays."""
        if facts.token_id is None or facts.mint is None:
            return None
        text = alert(facts, facts.told_at or facts.decided_at, settings)
        return Letter(text, silent=True, keyboard=alert_keyboard(facts.token_id, facts.mint, self._links))

    def keep_photo(self, parcel: Parcel, message: Message) -> None:
        """Telegram has this message's picture now."""
        if message.photo:
            self._file_ids[parcel.alert_id, parcel.language] = message.photo[-1].file_id

    async def _alert(self, parcel: Parcel, facts: AlertFacts, settings: Settings) -> Letter:
        """Of these facts, which are the row's own or those of the only alert that its digest tells."""
        silent = hearing_of(parcel.preferences, facts) is Hearing.SILENT
        if facts.kind in (AlertKind.NOTICE, AlertKind.BROADCAST):
            return Letter(notice(facts), silent)
        text = alert(facts, self._clock.now(), settings)
        if facts.token_id is None or facts.mint is None:
            return Letter(text, silent)
        photo = await self._photo(parcel, facts.token_id, settings) if parcel.preferences.pictures else None
        return Letter(text, silent, photo, alert_keyboard(facts.token_id, facts.mint, self._links))

    async def _digest(self, parcel: Parcel, settings: Settings) -> Letter | None:
        """Silent when each of its alerts would have been. One alert alone is told as it is."""
        told = await self._outbox.digest(parcel.id)
        if not told.counts:
            return None
        if sum(told.counts.values()) == 1:
            return await self._alert(parcel, told.best[0], settings)
        hearings = {parcel.preferences.hearing(kind) for kind in told.counts}
        return Letter(digest(told, self._clock.now()), silent=Hearing.ON not in hearings)

    async def _photo(self, parcel: Parcel, token_id: int, settings: Settings) -> BufferedInputFile | str | None:
        if file_id := self._file_ids.get((parcel.alert_id, parcel.language)):
            return file_id
        now = self._clock.now()
        portrait = await self._looks.portrait(token_id, now - timedelta(hours=settings.retention_hours), settings)
        if portrait is None:
            return None
        png = await self._pictures.chart(portrait, now, settings)
        return BufferedInputFile(png, "chart.png")
