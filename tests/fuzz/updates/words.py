"""What strangers write: commands with hostile arguments, and data for buttons, of the kinds that the bot knows."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from random import Random
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from aiogram.filters.callback_data import CallbackData

from bot.callbacks import ProposalTap
from engine.settings import SPECS

NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "10",
    "20",
    "60",
    "-1",
    "1.5",
    "1e9",
    "99",
    "9999999999",
    str(2**63 - 1),
    str(2**63),
)
ARGUMENTS = (
    *("", " ", "\0", "\x00\x00", "-", "nan", "inf", "٣", "²", "1e400", "0x10", "--", "'", '"; DROP TABLE chats; --'),
    *("\u202eevil\u202c", "🚀" * 50, "\ud800", "A" * 4000, "\n" * 300, "{name} {0} {x.__class__}", "%s %(x)s", "<b>"),
    *(
        "t.me/scam",
        "https://t.me/scam?start=set",
        "@tothemoon2_bot",
        "/set min_tx_count 1",
        "score",
        "alerts",
        "admins",
    ),
    *(
        "zone Europe/Berlin",
        "zone ../../etc/passwd",
        "zone \0",
        "2.5",
        "on",
        "off",
        "ru",
        "weight tx_accel 0.4",
        "$PEPE",
    ),
    *("t_" + "1" * 44, "1" * 32, "z" * 44, "pepe", "WOBL", "p:1:1"),
)
THE_PROPOSAL = ProposalTap(number=1, yes=True).pack()  # which the impersonated admin has made
LIMITS = {"commands_per_user", "commands_per_chat"}  # an admin who lowers these would end the fuzzing
WORDS = (
    "",
    "0",
    "1",
    "x",
    "yes",
    "no",
    "none",
    "on",
    "silent",
    "off",
    "ru",
    "en",
    "deadbeef",
    "23-7",
    "Europe/Berlin",
    "🚀",
)


def line(random: Random, commands: Sequence[str], mints: Sequence[str]) -> str:
    """A command, or what looks like one."""
    name = random.choice(commands)
    if random.random() < 0.1:
        name = random.choice((name.upper(), name[:-1], name + "x", "", "🚀", "set" * 30))
    address = random.choice(("", "", "", "@tothemoon2_bot", "@other_bot", "@"))
    return f"/{name}{address} {argument(random, mints)}"


def argument(random: Random, mints: Sequence[str]) -> str:
    """What stands behind a command, or what is pasted."""
    draw = random.random()
    if draw < 0.35:
        return random.choice(ARGUMENTS)
    if draw < 0.55:
        mint = random.choice(mints)
        return random.choice(
            (mint, f"https://pump.fun/coin/{mint}?x=1", mint[:-1], mint + mint, f"{mint} {mint[::-1]}")
        )
    if draw < 0.75:
        return random.choice(NUMBERS)
    name = random.choice([name for name in SPECS if name not in LIMITS])
    return f"{random.choice((name, name.replace('_', ' '), name + '='))} {random.choice(NUMBERS)}"


def data(random: Random, kinds: Sequence[type[CallbackData]]) -> str:
    """A button's data: plausible, with a part that is not, or nonsense. At most 64 bytes, as Telegram lets through."""
    if random.random() < 0.08:
        return THE_PROPOSAL
    kind = random.choice(kinds)
    parts = [_part(random, field.annotation) for field in kind.model_fields.values()]
    draw = random.random()
    if parts and draw < 0.25:
        parts[random.randrange(len(parts))] = random.choice((*WORDS, *NUMBERS, "\0", "-0", "１", "true", " 1"))
    elif draw < 0.32:
        parts = random.choice((parts[:-1], [*parts, "1"], [], parts[::-1]))
    made = ":".join((random.choice((kind.__prefix__,) * 30 + ("", "x", kind.__prefix__ + "x")), *parts))
    return made.encode("utf-8", "replace")[:64].decode("utf-8", "ignore")


def _part(random: Random, kind: Any) -> str:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        chosen = random.choice(get_args(kind))
        return "" if chosen is type(None) else _part(random, chosen)
    if origin is Literal:
        return str(random.choice(get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return str(random.choice(list(kind)).value)
    if kind is bool:
        return random.choice("01")
    return random.choice(NUMBERS if kind in (int, float) else (*WORDS, *NUMBERS))
