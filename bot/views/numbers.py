"""Figures as people read them, the same in every language. Any float is accepted; the absurd stays short."""

from __future__ import annotations

import math

MISSING = "–"
_SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_HUGE = 9.995e14
_TINY = 1e-12
_STEADY = 0.05  # a score that moves less than this has not moved for a reader


def compact(value: float | None) -> str:
    """Three significant digits with K, M, B or T: 1234567 is "1.23M"."""
    if value is None or not math.isfinite(value):
        return MISSING
    if abs(value) >= _HUGE:
        return f"{_sign(value)}999T+"
    rounded = float(f"{abs(value):.3g}")
    for unit, suffix in _SUFFIXES:
        if rounded >= unit:
            return f"{_sign(value)}{_plain(rounded / unit, 3)}{suffix}"
    return _signed_unless_zero(value, f"{abs(value):.2f}" if abs(value) < 1 else _plain(rounded, 3))


def usd(value: float | None) -> str:
    """An amount of money in USD: "$1.2M", "−$3.5", or "–"."""
    return _dollars(compact(value))


def price(value: float | None) -> str:
    """A price in USD with three significant digits and no exponent: "$0.0000123"."""
    if value is None or not math.isfinite(value) or abs(value) >= 1 or value == 0:
        return usd(value)
    if abs(value) < _TINY:
        return f"<${_TINY:.12f}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return _dollars(_sign(value) + _trimmed(f"{abs(value):.{digits}f}"))


def count(value: int | None) -> str:
    """A number of things: "4183", "12.3K"."""
    if value is None:
        return MISSING
    return str(value) if 0 <= value < 10_000 else compact(float(max(min(value, 10**18), -(10**18))))


def decimal(value: float | None, *, plus: bool = False) -> str:
    """A score, metric or weight with two decimals: "2.04", "−0.13"; `plus` marks gains: "+0.51"."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{abs(value):.2f}" if abs(value) < 1000 else compact(abs(value))
    if text == "0.00":
        return text
    return f"{_sign(value) or ('+' if plus else '')}{text}"


def change(now: float | None, then: float | None) -> str:
    """How far a positive figure came: "+12%", "−5%", from tenfold on "×14"; "–" unless both are known and positive."""
    if now is None or then is None or not (0 < now < math.inf and 0 < then < math.inf):
        return MISSING
    ratio = now / then
    if ratio >= 10:
        return f"×{compact(ratio) if math.isfinite(ratio) else '999T+'}"
    percent = (ratio - 1) * 100
    return _signed_unless_zero(percent, _percent_digits(percent), plus=True) + "%"


def share(part: float | None, whole: float | None) -> str:
    """A part of a whole as "62%"; "–" when unknown or when there is no whole."""
    if part is None or whole is None or not (math.isfinite(part) and math.isfinite(whole)) or whole <= 0:
        return MISSING
    return f"{min(max(part / whole, 0.0), 1.0) * 100:.0f}%"


def percent(fraction: float | None) -> str:
    """A fraction as "23%", below a tenth with one decimal: "0.4%"; a little is never "0%", unknown is "–"."""
    if fraction is None or not math.isfinite(fraction):
        return MISSING
    shown = min(max(fraction, 0.0), 1.0) * 100
    if 0 < shown < 0.1:
        return "<0.1%"
    return (_trimmed(f"{shown:.1f}") if shown < 10 else f"{shown:.0f}") + "%"


def arrow(now: float | None, before: float | None) -> str:
    """Where a score is heading: "↑", "↓" or "→"; empty when unknown."""
    if now is None or before is None or not math.isfinite(now - before):
        return ""
    if abs(now - before) < _STEADY:
        return "→"
    return "↑" if now > before else "↓"


def _percent_digits(percent: float) -> str:
    """Whole percents, with one decimal where that decimal tells something; a total loss only when it is one."""
    if percent < -99:
        return _trimmed(f"{min(abs(percent), 99.9):.1f}")
    return _trimmed(f"{abs(percent):.1f}") if abs(percent) < 10 else f"{abs(percent):.0f}"


def _plain(value: float, digits: int) -> str:
    """`digits` significant digits of a value within 1 … 999, without trailing zeros."""
    return _trimmed(f"{value:.{max(digits - 1 - math.floor(math.log10(value)), 0)}f}")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sign(value: float) -> str:
    return "−" if value < 0 else ""


def _signed_unless_zero(value: float, text: str, *, plus: bool = False) -> str:
    if not text.strip("0."):
        return "0"
    return f"{_sign(value) or ('+' if plus else '')}{_trimmed(text)}"


def _dollars(text: str) -> str:
    if text == MISSING:
        return text
    return f"−${text[1:]}" if text.startswith("−") else f"${text}"
