"""Writes the kept messages anew (`python -m tests.golden.views`). Read the difference before committing it."""

from __future__ import annotations

from tests.golden.views import LANGUAGES, VIEWS, drawn, file_of


def main() -> None:
    """Write every view in every language."""
    for name in VIEWS:
        for language in LANGUAGES:
            file_of(name, language).write_text(drawn(name, language), encoding="utf-8")


if __name__ == "__main__":
    main()
