"""Holds a call against a machine-readable Bot API description, read at run time: names, required ones, types.

An independent second opinion beside the stand-in's own check, which uses aiogram's models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

PRIMITIVES: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "True": (bool,),
    "InputFile": (str,),  # an `attach://` reference in the log of calls
}


def validate_against_schema(method: str, params: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """The faults of one call, as sentences; empty when the description allows it.

    `schema` is `{"items": [{"children": [{"name", "category", "description", "annotations"}]}]}`.
    """
    known = {child["name"]: child for group in schema["items"] for child in group["children"]}
    description = known.get(method)
    if description is None or description["category"] != "methods":
        return [f"{method}: no such method"]
    return [f"{method}: {fault}" for fault in _object_faults(params, description, known, "")]


def update_faults(update: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """The faults of what Telegram, or who plays it, sends to the bot; empty when the description allows it."""
    known = {child["name"]: child for group in schema["items"] for child in group["children"]}
    return list(_object_faults(update, known["Update"], known, ""))


def _object_faults(value: dict[str, Any], of: dict[str, Any], known: dict[str, Any], path: str) -> Iterator[str]:
    fields = {field["name"]: field for field in of["annotations"]}
    for name in sorted(set(value) - set(fields)):
        yield f"{path}{name} is unknown"
    for name, field in fields.items():
        if name in value:
            yield from _faults(value[name], field["type"], known, path + name)
        elif field["required"]:
            yield f"{path}{name} is missing"


def _faults(value: Any, wanted: str, known: dict[str, Any], path: str) -> Iterator[str]:
    if wanted.startswith("Array of "):
        yield from _array_faults(value, wanted.removeprefix("Array of "), known, path)
        return
    choices = [part for name in re.split(r" or |, | and ", wanted) for part in _concrete(name, known)]
    if len(choices) == 1:
        yield from _single_faults(value, choices[0], known, path)
    elif all(any(_single_faults(value, choice, known, path)) for choice in choices):
        yield f"{path} is none of {wanted}"


def _array_faults(value: Any, wanted: str, known: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} is not an array"
        return
    for index, part in enumerate(value):
        yield from _faults(part, wanted, known, f"{path}[{index}]")


def _single_faults(value: Any, wanted: str, known: dict[str, Any], path: str) -> Iterator[str]:
    if wanted in PRIMITIVES:
        wrong_bool = isinstance(value, bool) and bool not in PRIMITIVES[wanted]
        if wrong_bool or not isinstance(value, PRIMITIVES[wanted]):
            yield f"{path} is not of type {wanted}"
    elif not isinstance(value, dict):
        yield f"{path} is not an object"
    else:
        yield from _object_faults(value, known[wanted], known, f"{path}.")


def _concrete(name: str, known: dict[str, Any]) -> list[str]:
    """A type that only lists others stands for these."""
    if name in PRIMITIVES or known[name]["annotations"]:
        return [name]
    return re.findall(r"^ - (\w+)$", known[name]["description"], re.MULTILINE) or [name]
