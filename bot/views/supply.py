"""Where the figures come from, in words: the free ones, the paid ones, and what a missing key means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.phrases import age, fill
from engine.settings import Settings
from engine.shown import PaidSupply, Supply


def supply_lines(supply: Supply | None, settings: Settings, now: datetime) -> list[Text | str]:
    """One line per source; nothing while it is not known yet."""
    if supply is None:
        return []
    if supply.paid is None:
        return [Bold(_("Figures")), *free_only(settings), *_glances(supply)]
    return [Bold(_("Figures")), *_paid(supply.paid, now), *_glances(supply)]


def free_only(settings: Settings) -> Iterator[str]:
    """What a missing Birdeye key means for the score and its alerts."""
    share = _free_share(settings)
    yield _("Only free figures of DexScreener: trades and volume are known, holders and buyers are not.")
    if share < settings.alert_min_coverage:
        told = {"share": numbers.share(share, 1), "wanted": numbers.share(settings.alert_min_coverage, 1)}
        yield _("So {share} of the score is known, and 🔥 alerts ask for {wanted}.").format(**told)


def lacks_scores(supply: Supply | None, settings: Settings) -> bool:
    """Whether too little of a score is known, for want of a Birdeye key, for any to come."""
    return supply is not None and supply.paid is None and _free_share(settings) < settings.alert_min_coverage


def _free_share(settings: Settings) -> float:
    """How much of the score (0…1) free figures tell."""
    weights = settings.weights
    total = sum(abs(weight) for weight in weights.values())
    known = abs(weights["tx_accel"]) + abs(weights["vol_momentum"])
    return known / total if total else 0.0


def _paid(paid: PaidSupply, now: datetime) -> Iterator[Text | str]:
    if paid.spent_cu is not None and paid.ends_at is not None:
        spent = Bold(numbers.share(paid.spent_cu, paid.monthly_cu))
        left = age(max(0.0, (paid.ends_at - now).total_seconds()))
        yield fill(_("Birdeye: {spent} of this month's budget used, {left} left"), spent=spent, left=left)
    if paid.resting is not None:
        yield "⚠️ " + _rest(paid.resting)
    elif paid.bound_seconds is not None:
        yield fill(_("Each active token is checked at least every {age}, hot ones far more often."), age=_bound(paid))


def _bound(paid: PaidSupply) -> Bold:
    return Bold(age(paid.bound_seconds or 0.0))


def _rest(kind: str) -> str:
    """Why Birdeye is not asked now."""
    reasons = {
        "BudgetSpent": _("Birdeye's compute units are used up; no scores until the next period."),
        "BadKey": _("Birdeye refuses the API key; no scores until it is mended."),
        "EndpointDenied": _("The Birdeye plan does not include token figures; no scores."),
        "RateLimited": _("Birdeye asks for a pause; scores go on soon."),
    }
    return reasons.get(kind, _("Birdeye does not answer; scores go on when it does."))


def _glances(supply: Supply) -> Iterator[str]:
    if supply.glances is None:
        yield _("Free figures of DexScreener are switched off.")
    elif not supply.glances:
        told = _("DexScreener does not answer; figures come when it does.")
        yield "⚠️ " + (told if supply.paid is None else _("DexScreener does not answer; Birdeye stands in for it."))
