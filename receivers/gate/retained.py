"""Messages that a broker kept from before: their rows are marked, whatever time they carry.

Some formats carry no time at all, so that only the transport knows. Marked rows are stored as what was heard and are no
part of the live picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from airspace.model.detection import Flag
from airspace.model.log import Working
from airspace.model.message import Decoded, RawMessage

if TYPE_CHECKING:
    from airspace.model.ports import Format


def marking_retained(decode: Format) -> Format:
    """The same format, with ``Flag.STALE`` on the rows of retained messages, and of their heartbeats the bad news only.

    Whoever lived then need not live now; that somebody is not there (a broker keeps the last will of a sensor so), or
    hears nothing, holds until it is heard of again.
    """

    def decode_marking(messages: Sequence[RawMessage], /) -> Decoded:
        if not any(message.retained for message in messages):
            return decode(messages)
        runs = groupby(messages, attrgetter("retained"))
        return Decoded.concat([_marked(decode(list(run))) if retained else decode(list(run)) for retained, run in runs])

    return decode_marking


def _marked(decoded: Decoded) -> Decoded:
    rows = decoded.detections
    bad_news = tuple(replace(beat, working=Working.AWAY) for beat in decoded.heartbeats if beat.gone)
    return Decoded(
        detections=rows.replace(flags=rows.flags | int(Flag.STALE)),
        heartbeats=bad_news,
        rejects=decoded.rejects,
        ignored=decoded.ignored + len(decoded.heartbeats) - len(bad_news),
        unread=decoded.unread,
    )
