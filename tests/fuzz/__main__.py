"""Throws hostile answers and frames at what reads a provider, and updates at the bot: `python -m tests.fuzz --help`.

Updates need a database, for which a server is started in a temporary folder; they are no part of "all".
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from storage.database import Database
from storage.embedded import embedded_postgres
from tests.fuzz.kinds import KINDS
from tests.fuzz.mutations import hostile
from tests.fuzz.updates.running import Outcome, run

SHOWN_ESCAPES = 5


@dataclass(frozen=True, slots=True)
class Escape:
    """An input that broke a law or the program; with seed, kind and number it can be made again."""

    kind: str
    number: int
    raw: bytes
    trace: str


def fuzz(kind: str, seed: int, numbers: range) -> Iterator[str | Escape]:
    """The outcome of each input with these numbers; the same for the same seed."""
    for number in numbers:
        random = Random(f"{seed}/{kind}/{number}")
        raw = hostile(random, KINDS[kind].templates)
        try:
            yield KINDS[kind].read(raw, random)
        except Exception:  # noqa: BLE001 - whatever escapes is what is looked for
            yield Escape(kind, number, raw, traceback.format_exc())


def main(words: list[str]) -> int:
    """Fuzz as the command line says; 1 when anything escaped."""
    options = _parse(words)
    if options.kind == "updates":
        return throw_updates(options.seed, range(options.first, options.first + options.count))
    kinds = list(KINDS) if options.kind == "all" else [options.kind]
    share, rest = divmod(options.count, len(kinds))
    escapes: list[Escape] = []
    started = time.perf_counter()
    for place, kind in enumerate(kinds):
        numbers = range(options.first, options.first + share + (place < rest))
        escapes += _report(kind, options.seed, numbers)
    _tell(f"{options.count:,} inputs, seed {options.seed}, {time.perf_counter() - started:.1f} s")
    for escape in escapes[:SHOWN_ESCAPES]:
        again = f"--seed {options.seed} --kind {escape.kind} --first {escape.number} --count 1"
        _tell(f"\nESCAPE {again}\ninput: {escape.raw[:2000]!r}\n{escape.trace}")
    _tell(f"{len(escapes)} escapes")
    return int(bool(escapes))


def _report(kind: str, seed: int, numbers: range) -> list[Escape]:
    """Fuzz one kind and tell how often each outcome came."""
    outcomes: Counter[str] = Counter()
    escapes = []
    for outcome in fuzz(kind, seed, numbers):
        if isinstance(outcome, Escape):
            escapes.append(outcome)
        outcomes["ESCAPE" if isinstance(outcome, Escape) else outcome] += 1
    _tell(f"{kind}: {len(numbers):,} inputs")
    for outcome, count in outcomes.most_common():
        _tell(f"  {count:>9,}  {outcome}")
    return escapes


def throw_updates(seed: int, numbers: range) -> int:
    """Throw the updates with these numbers at the bot and tell what came of it; 1 when a law was broken."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="tothemoon-fuzz-") as folder:
        outcome = asyncio.run(_on_a_server_of_its_own(Path(folder).resolve(), seed, numbers))
    seconds = time.perf_counter() - started
    for title, counts in (("sent", outcome.sent), ("requests", outcome.made), ("told", outcome.told)):
        _tell(f"{title}: {counts.total():,}")
        for what, count in counts.most_common():
            _tell(f"  {count:>9,}  {what}")
    _tell(f"{len(numbers):,} updates, seed {seed}, {seconds:.1f} s, {len(numbers) / seconds:.0f} a second")
    for fault in outcome.faults[:SHOWN_ESCAPES]:
        _tell(f"\nFAULT {fault}")
    _tell(f"{len(outcome.faults)} faults")
    return int(bool(outcome.faults))


async def _on_a_server_of_its_own(folder: Path, seed: int, numbers: range) -> Outcome:
    async with embedded_postgres(folder) as where:
        database = Database(where)
        await database.migrate()
        try:
            return await run(database, seed, numbers)
        finally:
            await database.close()


def _parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same inputs")
    parser.add_argument("--count", type=int, default=1_000_000, help="how many inputs, shared by the kinds")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input of a kind")
    parser.add_argument("--kind", choices=[*KINDS, "updates", "all"], default="all")
    return parser.parse_args(words)


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
