"""Our own detection lines, as ``airspace decode`` prints them, back to rows.

Written by ``airspace.model.lines``; decode, print and decode again gives the same lines. Times are to the millisecond.
A line whose ``time`` is its ``received`` says that the message had no time of its own. Unknown keys are passed over.
So is a word that this version does not know, with MESSAGE_INVALID: a newer one may have written it. A known key with
any other value that no line of ours can hold makes the whole line refused, for then it is not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from enum import IntEnum
from typing import Any, Final

from airspace.model.detection import (
    COLUMNS,
    EuCategory,
    EuClass,
    Flag,
    HeightReference,
    IdType,
    OperatorLocation,
    Source,
    Status,
    Transport,
    UaType,
)
from airspace.model.identity import public_operator_id
from airspace.model.message import Decoded, RawMessage, RejectReason
from airspace.model.placeholders import is_placeholder
from airspace.model.text import safe_text
from airspace.model.units import epoch_s
from receivers.formats.framing import Refusal
from receivers.formats.json_rows import Reading, decode_rows
from receivers.formats.json_values import NAN, is_no_position
from receivers.formats.odid import is_filler
from receivers.formats.rows import Row

KEYS: Final = frozenset({"time", "received", "source", "sensor", "uas_id"})  # every line has them

_NOT_WRITTEN: Final = frozenset({"time_s", "received_s", "logged_s", "content_id"})
_CODES: Final[dict[str, type[IntEnum]]] = {
    "source": Source,
    "transport": Transport,
    "uas_id_type": IdType,
    "alias_id_type": IdType,
    "ua_type": UaType,
    "status": Status,
    "height_reference": HeightReference,
    "operator_location_type": OperatorLocation,
    "eu_category": EuCategory,
    "eu_class": EuClass,
}
_WORDS: Final = {name: {one.name.lower(): int(one) for one in codes if one} for name, codes in _CODES.items()}
_LIMITS: Final = {
    "latitude_deg": (-90.0, 90.0),
    "longitude_deg": (-180.0, 180.0),
    "operator_latitude_deg": (-90.0, 90.0),
    "operator_longitude_deg": (-180.0, 180.0),
    "sensor_latitude_deg": (-90.0, 90.0),
    "sensor_longitude_deg": (-180.0, 180.0),
    "track_deg": (0.0, 360.0),
    "bearing_deg": (0.0, 360.0),
    "ellipse_deg": (0.0, 360.0),
    "confidence": (0.0, 1.0),
    "counter": (0.0, 255.0),
}
_PLACES: Final = tuple((f"{whose}latitude_deg", f"{whose}longitude_deg") for whose in ("", "operator_", "sensor_"))
_OF_A_PLACE: Final = frozenset(name for pair in _PLACES for name in pair)
NOT_KNOWN: Final = -1  # a word of a newer version
_ANY_NUMBER: Final = (-1e15, 1e15)
_NAMES: Final = ("uas_id", "alias_id")
_CAPS: Final = {"authentication": 2048}
_TEXT_CHARACTERS: Final = 128


class _NotOursError(ValueError):
    """A value that no line of ours can hold."""


def recognises(keys: AbstractSet[str]) -> bool:
    """Whether an object with these keys is a detection line."""
    return keys >= KEYS


def decode(messages: Sequence[RawMessage]) -> Decoded:
    """Every message ends in rows or rejects."""
    return decode_rows(messages, _read)


def _read(value: Any, _message: RawMessage) -> Iterator[Reading]:
    if not isinstance(value, dict) or not recognises(value.keys()):
        yield Refusal(reason=RejectReason.WRONG_TYPE, detail="no detection line")
        return
    try:
        yield _row(value)
    except _NotOursError as error:
        yield Refusal(reason=RejectReason.WRONG_TYPE, detail=f"no detection line of ours: {error}")


def _row(line: dict[str, Any]) -> Row:
    received_s = _time("received", line["received"])
    row: Row = {"received_s": received_s}
    if line["time"] != line["received"]:
        row["time_s"] = _time("time", line["time"])
    for name, kind in COLUMNS.items():
        value = line.get(name)
        if value is not None and name not in _NOT_WRITTEN:
            row[name] = _READERS[kind](name, value)
    _pass_over_unknown(row)
    if row.get("sensor") is None:
        raise _NotOursError("sensor is empty")
    if row.get("operator_id") is not None:
        row["operator_id"] = public_operator_id(row["operator_id"]) or None
    for name in _NAMES:
        if row.get(name) is not None and is_placeholder(row[name]):  # printed before placeholders were known for it
            row |= {name: None, f"{name}_type": 0, "flags": row.get("flags", 0) | int(Flag.ID_PLACEHOLDER)}
    return row


def _pass_over_unknown(row: Row) -> None:
    """Places that are none (0/0, the wire's marker, a filler), as in every feed, and words of a newer version."""
    for pair in _PLACES:
        latitude_deg, longitude_deg = (row.get(name, NAN) for name in pair)
        if is_filler(latitude_deg, longitude_deg):
            row["flags"] = row.get("flags", 0) | int(Flag.POSITION_INVALID)
        elif not (latitude_deg == longitude_deg == 0 or is_no_position(latitude_deg) or is_no_position(longitude_deg)):
            continue
        row.update(dict.fromkeys(pair, NAN))
    words = [name for name in _WORDS if row.get(name) == NOT_KNOWN]
    if words:
        row |= dict.fromkeys(words, 0)
        row["flags"] = row.get("flags", 0) | int(Flag.MESSAGE_INVALID)


def _time(name: str, value: Any) -> float:
    try:
        found = epoch_s(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _NotOursError(f"{name} is no time") from error
    return round(found, 3)


def _number(name: str, value: Any) -> float:
    low, high = _LIMITS.get(name, _ANY_NUMBER)
    if name in _OF_A_PLACE and isinstance(value, int | float) and is_no_position(value):
        return float(value)  # made unknown with the other half of its place
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _NotOursError(f"{name} is no number between {low:g} and {high:g}")
    found = float(value)
    return found % 360.0 if high == 360.0 else found  # noqa: PLR2004 - a full circle, rounded up to


def _code(name: str, value: Any) -> int:
    found = _WORDS[name].get(value.lower(), NOT_KNOWN) if isinstance(value, str) else None
    if found is None or (found == NOT_KNOWN and name == "source"):  # without it nothing can be made of the others
        raise _NotOursError(f"{name} is no word for it")
    return found


def _flags(name: str, value: Any) -> int:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _NotOursError(f"{name} is no list of remarks")
    return sum({_FLAGS.get(one, int(Flag.MESSAGE_INVALID)) for one in value})


def _text(name: str, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _NotOursError(f"{name} is no text")
    return safe_text(value, _CAPS.get(name, _TEXT_CHARACTERS))


_FLAGS: Final = {flag.name.lower(): int(flag) for flag in Flag if flag.name}
_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "number": _number,
    "code": _code,
    "bits": _flags,
    "text": _text,
}
