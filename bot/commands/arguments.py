"""What stands behind a command, made safe to look up. Pure."""

from __future__ import annotations

from aiogram.filters import CommandObject

LONGEST = 200


def argument(command: CommandObject) -> str:
    """The words after the command, made safe."""
    return safe(command.args or "")


def safe(text: str) -> str:
    """The text without NUL, which PostgreSQL refuses, and at most `LONGEST` characters."""
    return text.replace("\0", "").strip()[:LONGEST]


def count(text: str, default: int, at_most: int) -> int | None:
    """The whole number from 1 to `at_most` that was asked for; the default when none was, None for nonsense."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(at_most))):
        return None
    return int(text) if 1 <= int(text) <= at_most else None
