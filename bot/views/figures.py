"""The lines of market figures that /token and alerts share. Values in, formatted lines out."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text
from aiogram.utils.i18n import gettext as _

from bot.views import numbers
from bot.views.phrases import fill


def score(value: float | None, before: float | None = None) -> Text:
    """The score with its arrow, if it is known where it is heading."""
    shown = " ".join(filter(None, (numbers.decimal(value), numbers.arrow(value, before))))
    return fill(_("Score {score}"), score=Bold(shown))


def capped(value: float | None, change: str = numbers.MISSING) -> str:
    """Market cap in short, with its change where that is known: "MC $74.6K (+38%)"."""
    cap = _("MC {market_cap}").format(market_cap=numbers.usd(value))
    return cap if change == numbers.MISSING else f"{cap} ({change})"


def pooled(value: float | None) -> str:
    """Liquidity in short."""
    return _("liq. {liquidity}").format(liquidity=numbers.usd(value))


def market_cap(value: float | None, price: float | None, first_price: float | None) -> Text:
    """Market cap and how far the price came since migration."""
    change = numbers.change(price, first_price)
    cap = Bold(numbers.usd(value))
    if change == numbers.MISSING:
        return fill(_("Market cap {market_cap}"), market_cap=cap)
    return fill(_("Market cap {market_cap} · {change} since migration"), market_cap=cap, change=Bold(change))


def liquidity(value: float | None) -> Text:
    """The pools' liquidity."""
    return fill(_("Liquidity {liquidity}"), liquidity=Bold(numbers.usd(value)))


def trades(in_5m: int | None, in_1h: int | None) -> Text:
    """Transactions within both windows; within one where the other tells nothing more."""
    recent = Bold(numbers.count(in_5m))
    if in_1h is None or in_1h == in_5m:
        return fill(_("Transactions {in_5m} in 5 min"), in_5m=recent)
    return fill(_("Transactions {in_5m} in 5 min · {in_1h} in 1 h"), in_5m=recent, in_1h=numbers.count(in_1h))


def volume(in_5m: float | None, buys: float | None, sells: float | None) -> Text:
    """Volume of 5 minutes, and the share of it that bought."""
    amount = Bold(numbers.usd(in_5m))
    pressure = numbers.MISSING if buys is None or sells is None else numbers.share(buys, buys + sells)
    if pressure == numbers.MISSING:
        return fill(_("Volume {volume} in 5 min"), volume=amount)
    return fill(_("Volume {volume} in 5 min · {share} buys"), volume=amount, share=pressure)
