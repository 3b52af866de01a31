"""Every request is held against `aiogram.methods`: the method's name, its parameters' names and types.

The limits of the values (lengths, entities, keyboards) stand in `limits`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from aiogram import methods
from aiogram.methods.base import TelegramMethod
from aiogram.types import BufferedInputFile, InputFile
from pydantic import BaseModel, ValidationError

from deploy.sandbox.telegram.refused import violation
from deploy.sandbox.telegram.values import Json

METHODS: dict[str, type[TelegramMethod[Any]]] = {
    found.__api_method__.lower(): found
    for found in vars(methods).values()
    if isinstance(found, type) and issubclass(found, TelegramMethod) and found is not TelegramMethod
}
WHEN_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "photo": "there is no photo in the request",
}


def check(name: str, raw: Mapping[str, Any], files: Mapping[str, bytes]) -> tuple[Json, list[str]]:
    """Strings of a form (or JSON values) -> typed parameters, plus remarks on deprecated ones.

    Uploaded files become `BufferedInputFile`. Raises a `Refused` violation for anything that the method does not take.
    """
    model = METHODS[name.lower()]
    unknown = sorted(set(raw) - set(model.model_fields))
    if unknown:
        raise violation(f"unknown parameter {unknown[0]!r}")
    decoded = {key: _decode(model, key, value, files) for key, value in raw.items() if value not in (None, "")}
    _check_characters(decoded)
    try:
        call = model.model_validate(decoded)
    except ValidationError as error:
        raise violation(_first_fault(error)) from None
    for path in _unknown_fields(call):
        raise violation(f"unknown field {path}")
    remarks = [f"parameter {key!r} is deprecated" for key in decoded if _deprecated(model, key)]
    return call.model_dump(exclude_unset=True, exclude_none=True, by_alias=True, warnings=False), remarks


def _decode(model: type[BaseModel], key: str, value: Any, files: Mapping[str, bytes]) -> Any:
    kinds = _kinds(model, key)
    if isinstance(value, str) and InputFile in kinds:
        return _attached(value, files)
    if isinstance(value, str) and str in kinds:
        return int(value) if int in kinds and re.fullmatch(r"-?\d{1,18}", value) else value
    try:
        decoded = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise violation(f"can't parse parameter {key!r}: it is not JSON") from None
    if isinstance(decoded, dict) and isinstance(decoded.get("media"), str):
        return decoded | {"media": _attached(decoded["media"], files)}
    return decoded


def _attached(value: str, files: Mapping[str, bytes]) -> str | BufferedInputFile:
    """The uploaded file that `attach://name` speaks of; a file id as it is."""
    content = files.get(value.removeprefix("attach://")) if value.startswith("attach://") else None
    return value if content is None else BufferedInputFile(content, filename=value)


def loggable(value: Any) -> Any:
    """Parameters without the uploaded bytes, which stand there as the `attach://name` they came by."""
    if isinstance(value, BufferedInputFile):
        return value.filename
    if isinstance(value, dict):
        return {key: loggable(part) for key, part in value.items()}
    return [loggable(part) for part in value] if isinstance(value, list) else value


def _check_characters(decoded: Json) -> None:
    try:
        json.dumps(decoded, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise violation("strings must be encoded in UTF-8") from None


@cache
def _kinds(model: type[BaseModel], key: str) -> frozenset[type]:
    """The types that a parameter accepts, its unions taken apart; enumerated words count as str."""
    return frozenset(_flatten(model.model_fields[key].annotation))


def _flatten(annotation: Any) -> Iterator[type]:
    origin = get_origin(annotation)
    if origin in (Union, UnionType, Annotated):
        for part in get_args(annotation):
            yield from _flatten(part)
    elif origin is Literal:
        yield from {type(word) for word in get_args(annotation)}
    elif isinstance(annotation, type):
        yield str if issubclass(annotation, str) else annotation


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_context=False)[0]
    parameter = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "missing" and len(fault["loc"]) == 1:
        return WHEN_MISSING.get(parameter, f"parameter {parameter!r} is required")
    where = ".".join(str(part) for part in fault["loc"])
    return f"can't parse {where}: {fault['msg']}"


def _unknown_fields(value: Any, path: str = "") -> Iterator[str]:
    """Paths of the fields inside objects that their type does not have."""
    if isinstance(value, list):
        for part in value:
            yield from _unknown_fields(part, path)
    if not isinstance(value, BaseModel):
        return
    yield from (f"{path}{name}" for name in value.model_extra or {})
    for name in value.model_fields_set & set(type(value).model_fields):
        yield from _unknown_fields(getattr(value, name), f"{path}{name}.")


def _deprecated(model: type[BaseModel], key: str) -> bool:
    extra = model.model_fields[key].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("deprecated"))
