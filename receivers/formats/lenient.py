"""An object that has not the types of its format, read field by field: a bad field costs itself, not the report.

For feeds that are read as typed structures at once. A number as text, and text as a number, are what they say; what can
be nothing of its field's type is left out and named.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

import msgspec

Kind = TypeVar("Kind", bound=msgspec.Struct)


def fields_of(kind: type[Kind], found: dict[str, Any]) -> tuple[Kind, tuple[str, ...]]:
    """The structure with what could be read, and the names, as the sender writes them, of what could not.

    Every field of ``kind`` needs a default. Keys that it does not know are passed over.
    """
    read: dict[str, Any] = {}
    left_out: list[str] = []
    for written, name, type_ in _fields(kind):
        if found.get(written) is None:
            continue
        try:
            read[name] = _converted(found[written], type_)
        except (msgspec.ValidationError, OverflowError):
            left_out.append(written)
    return kind(**read), tuple(left_out)


def without_numbers_that_are_none(payload: bytes) -> bytes | None:
    """JSON text with null for NaN and Infinity, which are no JSON and which some senders write; None if it has none."""
    found: list[str] = []
    try:
        value = json.loads(payload, parse_constant=found.append)  # which gives None
        return msgspec.json.encode(value) if found else None
    except (ValueError, OverflowError, RecursionError):  # no JSON in other ways too, an integer beyond 64 bits
        return None


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, str, Any], ...]:
    return tuple((one.encode_name, one.name, one.type) for one in msgspec.structs.fields(kind))


def _converted(value: Any, type_: Any) -> Any:
    if isinstance(value, bool):
        return msgspec.convert(value, type_)  # no number
    try:
        return msgspec.convert(value, type_, strict=False)
    except msgspec.ValidationError:
        if isinstance(value, int):
            return msgspec.convert(str(value), type_)
        raise
