"""Reports that are JSON objects, to rows: what the formats of decoded reports have in common.

Each such format is a ``Reader``: from one JSON value to what it means. Here the values are taken out of their payload
(alone, glued, in arrays, with a NUL or newline behind), the readings put into columns, and each is accounted for. A
list of one-key objects is one value: that is how DragonSync and droneid-go write a message.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from airspace.model.detection import Flag, Source
from airspace.model.log import Heartbeat
from airspace.model.message import MAX_PAYLOAD_BYTES, Decoded, RawMessage, Reject, RejectReason
from receivers.formats.content import capture_time, content_id
from receivers.formats.framing import UNNAMED_SENSOR, Refusal, reject
from receivers.formats.json_objects import BLANK, MAX_OBJECTS, glued_objects
from receivers.formats.rows import Row, detections
from receivers.formats.sheet import SKEW_LIMIT_S
from receivers.formats.unread import UNREAD, Notes

MAX_ARRAY_DEPTH: Final = 3
_SKEW: Final = int(Flag.SKEW)
MESSAGE_PARTS: Final = frozenset(
    {
        *("Basic ID", "Basic ID Message", "Location/Vector Message", "Location Vector", "Location"),
        *("Self-ID Message", "Self ID"),
        *("System Message", "System", "Operator ID Message", "Operator ID", "Frequency Message", "Signal Info"),
    }
)

Reading = Row | Heartbeat | Refusal | None  # None: well-formed, and without a detection by design
Reader = Callable[[Any, RawMessage], Iterable[Reading]]


def decode_rows(messages: Sequence[RawMessage], read: Reader) -> Decoded:
    """Every value of every message through the reader."""
    rows: list[Row] = []
    heartbeats: list[Heartbeat] = []
    rejects: list[Reject] = []
    notes = Notes()
    ignored = 0
    for message in messages:
        values, refusal = json_values(message.payload)
        for index, (payload, value) in enumerate(values):
            for reading in read(value, message):
                if isinstance(reading, dict):
                    names = reading.pop(UNREAD, ())
                    rows.append(_completed(reading, message, payload, index))
                    if names:
                        notes.add(reading["sensor"], names)
                elif isinstance(reading, Heartbeat):
                    heartbeats.append(reading)
                elif isinstance(reading, Refusal):
                    rejects.append(reject(message, replace(reading, payload=payload)))
                else:
                    ignored += 1
        if refusal is not None:
            rejects.append(reject(message, refusal))
    return Decoded(
        detections=detections(rows),
        heartbeats=tuple(heartbeats),
        rejects=tuple(rejects),
        ignored=ignored,
        unread=notes.told(),
    )


def json_values(payload: bytes) -> tuple[list[tuple[bytes, Any]], Refusal | None]:
    """The values of a payload, each with its own text, and why there were no more."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        return [], Refusal(reason=RejectReason.TOO_LARGE, detail=f"{len(payload)} bytes", payload=payload)
    stripped = payload.strip(BLANK)
    try:
        value = msgspec.json.decode(stripped)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _glued_values(stripped)
    if isinstance(value, dict):
        return [(stripped, value)], None
    return _capped(_elements(stripped, value, MAX_ARRAY_DEPTH))


def _glued_values(payload: bytes) -> tuple[list[tuple[bytes, Any]], Refusal | None]:
    """Objects with nothing between them, and numbers that are not of JSON (NaN, 1e999) but that some senders write."""
    parts, refusal = glued_objects(payload)
    found: list[tuple[bytes, Any]] = []
    for part in parts:
        value = _lenient(part)
        found.extend(_elements(part, value, MAX_ARRAY_DEPTH))
    values, too_many = _capped(found)
    return values, refusal or too_many


def _lenient(part: bytes) -> Any:
    try:
        return json.loads(part)
    except (ValueError, RecursionError):  # an integer of thousands of digits
        return None


def _elements(payload: bytes, value: Any, depth: int) -> list[tuple[bytes, Any]]:
    """The elements of an array, those of arrays in it too; a value that is no array is the only one."""
    if not isinstance(value, list) or depth == 0 or is_message(value):
        return [(payload, value)]
    found = []
    for element in value:
        found.extend(_elements(_text(element, payload), element, depth - 1))
    return found or [(payload, value)]


def _text(element: Any, payload: bytes) -> bytes:
    try:
        return msgspec.json.encode(element)
    except (ValueError, OverflowError, RecursionError):  # half a surrogate pair, an integer beyond 64 bits
        return payload


def _capped(values: list[tuple[bytes, Any]]) -> tuple[list[tuple[bytes, Any]], Refusal | None]:
    if len(values) <= MAX_OBJECTS:
        return values, None
    return values[:MAX_OBJECTS], Refusal(reason=RejectReason.TOO_LARGE, detail=f"more than {MAX_OBJECTS} objects")


def is_message(value: Any) -> bool:
    """Whether a list is one message: objects of one key (MAC and RSSI may stand beside it), a known part among them."""
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        return False
    named = [MESSAGE_PARTS & part.keys() for part in value]
    return any(named) and all(len(part) <= 1 or len(parts) == 1 for part, parts in zip(value, named, strict=True))


def _completed(row: Row, message: RawMessage, payload: bytes, index: int) -> Row:
    """What every row has. A payload without a time is one sighting a delivery: then the arrival makes it unique."""
    received_s, time_s = row.get("received_s", math.nan), row.get("time_s", math.nan)
    has_time = not (math.isnan(received_s) and math.isnan(time_s))
    arrival = b"" if has_time else capture_time(message.received_s)
    row["received_s"] = message.received_s if math.isnan(received_s) else received_s
    row["sensor"] = row.get("sensor") or message.sensor or UNNAMED_SENSOR
    row["content_id"] = content_id(row["sensor"], payload, arrival + (b"%d" % index if index else b""))
    row.setdefault("source", Source.REMOTE_ID)
    flags = int(row.get("flags", 0))
    if abs(time_s - row["received_s"]) > SKEW_LIMIT_S:
        flags |= _SKEW
    row["flags"] = flags
    row["logged_s"] = row["received_s"]
    return row
