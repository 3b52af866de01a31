"""Messages are what was kept: `python -m tests.golden.views` writes them anew."""

import pytest

from tests.golden.views import LANGUAGES, VIEWS, drawn, file_of


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_as_it_was_kept(name: str, language: str) -> None:
    assert drawn(name, language) == file_of(name, language).read_text(encoding="utf-8")
