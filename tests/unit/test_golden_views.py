"""Messages are what was kept: `python -m tests.golden.views` writes them anew."""

import json

import pytest

from tests.golden.views import LANGUAGES, VIEWS, drawn, file_of


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_as_it_was_kept(name: str, language: str) -> None:
    assert drawn(name, language) == file_of(name, language).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_a_token_is_called_becomes_a_link_by_itself(language: str) -> None:
    for shown in json.loads(drawn("cards", language)).values():
        units = "\n".join(shown["text"]).encode("utf-16-le")
        for entity in sorted(shown["entities"], key=lambda one: -one["offset"]):
            if entity["type"] in {"code", "text_link"}:
                begin, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
                units = units[:begin] + units[end:]
        assert not [sign for sign in ("http", "t.me", "@", "\u202e") if sign in units.decode("utf-16-le")]
