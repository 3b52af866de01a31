"""The buttons of the panel of /alerts, and what they carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.i18n import gettext as _
from pydantic import Field

from bot.views import numbers
from bot.views.zones import city, region
from bot.wishes import HOURLY_CAPS, MUTE_HOURS, QUIET_PRESETS, STEPS, Panel, Wish
from engine.chats import LIQUIDITIES_USD, PER_DAY, Hearing
from engine.zones import REGIONS, utc_offset

Rows = Iterator[list[InlineKeyboardButton]]

SIGNS = {Hearing.ON: "🔔", Hearing.SILENT: "🔕", Hearing.OFF: "✖"}
_NEXT = {Hearing.ON: Hearing.SILENT, Hearing.SILENT: Hearing.OFF, Hearing.OFF: Hearing.ON}


class Page(StrEnum):
    """The pages of the panel; a region's page lists its time zones."""

    TOP = "top"
    LEVEL = "level"
    OWN = "own"
    LIQUIDITY = "liq"
    QUIET = "quiet"
    ZONES = "zones"
    EUROPE = "europe"
    AFRICA = "africa"
    ASIA = "asia"
    PACIFIC = "pacific"
    AMERICAS = "americas"
    CAP = "cap"
    MUTE = "mute"


class Deed(StrEnum):
    """What a button does besides changing wishes."""

    SUBSCRIBE = "subscribe"
    TEST = "test"
    PANEL = "panel"


class OpenPage(CallbackData, prefix="ap"):
    """Shows a page."""

    page: Page


class Change(CallbackData, prefix="ac"):
    """Changes one wish; `value` is read by `bot.wishes`."""

    wish: Wish
    value: Annotated[str, Field(max_length=40)]


class Do(CallbackData, prefix="ad"):
    """Does something."""

    deed: Deed


def alerts_keyboard(panel: Panel, page: Page) -> InlineKeyboardMarkup:
    """The buttons of the page, and the way back."""
    rows = list(_ROWS[page](panel) if page in _ROWS else _region(panel, page))
    if page in _BACK:
        is_first = page is Page.LEVEL and not panel.is_answered
        rows.append([_open("⚙️ " + _("Other settings") if is_first else "‹ " + _("Back"), _BACK[page])])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def settings_keyboard() -> InlineKeyboardMarkup:
    """The one button under the answer to /subscribe."""
    return InlineKeyboardMarkup(inline_keyboard=[[_do("⚙️ " + _("Alert settings"), Deed.PANEL)]])


def how_many(panel: Panel) -> str:
    """How many high scores the chat asked for, in short."""
    if panel.preferences.per_day is not None:
        return _("about {count} a day").format(count=panel.preferences.per_day)
    return _("from {level}").format(level=numbers.decimal(panel.level))


def hours(begin: int | None, end: int | None) -> str:
    """Hours of the day from minutes after midnight: "23:00–07:00", or that there are none."""
    if begin is None or end is None:
        return _("none")
    return f"{begin // 60:02}:{begin % 60:02}–{end // 60:02}:{end % 60:02}"


def kinds() -> Mapping[Wish, str]:
    """The kinds of alerts that a chat may choose, in words."""
    return {
        Wish.HIGH_SCORE: _("High score"),
        Wish.ACTIVATED: _("Activated"),
        Wish.REVIVED: _("Active again"),
        Wish.WATCHED: _("Watched"),
    }


def _top(panel: Panel) -> Rows:
    wishes = panel.preferences
    if not wishes.subscribed:
        yield [_do("🔔 " + _("Subscribe"), Deed.SUBSCRIBE)]
    yield [_open("🔥 " + _("High scores") + f": {how_many(panel)}", Page.LEVEL)]
    buttons = [_hearing(wish, words, Hearing(getattr(wishes, wish))) for wish, words in kinds().items()]
    yield buttons[:2]
    yield buttons[2:]
    liquidity = numbers.usd(wishes.min_liquidity_usd) if wishes.min_liquidity_usd else _("any")
    pictures = _change("🖼 " + _("Pictures") + f": {_yes(wishes.pictures)}", Wish.PICTURES, int(not wishes.pictures))
    yield [_open("💧 " + _("Liquidity") + f": {liquidity}", Page.LIQUIDITY), pictures]
    yield [_open("🌙 " + _("Quiet hours") + f": {hours(wishes.quiet_from, wishes.quiet_until)}", Page.QUIET)]
    cap = _("none") if wishes.hourly_cap is None else str(wishes.hourly_cap)
    yield [_open("⏱ " + _("Hourly cap") + f": {cap}", Page.CAP)]
    mute = _open("🔇 " + (_("Muted") if panel.muted_until else _("Mute")), Page.MUTE)
    yield [mute, _do("📨 " + _("Send me a test"), Deed.TEST)]
    if panel.in_group:
        answers = "🔎 " + _("Answer pasted mints") + f": {_yes(wishes.answers_mints)}"
        yield [_change(answers, Wish.MINTS, int(not wishes.answers_mints))]


def _level(panel: Panel) -> Rows:
    chosen = panel.preferences.per_day
    for count in PER_DAY:
        words = _("About {count}").format(count=count)
        if count in panel.levels:
            words += " · " + _("now from {level}").format(level=numbers.decimal(panel.level_of(count)))
        yield [_change(_marked(words, count == chosen), Wish.PER_DAY, count)]
    own = chosen is None and panel.preferences.threshold is not None
    words = _marked(_("My own threshold"), own)
    yield [_open(words, Page.OWN) if own else _change(words, Wish.OWN, "")]


def _own(panel: Panel) -> Rows:
    if not panel.preferences.subscribed:
        yield [_do("🔔 " + _("Subscribe"), Deed.SUBSCRIBE)]
    yield [_change(f"{'−' if step < 0 else '+'}{abs(step):g}", Wish.STEP, f"{step:g}") for step in STEPS]
    off, on = panel.settings.alert_score_off, panel.settings.alert_score_on
    presets = [f"{preset:g}" for preset in (off, on, 1.5 * on, 2 * on) if preset <= 100]
    yield [_change(preset, Wish.OWN, preset) for preset in dict.fromkeys(presets)]


def _liquidity(panel: Panel) -> Rows:
    wished = panel.preferences.min_liquidity_usd or 0
    yield [_change(_marked(_("any"), not wished), Wish.LIQUIDITY, 0)]
    buttons = [_change(_marked(numbers.usd(usd), usd == wished), Wish.LIQUIDITY, usd) for usd in LIQUIDITIES_USD]
    yield from (buttons[:3], buttons[3:])


def _quiet(panel: Panel) -> Rows:
    begin, end = panel.preferences.quiet_from, panel.preferences.quiet_until
    presets = [(hours(a * 60, b * 60), (a * 60, b * 60), f"{a}-{b}") for a, b in QUIET_PRESETS]
    yield [_change(_marked(_("none"), begin is None), Wish.QUIET, "off")]
    yield [_change(_marked(words, times == (begin, end)), Wish.QUIET, value) for words, times, value in presets]
    if begin is not None:
        for words, wish in ((_("From"), Wish.QUIET_FROM), (_("Until"), Wish.QUIET_UNTIL)):
            yield [_change(f"{words} {sign}" + _("1 h"), wish, value) for sign, value in (("−", -1), ("+", 1))]
    yield [_open("🌍 " + _("Time zone"), Page.ZONES)]


def _zones(_panel: Panel) -> Rows:
    for name in REGIONS:
        yield [_open(region(name), Page(name))]
    yield [_change("UTC", Wish.ZONE, "UTC")]


def _region(panel: Panel, page: Page) -> Rows:
    """The region's zones from west to east, two in a row."""
    offsets = {name: utc_offset(panel.now, name) for name in REGIONS[page]}
    chosen = panel.preferences.time_zone
    buttons = [
        _change(_marked(f"{city(name)} {offset}", name == chosen), Wish.ZONE, name) for name, offset in offsets.items()
    ]
    for start in range(0, len(buttons), 2):
        yield buttons[start : start + 2]


def _cap(panel: Panel) -> Rows:
    wished = panel.preferences.hourly_cap
    yield [_change(_marked(str(cap), cap == wished), Wish.CAP, cap) for cap in HOURLY_CAPS]
    yield [_change(_marked(_("no cap"), wished is None), Wish.CAP, 0)]


def _mute(panel: Panel) -> Rows:
    yield [_change(_("{count} h").format(count=count), Wish.MUTE, count) for count in MUTE_HOURS]
    yield [_change(_("Until tomorrow, 8:00"), Wish.MUTE, "morning")]
    if panel.muted_until:
        yield [_change("🔔 " + _("Unmute"), Wish.MUTE, 0)]


def _hearing(wish: Wish, words: str, hearing: Hearing) -> InlineKeyboardButton:
    return _change(f"{SIGNS[hearing]} {words}", wish, _NEXT[hearing])


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _marked(words: str, chosen: bool) -> str:
    return f"✓ {words}" if chosen else words


def _open(words: str, page: Page) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=words, callback_data=OpenPage(page=page).pack())


def _change(words: str, wish: Wish, value: str | int) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=words, callback_data=Change(wish=wish, value=str(value)).pack())


def _do(words: str, deed: Deed) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=words, callback_data=Do(deed=deed).pack())


_ROWS: Mapping[Page, Callable[[Panel], Rows]] = {
    Page.TOP: _top,
    Page.LEVEL: _level,
    Page.OWN: _own,
    Page.LIQUIDITY: _liquidity,
    Page.QUIET: _quiet,
    Page.ZONES: _zones,
    Page.CAP: _cap,
    Page.MUTE: _mute,
}
_BACK: Mapping[Page, Page] = {
    Page.LEVEL: Page.TOP,
    Page.OWN: Page.LEVEL,
    Page.LIQUIDITY: Page.TOP,
    Page.QUIET: Page.TOP,
    Page.ZONES: Page.QUIET,
    **{Page(name): Page.ZONES for name in REGIONS},
    Page.CAP: Page.TOP,
    Page.MUTE: Page.TOP,
}
