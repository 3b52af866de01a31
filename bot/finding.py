"""Which tokens are meant by what people write: a mint, a pool, a link with one, or a symbol. Reads rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.types import Message

from bot.views.lookup import CHOICES_AT_MOST
from bot.views.names import short_mint
from engine.addresses import addresses
from engine.fields import mint
from engine.model import Token
from engine.symbols import symbol_key
from storage.tokens import Tokens

LONGEST_SYMBOL = 200


@dataclass(frozen=True, slots=True)
class Found:
    """The tokens that `said` may mean, and how many there are in all; `mint` is set where it named just one address."""

    said: str
    tokens: tuple[Token, ...] = ()
    total: int = 0
    mint: str | None = None


async def find(tokens: Tokens, words: str, limit: int = CHOICES_AT_MOST) -> Found:
    """By the addresses in the words, else by the symbol that they are; people also write it after a dollar sign."""
    named = addresses(words)
    if named:
        return await find_at(tokens, named)
    symbols = _symbols(words)
    for symbol in symbols:
        if found := await tokens.find(symbol, limit):
            return Found(symbols[0], tuple(found), await tokens.alike(symbol))
    return Found(symbols[0])


async def find_among(known: Sequence[Token], words: str, tokens: Tokens) -> list[Token]:
    """Those of the known tokens that `find` would mean, however many others go by the same symbol."""
    if named := addresses(words):
        ids = {token.id for token in await tokens.at(named)}
        return [token for token in known if token.id in ids]
    for key in filter(None, map(symbol_key, _symbols(words))):
        if found := [token for token in known if token.symbol and symbol_key(token.symbol) == key]:
            return found
    return []


async def find_at(tokens: Tokens, named: Sequence[str]) -> Found:
    """By addresses alone."""
    found = await tokens.at(named)
    said = named[0] if len(named) == 1 else ", ".join(short_mint(address) for address in named)
    return Found(said, tuple(found), len(found), mint(named[0]) if len(named) == 1 else None)


def pasted(message: Message) -> tuple[str, ...]:
    """The addresses in a message: in its text or a picture's caption, else behind the words that link somewhere."""
    words = message.text or message.caption or ""
    links = [entity.url for entity in message.entities or message.caption_entities or () if entity.url]
    return addresses(words) or addresses(" ".join(links))


def _symbols(words: str) -> tuple[str, ...]:
    """What the words may be as a symbol; first as they are said."""
    said = words.replace("\0", "").strip()[:LONGEST_SYMBOL]
    return tuple(dict.fromkeys((said, said.removeprefix("$"))))
