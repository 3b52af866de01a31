"""`python -m tests.bench NAME …`: measurements of what the aims promise."""

from __future__ import annotations

import sys

from tests.bench import budget, delivery, episodes, faults, kills, outages, speeds, tick

BENCHES = {
    "budget": budget.main,
    "delivery": delivery.main,
    "episodes": episodes.main,
    "faults": faults.main,
    "kills": kills.main,
    "outages": outages.main,
    "speeds": speeds.main,
    "tick": tick.main,
}


def main() -> None:
    """Run the bench that the first word names with the words behind it."""
    name, *rest = sys.argv[1:] or [""]
    if name not in BENCHES:
        raise SystemExit(f"Say which bench: {', '.join(BENCHES)}")
    BENCHES[name](rest)


if __name__ == "__main__":
    main()
