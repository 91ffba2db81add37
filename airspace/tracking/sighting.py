"""What one row of each track adds to what is known of the track, over arrays, in place."""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Bits, Detections, Flag, Numbers, Source, Status
from airspace.model.track import Booleans, TrackState
from airspace.tracking import motion, vertical
from airspace.tracking.columns import State, known

# unknown, serial, CAA, UTM, session, ICAO: which one names a track
_ID_RANK: Final = np.array([0, 4, 3, 1, 2, 4], dtype=np.int64)
DISPUTED_UNIT: Final = 2.0  # feet or tenths of a metre: the 95 % bound is twice the height, so that it decides nothing
_LOW_TRUST_ALTITUDE: Final = int(Flag.LOW_TRUST_ALTITUDE)
_NO_TEXT: Final = np.array(None)
_TEST_TRANSMITTER: Final = int(Flag.TEST_TRANSMITTER)
_ADSB: Final = int(Source.ADSB)  # has a crew: no drone's flight
_NO_STATUS: Final = int(Status.UNKNOWN)
_NEW: Final = 0  # not yet a track
_TENTATIVE: Final = int(TrackState.TENTATIVE)
_CONFIRMED: Final = int(TrackState.CONFIRMED)
_COASTING: Final = int(TrackState.COASTING)


def hear(block: State, rows: Detections, seq: Bits, sensor: Bits) -> None:
    """Somebody heard it: when, where, how often."""
    block.logged_s[:] = rows.logged_s
    block.heard_s[:] = rows.logged_s
    block.seq[:] = seq
    seen_s = np.fmin(rows.received_s, rows.logged_s)
    block.first_seen_s[:] = np.fmin(block.first_seen_s, seen_s)
    block.last_seen_s[:] = np.fmax(block.last_seen_s, seen_s)
    block.sightings += 1
    block.sensors |= np.left_shift(np.int64(1), sensor)
    block.test |= ((rows.flags & _TEST_TRANSMITTER) != 0) | (rows.source == _ADSB)


def name(block: State, rows: Detections) -> None:
    """The best id so far names the track; a serial is better than a session id."""
    better = _ID_RANK[rows.uas_id_type] >= _ID_RANK[block.uas_id_type]
    if None in rows.uas_id.tolist():
        better &= rows.uas_id != _NO_TEXT
    np.copyto(block.uas_id, rows.uas_id, where=better)
    np.copyto(block.uas_id_type, rows.uas_id_type, where=better)
    for column, values in ((block.operator_id, rows.operator_id), (block.self_id, rows.self_id)):
        if values.tolist().count(None) < len(values):  # mostly nobody says it
            np.copyto(column, values, where=values != _NO_TEXT)
    for codes, new in (
        (block.ua_type, rows.ua_type),
        (block.eu_category, rows.eu_category),
        (block.eu_class, rows.eu_class),
        (block.source, rows.source),
    ):
        np.copyto(codes, new, where=new != 0)
    placed = known(rows.operator_latitude_deg) & known(rows.operator_longitude_deg)
    np.copyto(block.operator_latitude_deg, rows.operator_latitude_deg, where=placed)
    np.copyto(block.operator_longitude_deg, rows.operator_longitude_deg, where=placed)
    np.copyto(block.operator_location_type, rows.operator_location_type, where=placed)


def place(block: State, rows: Detections, fix_time_s: Numbers, fixed: Booleans) -> None:
    """The fix before and the new one."""
    np.copyto(block.previous_latitude_deg, block.latitude_deg, where=fixed)
    np.copyto(block.previous_longitude_deg, block.longitude_deg, where=fixed)
    np.copyto(block.latitude_deg, rows.latitude_deg, where=fixed)
    np.copyto(block.longitude_deg, rows.longitude_deg, where=fixed)
    np.copyto(block.fix_time_s, fix_time_s, where=fixed)
    block.fix[:] = fixed
    block.fixes += fixed


def located(rows: Detections, placed: Booleans) -> Booleans:
    """Where a row carries a Location message, with or without a position in it."""
    located: Booleans = placed | (rows.status != _NO_STATUS) | known(rows.height_m) | known(rows.speed_m_s)
    return located


def describe(block: State, rows: Detections, located: Booleans) -> None:
    """A Location message replaces the one before, with what it leaves unknown."""
    for column, values in (
        (block.horizontal_accuracy_m, rows.horizontal_accuracy_m),
        (block.vertical_accuracy_m, rows.vertical_accuracy_m),
        (block.altitude_wgs84_m, rows.altitude_wgs84_m),
        (block.altitude_pressure_m, rows.altitude_pressure_m),
        (block.height_m, rows.height_m),
        (block.vertical_speed_m_s, rows.vertical_speed_m_s),
    ):
        np.copyto(column, values, where=located)
    disputed = (rows.flags & _LOW_TRUST_ALTITUDE) != 0
    if np.count_nonzero(disputed):
        told_m = np.fmax(np.abs(rows.height_m), np.abs(rows.altitude_pressure_m))
        np.copyto(block.vertical_accuracy_m, DISPUTED_UNIT * told_m, where=located & disputed)
    np.copyto(block.height_reference, rows.height_reference, where=located)
    np.copyto(block.status, rows.status, where=located)
    says_speed, says_track = known(rows.speed_m_s), known(rows.track_deg)
    if np.count_nonzero(located & ~(says_speed & says_track)):
        speed_m_s, track_deg = motion.speed_and_track(block)
        np.copyto(block.speed_m_s, speed_m_s, where=located)
        np.copyto(block.track_deg, track_deg, where=located)
    vertical.climb(block, located)
    np.copyto(block.speed_m_s, rows.speed_m_s, where=located & says_speed)
    np.copyto(block.track_deg, rows.track_deg, where=located & says_track)


def confirm(block: State) -> tuple[Booleans, Booleans]:
    """One sighting never makes a drone, as one bit error would: two do."""
    unsure = (block.state == _NEW) | (block.state == _TENTATIVE)
    confirmed = unsure & (block.sightings > 1) & (block.held == 0)
    resumed = block.state == _COASTING
    np.copyto(block.state, _TENTATIVE, where=unsure)
    np.copyto(block.state, _CONFIRMED, where=confirmed | resumed)
    return confirmed, resumed
