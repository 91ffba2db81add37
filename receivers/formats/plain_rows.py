"""Payloads of formats with few messages, read one at a time, with what their framing says of them.

A payload that cannot be read raises ``DecodeError`` in its reader and becomes a reject here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from airspace.model import detection
from airspace.model.detection import Flag, Source
from airspace.model.message import MAX_QUARANTINE_BYTES, Reject
from receivers.formats.odid import DecodeError
from receivers.formats.odid_batch import SKEW_LIMIT_S, Payloads
from receivers.formats.rows import Row, detections


def read_each(
    payloads: Payloads, read: Callable[[bytes], Row], source: Source
) -> tuple[detection.Detections, detection.Rows, tuple[Reject, ...]]:
    """As ``odid_batch.decode_payloads``: detections, for each its payload's index, and what held nothing usable."""
    rows: list[Row] = []
    indices: list[int] = []
    rejects: list[Reject] = []
    for index, data in enumerate(payloads.data):
        try:
            rows.append(read(data))
            indices.append(index)
        except DecodeError as error:
            rejects.append(_reject(payloads, index, error))
    held: detection.Rows = np.array(indices, dtype=np.intp)
    return _framed(detections(rows), payloads.take(held), source), held, tuple(rejects)


def _framed(rows: detection.Detections, given: Payloads, source: Source) -> detection.Detections:
    skewed = np.abs(rows.time_s - given.received_s) > SKEW_LIMIT_S
    return rows.replace(
        received_s=given.received_s,
        logged_s=given.received_s,
        source=np.full(len(rows), int(source), dtype=np.int8),
        transport=given.transport,
        sensor=given.sensor,
        transmitter=given.transmitter,
        content_id=given.content_id,
        rssi_dbm=given.rssi_dbm,
        frequency_hz=given.frequency_hz,
        counter=np.where(np.isnan(rows.counter), given.counter, rows.counter),
        flags=rows.flags | given.flags | np.where(skewed, int(Flag.SKEW), 0),
    )


def _reject(given: Payloads, index: int, error: DecodeError) -> Reject:
    return Reject(
        reason=error.reason,
        detail=str(error),
        place=given.place[index],
        received_s=float(given.received_s[index]),
        sensor=given.sensor[index],
        payload=given.data[index][:MAX_QUARANTINE_BYTES],
    )
