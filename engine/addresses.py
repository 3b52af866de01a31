"""Solana addresses in what people write: mints and pools, bare or within links. Pure.

A link of DexScreener carries the pool's address, and that in lower case, from which base58 cannot be told.
"""

from __future__ import annotations

import re

from engine.fields import mint
from engine.frames import QUOTE_MINTS

ADDRESSES_AT_MOST = 10  # of one text: nobody means more
LONGEST_TEXT = 16_384  # characters that are looked at; Telegram's longest message has 4096

_RUN = re.compile(r"(?<![0-9A-Za-z])[1-9A-HJ-NP-Za-km-z]{32,44}(?![0-9A-Za-z])", re.ASCII)
_LOWERED = re.compile(r"dexscreener\.com/solana/([0-9a-z]{32,44})(?![0-9A-Za-z])", re.ASCII | re.IGNORECASE)


def addresses(text: str) -> tuple[str, ...]:
    """The addresses in a text, each once, in their order, without those of SOL and dollars.

    Lower-cased ones of DexScreener's links come last; they are no mints, but may be found among the pools.
    """
    text = text[:LONGEST_TEXT]
    found = [run for run in _RUN.findall(text) if mint(run) and run not in QUOTE_MINTS]
    lowered = [run for run in _LOWERED.findall(text) if run == run.lower() and not mint(run)]
    return tuple(dict.fromkeys(found + lowered))[:ADDRESSES_AT_MOST]
