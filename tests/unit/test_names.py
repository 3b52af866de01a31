import unicodedata
from collections.abc import Iterator

import pytest
from aiogram.utils.formatting import Code
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogs import Catalogs
from bot.views.names import LIMIT, clean, isolated, name, short_mint, title

# Lone surrogates included: providers' JSON may carry them.
ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with Catalogs().speaking("en"):
        yield


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Pepe the Frog", "Pepe the Frog"),
        ("  two\n\tlines\r\n ", "two lines"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u200bb\u2060c\ufeff", "abc"),
        ("ＰＥＰＥ", "PEPE"),
        ("\u3164\uffa0\u2800\u115f", ""),
        ("nul\x00 and \ud800 surrogate", "nul and surrogate"),
        ("private\ue000 unassigned\u0378", "private unassigned"),
        ("♥\ufe0f", "♥"),
        ("x" * 30, "x" * 23 + "…"),
        ("x" * 24, "x" * 24),
        (None, ""),
        ("", ""),
    ],
)
def test_a_hostile_name_becomes_one_plain_line(raw: str | None, shown: str) -> None:
    assert clean(raw) == shown


def test_stacked_marks_are_thinned_to_two() -> None:
    assert clean("Z" + "\u0335" * 50 + "algo") == "Z\u0335\u0335algo"
    assert clean("\u0335\u0335 lonely marks") == "lonely marks"


def test_a_name_of_nothing_but_fillers_is_unnamed() -> None:
    assert name("\u3164" * 5) == "(unnamed)"
    assert title("\u200b", None).render()[0] == "(unnamed)"


def test_a_long_text_is_cut_before_it_costs_work() -> None:
    assert clean("\u200b" * 10_000 + "hidden") == ""
    assert len(clean("\ufdfa" * 100_000)) == LIMIT


def test_symbol_and_name_are_one_code_entity_and_never_a_link() -> None:
    text, entities = title("t.me/scam", "Visit t.me/scam").render()
    assert text == "t.me/scam · Visit t.me/scam"
    assert [(entity.type, entity.extract_from(text)) for entity in entities] == [("code", text)]


def test_a_name_like_the_symbol_is_not_repeated() -> None:
    assert title("PEPE", "Pepe").render()[0] == "PEPE"


def test_a_right_to_left_name_cannot_reorder_the_figures_after_it() -> None:
    text, _entities = isolated("שלום").render()
    assert text == "\u2068שלום\u2069"
    assert [type(part) for part in isolated("plain")] == [Code]


def test_a_short_mint_shows_both_ends() -> None:
    assert short_mint("BzqYzBGydDrwjnYVtWfupr8GFoSxpCQdTkjRppBKpump") == "BzqY…pump"


@given(ANY_TEXT, st.integers(min_value=1, max_value=60))
def test_every_cleaned_text_is_short_and_visible(raw: str, limit: int) -> None:
    shown = clean(raw, limit)
    assert len(shown) <= limit
    assert shown == shown.strip()
    assert "  " not in shown
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not shown or unicodedata.category(shown[0]) not in {"Mn", "Me", "Mc"}


@given(ANY_TEXT)
def test_cleaning_a_clean_text_changes_nothing(raw: str) -> None:
    shown = clean(raw, 400)
    if not shown.endswith("…"):
        assert clean(shown, 400) == shown
