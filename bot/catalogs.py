"""The languages people read: gettext catalogs, compiled in memory from the `.po` files of `bot/locales/`.

No compiled artefacts are kept, so a translation can never be older than its source. Sentences live where they are said.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from aiogram.utils.i18n import I18n
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["en", "ru"]

DEFAULT_LANGUAGE: Language = "en"
LOCALES = Path(__file__).parent / "locales"
DOMAIN = "bot"


class Catalogs(I18n):
    """aiogram's I18n over `<locales>/<language>/LC_MESSAGES/bot.po`.

    Views call `aiogram.utils.i18n.gettext`; outside a handler wrap them in `speaking(language)`.
    """

    def __init__(self, path: Path = LOCALES) -> None:
        super().__init__(path=path, default_locale=DEFAULT_LANGUAGE, domain=DOMAIN)

    def find_locales(self) -> dict[str, gettext.GNUTranslations]:
        """Compile every language found; raises babel's PoFileError for a malformed file."""
        files = sorted(self.path.glob(f"*/LC_MESSAGES/{self.domain}.po"))
        return {file.parts[-3]: _compile(file) for file in files}

    @contextmanager
    def context(self) -> Iterator[I18n]:
        """Make these the current catalogs. aiogram asks `I18n` for them, while a subclass would remember its own."""
        token = I18n.set_current(self)
        try:
            yield self
        finally:
            I18n.reset_current(token)

    @contextmanager
    def speaking(self, language: str) -> Iterator[I18n]:
        """Make these the current catalogs and `language` the current language."""
        with self.context(), self.use_locale(language):
            yield self


def language_of(code: str | None) -> Language:
    """The language for a user's IETF tag as Telegram reports it: Russian for `ru` and its variants, else English."""
    primary = (code or "").replace("_", "-").partition("-")[0].strip().lower()
    return "ru" if primary == "ru" else DEFAULT_LANGUAGE


def _compile(file: Path) -> gettext.GNUTranslations:
    with file.open("rb") as source:
        catalog = read_po(source, locale=file.parts[-3], abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
