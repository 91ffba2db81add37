"""Rows without identity as they wait for the tick: where from, whither or where, how surely, and what tells them apart.

Unknown accuracies are made numbers here, once. A stated bearing error below half a degree is not believed (mounting and
site alone make more); a bearing without one gets that of a cheap array
(handbook remote-id 7). Left out: rows of sensors whose place nobody knows, where they bring a bearing only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Detections, Flag, Numbers, Rows, Source, Texts
from airspace.model.track import Booleans
from airspace.tracking.motion import sigma_m
from airspace.tracking.unidentified.bearings import greatest_range_m
from airspace.tracking.unidentified.ellipse import noise_of

UNKNOWN_SIGMA_DEG: Final = 7.0  # a six-element array at 30 to 200 m (Drones 2025, 9(4) 278)
LEAST_SIGMA_DEG: Final = 0.5
LEAST_SIGMA_M: Final = 1.0
INSTANT_S: Final = 0.05  # what one sensor says within it is of one moment, and of as many emitters
_STALE: Final = int(Flag.STALE)
_OURS: Final = np.isin(np.arange(128), (Source.RF, Source.SAPIENT))  # by the source's code
_SENDERS: Final = np.isin(np.arange(128), (Source.REMOTE_ID, Source.DJI))
_NOTHING: Final = np.array(None)

_TIME, _FROM_LATITUDE, _FROM_LONGITUDE, _BEARING, _SIGMA, _RANGE, _FREQUENCY, _BANDWIDTH, _CONFIDENCE = range(9)
_LATITUDE, _LONGITUDE, _XX, _XY, _YY, _ALTITUDE = range(9, 15)
SAID: Final = slice(_TIME, _LATITUDE)  # the numbers that are kept of each sensor: heard.py
_FIX: Final = slice(_LATITUDE, _ALTITUDE)
_COVARIANCE: Final = slice(_XX, _ALTITUDE)
_SEQ, _SENSOR, _BIT, _SOURCE = range(4)
_CLASS, _KEY = range(2)


@dataclass(frozen=True, slots=True)
class Sightings:
    """n rows, one column each; a row has a position or a bearing, and with a position no bearing."""

    numbers: Numbers  # (15, n)
    integers: Bits  # (4, n)
    texts: Texts  # (2, n)

    def __len__(self) -> int:
        return int(self.numbers.shape[1])

    @property
    def seq(self) -> Bits:
        """Of the log."""
        return self.integers[_SEQ, :]

    @property
    def sensor(self) -> Bits:
        """A number of its own for each name."""
        return self.integers[_SENSOR, :]

    @property
    def bit(self) -> Bits:
        """Of the sensor in masks: beyond the 62nd all the same."""
        return self.integers[_BIT, :]

    @property
    def source(self) -> Bits:
        """Of the row."""
        return self.integers[_SOURCE, :]

    @property
    def time_s(self) -> Numbers:
        """When the sensor heard it."""
        return self.numbers[_TIME, :]

    @property
    def from_latitude_deg(self) -> Numbers:
        """Where the sensor stands, of bearings; as ``from_longitude_deg``."""
        return self.numbers[_FROM_LATITUDE, :]

    @property
    def from_longitude_deg(self) -> Numbers:
        """See ``from_latitude_deg``."""
        return self.numbers[_FROM_LONGITUDE, :]

    @property
    def bearing_deg(self) -> Numbers:
        """NaN with a position; so is its ``sigma_deg``."""
        return self.numbers[_BEARING, :]

    @property
    def sigma_deg(self) -> Numbers:
        """See ``bearing_deg``."""
        return self.numbers[_SIGMA, :]

    @property
    def range_m(self) -> Numbers:
        """It is no farther than this, by its strength; NaN: not known."""
        return self.numbers[_RANGE, :]

    @property
    def frequency_hz(self) -> Numbers:
        """Centre of the channel."""
        return self.numbers[_FREQUENCY, :]

    @property
    def bandwidth_hz(self) -> Numbers:
        """Of the channel."""
        return self.numbers[_BANDWIDTH, :]

    @property
    def latitude_deg(self) -> Numbers:
        """Of a position, else NaN."""
        return self.numbers[_LATITUDE, :]

    @property
    def longitude_deg(self) -> Numbers:
        """See ``latitude_deg``."""
        return self.numbers[_LONGITUDE, :]

    @property
    def r_xx_m2(self) -> Numbers:
        """Covariance of a position, east; then both, then north."""
        return self.numbers[_XX, :]

    @property
    def r_xy_m2(self) -> Numbers:
        """See ``r_xx_m2``."""
        return self.numbers[_XY, :]

    @property
    def r_yy_m2(self) -> Numbers:
        """See ``r_xx_m2``."""
        return self.numbers[_YY, :]

    @property
    def fixes(self) -> Numbers:
        """Positions and covariances as a ``Scan`` has them (5, n)."""
        return self.numbers[_FIX, :]

    @property
    def altitude_wgs84_m(self) -> Numbers:
        """Of a position."""
        return self.numbers[_ALTITUDE, :]

    @property
    def confidence(self) -> Numbers:
        """Of the sensor, that there is something."""
        return self.numbers[_CONFIDENCE, :]

    @property
    def signal_class(self) -> Texts:
        """As the sensor names it."""
        return self.texts[_CLASS, :]

    @property
    def key(self) -> Texts:
        """The sensor's own name for the emitter: means nothing at another sensor."""
        return self.texts[_KEY, :]

    @property
    def placed(self) -> Booleans:
        """Which bring a position."""
        return ~np.isnan(self.latitude_deg)

    def take(self, rows: Rows) -> Sightings:
        """The named rows, in that order."""
        return Sightings(self.numbers.take(rows, axis=1), self.integers.take(rows, axis=1), self.texts[:, rows])

    @classmethod
    def concat(cls, parts: Sequence[Sightings]) -> Sightings:
        """The rows of all parts."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            np.concatenate([np.empty((_ALTITUDE + 1, 0)), *(part.numbers for part in parts)], axis=1),
            np.concatenate([np.empty((_SOURCE + 1, 0), dtype=np.int64), *(part.integers for part in parts)], axis=1),
            np.concatenate([np.empty((_KEY + 1, 0), dtype=object), *(part.texts for part in parts)], axis=1),
        )


def nameless(detections: Detections, rows: Rows) -> Booleans:
    """Which of the rows are of a radio or SAPIENT sensor, carry no id, and say where or whither.

    So are those of Remote ID and of DJI's own signal that say where, and of which a feed names no transmitter either.
    """
    mute = np.isnan(detections.latitude_deg[rows] + detections.longitude_deg[rows])
    mute &= np.isnan(detections.bearing_deg[rows])
    ours: Booleans = _OURS.take(detections.source[rows])
    unsent = _SENDERS.take(detections.source[rows]) & (detections.transmitter[rows] == _NOTHING)
    ours |= unsent & ~np.isnan(detections.latitude_deg[rows] + detections.longitude_deg[rows])
    ours &= ~mute
    ours &= (detections.flags[rows] & _STALE) == 0
    ours &= detections.uas_id[rows] == _NOTHING
    return ours


def sightings(
    detections: Detections, rows: Rows, seq: Bits, sensor: Bits, bit: Bits, places: Mapping[str, tuple[float, float]]
) -> Sightings:
    """The rows as sightings; the columns given go with ``rows``, ``places`` says where fixed sensors stand."""
    numbers = np.empty((_ALTITUDE + 1, len(rows)))
    np.fmin(detections.received_s[rows], detections.logged_s[rows], out=numbers[_TIME])
    frequency_hz, rssi_dbm = detections.frequency_hz[rows], detections.rssi_dbm[rows]
    numbers[_RANGE] = np.nan if _unknown(rssi_dbm) else greatest_range_m(rssi_dbm, frequency_hz)
    numbers[_FREQUENCY] = frequency_hz
    numbers[_BANDWIDTH] = detections.bandwidth_hz[rows]
    np.minimum(np.maximum(detections.confidence[rows], 0.0), 1.0, out=numbers[_CONFIDENCE])
    numbers[_LATITUDE] = detections.latitude_deg[rows]
    numbers[_LONGITUDE] = detections.longitude_deg[rows]
    numbers[_ALTITUDE] = detections.altitude_wgs84_m[rows]
    _say_covariance(numbers[_COVARIANCE], detections, rows)
    numbers[_FROM_LATITUDE:_RANGE] = np.nan
    lines = np.isnan(numbers[_LATITUDE])
    lines |= np.isnan(numbers[_LONGITUDE])
    if np.count_nonzero(lines):
        numbers[_LATITUDE : _LONGITUDE + 1, lines] = np.nan
        numbers[_FROM_LATITUDE:_RANGE, lines] = _directions(detections, rows[lines], places)
    integers = np.empty((_SOURCE + 1, len(rows)), dtype=np.int64)
    integers[_SEQ], integers[_SENSOR], integers[_BIT], integers[_SOURCE] = seq, sensor, bit, detections.source[rows]
    each = np.empty((_KEY + 1, len(rows)), dtype=object)
    each[_CLASS], each[_KEY] = detections.signal_class[rows], detections.transmitter[rows]
    return Sightings(numbers, integers, each)


def usable(rows: Sightings) -> Rows:
    """Which can be worked: a position, or a bearing from a place that is known, at a time that is known."""
    known = rows.r_xx_m2 * rows.r_yy_m2  # not finite where anything is not
    lines = (~rows.placed).nonzero()[0]
    if len(lines):
        known[lines] = (rows.from_latitude_deg + rows.from_longitude_deg + rows.bearing_deg)[lines]
    known += rows.time_s
    return np.isfinite(known).nonzero()[0]


def in_order(rows: Sightings) -> bool:
    """Whether rows of one sensor follow each other in time, as they mostly do where one sensor brings many."""
    integers, time_s = rows.integers[: _SENSOR + 1], rows.time_s
    back = integers[:, 1:] < integers[:, :-1]  # in the log; of the sensor's number neither way
    return not (
        np.count_nonzero(back)
        or integers[_SENSOR, 0] != integers[_SENSOR, -1]
        or np.count_nonzero(time_s[1:] < time_s[:-1])
    )


def instants(rows: Sightings) -> list[Rows]:
    """Rows, which are in order of time, put together by sensor and moment; parts in the order of their first rows."""
    if not len(rows):
        return []
    if rows.time_s[-1] - rows.time_s[0] <= INSTANT_S and not np.count_nonzero(rows.sensor != rows.sensor[0]):
        return [np.arange(len(rows))]
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


def _unknown(column: Numbers) -> bool:
    return bool(np.count_nonzero(np.isnan(column)) == len(column))


def _say_covariance(covariance_m2: Numbers, detections: Detections, rows: Rows) -> None:
    """xx, xy, yy of the positions: of the ellipse where there is one, else of the circle."""
    circle_m = sigma_m(detections.horizontal_accuracy_m[rows])
    np.multiply(circle_m, circle_m, out=covariance_m2[0])
    covariance_m2[1] = 0.0
    covariance_m2[2] = covariance_m2[0]
    major_m = detections.ellipse_major_m[rows]
    if not _unknown(major_m):
        minor_m = detections.ellipse_minor_m[rows]
        drawn = ~np.isnan(major_m + minor_m + detections.ellipse_deg[rows])
        noise_m2 = noise_of(major_m[drawn], minor_m[drawn], detections.ellipse_deg[rows[drawn]])
        covariance_m2[:, drawn] = noise_m2[:, 0, 0], noise_m2[:, 0, 1], noise_m2[:, 1, 1]
    of_places = covariance_m2[::2]
    of_places += LEAST_SIGMA_M * LEAST_SIGMA_M


def _directions(detections: Detections, rows: Rows, places: Mapping[str, tuple[float, float]]) -> Numbers:
    """Whence (latitude, longitude), whither, and how surely (4, k)."""
    whence = np.array((detections.sensor_latitude_deg[rows], detections.sensor_longitude_deg[rows]))
    fixed = np.isnan(whence[0] + whence[1])
    if np.count_nonzero(fixed):
        nowhere = (np.nan, np.nan)
        whence[:, fixed] = np.array([places.get(one, nowhere) for one in detections.sensor[rows[fixed]].tolist()]).T
    stated_deg = detections.bearing_accuracy_deg[rows]
    sigma_deg = np.maximum(np.where(np.isnan(stated_deg), UNKNOWN_SIGMA_DEG, stated_deg), LEAST_SIGMA_DEG)
    return np.array((*whence, detections.bearing_deg[rows], sigma_deg))
