"""The buttons under lists: pages, sorting, refreshing, a chart. All that a button needs to know stands in its data."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.formatting import Text
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder
from pydantic import Field

from engine.shown import Order, Page

HIGHEST_COUNT = 20

Number = Annotated[int, Field(ge=1, le=99_999)]
Size = Annotated[int, Field(ge=1, le=HIGHEST_COUNT)]
Stamp = Annotated[str, Field(pattern="^([0-9a-f]{8})?$")]


class TopTap(CallbackData, prefix="top"):
    """Show this page of /top; nothing to do while its stamp is still `seen`."""

    order: Order
    number: Number
    size: Size
    seen: Stamp = ""


class ChartTap(CallbackData, prefix="topc"):
    """Draw this page of /top."""

    order: Order
    number: Number
    size: Size


class NewTap(CallbackData, prefix="new"):
    """Show this page of /new; nothing to do while its stamp is still `seen`."""

    number: Number
    size: Size
    seen: Stamp = ""


def stamp(view: Text, page: Page, now: datetime) -> str:
    """Eight characters that change with what the page says, but for its last line, and with its data's age in minutes.

    The last line tells when the page was made, so it would differ each time.
    """
    told = view.render()[0].rpartition("\n")[0]
    looks = [item.sample.ts for item in page.standings if item.sample is not None]
    minutes = (now - min(looks)) // timedelta(minutes=1) if looks else None
    return f"{zlib.crc32(repr((told, minutes)).encode()):08x}"


def top_keyboard(page: Page, order: Order, shown: str = "") -> InlineKeyboardMarkup:
    """Under /top: pages where there are several, the orders, Refresh and Chart. `shown` is the page's stamp."""

    def tap(number: int = page.number, by: Order = order, seen: str = "") -> str:
        return TopTap(order=by, number=number, size=page.size, seen=seen).pack()

    keyboard = InlineKeyboardBuilder()
    keyboard.row(*_pages(page, {number: tap(number) for number in _near(page)}))
    keyboard.row(*(_button(_marked(title, by is order), tap(1, by)) for by, title in order_titles().items()))
    chart = ChartTap(order=order, number=page.number, size=page.size).pack()
    keyboard.row(_refresh(tap(seen=shown)), *([_button("📈 " + _("Chart"), chart)] if page.standings else []))
    return keyboard.as_markup()


def new_keyboard(page: Page, shown: str = "") -> InlineKeyboardMarkup:
    """Under /new: pages where there are several, and Refresh. `shown` is the page's stamp."""

    def tap(number: int = page.number, seen: str = "") -> str:
        return NewTap(number=number, size=page.size, seen=seen).pack()

    keyboard = InlineKeyboardBuilder()
    keyboard.row(*_pages(page, {number: tap(number) for number in _near(page)}))
    keyboard.row(_refresh(tap(seen=shown)))
    return keyboard.as_markup()


def order_titles() -> dict[Order, str]:
    """What the orders are called, in the order of their buttons."""
    return {
        Order.SCORE: _("Score"),
        Order.HEAT: _("Heat"),
        Order.LIQUIDITY: _("Liquidity"),
        Order.AGE: _("Age"),
    }


def _near(page: Page) -> range:
    """The page with its neighbours."""
    return range(max(page.number - 1, 1), min(page.number + 1, page.pages) + 1)


def _pages(page: Page, taps: dict[int, str]) -> list[InlineKeyboardButton]:
    """Back, where we are, and on; the one in the middle shows the page anew."""
    if page.pages == 1:
        return []
    signs = {page.number - 1: "◀", page.number: f"{page.number}/{page.pages}", page.number + 1: "▶"}
    return [_button(signs[number], data) for number, data in taps.items()]


def _refresh(data: str) -> InlineKeyboardButton:
    return _button("🔄 " + _("Refresh"), data)


def _marked(title: str, chosen: bool) -> str:
    return f"• {title} •" if chosen else title


def _button(text: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data)
