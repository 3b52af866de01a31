"""/alerts: the panel's words, page by page. Its buttons stand in `alerts_buttons`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.alerts_buttons import SIGNS, Page, hours, how_many
from bot.views.names import clean, isolated
from bot.views.phrases import fill, lines, moment
from bot.views.zones import zone
from bot.wishes import Panel
from engine.chats import Hearing
from engine.model import AlertKind
from engine.notices import ordinary_score
from engine.settings import SPECS
from engine.zones import local

PREVIEWED = (AlertKind.HIGH_SCORE, AlertKind.ACTIVATED, AlertKind.REVIVED)  # the others go to watchers


def alerts(panel: Panel, page: Page) -> Text:
    """The words of one page."""
    return _PAGES.get(page, _zones)(panel)


def threshold_refused(panel: Panel, text: str) -> Text:
    """The answer to an /alerts with words that are no threshold."""
    sentence = _(
        "A threshold is a number from {low} to {high}, for example {example}, not “{text}”. Nothing was changed."
    )
    bounds = {"low": numbers.decimal(panel.settings.alert_score_off), "high": f"{SPECS['alert_score_on'].high:g}"}
    return Text("✋ ", fill(sentence, **bounds, example=Code("/alerts 2.5"), text=_said(text)))


def zone_refused(text: str) -> Text:
    """The answer to a time zone that nobody knows, or that was not named."""
    if not text:
        told = fill(_("Tell me your time zone, for example {example}"), example=Code("/alerts zone Europe/Berlin"))
        return Text("🌍 ", told)
    sentence = _(
        "I know no time zone “{text}”. Write it as a region and a city, for example {example}. Nothing was changed."
    )
    return Text("✋ ", fill(sentence, text=_said(text), example=Code("/alerts zone Europe/Berlin")))


def told_of_test(was_queued: bool, *, paused: bool) -> str:
    """The toast after "send me a test"; `paused` is whether an admin has paused alerts."""
    if was_queued and paused:
        return _("Alerts are paused: the test comes once they go on.")
    return _("A test is on its way.") if was_queued else _("A test was sent less than a minute ago.")


def _said(text: str) -> Text:
    return isolated(clean(text, 40) or "?")


def _top(panel: Panel) -> Text:
    wishes = panel.preferences
    heading = _("Alerts in this chat") if wishes.subscribed else _("This chat gets no alerts yet")
    hint = (
        None if wishes.subscribed else _("“Subscribe” switches them on; the settings can be changed before that, too.")
    )
    legend = {Hearing.ON: _("with sound"), Hearing.SILENT: _("silent"), Hearing.OFF: _("off")}
    return lines(
        Bold("🔔 " if wishes.subscribed else "🔕 ", heading),
        hint,
        "",
        _high_scores(panel),
        _muted(panel),
        _preview(panel),
        _("I see pasted mints only as an administrator, or with my privacy mode off.") if panel.in_group else None,
        "",
        Italic(" · ".join(f"{SIGNS[hearing]} {words}" for hearing, words in legend.items())),
    )


def _high_scores(panel: Panel) -> Text:
    """From where a high score rings, beside ordinary trading."""
    asked = panel.preferences.per_day is not None
    template = _("High scores: {how_many} – now from {level}.") if asked else _("High scores: {how_many}.")
    told = fill(template, how_many=Bold(how_many(panel)), level=Bold(numbers.decimal(panel.level)))
    return Text(told, " ", _ordinary(panel))


def _ordinary(panel: Panel) -> str:
    """What a threshold is compared with."""
    ordinary = numbers.decimal(ordinary_score(panel.settings))
    return _("Ordinary trading scores about {ordinary}.").format(ordinary=ordinary)


def _level(panel: Panel) -> Text:
    return lines(
        Bold("🔥 ", _("How many high-score alerts a day?")),
        "",
        _("The score from which an alert rings follows the market hourly, so that about so many come."),
        _ordinary(panel),
        _preview(panel),
    )


def _own(panel: Panel) -> Text:
    heading = fill(_("High scores from {level}"), level=numbers.decimal(panel.level))
    lowest = _("Episodes begin at {off}: no threshold is lower.")
    return lines(
        Bold("🔥 ", heading),
        "",
        _ordinary(panel),
        lowest.format(off=numbers.decimal(panel.settings.alert_score_off)),
        fill(_("Any other number: {example}"), example=Code("/alerts 2.5")),
        _preview(panel),
        None if panel.preferences.subscribed else Text("🔕 ", _("This chat gets no alerts yet"), "."),
    )


def _liquidity(panel: Panel) -> Text:
    wished = panel.preferences.min_liquidity_usd
    heading = _("Minimum liquidity: {liquidity}").format(liquidity=numbers.usd(wished) if wished else _("any"))
    return lines(
        Bold("💧 ", heading),
        "",
        _("Tokens with less, or whose liquidity is not known, ring no alert here."),
        _preview(panel),
    )


def _quiet(panel: Panel) -> Text:
    wishes = panel.preferences
    heading = _("Quiet hours: {hours}").format(hours=hours(wishes.quiet_from, wishes.quiet_until))
    return lines(
        Bold("🌙 ", heading),
        "",
        _("Alerts of these hours wait, and come as one digest when they are over."),
        _clock(panel),
    )


def _zones(panel: Panel) -> Text:
    return lines(
        Bold("🌍 ", _("Time zone")),
        "",
        _clock(panel),
        fill(_("Any other zone: {example}"), example=Code("/alerts zone Europe/Berlin")),
    )


def _clock(panel: Panel) -> Text:
    name = panel.preferences.time_zone
    time = f"{local(panel.now, name):%H:%M}"
    return fill(_("Time zone: {zone}, where it is {time} now."), zone=Bold(zone(name, panel.now)), time=time)


def _cap(panel: Panel) -> Text:
    cap = panel.preferences.hourly_cap
    heading = _("No hourly cap") if cap is None else _("At most {count} alerts an hour").format(count=cap)
    return lines(
        Bold("⏱ ", heading),
        "",
        _(
            "Half of the cap is kept for high scores and watched tokens; "
            "what is beyond it comes as one digest at the full hour."
        ),
        _preview(panel),
    )


def _mute(panel: Panel) -> Text:
    return lines(
        Bold("🔇 ", _("Mute")),
        "",
        _("A muted chat hears no alerts, and is not told later what it missed."),
        _muted(panel),
    )


def _muted(panel: Panel) -> Text | None:
    if panel.muted_until is None:
        return None
    return Text("🔇 ", fill(_("Muted until {time}."), time=moment(panel.muted_until)))


def _preview(panel: Panel) -> str:
    """What these wishes would have sent within a day."""
    told = [words for kind in PREVIEWED if (words := _counted(kind, panel.heard.sent.get(kind, 0)))]
    if panel.heard.held:
        told.append(_("{count} in digests").format(count=panel.heard.held))
    return _("In the last 24 h this would have been: {alerts}.").format(alerts=", ".join(told) or _("nothing"))


def _counted(kind: AlertKind, count: int) -> str:
    if not count:
        return ""
    words = {
        AlertKind.HIGH_SCORE: _("{count} high score", "{count} high scores", count),
        AlertKind.ACTIVATED: _("{count} activation", "{count} activations", count),
        AlertKind.REVIVED: _("{count} revival", "{count} revivals", count),
    }
    return words[kind].format(count=count)


_PAGES: Mapping[Page, Callable[[Panel], Text]] = {
    Page.TOP: _top,
    Page.LEVEL: _level,
    Page.OWN: _own,
    Page.LIQUIDITY: _liquidity,
    Page.QUIET: _quiet,
    Page.CAP: _cap,
    Page.MUTE: _mute,
}
