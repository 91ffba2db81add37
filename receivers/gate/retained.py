"""Messages that a broker kept from before: their rows are marked, whatever time they carry.

Some formats carry no time at all, so that only the transport knows. Marked rows are stored as what was heard and are no
part of the live picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from airspace.model.detection import Flag
from airspace.model.message import Decoded, RawMessage

if TYPE_CHECKING:
    from airspace.model.ports import Format


def marking_retained(decode: Format) -> Format:
    """The same format, with ``Flag.STALE`` on the rows of retained messages, and without their heartbeats."""

    def decode_marking(messages: Sequence[RawMessage], /) -> Decoded:
        if not any(message.retained for message in messages):
            return decode(messages)
        runs = groupby(messages, attrgetter("retained"))
        return Decoded.concat([_marked(decode(list(run))) if retained else decode(list(run)) for retained, run in runs])

    return decode_marking


def _marked(decoded: Decoded) -> Decoded:
    rows = decoded.detections
    return Decoded(
        detections=rows.replace(flags=rows.flags | int(Flag.STALE)),
        rejects=decoded.rejects,
        ignored=decoded.ignored + len(decoded.heartbeats),  # whoever lived then need not live now
        unread=decoded.unread,
    )
