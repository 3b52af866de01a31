"""The buttons of watches, and what they carry. A tap names a token by its id alone; the chat is that of the message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder
from pydantic import Field

from bot.views import names
from bot.views.lookup import CHOICES_AT_MOST
from bot.views.phrases import age_since
from bot.watch_wishes import OFF, WatchWish, chosen, offered
from engine.chats import Watch
from engine.model import Token
from engine.shown import Sight

TokenId = Annotated[int, Field(gt=0, lt=2**63)]
_BUTTON_NAME = 12
_SIGNS = {
    WatchWish.SCORE: "★ {value:g}",
    WatchWish.PRICE: "±{value:g}%",
    WatchWish.LIQUIDITY: "💧 −{value:g}%",
}


class WatchTap(CallbackData, prefix="w"):
    """Watches the token, or opens its watch where there is one."""

    token_id: TokenId


class OpenWatch(CallbackData, prefix="wo"):
    """Opens the watch of a token, in place of the list."""

    token_id: TokenId


class ChangeWatch(CallbackData, prefix="wc"):
    """Changes one wish of a watch; `value` is read by `bot.watch_wishes`."""

    token_id: TokenId
    wish: WatchWish
    value: float


class StopWatch(CallbackData, prefix="ws"):
    """Watches the token no more; `listed` says that the tap came from the list of /unwatch."""

    token_id: TokenId
    listed: bool


class ListWatches(CallbackData, prefix="wl"):
    """Shows the list of what is watched, as it is now."""


def watch_keyboard(watch: Watch, usual: float) -> InlineKeyboardMarkup:
    """What may be watched of the token, a row for each figure; `usual` is the chat's usual score."""
    rows = [[_wish(wish, value, watch) for value in offered(wish, watch, usual)] for wish in _SIGNS]
    rows.append([_switch(WatchWish.REVIVED, watch), _switch(WatchWish.ARCHIVED, watch)])
    stop = _button("✖ " + _("Stop watching"), StopWatch(token_id=watch.token_id, listed=False))
    rows.append([stop, _button("‹ " + _("Watchlist"), ListWatches())])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def watchlist_keyboard(sights: Sequence[Sight]) -> InlineKeyboardMarkup:
    """A button for each watch by its number in the list, and Refresh."""
    keyboard = InlineKeyboardBuilder()
    for number, token in enumerate((sight.standing.token for sight in sights), 1):
        keyboard.button(text=f"{number}. {_short(token)}", callback_data=OpenWatch(token_id=token.id))
    rows = keyboard.adjust(3).export()
    return InlineKeyboardMarkup(inline_keyboard=[*rows, [_button("🔄 " + _("Refresh"), ListWatches())]])


def unwatch_keyboard(tokens: Iterable[Token]) -> InlineKeyboardMarkup:
    """A button for each token that may be watched no more, named by the ends of its mint too."""
    keyboard = InlineKeyboardBuilder()
    for token in tokens:
        title = f"✖ {_short(token)} · {names.short_mint(token.mint)}"
        keyboard.button(text=title, callback_data=StopWatch(token_id=token.id, listed=True))
    return InlineKeyboardMarkup(inline_keyboard=keyboard.adjust(2).export())


def choice_keyboard(tokens: Sequence[Token], now: datetime) -> InlineKeyboardMarkup:
    """A button for each of several tokens with one symbol: its age and the ends of its mint tell them apart."""
    keyboard = InlineKeyboardBuilder()
    for token in tokens[:CHOICES_AT_MOST]:
        parts = (_short(token), age_since(token.created_at, now), names.short_mint(token.mint))
        keyboard.button(text="👁 " + " · ".join(parts), callback_data=WatchTap(token_id=token.id))
    return InlineKeyboardMarkup(inline_keyboard=keyboard.adjust(1).export())


def again_keyboard(token_id: int) -> InlineKeyboardMarkup:
    """The way back from a watch that was just ended."""
    again = _button("👁 " + _("Watch again"), WatchTap(token_id=token_id))
    return InlineKeyboardMarkup(inline_keyboard=[[again, _button("‹ " + _("Watchlist"), ListWatches())]])


def _wish(wish: WatchWish, value: float, watch: Watch) -> InlineKeyboardButton:
    shown = _off(wish) if value == OFF else _SIGNS[wish].format(value=value)
    mark = "✓ " if value == chosen(wish, watch) else ""
    return _button(mark + shown, ChangeWatch(token_id=watch.token_id, wish=wish, value=value))


def _off(wish: WatchWish) -> str:
    """The first button of a row also says what the row is about."""
    words = {
        WatchWish.SCORE: _("Score: off"),
        WatchWish.PRICE: _("Price: off"),
        WatchWish.LIQUIDITY: _("Liquidity: off"),
    }
    return words[wish]


def _switch(wish: WatchWish, watch: Watch) -> InlineKeyboardButton:
    words = {WatchWish.REVIVED: "♻️ " + _("Active again"), WatchWish.ARCHIVED: "🗄 " + _("Archived")}
    is_on = chosen(wish, watch) != OFF
    change = ChangeWatch(token_id=watch.token_id, wish=wish, value=OFF if is_on else 1.0)
    return _button(("✓ " if is_on else "✖ ") + words[wish], change)


def _short(token: Token) -> str:
    return names.name(token.symbol or token.name, _BUTTON_NAME)


def _button(text: str, data: CallbackData) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data.pack())
