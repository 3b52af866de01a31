"""Messages as a page that looks like a chat on a phone. Pure: it holds all it needs, and loads nothing."""

from __future__ import annotations

import base64
from datetime import UTC
from html import escape
from pathlib import Path
from typing import Literal

from deploy.sandbox.pictures.entities import rich_text
from deploy.sandbox.telegram.values import Json, SentMessage

Theme = Literal["dark", "light"]

STYLE = Path(__file__).with_name("chat.css").read_text(encoding="utf-8")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
MEDIA_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
CORNERS = {"url": "↗", "copy_text": "❐"}


def html(*messages: SentMessage, bot_name: str = "ToTheMoon2", theme: Theme = "dark") -> str:
    """A whole page: the bot's name above, then the messages, the bot's on the left and people's on the right."""
    return (
        f'<!doctype html><html data-theme="{theme}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(bot_name)}</title><style>{STYLE}</style></head>"
        f'<body><main class="phone">{_header(bot_name)}{"".join(map(bubble, messages))}</main></body></html>'
    )


def _header(bot_name: str) -> str:
    initials = escape("".join(char for char in bot_name if char.isupper())[:2] or bot_name[:1])
    return (
        f'<header><span class="face">{initials}</span>'
        f'<span><span class="name">{escape(bot_name)}</span><span class="bot">bot</span></span></header>'
    )


def bubble(message: SentMessage) -> str:
    """One message with its picture, and below it its buttons."""
    words = rich_text(message.text or message.caption or "", message.entities)
    text = f'<div class="text">{words}</div>' if words else ""
    side = "theirs" if message.sender.is_bot else "mine"
    body = f'<div class="bubble">{_photo(message)}{text}{_stamp(message)}</div>'
    return f'<article class="{side}">{body}{_keyboard(message.reply_markup)}</article>'


def _photo(message: SentMessage) -> str:
    if message.file is None:
        return ""
    media_type = MEDIA_TYPES[Path(message.file.path).suffix]
    content = base64.b64encode(message.file.content).decode()
    size = f'width="{message.file.width_px}" height="{message.file.height_px}"'
    return f'<img {size} alt="" src="data:{media_type};base64,{content}">'


def _stamp(message: SentMessage) -> str:
    """When it was written, as a reader in UTC sees it."""
    edited = "edited " if message.edited else ""
    return f'<span class="stamp">{edited}{message.date.astimezone(UTC):%H:%M}</span>'


def _keyboard(markup: Json | None) -> str:
    rows = (markup or {}).get("inline_keyboard", [])
    return "".join(f'<div class="keys">{"".join(map(_key, row))}</div>' for row in rows)


def _key(button: Json) -> str:
    corner = next((sign for action, sign in CORNERS.items() if action in button), "")
    sign = f'<span class="corner">{corner}</span>' if corner else ""
    return f'<span class="key">{escape(button["text"])}{sign}</span>'
