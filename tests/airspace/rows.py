"""Rows for tracking tests: detections from a few plain columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from airspace.model.detection import COLUMNS, Detections, IdType, Source, Status, texts
from airspace.model.log import Batch

START_S = 1_780_000_000.0
ARENA = (52.3144, 4.9419)


def rows(*each: dict[str, Any]) -> Detections:
    """One detection for each dict; unnamed columns are unknown, but for what every row has."""
    columns: dict[str, Any] = {}
    n = len(each)
    for name, kind in COLUMNS.items():
        values = [row.get(name, _default(name, kind, row, index)) for index, row in enumerate(each)]
        if kind == "text":
            columns[name] = texts(values)
        else:
            columns[name] = np.array(values, dtype={"number": float, "code": np.int8, "bits": np.int64}[kind])
    return Detections.build(n, **columns)


def _default(name: str, kind: str, row: dict[str, Any], index: int) -> Any:
    received = row.get("received_s", START_S)
    special = {
        "received_s": received,
        "logged_s": received,
        "time_s": received - 0.5,
        "sensor": "north",
        "source": Source.REMOTE_ID,
        "content_id": f"{received:.3f}{row.get('uas_id')}{row.get('transmitter')}{index}".encode()[:16],
        "status": Status.AIRBORNE if "latitude_deg" in row else Status.UNKNOWN,
        "uas_id_type": IdType.SERIAL if row.get("uas_id") else IdType.UNKNOWN,
    }
    return special.get(name, {"number": np.nan, "code": 0, "bits": 0, "text": None}[kind])


def batch(*each: dict[str, Any], tick_s: float | None = None) -> Batch:
    """A batch of such rows."""
    return Batch(detections=rows(*each), tick_s=tick_s)


def flight(
    uas_id: str, seconds: int, *, north_m_s: float = 5.0, start_s: float = START_S, **more: Any
) -> list[dict[str, Any]]:
    """A drone that flies north from the ArenA, one row a second."""
    return [
        {
            "uas_id": uas_id,
            "received_s": start_s + second,
            "latitude_deg": ARENA[0] + second * north_m_s / 111_300,
            "longitude_deg": ARENA[1],
            "height_m": 60.0,
            **more,
        }
        for second in range(seconds)
    ]
