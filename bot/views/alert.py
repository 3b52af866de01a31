"""What an alert says: the caption of its chart. The facts are those of the decision, put into words only now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import figures, names, numbers, words
from bot.views.phrases import CAPTION_LIMIT, age, ago, fill, fitting, joined, lines
from bot.views.safety import safety_briefly
from bot.views.watch_news import watch_news
from engine.model import AlertKind
from engine.scoring import rings_at
from engine.settings import Settings
from engine.shown import AlertFacts

_LATE = timedelta(seconds=60)
_NEW = timedelta(seconds=60)  # so young a token has not come far from its first price
_ALARM_LIMITS = (600, 300)
_TOLD_DIFFERENCE = 0.005  # what two decimals show


def alert(facts: AlertFacts, now: datetime, settings: Settings) -> Text:
    """The caption, at most 1024 UTF-16 units whatever the token is called."""
    return fitting(_forms(facts, now, settings), CAPTION_LIMIT)


def _forms(facts: AlertFacts, now: datetime, settings: Settings) -> Iterator[Text]:
    """The caption from rich to bare: an alarm's text, else the reason and then the name, get shorter."""
    if facts.kind is AlertKind.ALARM:
        yield from (_alarm(facts, now, limit) for limit in _ALARM_LIMITS)
        return
    for reason_limit, name_limit in ((140, 24), (70, 24), (0, 10)):
        title = Text(Bold(headline(facts.kind)), " ", names.title(facts.symbol, facts.name, name_limit))
        why = words.reason(facts.reason, reason_limit) or None
        yield lines(
            *_tested(facts, now), title, *_body(facts, settings, why), _safety(facts, now), *_closing(facts, now)
        )


def _body(facts: AlertFacts, settings: Settings, why: str | None) -> Iterable[Text | str | None]:
    """What the alert tells, between its title and its age."""
    if facts.kind is AlertKind.WATCHED:
        return [*watch_news(facts.news), _market(facts), *_scored(facts, settings)]
    if facts.kind is AlertKind.HIGH_SCORE:
        return ["", *_card(facts)]  # the reason is the score; the one of a status change that came with it is another's
    return [_market(facts), *_scored(facts, settings), why]


def headline(kind: AlertKind) -> str:
    """What an alert of this kind begins with: a sign and words."""
    headlines = {
        AlertKind.ACTIVATED: ("🚀", _("Active:")),
        AlertKind.HIGH_SCORE: ("🔥", _("High score:")),
        AlertKind.REVIVED: ("♻️", _("Active again:")),
        AlertKind.ARCHIVED: ("🗄", _("Archived:")),
        AlertKind.WATCHED: ("👁", _("You watch:")),
        AlertKind.ALARM: ("⚠️", _("Alarm:")),
        AlertKind.DIGEST: ("🗞", _("Meanwhile:")),
        AlertKind.NOTICE: ("ℹ️", _("For your information:")),
        AlertKind.BROADCAST: ("📣", _("From the bot's admins:")),
    }
    return " ".join(headlines[kind])


def _tested(facts: AlertFacts, now: datetime) -> Iterable[Text]:
    """That this is an example, and how old."""
    if not facts.test:
        return []
    return [Text("🧪 ", Italic(_("A test, with a past alert: this was {ago}.").format(ago=ago(facts.decided_at, now))))]


def _market(facts: AlertFacts) -> Text:
    """The market on one line."""
    parts = [
        figures.capped(facts.market_cap, numbers.change(facts.price, _first_price(facts))) if _priced(facts) else "",
        figures.pooled(facts.liquidity),
        _("{count} tx in 5 min").format(count=numbers.count(facts.tx_count_5m)),
        _("new") if _is_new(facts) else "",
    ]
    return Text(" · ".join(filter(None, parts)))


def _score(facts: AlertFacts, settings: Settings) -> Text:
    """The score beside the one that rings at this age."""
    score = {
        "score": Bold(numbers.decimal(facts.score)),
        "on": numbers.decimal(rings_at(facts.observed_minutes, settings)),
    }
    return joined([fill(_("Score {score} of {on}"), **score), *_known(facts)])


def _scored(facts: AlertFacts, settings: Settings) -> Iterable[Text]:
    """The score where the look had one: a glance tells none."""
    return [] if facts.score is None else [_score(facts, settings)]


def _known(facts: AlertFacts) -> Iterable[Text]:
    """How much of the score is known, where that is not all."""
    if facts.score is None or facts.coverage is None or facts.coverage >= 1:
        return []
    return [Text(_("{share} of the measures known").format(share=numbers.share(facts.coverage, 1)))]


def _card(facts: AlertFacts) -> Iterable[Text]:
    """Score and market in full."""
    return [
        *([] if facts.score is None else [joined([figures.score(facts.score), *_adjusted(facts), *_known(facts)])]),
        *_valuation(facts),
        figures.liquidity(facts.liquidity),
        figures.trades(facts.tx_count_5m, facts.tx_count_1h),
        figures.volume(facts.volume_5m, None, None),
    ]


def _adjusted(facts: AlertFacts) -> Iterable[Text]:
    """What the score counts as at this age, where that is more."""
    if facts.score is None or facts.level is None or facts.level - facts.score < _TOLD_DIFFERENCE:
        return []
    return [fill(_("age-adjusted {level}"), level=Bold(numbers.decimal(facts.level)))]


def _valuation(facts: AlertFacts) -> Iterable[Text]:
    if not _priced(facts):
        return [Italic(_("price not shown: unknown, or liquidity too low"))]
    price = fill(_("Price {price}"), price=Bold(numbers.price(facts.price)))
    return [figures.market_cap(facts.market_cap, facts.price, _first_price(facts)), price]


def _priced(facts: AlertFacts) -> bool:
    return facts.price is not None or facts.market_cap is not None


def _is_new(facts: AlertFacts) -> bool:
    return facts.migrated_at is not None and facts.decided_at - facts.migrated_at < _NEW


def _first_price(facts: AlertFacts) -> float | None:
    return None if _is_new(facts) else facts.first_price


def _safety(facts: AlertFacts, now: datetime) -> Text | None:
    return None if facts.safety is None else safety_briefly(facts.safety, now)


def _closing(facts: AlertFacts, now: datetime) -> Iterable[Text | None]:
    migrated = None
    if facts.migrated_at is not None:
        migrated = Text(_("Migrated {ago}").format(ago=ago(facts.migrated_at, now)))
    return [migrated, _late(facts, now), Code(facts.mint) if facts.mint else None]


def _late(facts: AlertFacts, now: datetime) -> Text | None:
    if facts.test or now - facts.decided_at <= _LATE:
        return None
    return Text("🕐 ", Italic(_("Late: this was {ago}.").format(ago=ago(facts.decided_at, now))))


def _alarm(facts: AlertFacts, now: datetime, limit: int) -> Text:
    """What fails and why, or that it works again and how long it did not."""
    said = names.clean(facts.text, limit) or words.reason(facts.reason, limit)
    if facts.failed_seconds is not None:
        failed = _("Alerts were held for {age}.") if facts.part == "flood" else _("It failed for {age}.")
        failed = failed.format(age=age(facts.failed_seconds))
        return lines(_about("✅ " + _("Works again:"), facts), failed, said or None, _late(facts, now))
    mint = Code(facts.mint) if facts.mint else None
    return lines(_about(headline(facts.kind), facts), said or _("no details"), _late(facts, now), mint)


def _about(headline: str, facts: AlertFacts) -> Text:
    """The headline, with the part of the program that it is about."""
    return Text(Bold(headline), f" {words.part(facts.part)}") if facts.part else Text(Bold(headline))
