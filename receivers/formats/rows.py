"""Rows that were read one by one, as columns: for formats of a few messages a second, where arrays would not pay.

``read_each`` does it for payloads out of a framing: one that cannot be read raises ``DecodeError`` in its reader and
becomes a reject.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from airspace.model.detection import COLUMNS, Detections, Flag, Rows, Source, texts
from airspace.model.message import MAX_QUARANTINE_BYTES, Reject
from receivers.formats.odid import DecodeError, is_filler
from receivers.formats.sheet import SKEW_LIMIT_S, Payloads

UNKNOWN: Final = math.nan
MAX_LATITUDE_DEG: Final = 90.0
MAX_LONGITUDE_DEG: Final = 180.0
_DTYPES: Final = {"code": np.int8, "bits": np.int64}

Row = dict[str, Any]  # column -> value; a column that is not known is left out


def detections(rows: Sequence[Mapping[str, Any]]) -> Detections:
    """The rows in their order; what a row leaves out, or says as None, is unknown in it."""
    named: set[str] = set().union(*rows)
    columns = {name: _column(name, [row.get(name) for row in rows]) for name in named}
    if "received_s" in columns:
        columns["logged_s"] = columns["received_s"]  # until the service says when it took them
    return Detections.build(len(rows), **columns)


def _column(name: str, values: list[Any]) -> Any:
    kind = COLUMNS[name]
    if kind == "text":
        return texts(values)
    if kind == "number":
        return np.array(values, dtype=np.float64)  # None becomes NaN
    return np.array([0 if value is None else value for value in values], dtype=_DTYPES[kind])


def read_each(
    payloads: Payloads, read: Callable[[bytes], Row], source: Source
) -> tuple[Detections, Rows, tuple[Reject, ...]]:
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
    held: Rows = np.array(indices, dtype=np.intp)
    return _framed(detections(rows), payloads.take(held), source), held, tuple(rejects)


def _framed(rows: Detections, given: Payloads, source: Source) -> Detections:
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


def bounded(value: float | None, low: float, high: float) -> float:
    """The value, unknown where there is none or it is out of what it can mean."""
    return value if value is not None and low <= value <= high else UNKNOWN


def position(latitude_deg: float | None, longitude_deg: float | None) -> tuple[float, float] | None:
    """A place on the globe; None without a fix (0/0, a filler), off the globe, or with half of it missing."""
    if latitude_deg is None or longitude_deg is None or latitude_deg == longitude_deg == 0:
        return None
    on_globe = abs(latitude_deg) <= MAX_LATITUDE_DEG and abs(longitude_deg) <= MAX_LONGITUDE_DEG
    return (latitude_deg, longitude_deg) if on_globe and not is_filler(latitude_deg, longitude_deg) else None


def track(degrees: float | None) -> float:
    """A direction clockwise from north; 360 is 0, and what is no direction is unknown."""
    return bounded(degrees, 0.0, 360.0) % 360.0
