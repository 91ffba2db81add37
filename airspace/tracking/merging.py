"""Two tracks turn out to be one aircraft: what was learnt of one goes into the other."""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.track import Flight
from airspace.tracking import flights
from airspace.tracking.columns import State

_MOTION: Final = (
    "fix_time_s",
    "latitude_deg",
    "longitude_deg",
    "previous_latitude_deg",
    "previous_longitude_deg",
    "gap_s",
    "horizontal_accuracy_m",
    "altitude_wgs84_m",
    "altitude_pressure_m",
    "height_m",
    "height_reference",
    "vertical_accuracy_m",
    "speed_m_s",
    "track_deg",
    "vertical_speed_m_s",
    "position_sigma_m",
    "speed_sigma_m_s",
    "status",
    "operator_latitude_deg",
    "operator_longitude_deg",
    "operator_location_type",
    "anchor_latitude_deg",
    "anchor_longitude_deg",
    "north_m_per_deg",
    "east_m_per_deg",
    "x_m",
    "y_m",
    "vx_m_s",
    "vy_m_s",
    "pxx_m2",
    "pxv_m2_s",
    "pvv_m2_s2",
    "z_time_s",
    "z_m",
    "vz_m_s",
    "pzz_m2",
    "pzw_m2_s",
    "pww_m2_s2",
    "z_kind",
    "way_s",
    "way_latitude_deg",
    "way_longitude_deg",
    "way_last_s",
    "way_last_latitude_deg",
    "way_last_longitude_deg",
    "way_step_m",
    "way_error_m",
    "way_altitude_m",
    "way_lowest_m",
    "way_rise_m",
    "airborne",
    "airborne_s",
)
_FLIGHT: Final = (
    "flight_open",
    "flight_counted",
    "flight_detections",
    "flight_number",
    "airborne",
    "flight_started_s",
    "flight_last_s",
    "airborne_s",
    "highest_m",
    "flight_id",
)


def merge(state: State, gone: int, into: int, *, moves: bool = True) -> Flight | None:
    """Put the track in slot ``gone`` into the other, in place; the flight that thereby never was, if any.

    Without ``moves`` the other keeps its own place and motion, however old: it knows them better.
    """
    flown = max(state.flight_number[gone], state.flight_number[into])
    flight = _merge_flight(state, gone, into) if state.flight_open[gone] else None
    state.flight_number[into] = flown  # whoever flew before has flown, and no flight's name is given twice
    state.first_seen_s[into] = np.fmin(state.first_seen_s[gone], state.first_seen_s[into])
    state.last_seen_s[into] = np.fmax(state.last_seen_s[gone], state.last_seen_s[into])
    state.heard_s[into] = np.fmax(state.heard_s[gone], state.heard_s[into])
    state.sightings[into] += state.sightings[gone]
    state.sensors[into] |= state.sensors[gone]
    if moves and not state.fix_time_s[into] >= state.fix_time_s[gone]:
        _copy(state, _MOTION, gone, into)
        state.fixes[into] += state.fixes[gone]
    return flight


def _merge_flight(state: State, gone: int, into: int) -> Flight | None:
    """An open flight moves along, unless the other track flies one of its own: then this one never counted."""
    if state.flight_open[into]:
        return flights.record(state, gone, ended=True, counted=False)
    _copy(state, _FLIGHT, gone, into)
    return None


def _copy(state: State, names: tuple[str, ...], gone: int, into: int) -> None:
    for name in names:
        column = getattr(state, name)
        column[into] = column[gone]
