"""All live emitters as columns, as the picture takes them over after a tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Codes, Numbers, Texts, texts
from airspace.model.track import Booleans
from airspace.tracking.unidentified.ellipse import ellipses
from airspace.tracking.unidentified.emitter import Emitter
from airspace.tracking.unidentified.roster import HEARD_S, Roster

_PLACED: Final = (
    "latitude_deg",
    "longitude_deg",
    "position_sigma_m",
    "ellipse_major_m",
    "ellipse_minor_m",
    "ellipse_deg",
    "speed_m_s",
    "track_deg",
    "speed_sigma_m_s",
    "fix_time_s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """n emitters, ordered by number; names, units, unknowns as in ``Tracks``. Either a place or a bearing is known."""

    number: Bits
    confirmed: Booleans
    updated: Booleans  # heard since the last tick
    first_seq: Bits  # the row that opened it, the row it was heard by last
    last_seq: Bits
    first_seen_s: Numbers
    last_seen_s: Numbers
    sightings: Bits
    sensors: Bits
    latitude_deg: Numbers  # the filter's at the tick; NaN while only a direction is known
    longitude_deg: Numbers
    position_sigma_m: Numbers  # one axis, the mean of both
    ellipse_major_m: Numbers
    ellipse_minor_m: Numbers
    ellipse_deg: Numbers
    speed_m_s: Numbers
    track_deg: Numbers
    speed_sigma_m_s: Numbers
    fix_time_s: Numbers  # of the last row that moved its place
    altitude_wgs84_m: Numbers
    bearing_deg: Numbers  # as measured last; NaN once a place is known
    bearing_accuracy_deg: Numbers
    bearing_latitude_deg: Numbers
    bearing_longitude_deg: Numbers
    confidence: Numbers
    frequency_hz: Numbers
    source: Codes
    signal_class: Texts
    key: Texts  # the last sensor's own name for it

    def __len__(self) -> int:
        return len(self.number)


def table(roster: Roster, tick_s: float) -> Table:
    """The columns at a tick."""
    emitters = [roster.emitters[number] for number in sorted(roster.emitters)]
    last = [one.last for one in emitters]
    lone = [one.place is None for one in emitters]
    return Table(
        number=_bits([one.number for one in emitters]),
        confirmed=np.array([one.confirmed for one in emitters], dtype=np.bool_),
        updated=np.array([one.updated for one in emitters], dtype=np.bool_),
        first_seq=_bits([one.first_seq for one in emitters]),
        last_seq=_bits([one.last_seq for one in emitters]),
        first_seen_s=_numbers([one.first_seen_s for one in emitters]),
        last_seen_s=_numbers([one.last_seen_s for one in emitters]),
        sightings=_bits([one.sightings for one in emitters]),
        sensors=_bits([one.sensors for one in emitters]),
        altitude_wgs84_m=_numbers([one.altitude_wgs84_m for one in emitters]),
        bearing_deg=np.where(lone, _numbers([said.bearing_deg for said in last]), np.nan),
        bearing_accuracy_deg=np.where(lone, _numbers([said.sigma_deg for said in last]), np.nan),
        bearing_latitude_deg=np.where(lone, _numbers([said.latitude_deg for said in last]), np.nan),
        bearing_longitude_deg=np.where(lone, _numbers([said.longitude_deg for said in last]), np.nan),
        confidence=_numbers([one.confidence(one.last_seen_s - HEARD_S) for one in emitters]),
        frequency_hz=_numbers([said.frequency_hz for said in last]),
        source=np.array([said.source for said in last], dtype=np.int8),
        signal_class=texts([said.signal_class for said in last]),
        key=texts([said.key for said in last]),
        **_places(roster, emitters, tick_s),
    )


def _places(roster: Roster, emitters: list[Emitter], tick_s: float) -> dict[str, Numbers]:
    """What is known of those that have a place."""
    columns = {name: np.full(len(emitters), np.nan) for name in _PLACED}
    bank, places = roster.bank, roster.places(tick_s)
    if not len(bank):
        return columns
    shown = places.shown_m2
    mean, covariance = bank.predicted(tick_s)
    rows = np.searchsorted([one.number for one in emitters], places.number)
    major_m, minor_m, direction_deg = ellipses(shown[:, 0, 0], shown[:, 0, 1], shown[:, 1, 1])
    columns["latitude_deg"][rows], columns["longitude_deg"][rows] = places.latitude_deg, places.longitude_deg
    columns["position_sigma_m"][rows] = np.sqrt((shown[:, 0, 0] + shown[:, 1, 1]) / 2.0)
    columns["ellipse_major_m"][rows], columns["ellipse_minor_m"][rows] = major_m, minor_m
    columns["ellipse_deg"][rows] = direction_deg
    columns["speed_m_s"][rows] = np.hypot(mean[:, 2], mean[:, 3])
    columns["track_deg"][rows] = np.degrees(np.arctan2(mean[:, 2], mean[:, 3])) % 360.0
    columns["speed_sigma_m_s"][rows] = np.sqrt((covariance[:, 2, 2] + covariance[:, 3, 3]) / 2.0)
    columns["fix_time_s"][rows] = bank.time_s
    return columns


def _bits(values: list[int]) -> Bits:
    return np.array(values, dtype=np.int64)


def _numbers(values: list[float]) -> Numbers:
    return np.array(values, dtype=np.float64)
