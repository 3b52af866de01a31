"""Tokens' cards as messages: which rows they need, and how they are sent and turned. Reads rows only, asks nobody.

What a card says stands in `views`, which token is meant in `finding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiogram.types import BufferedInputFile, CallbackQuery, InputMediaPhoto, Message
from aiogram.utils.formatting import Text

from bot.answering import edit_caption, edit_photo
from bot.callbacks import CardPage, CardTap
from bot.finding import Found
from bot.links import Link
from bot.pictures import Pictures, chart_key
from bot.views import replies
from bot.views.keyboards import card_keyboard, choice_keyboard, token_keyboard
from bot.views.lookup import CHOICES_AT_MOST, choose, unknown_mint, unknown_token
from bot.views.pools import pools_page
from bot.views.score import score_page
from bot.views.token import overview
from engine.card import Card
from engine.model import Token
from engine.ports import Clock
from engine.settings import Settings
from storage.store import Store


class Cards:
    """Shows what was found. `links` are the owner's own, for the buttons."""

    def __init__(self, store: Store, pictures: Pictures, clock: Clock, links: Sequence[Link] = ()) -> None:
        self._store, self._pictures, self._clock, self._links = store, pictures, clock, links

    async def answer(self, message: Message, found: Found) -> None:
        """The card of the one token found, a choice among several, or that none is known."""
        match found.tokens:
            case [token]:
                await self._show(message, token)
            case []:
                await self._deny(message, found)
            case several:
                now = self._clock.now()
                keyboard = choice_keyboard(several[:CHOICES_AT_MOST], now)
                await message.answer(**choose(several, now, found.total).as_kwargs(), reply_markup=keyboard)

    async def turn(self, query: CallbackQuery, tap: CardTap) -> str | None:
        """Show that page in place, with a fresh chart where that is wanted; the words of the toast, if any."""
        settings, now = await self._store.settings.current(), self._clock.now()
        card = await self._card(tap.token_id, settings, now)
        if card is None:
            return replies.button_out_of_date()
        token, caption = card.portrait.standing.token, _page(card, tap.page, now, settings)
        keyboard = card_keyboard(token, tap.page, self._links)
        if not tap.fresh and isinstance(query.message, Message) and query.message.photo:
            await edit_caption(query, caption, keyboard)
            return None
        photo = InputMediaPhoto(media=await self._photo(card, settings, now), **caption.as_caption_kwargs())
        file_id = await edit_photo(query, photo, keyboard)
        if not file_id:
            return replies.nothing_new()
        self._pictures.remember(chart_key(card.portrait, now, settings), file_id)
        return None

    async def _show(self, message: Message, token: Token) -> None:
        settings, now = await self._store.settings.current(), self._clock.now()
        card = await self._card(token.id, settings, now)
        if card is None:
            return
        photo = await self._photo(card, settings, now)
        caption = _page(card, CardPage.OVERVIEW, now, settings).as_caption_kwargs()
        keyboard = card_keyboard(token, CardPage.OVERVIEW, self._links)
        sent = await message.answer_photo(photo, **caption, reply_markup=keyboard)
        if sent.photo:
            self._pictures.remember(chart_key(card.portrait, now, settings), sent.photo[-1].file_id)

    async def _deny(self, message: Message, found: Found) -> None:
        if found.mint is None:
            await message.answer(**unknown_token(found.said).as_kwargs())
            return
        keyboard = token_keyboard(found.mint, self._links)
        await message.answer(**unknown_mint(found.mint).as_kwargs(), reply_markup=keyboard)

    async def _card(self, token_id: int, settings: Settings, now: datetime) -> Card | None:
        store, since = self._store, now - timedelta(hours=settings.retention_hours)
        portrait = await store.looks.portrait(token_id, since, settings)
        if portrait is None:
            return None
        alike = await store.tokens.alike(portrait.standing.token.symbol)
        return Card(portrait, await store.safeties.of(token_id), await store.pools.of(token_id), max(alike - 1, 0))

    async def _photo(self, card: Card, settings: Settings, now: datetime) -> BufferedInputFile | str:
        """The chart: the file id of one that Telegram has, else drawn now."""
        key = chart_key(card.portrait, now, settings)
        if file_id := self._pictures.known(key):
            return file_id
        return BufferedInputFile(await self._pictures.chart(card.portrait, now, settings), "chart.png")


def _page(card: Card, page: CardPage, now: datetime, settings: Settings) -> Text:
    match page:
        case CardPage.SCORE:
            return score_page(card, now, settings)
        case CardPage.POOLS:
            return pools_page(card, now)
        case _:
            return overview(card, now, settings)
