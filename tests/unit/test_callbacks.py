"""What buttons carry: at most 64 bytes however large a number grows, and no two kinds are mistaken for each other."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from aiogram.filters.callback_data import CallbackData
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

import bot.commands  # noqa: F401 - it registers every kind
from tests.registered import button_data

LONGEST_BYTES = 64
WORDS = [
    text
    for length in range(LONGEST_BYTES, -1, -1)
    for text in ("9" * length, ("1" + "0" * 64)[:length], ("-" + "9" * 64)[:length], "f" * length, "x" * length)
]


def longest(field: FieldInfo) -> Any:
    """What this field carries at its longest."""
    kind = field.annotation
    if get_origin(kind) is Literal:
        return max(get_args(kind), key=lambda word: len(str(word).encode()))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return max(kind, key=lambda member: len(str(member.value).encode()))
    read: TypeAdapter[Any] = TypeAdapter(Annotated[kind, field])
    return next(text for text in WORDS if _is_taken(read, text))


def _is_taken(read: TypeAdapter[Any], text: str) -> bool:
    try:
        read.validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", button_data(), ids=lambda kind: kind.__name__)
def test_the_longest_data_fits_into_a_button(kind: type[CallbackData]) -> None:
    packed = kind.model_validate({name: longest(field) for name, field in kind.model_fields.items()}).pack()
    assert len(packed.encode()) <= LONGEST_BYTES


def test_every_kind_has_a_prefix_of_its_own() -> None:
    prefixes = [kind.__prefix__ for kind in button_data()]
    assert len(prefixes) > 3
    assert len(set(prefixes)) == len(prefixes)
