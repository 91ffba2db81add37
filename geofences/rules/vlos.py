"""Visual line of sight: the pilot is told to be farther away than anybody sees a drone.

Rests on: Regulation (EU) 2019/947 article 4(1)(d) and UAS.OPEN.060(2)(b): the pilot keeps the aircraft in sight. The
law names no metres, so it is never a violation: beyond 500 m is information, beyond 1,000 m suspected (handbook, R10).
Margin: the 95 % bounds of both positions, 30 m for one that states none, as Remote ID lets the pilot state none. Only
a live position of the pilot counts; a take-off point says nothing. Cannot know: observers and visual aids beside the
pilot, a claim of the Specific category (it lowers), the size of the drone, the weather.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.detection import Numbers, OperatorLocation, Rows
from airspace.model.geodesy import geodesic_m, metres_per_degree
from airspace.model.lines import number
from airspace.model.track import Remark, Tracks
from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.notices.book import UNKNOWN_ACCURACY_M
from geofences.rules.case import Case, Finding, by_notice
from geofences.rules.scene import CANNOT_SAY, Measured, Scene, measured

RULE: Final = "vlos"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/947 art. 4(1)(d), UAS.OPEN.060(2)(b)"
KIND: Final = Kind.SIGHT
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.SUSPECTED})
MARGIN: Final = "the 95 % bounds of both positions taken off the distance"
LEAST_FIXES: Final = 2
LEAST_S: Final = 5.0
FAR_M: Final = 500.0
BEYOND_SIGHT_M: Final = 1000.0
GROUP: Final = "vlos"
NAMES: Final = ("het zicht van de piloot", "the pilot's sight")
_SUSPECTED: Final = 2  # the level
_LOCAL_ERROR: Final = 0.99  # the local metric errs by less than 1 % over the distances that matter


def measure(scene: Scene) -> Measured:
    """The condition: how far each drone is from its pilot, where that is told live."""
    tracks = scene.tracks
    found = measured(len(tracks))
    found.level[:] = CANNOT_SAY
    live = (tracks.operator_location_type == OperatorLocation.LIVE) & ~np.isnan(tracks.operator_latitude_deg)
    rows = np.flatnonzero(live & ((tracks.remarks & Remark.OPERATOR_FAR) == 0))
    found.level[rows] = 0
    rows = rows[_roughly_m(tracks, rows) > FAR_M * _LOCAL_ERROR]
    if len(rows):
        found.metres[rows] = _exactly_m(tracks, rows)
        sure_m = found.metres[rows] - _bounds_m(tracks, rows)
        found.level[rows] = (sure_m > FAR_M).astype(np.int8) + (sure_m > BEYOND_SIGHT_M)
    return found


def judge(case: Case) -> Finding:
    """Information, or suspected; a matching notice allows, and who says Specific may have leave to fly farther."""
    evidence = {"pilot_distance_m": number(case.metres, 0), "limit_m": BEYOND_SIGHT_M} | case.claims
    if case.level < _SUSPECTED or case.says_beyond_open:
        return Finding(value=VerdictValue.ALLOWED, reason=Reason.PILOT_FAR, evidence=evidence)
    if case.allowed:
        return by_notice(case, **evidence)
    return Finding(value=VerdictValue.SUSPECTED, reason=Reason.BEYOND_SIGHT, evidence=evidence)


def _bounds_m(tracks: Tracks, rows: Rows) -> Numbers:
    own_m = tracks.horizontal_accuracy_m[rows]
    return np.where(np.isnan(own_m), UNKNOWN_ACCURACY_M, own_m) + UNKNOWN_ACCURACY_M


def _roughly_m(tracks: Tracks, rows: Rows) -> Numbers:
    north_m, east_m = metres_per_degree(tracks.latitude_deg[rows])
    return np.hypot(
        (tracks.latitude_deg[rows] - tracks.operator_latitude_deg[rows]) * north_m,
        (tracks.longitude_deg[rows] - tracks.operator_longitude_deg[rows]) * east_m,
    )


def _exactly_m(tracks: Tracks, rows: Rows) -> Numbers:
    return geodesic_m(
        tracks.latitude_deg[rows],
        tracks.longitude_deg[rows],
        tracks.operator_latitude_deg[rows],
        tracks.operator_longitude_deg[rows],
    )
