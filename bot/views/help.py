"""/help: sections of one message, turned over by buttons: commands, alerts, the score and what it does not promise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiogram.types import InlineKeyboardMarkup
from aiogram.utils.formatting import Bold, Code, Text
from aiogram.utils.i18n import gettext as _
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.callbacks import HelpSection, HelpTap
from bot.views import numbers
from bot.views.phrases import fill, lines
from bot.views.supply import free_only as told_of_free_only
from engine.notices import ordinary_score
from engine.settings import Settings


def help_(section: HelpSection, settings: Settings, *, is_admin: bool = False, free_only: bool = False) -> Text:
    """One section. `free_only` says that no Birdeye key is set."""
    if section is HelpSection.COMMANDS:
        missing = ["", *told_of_free_only(settings)] if free_only else []
        return lines(*_commands(), "", *_legend(), *missing, "", *_elsewhere(is_admin))
    if section is HelpSection.ADMINS:
        return lines(*_admin_commands())
    if section is HelpSection.ALERTS:
        return lines(*_alerts(settings))
    if section is HelpSection.SCORE:
        return lines(*_score(settings, free_only))
    return lines(*_promise(settings))


def help_keyboard(shown: HelpSection, *, is_admin: bool) -> InlineKeyboardMarkup:
    """A button for each section; the one that is shown is marked."""
    keyboard = InlineKeyboardBuilder()
    for section, title in _titles(is_admin).items():
        mark = "• " if section is shown else ""
        keyboard.button(text=mark + title, callback_data=HelpTap(section=section))
    keyboard.adjust(3, 1)
    return keyboard.as_markup()


def section_of(words: str, *, is_admin: bool) -> HelpSection:
    """The section that somebody names, by its short name or its title; the commands for any other words."""
    wanted = words.strip().casefold()
    named = (key for key, title in _titles(is_admin).items() if wanted in (key.word, title.casefold()))
    return next(named, HelpSection.COMMANDS)


def _titles(is_admin: bool) -> dict[HelpSection, str]:
    titles = {
        HelpSection.COMMANDS: _("Commands"),
        HelpSection.ALERTS: _("Alerts"),
        HelpSection.SCORE: _("The score"),
        HelpSection.PROMISE: _("What it does not promise"),
    }
    return titles | ({HelpSection.ADMINS: _("For admins")} if is_admin else {})


def _elsewhere(is_admin: bool) -> Iterator[Text | str]:
    """What the buttons lead to, for those who would rather type."""
    yield _("The buttons below tell more; so do:")
    for section, title in _titles(is_admin).items():
        if section is not HelpSection.COMMANDS:
            yield Text(Code(f"/help {section.word}"), " — ", title)


def _commands() -> Iterable[Text | str]:
    return [
        Bold(_("Commands")),
        Text("/top ", Code("10"), " — ", _("the liveliest tokens now, as many as you say")),
        Text("/new ", Code("10"), " — ", _("the latest migrations, and how far each is from being active")),
        Text("/token ", Code("PEPE"), " — ", _("one token by its symbol, mint or link, with a chart")),
        Text("/watch ", Code("PEPE"), " — ", _("alerts about one token: its score, price, liquidity and end")),
        Text("/unwatch ", Code("PEPE"), " — ", _("no more alerts about one token")),
        Text("/watchlist — ", _("the tokens this chat watches")),
        Text("/subscribe — ", _("alerts in this chat")),
        Text("/unsubscribe — ", _("no more alerts here")),
        Text("/alerts — ", _("how many alerts, which, and when")),
        Text("/language — ", _("English or Russian")),
        Text("/status — ", _("what is being watched, and whether all is well")),
        _("A mint or a link alone, also a forwarded one, does the same as /token."),
        _("In any chat: my @name and a symbol or a mint offer tokens to send there."),
    ]


def _admin_commands() -> Iterable[Text | str]:
    return [
        Bold(_("For admins")),
        Text("/settings — ", _("all settings with their bounds")),
        Text("/set ", Code("weight tx_accel 0.4"), " — ", _("change one; in effect from the next check")),
        Text("/reset ", Code("weight_tx_accel"), " — ", _("a setting's default again")),
        Text("/history — ", _("who changed which setting")),
        Text("/chats — ", _("how many chats listen, and which are out of reach")),
        Text("/broadcast ", Code(_("words")), " — ", _("a message to every chat that hears alerts")),
        Text("/pause — ", _("hold all alerts, or let them go on")),
        Text("/health — ", _("how every part of the program is")),
    ]


def _legend() -> Iterable[Text | str]:
    return [
        Bold(_("The signs in /top")),
        _("★: score · top 4%: this share of the tokens that were active in the last 24 h scores at least as high"),
        _("MC: market cap and its change since migration · liq.: liquidity"),
        _("tx: transactions in 5 min · then the token's age and mint"),
        _("🔥: the score is high now · 🌡: heat, the score for the token's age, which alerts compare"),
        _("↑ ↓ →: the score against five minutes before"),
        _("⧉3: three tokens of the last 48 h have this name; compare the mint"),
    ]


def _alerts(settings: Settings) -> Iterable[Text | str]:
    gate = _("a token became active: liquidity from {liquidity} or {count} trades in 5 min")
    gates = {"liquidity": numbers.usd(settings.min_active_liquidity), "count": settings.min_tx_count}
    return [
        Bold(_("Alerts")),
        Text("🚀 ", gate.format(**gates)),
        Text("🔥 ", _("its score is high; once for each such stretch")),
        Text("♻️ ", _("an archived token trades again")),
        Text("👁 ", _("news of a token this chat watches: /watch")),
        Text("🗄 ", _("a watched token is over")),
        Text("🗞 ", _("a digest of what came in quiet hours or beyond the hourly cap; /alerts sets both")),
        Text(
            "🛡 ", _("what is known of a token's safety is added to its alert, without a sound, as soon as it is told")
        ),
        _("New pools start with a fixed amount of SOL: SOL's price decides whether they reach that liquidity at once."),
    ]


def _score(settings: Settings, free_only: bool) -> Iterable[Text | str]:
    return [
        Bold(_("The score")),
        _("The weighted sum of four measures, smoothed over time:"),
        Text("• ", _("trades: the last 5 minutes against the last hour")),
        Text("• ", _("volume: the same for money")),
        Text("• ", _("holders: their growth within an hour")),
        Text("• ", _("buyers: against sellers, from −1 to 1")),
        _scale(settings),
        _("What is not known adds nothing; each score says how much of it is known."),
        *(told_of_free_only(settings) if free_only else ()),
    ]


def _scale(settings: Settings) -> str:
    """What is ordinary and what rings."""
    scale = _(
        "About {ordinary} is ordinary trading; 🔥 rings from {on}, "
        "for tokens younger than {young} min from less, down to half of it."
    )
    shown = {"ordinary": numbers.decimal(ordinary_score(settings)), "on": numbers.decimal(settings.alert_score_on)}
    return scale.format(**shown, young=f"{settings.alert_young_minutes:g}")


def _promise(settings: Settings) -> Iterable[Text | str]:
    weights = {name: abs(weight) for name, weight in settings.weights.items()}
    total, same = sum(weights.values()), weights["tx_accel"] + weights["vol_momentum"]
    share = Bold(numbers.share(same / total if total else 0.0, 1))
    return [
        Bold(_("What it does not promise")),
        _("The score ranks activity, not return: a token can be very lively while it falls."),
        _("Trades and volume rise together: two of the four measures often say the same."),
        fill(_("They carry {share} of the weight, so the score is less than four opinions."), share=share),
        _("Most tokens of this kind lose nearly all their value. This is no advice."),
        _("A high price in between is no result: most tokens that double within an hour end it below their migration."),
        _("Active is no praise: its gate is in dollars and new pools begin in SOL, so it moves with SOL's price."),
        _("Anybody can copy a name. Always compare the mint."),
        "",
        _("Prices and amounts are in US dollars."),
    ]
