"""Whether an identified track explains a row without identity: finders and radars notice drones with Remote ID too.

A bearing is explained when it points to where the track was then, to three standard deviations of both, and not from
farther away than its strength allows; a position when it lies in the gate of both. A place is moved along the track's
course to the row's time, and its doubt grows on the way as the filter's does (motion.py). A message that is received
some tenths after its own time was sent late, or the drone's clock is behind: the place is of the one moment or of the
other, so it is taken to be of the middle, with half the way between them as doubt.

A radio row is explained by the place of the pilot too: the controller sends, and mostly louder. A drone that says its
pilot's place and not yet its own (on the ground, without satellites) is in sight of the pilot. A radio row is not
explained by an aircraft with a crew, which sends nothing that finders of drones look for. What explains nothing: tracks
seen once, tracks that have not been placed for 15 s, and tracks that are suspect: of them the finder is the independent
witness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airspace.model.detection import Bits, Numbers, OperatorLocation, Rows, Source
from airspace.model.geodesy import metres_per_degree, turned
from airspace.model.track import Booleans, Tracks, TrackState
from airspace.tracking.motion import ACCELERATION_NOISE_M2_S3, FIRST_SPEED_SIGMA_M_S, sigma_m
from airspace.tracking.plausibility import MAX_SKEW_S
from airspace.tracking.unidentified.bearings import innovation
from airspace.tracking.unidentified.sightings import Sightings

RECENT_S: Final = 15.0  # either way of the row's time
ANGLE_GATE: Final = 3.0**2  # squared sigmas of a bearing
PLACE_GATE: Final = 9.21  # chi-square, two degrees of freedom, 99 %
PILOT_SIGMA_M: Final = 30.0  # of a place that follows the pilot, or that somebody entered
TAKEOFF_SIGMA_M: Final = 100.0  # pilots stay near where they took off, and walk
IN_SIGHT_SIGMA_M: Final = 150.0  # of a drone round its pilot: three of it are about as far as a small one is seen
NEAR_GATE: Final = 25.0  # squared sigmas: a position within five of a named drone is mostly a bad one of its own
_ROWS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Places that may explain rows, one array of shape (m,) a column."""

    number: Bits  # of the track
    is_pilot: Booleans
    stands_by: Booleans  # a pilot's place that is all there is of the drone's
    is_crewed: Booleans
    first_seen_s: Numbers
    time_s: Numbers
    latitude_deg: Numbers
    longitude_deg: Numbers
    east_m_s: Numbers
    north_m_s: Numbers
    sigma_m: Numbers
    speed_sigma_m_s: Numbers

    def __len__(self) -> int:
        return len(self.number)

    @property
    def is_drone(self) -> Booleans:
        """Which say where the drone itself is, if only roughly."""
        return ~self.is_pilot | self.stands_by

    def on_with(self, rows: Rows, first_seen_s: Numbers) -> Booleans:
        """Which may be what was first heard then: a drone that stands by only if it was switched on about then."""
        return ~self.stands_by[rows] | (np.abs(self.first_seen_s[rows] - first_seen_s) <= RECENT_S)

    def at(self, time_s: Numbers | float, rows: Rows | slice = slice(None)) -> tuple[Numbers, Numbers, Numbers]:
        """Latitude, longitude and variance on each axis at a time, or at one for each row; broadcasts."""
        dt = time_s - self.time_s[rows]
        north, east = metres_per_degree(self.latitude_deg[rows])
        variance_m2 = self.sigma_m[rows] ** 2 + (self.speed_sigma_m_s[rows] * dt) ** 2
        variance_m2 = variance_m2 + ACCELERATION_NOISE_M2_S3 * np.abs(dt) ** 3 / 3.0
        latitude_deg = self.latitude_deg[rows] + dt * self.north_m_s[rows] / north
        return latitude_deg, turned(self.longitude_deg[rows] + dt * self.east_m_s[rows] / east), variance_m2


def known(tracks: Tracks) -> Known:
    """The places of aircraft, then of pilots, in the order of the table."""
    if not len(tracks):
        return _NOBODY_KNOWN
    sound = (tracks.state != TrackState.TENTATIVE) & (tracks.state != TrackState.ENDED) & ~tracks.suspect
    placed = np.flatnonzero(sound & ~np.isnan(tracks.latitude_deg + tracks.longitude_deg + tracks.fix_time_s))
    piloted = np.flatnonzero(
        sound & ~np.isnan(tracks.operator_latitude_deg + tracks.operator_longitude_deg + tracks.last_seen_s)
    )
    rows = np.concatenate((placed, piloted))
    pilots = np.arange(len(rows)) >= len(placed)
    stands_by = pilots & np.isnan(tracks.latitude_deg[rows] + tracks.longitude_deg[rows])
    moving = ~np.isnan(tracks.speed_m_s[rows] + tracks.track_deg[rows]) & ~pilots
    speed_m_s = np.where(moving, tracks.speed_m_s[rows], 0.0)
    half_lag_s = np.where(pilots, 0.0, _half_lag_s(tracks.skew_s[rows]))
    course = np.radians(np.where(moving, tracks.track_deg[rows], 0.0))
    speed_sigma_m_s = np.where(moving, tracks.speed_sigma_m_s[rows], FIRST_SPEED_SIGMA_M_S)
    return Known(
        number=tracks.number[rows],
        is_pilot=pilots,
        stands_by=stands_by,
        is_crewed=tracks.source[rows] == Source.ADSB,
        first_seen_s=tracks.first_seen_s[rows],
        time_s=np.where(pilots, tracks.last_seen_s[rows], tracks.fix_time_s[rows]) + half_lag_s,
        latitude_deg=np.where(pilots, tracks.operator_latitude_deg[rows], tracks.latitude_deg[rows]),
        longitude_deg=np.where(pilots, tracks.operator_longitude_deg[rows], tracks.longitude_deg[rows]),
        east_m_s=speed_m_s * np.sin(course),
        north_m_s=speed_m_s * np.cos(course),
        sigma_m=np.hypot(
            np.where(pilots, _pilot_sigma(tracks, rows, stands_by), _sigma(tracks, rows)), half_lag_s * speed_m_s
        ),
        speed_sigma_m_s=np.where(pilots, 0.0, np.nan_to_num(speed_sigma_m_s, nan=FIRST_SPEED_SIGMA_M_S)),
    )


def _nobody_known() -> Known:
    nothing, none = np.empty(0), np.empty(0, dtype=np.bool_)
    return Known(
        number=np.empty(0, dtype=np.int64),
        is_pilot=none,
        stands_by=none,
        is_crewed=none,
        first_seen_s=nothing,
        time_s=nothing,
        latitude_deg=nothing,
        longitude_deg=nothing,
        east_m_s=nothing,
        north_m_s=nothing,
        sigma_m=nothing,
        speed_sigma_m_s=nothing,
    )


_NOBODY_KNOWN: Final = _nobody_known()


def explain(places: Known, rows: Sightings) -> tuple[Rows, Numbers, Booleans]:
    """For each row the place that explains it best, as a row of ``places``, -1 where none does; and how badly it does.

    The second is squared sigmas over their gate, 0 to 1, infinite where nothing explains it. The third is where a
    position is outside the gate and near: it may move a track that there is, and opens none. Bearings have no such
    belt, as a belt of angles would hide half the sky behind a few named drones.
    """
    best, least = np.full(len(rows), -1, dtype=np.intp), np.full(len(rows), np.inf)
    if not len(places):
        return best, least, np.zeros(len(rows), dtype=np.bool_)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = np.arange(start, min(start + _ROWS_AT_ONCE, len(rows)))
        misfit = _misfit(places, rows.take(some))
        nearest = np.argmin(misfit, axis=1)
        least[some] = misfit[np.arange(len(some)), nearest]
        best[some] = np.where(least[some] <= 1.0, nearest, -1)
    near = rows.placed & (best < 0) & (least * PLACE_GATE <= NEAR_GATE)
    return best, np.where(best < 0, np.inf, least), near


def _misfit(places: Known, rows: Sightings) -> Numbers:
    """(n, m): squared sigmas between row and place over their gate; more than 1, or infinite, explains nothing."""
    time_s = rows.time_s[:, np.newaxis]
    latitude_deg, longitude_deg, variance_m2 = places.at(time_s)
    angle = _angle_misfit(rows, latitude_deg, longitude_deg, variance_m2)
    place = _place_misfit(rows, latitude_deg, longitude_deg, variance_m2)
    misfit = np.where(rows.placed[:, np.newaxis], place / PLACE_GATE, angle / ANGLE_GATE)
    radio = (rows.source == Source.RF)[:, np.newaxis]
    possible = np.abs(time_s - places.time_s) <= RECENT_S
    possible &= np.where(radio, ~places.is_crewed, ~places.is_pilot)
    return np.where(possible & ~np.isnan(misfit), misfit, np.inf)


def _angle_misfit(rows: Sightings, latitude_deg: Numbers, longitude_deg: Numbers, variance_m2: Numbers) -> Numbers:
    covariance = variance_m2[..., np.newaxis, np.newaxis] * np.eye(2)
    columns = (rows.from_latitude_deg, rows.from_longitude_deg, rows.bearing_deg, rows.sigma_deg)
    found = innovation(latitude_deg, longitude_deg, covariance, *(column[:, np.newaxis] for column in columns))
    too_far = found.distance_m - 3.0 * np.sqrt(variance_m2) > rows.range_m[:, np.newaxis]
    return np.where(too_far, np.inf, (found.residual_deg / found.sigma_deg) ** 2)


def _place_misfit(rows: Sightings, latitude_deg: Numbers, longitude_deg: Numbers, variance_m2: Numbers) -> Numbers:
    north, east = metres_per_degree(latitude_deg)
    dx = turned(rows.longitude_deg[:, np.newaxis] - longitude_deg) * east
    dy = (rows.latitude_deg[:, np.newaxis] - latitude_deg) * north
    xx, yy = rows.r_xx_m2[:, np.newaxis] + variance_m2, rows.r_yy_m2[:, np.newaxis] + variance_m2
    return squared_sigmas(dx, dy, xx, rows.r_xy_m2[:, np.newaxis], yy)


def squared_sigmas(dx: Numbers, dy: Numbers, xx: Numbers, xy: Numbers, yy: Numbers) -> Numbers:
    """Squared Mahalanobis distance in the plane."""
    return (dx * dx * yy - 2.0 * dx * dy * xy + dy * dy * xx) / (xx * yy - xy * xy)


def _sigma(tracks: Tracks, rows: Rows) -> Numbers:
    said_m = sigma_m(tracks.horizontal_accuracy_m[rows])
    return np.fmax(np.where(np.isnan(tracks.position_sigma_m[rows]), said_m, tracks.position_sigma_m[rows]), 1.0)


def _pilot_sigma(tracks: Tracks, rows: Rows, stands_by: Booleans) -> Numbers:
    takeoff = tracks.operator_location_type[rows] == OperatorLocation.TAKEOFF
    return np.where(stands_by, IN_SIGHT_SIGMA_M, np.where(takeoff, TAKEOFF_SIGMA_M, PILOT_SIGMA_M))


def _half_lag_s(skew_s: Numbers) -> Numbers:
    """Half the time between what a message says and its receipt: one standard deviation of the two that it may be."""
    return np.where((skew_s > 0.0) & (skew_s <= MAX_SKEW_S), skew_s / 2.0, 0.0)
