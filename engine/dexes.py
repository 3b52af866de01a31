"""Exchanges' names: whichever source tells of a pool, its exchange has one name in snake case. Pure."""

from __future__ import annotations

import re
from types import MappingProxyType

from engine import fields

LONGEST_NAME = 64
CURVES = frozenset({"pumpfun", "raydium_launchlab", "meteora_dynamic_bonding_curve", "moonshot"})
ALIASES = MappingProxyType(
    {
        "pump_fun": "pumpfun",
        "pump_dot_fun": "pumpfun",
        "launchlab": "raydium_launchlab",
        "meteoradbc": "meteora_dynamic_bonding_curve",
        "meteora_dbc": "meteora_dynamic_bonding_curve",
        "pump_amm": "pumpswap",
        "pump_swap": "pumpswap",
        "pump_fun_amm": "pumpswap",
        "raydium_clmm": "raydium_clamm",
        "raydium_cpmm": "raydium_cp",
        "whirlpool": "orca",
        "orca_whirlpool": "orca",
    }
)


def dex_name(told: object) -> str | None:
    """`Raydium Clamm` and `raydium_clamm` alike as `raydium_clamm`, aliases as one; None when it is no name at all."""
    name = fields.text(told, LONGEST_NAME) or ""
    snake = re.sub(r"[\W_]+", "_", name.lower())[:LONGEST_NAME].strip("_")
    return ALIASES.get(snake, snake) or None


def is_curve(dex: str) -> bool:
    """Whether this exchange (by its `dex_name`) is a bonding curve: a token's pool there is no exchange pool."""
    return dex in CURVES
