"""A Telegram text with its entities as HTML. Pure. What the text says stays text: only our own tags are markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape

from deploy.sandbox.telegram.values import Json

BLUE = ("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "text_mention")
BLOCKS = ("blockquote", "expandable_blockquote", "pre")
OPENINGS = {
    "bold": "<b>",
    "italic": "<i>",
    "underline": "<u>",
    "strikethrough": "<s>",
    "code": "<code>",
    "pre": '<span class="pre">',
    "spoiler": '<span class="spoiler">',
    "blockquote": "<blockquote>",
    "expandable_blockquote": '<blockquote class="expandable">',
    **dict.fromkeys(BLUE, '<span class="blue">'),
}
SAFE_SCHEMES = ("https://", "http://", "tg://")
CLOCK_FORMAT = "t"  # the short time of day, in the reader's time zone


@dataclass(frozen=True, slots=True)
class _Span:
    """An entity from `start` to `end`, in UTF-16 units of the whole text."""

    start: int
    end: int
    entity: Json


def rich_text(text: str, entities: Sequence[Json]) -> str:
    """The text as HTML; offsets count UTF-16 units. Entities that cross each other are cut where they do."""
    units = text.encode("utf-16-le", "surrogatepass")
    spans = [_Span(entity["offset"], entity["offset"] + entity["length"], entity) for entity in entities]
    return _between(units, 0, len(units) // 2, _outer_first(spans))


def _outer_first(spans: Sequence[_Span]) -> list[_Span]:
    """Sorted so that an entity comes before those within it; of the same extent a block is the outer one."""
    return sorted(spans, key=lambda span: (span.start, -span.end, span.entity["type"] not in BLOCKS))


def _between(units: bytes, start: int, end: int, spans: Sequence[_Span]) -> str:
    """The part from `start` to `end`, with the entities that lie within it."""
    parts: list[str] = []
    waiting = [span for span in spans if start <= span.start < span.end <= end]
    while waiting:
        outer, others = waiting[0], waiting[1:]
        inner = [_clipped(span, end=outer.end) for span in others if span.start < outer.end]
        parts.append(_plain(units, start, outer.start))
        parts.append(_wrapped(outer.entity, _between(units, outer.start, outer.end, inner)))
        start = _after(units, outer)
        waiting = _outer_first([_clipped(span, start=start) for span in others if span.end > start])
    return "".join([*parts, _plain(units, start, end)])


def _clipped(span: _Span, *, start: int = 0, end: int | None = None) -> _Span:
    return replace(span, start=max(span.start, start), end=span.end if end is None else min(span.end, end))


def _after(units: bytes, outer: _Span) -> int:
    """Where the text goes on: the line break behind a block is the block's own."""
    breaks = outer.entity["type"] in BLOCKS and units[2 * outer.end : 2 * outer.end + 2] == b"\n\0"
    return outer.end + breaks


def _plain(units: bytes, start: int, end: int) -> str:
    return escape(units[2 * start : 2 * max(start, end)].decode("utf-16-le", "replace"))


def _wrapped(entity: Json, inner: str) -> str:
    kind = entity["type"]
    if kind == "date_time":
        return _time(entity, inner)
    if kind == "text_link":
        return _link(entity.get("url", ""), inner)
    return _tagged(OPENINGS[kind], inner) if kind in OPENINGS else inner


def _tagged(opening: str, inner: str) -> str:
    name = opening.strip("<>").split()[0]
    return f"{opening}{inner}</{name}>"


def _time(entity: Json, inner: str) -> str:
    """A time as a reader in UTC sees it; formats other than the time of day keep the bot's words."""
    at = datetime.fromtimestamp(entity["unix_time"], UTC)
    shown = f"{at:%H:%M}" if entity.get("date_time_format") == CLOCK_FORMAT else inner
    return f'<time datetime="{at.isoformat()}">{shown}</time>'


def _link(url: str, inner: str) -> str:
    if not url.lower().startswith(SAFE_SCHEMES):
        return _tagged('<span class="blue">', inner)
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{inner}</a>'
