"""Draws the kept pictures anew (`python -m tests.golden`). Look at each one before committing it."""

from __future__ import annotations

import sys

from tests.golden.cards import FOLDER, PICTURES


def main() -> None:
    """Write every picture and print its size."""
    for name, draw in PICTURES.items():
        png = draw()
        (FOLDER / f"{name}.png").write_bytes(png)
        sys.stdout.write(f"{name}.png {len(png)} bytes\n")


if __name__ == "__main__":
    main()
