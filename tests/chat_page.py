"""Where things stand on the sandbox's page, as JavaScript."""

from __future__ import annotations


def shown(query: str) -> str:
    """The first element that this selector finds."""
    return f"document.querySelector('{query}')"


def person(user_id: int) -> str:
    """The button by which one is this person."""
    return shown(f'[data-person="{user_id}"]')


def chat(chat_id: int) -> str:
    """The chat's row in the list."""
    return shown(f'[data-chat="{chat_id}"]')


def control(name: str) -> str:
    """A control of the panel."""
    return shown(f'[data-control="{name}"]')
