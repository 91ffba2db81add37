"""All live emitters as columns, as the picture takes them over after a tick."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Codes, Numbers, Texts, texts
from airspace.model.track import Booleans
from airspace.tracking.unidentified.confirmation import doubt_of
from airspace.tracking.unidentified.ellipse import ellipses
from airspace.tracking.unidentified.emitter import Emitter
from airspace.tracking.unidentified.filter import SPEED
from airspace.tracking.unidentified.places import Places
from airspace.tracking.unidentified.roster import HEARD_S, Roster

_OF_PLACES: Final = (
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


_COLUMNS: Final = tuple(column.name for column in fields(Table))


def table(roster: Roster, places: Places) -> Table:
    """The columns at a tick; ``places``: where those are then that have a place."""
    parts = [_placed(roster, places)] if len(roster.bank) else []
    if roster.directions or not parts:
        parts.append(_directions(list(roster.directions.values())))
    if len(parts) == 1 and not np.count_nonzero(np.diff(parts[0].number) < 0):
        return parts[0]
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
    order = columns["number"].argsort()
    return Table(**{name: column[order] for name, column in columns.items()})


def _placed(roster: Roster, places: Places) -> Table:
    bank, heard, ledger = roster.bank, roster.heard, roster.ledger
    times, integers = ledger.columns()
    number, first_seq, last_seq, sightings, sensors = integers
    first_seen_s, last_seen_s, altitude_m = times
    xx, _, yy = places.shown_m2
    east_m_s, north_m_s = places.ahead.block[2:4]
    major_m, minor_m, direction_deg = ellipses(*places.shown_m2)
    speed_m2_s2 = places.ahead.block[SPEED]
    last = slice(None) if len(heard) == len(bank) else heard.find(bank.number, ledger.sensor)
    unknown = np.full(len(bank), np.nan)
    return Table(
        number=number,
        confirmed=bank.confirmed,
        updated=ledger.updated,
        first_seq=first_seq,
        last_seq=last_seq,
        first_seen_s=first_seen_s,
        last_seen_s=last_seen_s,
        sightings=sightings,
        sensors=sensors,
        latitude_deg=places.latitude_deg,
        longitude_deg=places.longitude_deg,
        position_sigma_m=np.sqrt((xx + yy) / 2.0),
        ellipse_major_m=major_m,
        ellipse_minor_m=minor_m,
        ellipse_deg=direction_deg,
        speed_m_s=np.hypot(east_m_s, north_m_s),
        track_deg=np.degrees(np.arctan2(east_m_s, north_m_s)) % 360.0,
        speed_sigma_m_s=np.sqrt((speed_m2_s2[0] + speed_m2_s2[2]) / 2.0),
        fix_time_s=bank.time_s.copy(),
        altitude_wgs84_m=altitude_m,
        bearing_deg=unknown,
        bearing_accuracy_deg=unknown,
        bearing_latitude_deg=unknown,
        bearing_longitude_deg=unknown,
        confidence=_confidence(roster, last_seen_s),
        frequency_hz=heard.frequency_hz[last].copy(),
        source=heard.source[last],
        signal_class=heard.signal_class[last].copy(),
        key=heard.key[last].copy(),
    )


def _confidence(roster: Roster, last_seen_s: Numbers) -> Numbers:
    """That there is something: as ``Emitter.confidence``."""
    heard = roster.heard
    doubt = doubt_of(heard.confidence)
    if len(heard) == len(roster.bank):  # each by one sensor, that has just said it
        return 1.0 - doubt
    place = heard.place
    begins = np.flatnonzero(np.diff(place, prepend=-1))
    since_s = np.repeat(last_seen_s - HEARD_S, np.diff(begins, append=len(place)))
    return 1.0 - np.multiply.reduceat(np.where(heard.time_s >= since_s, doubt, 1.0), begins)


def _directions(emitters: list[Emitter]) -> Table:
    last = [one.last for one in emitters]
    columns = {name: np.full(len(emitters), np.nan) for name in _OF_PLACES}
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
        bearing_deg=_numbers([said.bearing_deg for said in last]),
        bearing_accuracy_deg=_numbers([said.sigma_deg for said in last]),
        bearing_latitude_deg=_numbers([said.latitude_deg for said in last]),
        bearing_longitude_deg=_numbers([said.longitude_deg for said in last]),
        confidence=_numbers([one.confidence(one.last_seen_s - HEARD_S) for one in emitters]),
        frequency_hz=_numbers([said.frequency_hz for said in last]),
        source=np.array([said.source for said in last], dtype=np.int8),
        signal_class=texts([said.signal_class for said in last]),
        key=texts([said.key for said in last]),
        **columns,
    )


def _bits(values: list[int]) -> Bits:
    return np.array(values, dtype=np.int64)


def _numbers(values: list[float]) -> Numbers:
    return np.array(values, dtype=np.float64)
