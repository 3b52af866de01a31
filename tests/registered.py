"""What the dispatcher takes: its commands and the data of its buttons, whoever has registered them."""

from __future__ import annotations

from aiogram import Dispatcher
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData


def commands_of(dispatcher: Dispatcher, update_type: str = "message") -> list[str]:
    """The names of all commands that are heard in updates of this type, sorted."""
    observers = [router.observers[update_type] for router in dispatcher.chain_tail]
    filters = [
        held.callback for observer in observers for handler in observer.handlers for held in handler.filters or ()
    ]
    return sorted({str(name) for found in filters if isinstance(found, Command) for name in found.commands})


def button_data() -> list[type[CallbackData]]:
    """Every kind of data that a button of ours carries."""
    return sorted((kind for kind in _below(CallbackData) if kind.__module__.startswith("bot.")), key=str)


def _below(kind: type[CallbackData]) -> set[type[CallbackData]]:
    return {found for child in kind.__subclasses__() for found in (child, *_below(child))}
