"""What of a turn of the service goes into a recording, and back: messages to the rows that were taken of them.

A decoder does not say which message gave which row. Where everything was taken that need not be known. Else the
messages are decoded again in halves, until a half is all taken, all refused, or gives a row a message; that is cheap
for a flood of one kind, and at worst two decodings a message. Decoding is pure and does not depend on how its input is
cut (``tests/contract``), so a half gives the rows that the whole gave for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from airspace.model.detection import COLUMNS, Detections
from airspace.model.message import Decoded, RawMessage
from airspace.model.ports import Format
from receivers.formats.recording import Message, Turn

MAX_TURN_BYTES: Final = 1 << 22  # a larger turn is written as several of one log time, which is the same log
_NOT_OURS: Final = frozenset({"logged_s"})  # set by the service after the gate, and by us when it is read

_Item = TypeVar("_Item")
_Mask = npt.NDArray[np.bool_]


class Unmatched(ValueError):  # noqa: N818 -- a state, told as a fault of the recording
    """The gate let something pass that the decoder did not give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some messages of a turn, what they decode to and what of it was taken."""

    messages: Sequence[RawMessage]
    decoded: Decoded
    rows: _Mask
    heartbeats: _Mask


def turns(
    messages: Sequence[RawMessage], decoded: Decoded, admitted: Decoded, logged_s: float, decode: Format
) -> Iterator[Turn]:
    """The messages of which something was taken, as turns of one log time."""
    messages = _in_order_of_rows(messages)
    if decoded.detections is admitted.detections:
        rows, changed = np.ones(len(decoded.detections), dtype=np.bool_), {}
    else:
        ids, passed = decoded.detections.content_id.tolist(), admitted.detections.content_id.tolist()
        rows = _passed(ids, passed)
        changed = _changed(decoded.detections.take(rows), admitted.detections)
    beats = _passed(decoded.heartbeats, admitted.heartbeats)
    at = 0
    for part in _settled(_Part(messages=messages, decoded=decoded, rows=rows, heartbeats=beats), decode):
        count = int(np.count_nonzero(part.rows))
        yield Turn(
            logged_s=logged_s,
            messages=tuple(map(Message.of, part.messages)),
            rows=None if part.rows.all() else tuple(part.rows.tolist()),
            heartbeats=None if part.heartbeats.all() else tuple(part.heartbeats.tolist()),
            changed={name: column[at : at + count].tolist() for name, column in changed.items()},
        )
        at += count


def taken(turn: Turn, decode: Format) -> Decoded:
    """What the turn brought into the log: rows with their log time, heartbeats likewise."""
    decoded = decode([message.raw() for message in turn.messages])
    rows = decoded.detections
    if turn.rows is not None and len(turn.rows) == len(rows):
        rows = rows.take(np.array(turn.rows, dtype=np.bool_))
    changed = {name: _column(rows, name, values) for name, values in turn.changed.items() if name in COLUMNS}
    beats = decoded.heartbeats
    if turn.heartbeats is not None and len(turn.heartbeats) == len(beats):
        beats = tuple(beat for beat, passed in zip(beats, turn.heartbeats, strict=True) if passed)
    return replace(
        decoded,
        detections=rows.replace(logged_s=np.full(len(rows), turn.logged_s), **changed),
        heartbeats=tuple(replace(beat, logged_s=turn.logged_s) for beat in beats),
    )


def _in_order_of_rows(messages: Sequence[RawMessage]) -> Sequence[RawMessage]:
    """Where a sensor is proven its messages are decoded together: ``receivers/attribution.py``."""
    if not any(message.proven for message in messages):
        return messages
    groups: dict[str | None, list[RawMessage]] = {}
    for message in messages:
        groups.setdefault(message.sensor if message.proven else None, []).append(message)
    return [message for group in groups.values() for message in group]


def _column(rows: Detections, name: str, values: list[Any]) -> npt.NDArray[Any]:
    before: npt.NDArray[Any] = getattr(rows, name)
    if len(values) != len(before):
        return before
    column = np.empty_like(before)
    column[:] = values
    return column


def _settled(part: _Part, decode: Format) -> Iterator[_Part]:
    if not part.rows.any() and not part.heartbeats.any():
        return
    decoded, n = part.decoded, len(part.messages)
    clean = not decoded.rejects and not decoded.ignored
    all_taken = clean and part.rows.all() and part.heartbeats.all()
    small = n == 1 or sum(len(message.payload) for message in part.messages) <= MAX_TURN_BYTES
    if small and (n == 1 or all_taken):
        yield part
    elif small and clean and not decoded.heartbeats and len(part.rows) == n:  # a message gives one row at least
        kept = [message for message, passed in zip(part.messages, part.rows.tolist(), strict=True) if passed]
        yield replace(part, messages=kept, rows=part.rows[part.rows])
    else:
        for half in _halves(part, decode):
            yield from _settled(half, decode)


def _halves(part: _Part, decode: Format) -> Iterator[_Part]:
    middle = len(part.messages) // 2
    row = beat = 0
    for messages in (part.messages[:middle], part.messages[middle:]):
        decoded = decode(messages)
        rows = part.rows[row : row + len(decoded.detections)]
        beats = part.heartbeats[beat : beat + len(decoded.heartbeats)]
        yield _Part(messages=messages, decoded=decoded, rows=rows, heartbeats=beats)
        row, beat = row + len(rows), beat + len(beats)


def _passed(items: Sequence[_Item], passed: Sequence[_Item]) -> _Mask:
    """Which of the items passed, in their order; of two that are equal the first is taken for the one that did."""
    mask = np.ones(len(items), dtype=np.bool_)
    if len(items) == len(passed):
        return mask
    at = 0
    for index, item in enumerate(items):
        mask[index] = at < len(passed) and item == passed[at]
        at += bool(mask[index])
    if at < len(passed):
        raise Unmatched("what passed the gate is not among what was decoded")
    return mask


def _changed(before: Detections, after: Detections) -> dict[str, npt.NDArray[Any]]:
    """Columns in which the gate wrote something."""
    return {
        name: getattr(after, name)
        for name, kind in COLUMNS.items()
        if name not in _NOT_OURS
        and not np.array_equal(getattr(before, name), getattr(after, name), equal_nan=kind == "number")
    }
