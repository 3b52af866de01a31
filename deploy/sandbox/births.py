"""Which token is born when, what it is called and what will happen to it: all from the seed and its number. Pure."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

import base58

from deploy.sandbox import courses
from deploy.sandbox.cast import ROLES, STILLBORN, Role, named
from deploy.sandbox.fates import MIGRATIONS_A_DAY, Fate, draw_curve_minutes, draw_fate
from deploy.sandbox.tapes import Make

BIRTH_SECONDS = 20.0
BIRTHS_A_DAY = 86_400 / BIRTH_SECONDS
GOLDEN = (math.sqrt(5) - 1) / 2
ENDING = "pump"  # of the recorded mints of pump.fun
ENDING_PLACES = 58 ** len(ENDING)
CAST = 60  # the first tokens are a show: half of them migrate, and soon


@dataclass(frozen=True, slots=True)
class Birth:
    """A token as it is born; `make` records its trades. Price and liquidity are those at the tape's `entry_level`."""

    mint: str
    symbol: str
    name: str
    created_at: datetime
    curve_seconds: float | None
    make: Make
    price: float
    liquidity: float
    entry_level: float = 0.0


def birth(seed: int, number: int, began_at: datetime) -> Birth:
    """The token number 0 (the hero), 1, 2, … of a world that began then. One is born every twenty seconds."""
    mint, random = mint_of(f"{seed}:{number}"), Random(f"{seed}:{number}")
    delay = BIRTH_SECONDS * number + random.uniform(0, BIRTH_SECONDS / 2) if number else 0.0
    created_at = began_at + timedelta(seconds=delay)
    if number in ROLES:
        return _played(ROLES[number], mint, created_at)
    symbol, name = named(number, random)
    if random.random() < migrating_share(seed, number):
        curve_seconds = random.uniform(30, 240) if number < CAST else 60 * draw_curve_minutes(random)
        return migrant(seed, mint, symbol, name, created_at, curve_seconds)
    make = partial(courses.stretches, story=STILLBORN)
    return Birth(mint, symbol, name, created_at, None, make, price=0.000005, liquidity=4_000)


def migrant(seed: int, mint: str, symbol: str, name: str, created_at: datetime, curve_seconds: float) -> Birth:
    """A token that migrates after so many seconds, and then meets its fate."""
    random = Random(f"{seed}:pool:{mint}")
    make = partial(courses.migrant, fate=fate_of(seed, mint), curve_seconds=curve_seconds)
    price, liquidity = 0.000065 * random.lognormvariate(0, 0.1), random.uniform(24_000, 42_000)
    return Birth(mint, symbol, name, created_at, curve_seconds, make, price, liquidity, courses.CURVE_RISE)


def fate_of(seed: int, mint: str) -> Fate:
    """What becomes of a token after its migration, unless it has a role."""
    return draw_fate(Random(f"{seed}:fate:{mint}"))


def migrating_share(seed: int, number: int) -> float:
    """How likely the token of this number migrates: each day has a pace of its own, the first one a fast one."""
    if number < CAST:
        return 0.5
    slow, fast = MIGRATIONS_A_DAY
    day = int(number // BIRTHS_A_DAY)
    luck = (Random(f"{seed}:days").random() + day * GOLDEN) % 1.0  # slow and fast days in turn, none too often
    pace = slow * math.exp(luck * math.log(fast / slow)) if day else fast
    return pace / BIRTHS_A_DAY


def mint_of(seed: str) -> str:
    """A mint as pump.fun gives them out: it ends in "pump"."""
    return mint_from(_hashed(seed))


def address_of(seed: str) -> str:
    """The address of anything but a token, such as a pool or a wallet: base58 of 32 bytes."""
    return base58.b58encode(_hashed(seed)).decode()


def mint_from(lot: bytes) -> str:
    """The mint that goes with these 32 bytes: another 32 of them, whose last four digits in base58 are "pump"."""
    above = int.from_bytes(lot, "big") % (2**256 // ENDING_PLACES)
    number = above * ENDING_PLACES + base58.b58decode_int(ENDING)
    return base58.b58encode(number.to_bytes(32, "big")).decode()


def _hashed(seed: str) -> bytes:
    return hashlib.sha256(seed.encode()).digest()


def _played(role: Role, mint: str, created_at: datetime) -> Birth:
    make = partial(courses.stretches, story=role.story)
    told = (mint, role.symbol, role.name, created_at, role.curve_seconds)
    return Birth(*told, make, role.price, role.liquidity)
