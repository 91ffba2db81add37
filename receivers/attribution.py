"""Whose message is it? Where a secret proved the sensor, its name stands in the rows, whatever the payload says.

A format reads the sensor out of the payload when it is there. A sensor that may push as itself could so speak for
another; here its own name is put back. The content id of such a row is made anew with the proven name, so that nobody
can store a row first under another's id. Messages of one sensor are decoded together; rows of different sensors come
one sensor after the other when any of them is proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from airspace.model.message import Decoded, RawMessage
from receivers.formats.content import content_id

if TYPE_CHECKING:
    from airspace.model.ports import Format


def attributed(decode: Format) -> Format:
    """The same format, with rows, heartbeats and rejects of proven sensors under their proven names."""

    def decode_attributed(messages: Sequence[RawMessage], /) -> Decoded:
        if not any(message.proven for message in messages):
            return decode(messages)
        groups: dict[str | None, list[RawMessage]] = {}
        for message in messages:
            groups.setdefault(message.sensor if message.proven else None, []).append(message)
        return Decoded.concat([_named(decode(group), sensor) for sensor, group in groups.items()])

    return decode_attributed


def _named(decoded: Decoded, sensor: str | None) -> Decoded:
    if sensor is None:
        return decoded
    rows = decoded.detections
    ids = rows.content_id.copy()
    for row in np.flatnonzero(rows.sensor != sensor).tolist():
        ids[row] = content_id(sensor, ids[row])
    names = np.full(len(rows), sensor, dtype=object)
    return replace(
        decoded,
        detections=rows.replace(sensor=names, content_id=ids),
        heartbeats=tuple(replace(beat, sensor=sensor) for beat in decoded.heartbeats),
        rejects=tuple(replace(reject, sensor=sensor) for reject in decoded.rejects),
        unread=tuple(replace(one, sensor=sensor) for one in decoded.unread),
    )
