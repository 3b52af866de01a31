"""One overview answer of Birdeye, read from a file, as a plain table of components and score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from engine.errors import NoDataYet
from engine.fields import load_json
from engine.model import Component, Score, Status, Token
from engine.overview import parse_overview
from engine.scoring import MAX_OBSERVED_MINUTES, score_check
from engine.settings import Settings


def scorecard(path: Path, age_minutes: float, now: datetime) -> str:
    """The score of the file's answer for a token of this age, as its first check under the default settings.

    Raises OSError, ValueError (not JSON) or NoDataYet.
    """
    body = load_json(path.read_bytes())
    dropped: list[str] = []
    mint = _mint(body)
    sample = parse_overview(body, mint, now, dropped.append)
    born_at = now - timedelta(minutes=min(age_minutes, MAX_OBSERVED_MINUTES))
    token = Token(id=0, mint=mint, status=Status.ACTIVE, created_at=now, first_trade_at=born_at)
    score = score_check(token, sample, (), now, Settings())
    head = [("token", _printable(mint)), ("symbol", _printable(sample.symbol)), ("dropped", ", ".join(dropped) or "–")]
    return "\n\n".join([_aligned(head), _aligned(_components(score)), _aligned(_sum(score))])


def _mint(body: object) -> str:
    """Whatever token the answer is about: there is no other to compare it with."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise NoDataYet("there is no `data` in it")
    address = data.get("address", "")
    return address if isinstance(address, str) else ""


def _printable(text: str | None) -> str:
    """A terminal obeys control characters, so none is printed."""
    return "".join(sign for sign in text or "" if sign.isprintable()) or "–"


def _components(score: Score) -> list[Sequence[str]]:
    return [("component", "value", "weight", "adds"), *(_row(part) for part in score.components)]


def _row(part: Component) -> Sequence[str]:
    value, adds = (_figure(part.value), _figure(part.contribution)) if part.value is not None else ("missing", "–")
    return (part.name, value, f"{part.weight:g}", adds)


def _sum(score: Score) -> list[Sequence[str]]:
    value = "–, for too little is known" if score.value is None else _figure(score.value)
    return [
        ("W", f"{score.observed_minutes:g} min"),
        ("coverage", f"{score.coverage:.0%}"),
        ("raw", _figure(score.raw)),
        ("score", value),
    ]


def _figure(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.4g}"


def _aligned(rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
    )
