import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from aiogram.utils.i18n import gettext
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.pofile import PoFileError, read_po

from bot.catalogs import LOCALES, Catalogs, language_of

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "engine")  # the engine marks its sentences with N_; the bot translates them
FUNCTIONS = ("_", "__", "N_")
KEYWORDS = parse_keywords(["_:1,1t", "_:1,2,3t", "__:1,1t", "__:1,2,3t", "N_"])
HARMLESS = {"To the Moon"}  # the same in both languages on purpose

MessageId = str | tuple[str, ...]


@cache
def extracted() -> frozenset[MessageId]:
    """All messages of the program's sources."""
    found: set[MessageId] = set()
    for package in PACKAGES:
        for entry in extract_from_dir(ROOT / package, method_map=[("**.py", "python")], keywords=KEYWORDS):
            found.add(entry[2])
    return frozenset(found)


@cache
def russian() -> Catalog:
    with (LOCALES / "ru" / "LC_MESSAGES" / "bot.po").open("rb") as file:
        return read_po(file, locale="ru", abort_invalid=True)


def entries() -> dict[MessageId, Message]:
    return {_key(message): message for message in russian() if message.id}


def _key(message: Message) -> MessageId:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def forms(message: Message) -> list[str]:
    """The translation's text, or all its plural forms."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def fields(text: str) -> set[tuple[str, str]]:
    """The placeholders of a message with their formats."""
    return {(name, spec or "") for _text, name, spec, _how in string.Formatter().parse(text) if name is not None}


def literal_calls(tree: ast.AST) -> Iterator[str]:
    """The first argument of every gettext call, also of those within f-strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_every_message_has_a_russian_translation() -> None:
    missing = extracted() - entries().keys()
    assert not missing


def test_no_translation_outlived_its_message() -> None:
    assert not entries().keys() - extracted()
    assert not russian().obsolete


def test_no_message_hides_from_the_extractor() -> None:
    known = {one for entry in extracted() for one in ([entry] if isinstance(entry, str) else entry)}
    said = {
        text
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for text in literal_calls(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert len(said) > 100
    assert said <= known


def test_no_translation_is_fuzzy_or_empty() -> None:
    for message in entries().values():
        assert not message.fuzzy, message.id
        assert forms(message), message.id
        assert all(forms(message)), message.id


def test_placeholders_agree_with_the_source() -> None:
    for key, message in entries().items():
        singular = key if isinstance(key, str) else key[0]
        for text in forms(message):
            assert fields(text) == fields(singular), key


def test_commands_links_and_surrounding_space_survive_translation() -> None:
    for key, message in entries().items():
        if isinstance(key, str):
            text = str(message.string)
            assert re.findall(r"/[a-z]{3,}", key) == re.findall(r"/[a-z]{3,}", text)
            assert (key[0] == " ", key[-1] == " ") == (text[0] == " ", text[-1] == " ")


def test_every_russian_sentence_is_russian() -> None:
    for key, message in entries().items():
        if key not in HARMLESS:
            assert re.search("[а-яё]", str(message.string).lower()), key


def test_no_message_is_translated_twice() -> None:
    source = (LOCALES / "ru" / "LC_MESSAGES" / "bot.po").read_text(encoding="utf-8")
    said = re.findall(r'^msgid ((?:"(?:[^"\\]|\\.)*"\n)+)', source, re.MULTILINE)
    assert len(said) > 100
    assert sorted(said) == sorted(set(said))


def test_russian_plurals_have_three_forms() -> None:
    assert russian().num_plurals == 3
    for key, message in entries().items():
        if not isinstance(key, str):
            assert len(forms(message)) == 3


@pytest.mark.parametrize(
    ("count", "word"), [(1, "токен"), (3, "токена"), (5, "токенов"), (11, "токенов"), (21, "токен")]
)
def test_russian_counts_decline(count: int, word: str) -> None:
    with Catalogs().speaking("ru"):
        said = gettext("…and {count} more", "…and {count} more", count).format(count=count)
    assert said == f"…и ещё {count} {word}"


def test_both_languages_are_there_and_english_is_the_source() -> None:
    catalogs = Catalogs()
    assert set(catalogs.available_locales) == {"en", "ru"}
    with catalogs.speaking("ru"):
        assert gettext("Score {score}") == "Оценка {score}"
    with catalogs.speaking("en"):
        assert gettext("Score {score}") == "Score {score}"


def test_an_unknown_language_speaks_english() -> None:
    with Catalogs().speaking("tlh"):
        assert gettext("Saved") == "Saved"


def test_a_malformed_catalog_is_an_error_and_not_a_silent_gap(tmp_path: Path) -> None:
    file = tmp_path / "ru" / "LC_MESSAGES" / "bot.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid "Saved"\nСохранено\n', encoding="utf-8")
    with pytest.raises(PoFileError):
        Catalogs(tmp_path)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("ru", "ru"),
        ("ru-RU", "ru"),
        ("RU_by", "ru"),
        ("en", "en"),
        ("en-GB", "en"),
        ("uk", "en"),
        ("be", "en"),
        ("rue", "en"),
        ("", "en"),
        (None, "en"),
        ("\ud800" * 50, "en"),
    ],
)
def test_russian_is_spoken_to_those_who_read_it(code: str | None, language: str) -> None:
    assert language_of(code) == language
