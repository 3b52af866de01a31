"""What the page and other tools order, read from JSON: every wrong value gets a sentence and a 400."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from aiohttp import web

Wanted = TypeVar("Wanted")

QUOTED_CHARACTERS = 40


async def order(request: web.Request) -> dict[str, Any]:
    """The JSON object of this request."""
    try:
        body = await request.json()
    except (ValueError, LookupError, RecursionError):  # LookupError: a charset that there is not
        body = None
    if not isinstance(body, dict):
        refuse('send a JSON object such as {"user_id": 7, "chat_id": 7, "text": "/start"}')
    return body


def field(body: dict[str, Any], name: str, kind: type[Wanted]) -> Wanted:
    """One value of this type."""
    value = body.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        refuse(f"{name} is missing or not of type {kind.__name__}")
    return value


def words(body: dict[str, Any], name: str, most_characters: int) -> str:
    """A text that can be sent, not blank."""
    text = typed(body, name, most_characters).strip()
    if not text:
        refuse(f"{name} is empty")
    return text


def typed(body: dict[str, Any], name: str, most_characters: int) -> str:
    """A text as it was typed, perhaps nothing."""
    text = field(body, name, str)
    if len(text) > most_characters:
        refuse(f"{name} is longer than {most_characters} characters", "tooLong")
    try:
        text.encode()
    except UnicodeEncodeError:
        refuse(f"{name} holds half a character")
    return text


def quoted(value: object) -> str:
    """A wrong value as a sentence may hold it: visible, and short."""
    text = repr(value)
    return text if len(text) <= QUOTED_CHARACTERS else f"{text[: QUOTED_CHARACTERS - 1]}…"


def refuse(sentence: str, word: str = "refused") -> NoReturn:
    """A 400 that says what is wrong; `word` names what the page says of it, in the languages that it speaks."""
    raise web.HTTPBadRequest(text=f"{sentence}\n", headers={"Refusal": word})
