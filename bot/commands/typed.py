"""Registers what people type: in private, in groups, and in channels, whose own posts are commands too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Router
from aiogram.filters import Command

Handler = Callable[..., Awaitable[Any]]


def hear(family: Router, name: str, handler: Handler) -> None:
    """Have this family take `/name`, however it is written, wherever it is typed."""
    for typed in (family.message, family.channel_post):
        typed.register(handler, Command(name, ignore_case=True))
