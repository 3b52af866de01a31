"""Where a token can be looked up elsewhere: the pages that everybody gets, and those that the owner adds."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

PLACE = "{mint}"
OWN_AT_MOST = 6
LONGEST_TITLE = 20
LONGEST_ADDRESS = 512


class Link(NamedTuple):
    """A button's title and the template of its address, with `{mint}` in one place."""

    title: str
    template: str

    def to(self, mint: str) -> str:
        """The address for this mint."""
        return self.template.replace(PLACE, quote(mint, safe=""))


DEXSCREENER = Link("DexScreener", "https://dexscreener.com/solana/{mint}")
PAGES = (
    Link("Birdeye", "https://birdeye.so/solana/token/{mint}"),
    DEXSCREENER,
    Link("Solscan", "https://solscan.io/token/{mint}"),
    Link("pump.fun", "https://pump.fun/coin/{mint}"),
)


def parse_links(text: str) -> tuple[Link, ...]:
    """`Name=https://…{mint},Name=https://…` as links, at most `OWN_AT_MOST`. Raises ValueError that names the entry."""
    entries = [entry.strip() for entry in text.split(",")]
    found = tuple(_parse(place, entry) for place, entry in enumerate(entries, 1) if entry)
    if len(found) > OWN_AT_MOST:
        raise ValueError(f"has {len(found)} entries, more than {OWN_AT_MOST}")
    return found


def _parse(place: int, entry: str) -> Link:
    title, _, address = (part.strip() for part in entry.partition("="))
    if not (title.isprintable() and 1 <= len(title) <= LONGEST_TITLE):
        raise ValueError(f"has a name that is not 1 to {LONGEST_TITLE} characters long (entry {place})")
    if not re.fullmatch(r"[!-~]+", address) or len(address) > LONGEST_ADDRESS or not _has_host(address):
        raise ValueError(f"has an address that does not start with https:// and a host (entry {place})")
    if address.count(PLACE) != 1 or PLACE in urlsplit(address).netloc:
        raise ValueError(f"has an address without exactly one {PLACE} after its host (entry {place})")
    return Link(title, address)


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:  # a port that is no number, or an unclosed bracket
        return False
