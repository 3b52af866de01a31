"""A simulated day of scores that oscillate around the threshold: who hears what, by the program, by an independent
reading of the specification, and by a plain threshold crossing."""

from __future__ import annotations

import argparse
import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
import uvloop

from storage.database import Database
from tests.bench.episode_day import Day, Simulation
from tests.bench.listeners import KINDS
from tests.bench.oracle import Oracle, Told, per_kind
from tests.bench.oscillating import Look
from tests.bench.whole import opened, own_database


@dataclass(frozen=True, slots=True)
class Compared:
    """A day beside what the specification makes of it."""

    day: Day
    oracle: Oracle

    @property
    def differences(self) -> list[Told]:
        """What the program told and the specification does not, and the other way round; also what was told twice."""
        told, meant = Counter(self.day.told), Counter(self.oracle.told)
        return sorted([*(told - meant).elements(), *(meant - told).elements()])


async def compare(database: Database, hours: float, tokens: int, chats: int, seed: int) -> Compared:
    """Simulate so many hours in a migrated database without rows; `chats` is how many there are of each kind."""
    day = await Simulation(database, hours, tokens, chats, seed).run()
    oracle = Oracle(day.kinds)
    oracle.read(day.events)
    return Compared(day, oracle)


def lines(found: Compared) -> list[str]:
    """The table, and what was in the day."""
    day, oracle = found.day, found.oracle
    ours, meant, plain = (per_kind(told, day.kinds) for told in (day.told, oracle.told, oracle.plain))
    different = per_kind(found.differences, day.kinds)
    head = f"{'alerts to chats that':<34} {'program':>8} {'oracle':>8} {'differ':>7} {'plain':>8} {'plain/ours':>11}"
    rows = [(kind, ours[kind], meant[kind], different[kind], plain[kind]) for kind in KINDS]
    rows.append(("all", ours.total(), meant.total(), different.total(), plain.total()))
    return [head, *(_row(*row) for row in rows), *_notes(found)]


def _row(kind: str, ours: int, meant: int, different: int, plain: int) -> str:
    ratio = f"{plain / ours:.1f}" if ours else "–"
    return f"{kind:<34} {ours:>8,} {meant:>8,} {different:>7,} {plain:>8,} {ratio:>11}"


def _notes(found: Compared) -> list[str]:
    day, oracle = found.day, found.oracle
    looks = [event for event in day.events if isinstance(event, Look)]
    kept = ", ".join(f"{why} {len(each):,}" for why, each in sorted(oracle.kept_back.items()))
    without = sum(look.sample is None for look in looks)
    return [
        f"{oracle.episodes:,} episodes, {len(looks):,} looks in {day.ticks:,} ticks, {without:,} of them without data",
        f"{len(day.kinds)} chats, and {len(day.events) - len(looks):,} times one did something or levels were set",
        f"episodes kept from a chat, at first or for good: {kept}",
        f"each tick was recorded twice: {day.repeated} rows more",
    ]


async def _run(asked: argparse.Namespace) -> bool:
    """Whether the program did as specified."""
    async with own_database() as address, opened(address) as store:
        begin = time.monotonic()
        found = await compare(store.database, asked.hours, asked.tokens, asked.chats, asked.seed)
    print("\n".join(lines(found)))
    print(f"{asked.hours:g} simulated hours, seed {asked.seed}: {time.monotonic() - begin:.0f} s")
    for at, chat_id, token_id in found.differences[:20]:
        print(f"differs: {at:%H:%M:%S}, token {token_id}, chat {chat_id} ({found.day.kinds[chat_id]})")
    return not found.differences and not found.day.repeated


def main(arguments: Sequence[str]) -> None:
    """Print the table; exit code 1 where the program differs from the specification."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench episodes", description=__doc__)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--tokens", type=int, default=12)
    parser.add_argument("--chats", type=int, default=3, help="so many of each kind")
    parser.add_argument("--seed", type=int, default=1)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    logging.disable(logging.INFO)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if not runner.run(_run(parser.parse_args(arguments))):
            raise SystemExit(1)
