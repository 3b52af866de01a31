"""Throws hostile answers and frames at everything that reads a provider: `python -m tests.fuzz --help`."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.fuzz.kinds import KINDS
from tests.fuzz.mutations import hostile

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


def _parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same inputs")
    parser.add_argument("--count", type=int, default=1_000_000, help="how many inputs, shared by the kinds")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input of a kind")
    parser.add_argument("--kind", choices=[*KINDS, "all"], default="all")
    return parser.parse_args(words)


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
