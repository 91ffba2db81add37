"""Rows that were read one by one, as columns: for formats of a few messages a second, where arrays would not pay."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from airspace.model.detection import COLUMNS, Detections, texts

UNKNOWN: Final = math.nan
MAX_LATITUDE_DEG: Final = 90.0
MAX_LONGITUDE_DEG: Final = 180.0
_DTYPES: Final = {"number": np.float64, "code": np.int8, "bits": np.int64}

Row = dict[str, Any]  # column -> value; a column that is not known is left out


def detections(rows: Sequence[Mapping[str, Any]]) -> Detections:
    """The rows in their order; what a row leaves out, or says as None, is unknown in it."""
    named = {name for row in rows for name in row}
    columns = {name: _column(name, [row.get(name) for row in rows]) for name in named}
    if "received_s" in columns:
        columns["logged_s"] = columns["received_s"]  # until the service says when it took them
    return Detections.build(len(rows), **columns)


def _column(name: str, values: list[Any]) -> Any:
    kind = COLUMNS[name]
    if kind == "text":
        return texts(values)
    unknown = UNKNOWN if kind == "number" else 0
    return np.array([unknown if value is None else value for value in values], dtype=_DTYPES[kind])


def bounded(value: float | None, low: float, high: float) -> float:
    """The value, unknown where there is none or it is out of what it can mean."""
    return value if value is not None and low <= value <= high else UNKNOWN


def position(latitude_deg: float | None, longitude_deg: float | None) -> tuple[float, float] | None:
    """A place on the globe; None without a fix (0/0), off the globe, or with half of it missing."""
    if latitude_deg is None or longitude_deg is None or latitude_deg == longitude_deg == 0:
        return None
    on_globe = abs(latitude_deg) <= MAX_LATITUDE_DEG and abs(longitude_deg) <= MAX_LONGITUDE_DEG
    return (latitude_deg, longitude_deg) if on_globe else None


def track(degrees: float | None) -> float:
    """A direction clockwise from north; 360 is 0, and what is no direction is unknown."""
    return bounded(degrees, 0.0, 360.0) % 360.0
