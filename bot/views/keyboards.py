"""Buttons under messages: where to look a token up, and its mint to copy."""

from __future__ import annotations

from urllib.parse import quote

from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder

_PAGES = {
    "Birdeye": "https://birdeye.so/solana/token/{mint}",
    "DexScreener": "https://dexscreener.com/solana/{mint}",
    "Solscan": "https://solscan.io/token/{mint}",
    "pump.fun": "https://pump.fun/coin/{mint}",
}


def token_keyboard(mint: str) -> InlineKeyboardMarkup:
    """Links to the token's pages elsewhere, two in a row, and below them a button that copies the mint."""
    keyboard = InlineKeyboardBuilder()
    for title, address in _PAGES.items():
        keyboard.button(text=title, url=address.format(mint=quote(mint, safe="")))
    keyboard.adjust(2)
    keyboard.row(InlineKeyboardButton(text=_("Copy the mint"), copy_text=CopyTextButton(text=mint)))
    return keyboard.as_markup()


def dexscreener(mint: str) -> str:
    """The address of a token's page, for our own links in texts."""
    return _PAGES["DexScreener"].format(mint=quote(mint, safe=""))
