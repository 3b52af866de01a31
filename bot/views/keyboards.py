"""Buttons under messages: a token's pages, where to look it up, and its mint to copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.callbacks import CardPage, CardTap
from bot.links import DEXSCREENER, PAGES, Link
from bot.views import names
from bot.views.phrases import age_since
from bot.views.watch_buttons import WatchTap
from engine.model import Token

_LINKS_IN_A_ROW = 2


def token_keyboard(mint: str, links: Iterable[Link] = ()) -> InlineKeyboardMarkup:
    """Links to the token's pages elsewhere, the owner's `links` last, and below them a button that copies the mint."""
    keyboard = _elsewhere(mint, links)
    keyboard.row(_copy(mint))
    return keyboard.as_markup()


def alert_keyboard(token_id: int, mint: str, links: Iterable[Link] = ()) -> InlineKeyboardMarkup:
    """What can be done about a token that rang: the links, and below them to watch it or to copy its mint."""
    keyboard = _elsewhere(mint, links)
    keyboard.row(_watch(token_id), _copy(mint))
    return keyboard.as_markup()


def card_keyboard(token: Token, page: CardPage, links: Iterable[Link] = ()) -> InlineKeyboardMarkup:
    """The pages of a token's card, what can be done with it, and then the links to elsewhere."""
    keyboard = InlineKeyboardBuilder()
    keyboard.row(*(_page(token.id, one, shown=one is page) for one in CardPage))
    keyboard.row(_refresh(token.id, page), _watch(token.id), _copy(token.mint))
    keyboard.attach(_elsewhere(token.mint, links))
    return keyboard.as_markup()


def choice_keyboard(tokens: Sequence[Token], now: datetime) -> InlineKeyboardMarkup:
    """One button per token: its symbol, age and the ends of its mint."""
    keyboard = InlineKeyboardBuilder()
    for token in tokens:
        parts = (names.in_button(token.symbol), age_since(token.created_at, now), names.short_mint(token.mint))
        keyboard.button(text=" · ".join(parts), callback_data=CardTap(token_id=token.id, fresh=True))
    keyboard.adjust(1)
    return keyboard.as_markup()


def dexscreener(address: str) -> str:
    """The address of a token's or a pool's page, for our own links in texts."""
    return DEXSCREENER.to(address)


def _page(token_id: int, page: CardPage, *, shown: bool) -> InlineKeyboardButton:
    titles = {CardPage.OVERVIEW: _("Overview"), CardPage.SCORE: _("Score"), CardPage.POOLS: _("Pools")}
    title = f"• {titles[page]} •" if shown else titles[page]
    return InlineKeyboardButton(text=title, callback_data=CardTap(token_id=token_id, page=page).pack())


def _refresh(token_id: int, page: CardPage) -> InlineKeyboardButton:
    tap = CardTap(token_id=token_id, page=page, fresh=True)
    return InlineKeyboardButton(text="🔄 " + _("Refresh"), callback_data=tap.pack())


def _watch(token_id: int) -> InlineKeyboardButton:
    return InlineKeyboardButton(text="👁 " + _("Watch"), callback_data=WatchTap(token_id=token_id).pack())


def _copy(mint: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=_("Copy the mint"), copy_text=CopyTextButton(text=mint))


def _elsewhere(mint: str, links: Iterable[Link]) -> InlineKeyboardBuilder:
    keyboard = InlineKeyboardBuilder()
    for link in (*PAGES, *links):
        keyboard.button(text=link.title, url=link.to(mint))
    keyboard.adjust(_LINKS_IN_A_ROW)
    return keyboard
