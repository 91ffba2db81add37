"""Rows without identity as they wait for the tick: where from, whither or where, how surely, and what tells them apart.

Unknown accuracies are made numbers here, once. A stated bearing error below half a degree is not believed (mounting and
site alone make more); a bearing without one gets that of a cheap array
(handbook remote-id 7). Left out: rows of sensors whose place nobody knows, where they bring a bearing only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Codes, Detections, Flag, Numbers, Rows, Source, Texts
from airspace.model.track import Booleans
from airspace.tracking.motion import sigma_m
from airspace.tracking.unidentified.bearings import greatest_range_m
from airspace.tracking.unidentified.ellipse import noise_of

UNKNOWN_SIGMA_DEG: Final = 7.0  # a six-element array at 30 to 200 m (Drones 2025, 9(4) 278)
LEAST_SIGMA_DEG: Final = 0.5
LEAST_SIGMA_M: Final = 1.0
INSTANT_S: Final = 0.05  # what one sensor says within it is of one moment, and of as many emitters
_STALE: Final = int(Flag.STALE)
_NOTHING: Final = np.array(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """n rows, one array of shape (n,) a column; a row has a position or a bearing, and with a position no bearing."""

    seq: Bits
    sensor: Bits  # a number of its own for each name
    bit: Bits  # of the sensor in masks: beyond the 62nd all the same
    time_s: Numbers
    source: Codes
    from_latitude_deg: Numbers
    from_longitude_deg: Numbers
    bearing_deg: Numbers
    sigma_deg: Numbers
    latitude_deg: Numbers
    longitude_deg: Numbers
    altitude_wgs84_m: Numbers
    r_xx_m2: Numbers
    r_xy_m2: Numbers
    r_yy_m2: Numbers
    range_m: Numbers  # it is no farther than this, by its strength; NaN: not known
    frequency_hz: Numbers
    bandwidth_hz: Numbers
    confidence: Numbers
    signal_class: Texts
    key: Texts  # the sensor's own name for the emitter: means nothing at another sensor

    def __len__(self) -> int:
        return len(self.seq)

    @property
    def placed(self) -> Booleans:
        """Which bring a position."""
        return ~np.isnan(self.latitude_deg)

    def take(self, rows: Rows | Booleans) -> Sightings:
        """The named rows, in that order."""
        return Sightings(**{column.name: getattr(self, column.name)[rows] for column in fields(Sightings)})

    @classmethod
    def concat(cls, parts: Sequence[Sightings]) -> Sightings:
        """The rows of all parts."""
        columns = [column.name for column in fields(cls)]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns})


def nameless(detections: Detections, rows: Rows) -> Booleans:
    """Which of the rows are of a radio or SAPIENT sensor, carry no id, and say where or whither."""
    source = detections.source[rows]
    where = ~np.isnan(detections.latitude_deg[rows] + detections.longitude_deg[rows])
    said = where | ~np.isnan(detections.bearing_deg[rows])
    ours = (source == Source.RF) | (source == Source.SAPIENT)
    stale = (detections.flags[rows] & _STALE) != 0
    return np.asarray(ours & said & ~stale & (detections.uas_id[rows] == _NOTHING), dtype=np.bool_)


def sightings(
    detections: Detections,
    rows: Rows,
    seq: Bits,
    sensor: Bits,
    bit: Bits,
    places: Mapping[str, tuple[float, float]],
) -> Sightings:
    """The rows as sightings; the columns given go with ``rows``, ``places`` says where fixed sensors stand."""
    some = detections.take(rows)
    nowhere = (np.nan, np.nan)
    registered = np.array([places.get(name, nowhere) for name in some.sensor.tolist()], dtype=np.float64).reshape(-1, 2)
    moved = ~np.isnan(some.sensor_latitude_deg + some.sensor_longitude_deg)
    placed = ~np.isnan(some.latitude_deg + some.longitude_deg)
    noise_m2 = _noise(some)
    sigma_deg = np.where(np.isnan(some.bearing_accuracy_deg), UNKNOWN_SIGMA_DEG, some.bearing_accuracy_deg)
    return Sightings(
        seq=np.asarray(seq, dtype=np.int64),
        sensor=np.asarray(sensor, dtype=np.int64),
        bit=np.asarray(bit, dtype=np.int64),
        time_s=np.fmin(some.received_s, some.logged_s),
        source=some.source,
        from_latitude_deg=np.where(moved, some.sensor_latitude_deg, registered[:, 0]),
        from_longitude_deg=np.where(moved, some.sensor_longitude_deg, registered[:, 1]),
        bearing_deg=np.where(placed, np.nan, some.bearing_deg),
        sigma_deg=np.maximum(sigma_deg, LEAST_SIGMA_DEG),
        latitude_deg=np.where(placed, some.latitude_deg, np.nan),
        longitude_deg=np.where(placed, some.longitude_deg, np.nan),
        altitude_wgs84_m=some.altitude_wgs84_m,
        r_xx_m2=noise_m2[:, 0, 0],
        r_xy_m2=noise_m2[:, 0, 1],
        r_yy_m2=noise_m2[:, 1, 1],
        range_m=greatest_range_m(some.rssi_dbm, some.frequency_hz),
        frequency_hz=some.frequency_hz,
        bandwidth_hz=some.bandwidth_hz,
        confidence=np.clip(some.confidence, 0.0, 1.0),
        signal_class=some.signal_class,
        key=some.transmitter,
    )


def usable(rows: Sightings) -> Booleans:
    """Which can be worked: a position, or a bearing from a place that is known, at a time that is known."""
    from_somewhere = ~np.isnan(rows.from_latitude_deg + rows.from_longitude_deg + rows.bearing_deg)
    return (rows.placed | from_somewhere) & ~np.isnan(rows.time_s)


def instants(rows: Sightings) -> list[Rows]:
    """Rows, which are in order of time, put together by sensor and moment; parts in the order of their first rows."""
    parts: list[list[int]] = []
    begun: dict[int, tuple[float, list[int]]] = {}
    for row, (sensor, time_s) in enumerate(zip(rows.sensor.tolist(), rows.time_s.tolist(), strict=True)):
        start_s, part = begun.get(sensor, (-np.inf, []))
        if time_s - start_s > INSTANT_S:
            part = []
            begun[sensor] = (time_s, part)
            parts.append(part)
        part.append(row)
    return [np.array(part, dtype=np.intp) for part in parts]


def _noise(some: Detections) -> Numbers:
    """Covariances (n, 2, 2) of the positions: of the ellipse where there is one, else of the circle."""
    circle_m = sigma_m(some.horizontal_accuracy_m)
    noise_m2 = np.zeros((len(some), 2, 2))
    noise_m2[:, 0, 0] = noise_m2[:, 1, 1] = circle_m * circle_m
    drawn = ~np.isnan(some.ellipse_major_m + some.ellipse_minor_m + some.ellipse_deg)
    noise_m2[drawn] = noise_of(some.ellipse_major_m[drawn], some.ellipse_minor_m[drawn], some.ellipse_deg[drawn])
    noise_m2[:, [0, 1], [0, 1]] += LEAST_SIGMA_M * LEAST_SIGMA_M
    return noise_m2
