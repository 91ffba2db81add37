"""Bearings to places: the fix of two or more bearings, how a bearing sits with a known place, how far a signal carries.

A fix starts from weighted least squares on the distances to the lines (Stansfield, Statistical theory of D.F. fixing,
J. IEE 94 IIIA, 1947), goes on by Gauss-Newton on the angles, which is maximum likelihood for normal errors (Gavish and
Weiss, Performance analysis of bearing-only target location algorithms, IEEE Trans. AES 28(3), 1992), and ends with the
inverse of the information as covariance. All of it over arrays: m places from k bearings each, NaN where there is none.

Which geometry is fit for a fix: handbook remote-id, section 7 (crossing angle 20 to 160 degrees, near-parallel ones
none). What stays the same in a sensor's error from bearing to bearing (its mounting, its site) is the caller's affair.

Directions are worked by the middle-latitude formula with half the convergence of the meridians: within 0.0003 degrees
of the geodesic and 0.001 % of its length at 30 km, to 70 degrees of latitude; heights play no part. Signal strength
says how far away something may be at most and is never made a place of (the handbook: RSSI only refutes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from airspace.model.detection import Codes, Numbers
from airspace.model.geodesy import metres_per_degree, turned
from airspace.model.track import Booleans
from airspace.tracking.unidentified.ellipse import ellipses

MIN_CROSSING_DEG: Final = 20.0  # handbook remote-id 7; 160 degrees is the same angle of the lines, told apart by side
MIN_BASE_M: Final = 100.0  # sensors nearer to each other are one place: a mast with two aerials
MAX_SIGMA_DEG: Final = 15.0  # twice the 7 degrees of a cheap array (Drones 2025, 9(4) 278): more is no direction
MAX_RANGE_M: Final = 30_000.0  # no finder of small drones hears farther over the ground
MAX_MAJOR_M: Final = 2_000.0  # a place whose 95 % semi-axis is longer is a direction
CONSISTENT: Final = 0.999  # of honest sets of three or more bearings pass the chi-square test of their residuals
_ITERATIONS: Final = 12
_SETTLED_M: Final = 1.0
_NEAR_M: Final = 1.0  # nearer to a sensor than this, an angle has no slope
_BEHIND_RAD: Final = np.pi / 2
_TINY: Final = 1e-300

EIRP_CEILING_DBM: Final = 36.0  # 1 W into 6 dBi, 47 CFR 15.247; EN 300 328 allows 20 here
MARGIN_DB: Final = 15.0  # the sensor's aerial gain, which no message states, and the error of its scale
LOWEST_FREQUENCY_HZ: Final = 400e6  # taken where none is said: links begin at 433 MHz, and low ones carry farthest
LIGHT_M_S: Final = 299_792_458.0

Matrices = npt.NDArray[np.float64]  # (..., 2, 2), east and north, square metres


class Reason(StrEnum):
    """Why bearings make no place."""

    TOO_FEW = "too_few"  # fewer than two of which everything is known
    SIGMA_TOO_LARGE = "sigma_too_large"
    ONE_PLACE = "one_place"  # no two of them from sensors MIN_BASE_M apart
    NEAR_PARALLEL = "near_parallel"  # no pair crosses at 20 to 160 degrees
    BEHIND = "behind"  # the lines cross behind a sensor
    TOO_FAR = "too_far"
    NO_SOLUTION = "no_solution"  # the iteration does not come to rest
    INCONSISTENT = "inconsistent"  # they do not meet in one place
    TOO_WIDE = "too_wide"  # they meet, and the place could be anywhere along a line


REASONS: Final = tuple(Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A place from bearings."""

    latitude_deg: float
    longitude_deg: float
    covariance_m2: Matrices  # (2, 2)
    chi2: float  # of the residuals, on n - 2 degrees of freedom


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why there is none."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """m places; where ``refused`` is not 0, ``REASONS[refused - 1]`` says why, and the rest is NaN."""

    latitude_deg: Numbers
    longitude_deg: Numbers
    covariance_m2: Matrices  # (m, 2, 2)
    chi2: Numbers
    refused: Codes


class Innovation(NamedTuple):
    """How a bearing sits with a place: residual, its standard deviation from both, and how far away the place is."""

    residual_deg: Numbers
    sigma_deg: Numbers
    distance_m: Numbers


def fix(
    from_latitude_deg: Numbers, from_longitude_deg: Numbers, bearing_deg: Numbers, sigma_deg: Numbers
) -> Fix | Refused:
    """One place from n bearings, arrays of shape (n,)."""
    made = fixes(*(column[np.newaxis] for column in (from_latitude_deg, from_longitude_deg, bearing_deg, sigma_deg)))
    if made.refused[0]:
        return Refused(reason=REASONS[made.refused[0] - 1])
    return Fix(
        latitude_deg=float(made.latitude_deg[0]),
        longitude_deg=float(made.longitude_deg[0]),
        covariance_m2=made.covariance_m2[0],
        chi2=float(made.chi2[0]),
    )


def fixes(from_latitude_deg: Numbers, from_longitude_deg: Numbers, bearing_deg: Numbers, sigma_deg: Numbers) -> Fixes:
    """m places from at most k bearings each, arrays of shape (m, k); for pairs k is 2."""
    known = ~np.isnan(from_latitude_deg + from_longitude_deg + bearing_deg + sigma_deg)
    refused = np.zeros(len(known), dtype=np.int8)
    _refuse(refused, known.sum(axis=1) < 2, Reason.TOO_FEW)  # noqa: PLR2004 - one line crosses nothing
    _refuse(refused, (known & ~((sigma_deg > 0.0) & (sigma_deg <= MAX_SIGMA_DEG))).any(axis=1), Reason.SIGMA_TOO_LARGE)
    first = np.argmax(known, axis=1)[:, np.newaxis]
    at = _Frame(*(np.take_along_axis(column, first, axis=1) for column in (from_latitude_deg, from_longitude_deg)))
    x, y = at.local(from_latitude_deg, from_longitude_deg)
    _refuse_geometry(refused, known, x, y, bearing_deg)
    rays = _Rays(known, from_latitude_deg, from_longitude_deg, x, y, np.radians(bearing_deg), np.radians(sigma_deg))
    return _solve(refused, at, rays)


def direction(
    from_latitude_deg: Numbers, from_longitude_deg: Numbers, latitude_deg: Numbers, longitude_deg: Numbers
) -> tuple[Numbers, Numbers]:
    """Azimuth (degrees, 0 to 360) and distance (metres) from places to places, shapes as numpy joins them."""
    north, east = metres_per_degree((from_latitude_deg + latitude_deg) / 2.0)
    turn_deg = turned(longitude_deg - from_longitude_deg)
    x, y = turn_deg * east, (latitude_deg - from_latitude_deg) * north
    convergence_deg = turn_deg * np.sin(np.radians((from_latitude_deg + latitude_deg) / 2.0))
    return (np.degrees(np.arctan2(x, y)) - convergence_deg / 2.0) % 360.0, np.hypot(x, y)


def innovation(
    latitude_deg: Numbers,
    longitude_deg: Numbers,
    covariance_m2: Matrices,
    from_latitude_deg: Numbers,
    from_longitude_deg: Numbers,
    bearing_deg: Numbers,
    sigma_deg: Numbers,
) -> Innovation:
    """Bearing less direction of a place, linearised at the place as the extended Kalman filter does it."""
    towards_deg, distance_m = direction(from_latitude_deg, from_longitude_deg, latitude_deg, longitude_deg)
    east, north = np.cos(np.radians(towards_deg)), -np.sin(np.radians(towards_deg))
    across_m2 = (
        east * east * covariance_m2[..., 0, 0]
        + 2.0 * east * north * covariance_m2[..., 0, 1]
        + north * north * covariance_m2[..., 1, 1]
    )
    place_deg = np.degrees(np.sqrt(across_m2) / np.maximum(distance_m, _NEAR_M))
    return Innovation(turned(bearing_deg - towards_deg), np.hypot(sigma_deg, place_deg), distance_m)


def greatest_range_m(
    rssi_dbm: Numbers, frequency_hz: Numbers, *, eirp_dbm: float = EIRP_CEILING_DBM, margin_db: float = MARGIN_DB
) -> Numbers:
    """The distance beyond which free space alone leaves less than was received (Friis 1946); NaN without strength.

    An upper bound: every wall, tree and weaker sender brings it nearer. Nothing follows for how near it is.
    """
    known_hz = np.where(np.isnan(frequency_hz), LOWEST_FREQUENCY_HZ, frequency_hz)
    loss_db = eirp_dbm + margin_db - rssi_dbm
    return np.asarray(10.0 ** (loss_db / 20.0) * LIGHT_M_S / (4.0 * np.pi * known_hz), dtype=np.float64)


class _Frame:
    """Metres east and north of m places, columns of shape (m, 1): where the solution is worked."""

    def __init__(self, latitude_deg: Numbers, longitude_deg: Numbers) -> None:
        self.latitude_deg, self.longitude_deg = latitude_deg, longitude_deg
        self.north, self.east = metres_per_degree(latitude_deg)

    def local(self, latitude_deg: Numbers, longitude_deg: Numbers) -> tuple[Numbers, Numbers]:
        x = turned(longitude_deg - self.longitude_deg) * self.east
        return x, (latitude_deg - self.latitude_deg) * self.north

    def globe(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        return self.latitude_deg + y / self.north, turned(self.longitude_deg + x / self.east)


class _Rays(NamedTuple):
    """The bearings, arrays of shape (m, k), angles in radians."""

    known: Booleans
    latitude_deg: Numbers
    longitude_deg: Numbers
    x: Numbers
    y: Numbers
    bearing: Numbers
    sigma: Numbers


def _refuse(refused: Codes, where: npt.ArrayLike, reason: Reason) -> None:
    """The first reason found stands."""
    refused[np.asarray(where, dtype=np.bool_) & (refused == 0)] = REASONS.index(reason) + 1


def _refuse_geometry(refused: Codes, known: Booleans, x: Numbers, y: Numbers, bearing_deg: Numbers) -> None:
    both = known[:, :, np.newaxis] & known[:, np.newaxis]
    base_m = np.hypot(x[:, :, np.newaxis] - x[:, np.newaxis], y[:, :, np.newaxis] - y[:, np.newaxis])
    apart = both & (base_m >= MIN_BASE_M)
    _refuse(refused, ~apart.any(axis=(1, 2)), Reason.ONE_PLACE)
    crossing_deg = np.abs(turned(bearing_deg[:, :, np.newaxis] - bearing_deg[:, np.newaxis]))
    crosses = apart & (crossing_deg >= MIN_CROSSING_DEG) & (crossing_deg <= 180.0 - MIN_CROSSING_DEG)
    _refuse(refused, ~crosses.any(axis=(1, 2)), Reason.NEAR_PARALLEL)


def _solve(refused: Codes, at: _Frame, rays: _Rays) -> Fixes:
    """Start, iterate, judge. What is refused goes along and is blanked at the end."""
    with np.errstate(all="ignore"):  # of what is refused anything may come
        weight = np.where(rays.known, rays.sigma**-2.0, 0.0)
        x, y = _start(rays, weight)
        residual, _ = _residuals(at, rays, x, y)
        _refuse(refused, (rays.known & (np.abs(residual) > _BEHIND_RAD)).any(axis=1), Reason.BEHIND)
        covariance, step_m = np.full((len(x), 2, 2), np.nan), np.full(len(x), np.nan)
        for _ in range(_ITERATIONS):
            x, y, covariance, step_m = _newton(at, rays, weight, x, y)
            if not (step_m[refused == 0] > _SETTLED_M / 1e3).any():
                break
        residual, distance_m = _residuals(at, rays, x, y)
        _refuse(refused, ~(step_m <= _SETTLED_M), Reason.NO_SOLUTION)
        _refuse(refused, (rays.known & (np.abs(residual) > _BEHIND_RAD)).any(axis=1), Reason.BEHIND)
        _refuse(refused, (rays.known & (distance_m > MAX_RANGE_M)).any(axis=1), Reason.TOO_FAR)
        chi2 = np.sum(np.where(rays.known, weight * residual**2, 0.0), axis=1)
        freedom = rays.known.sum(axis=1) - 2
        limit = chdtri(np.maximum(freedom, 1), 1.0 - CONSISTENT)
        _refuse(refused, (freedom > 0) & (chi2 > limit), Reason.INCONSISTENT)
        major_m, _, _ = ellipses(covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1])
        _refuse(refused, ~(major_m <= MAX_MAJOR_M), Reason.TOO_WIDE)
    good = refused == 0
    latitude_deg, longitude_deg = at.globe(x[:, np.newaxis], y[:, np.newaxis])
    return Fixes(
        latitude_deg=np.where(good, latitude_deg[:, 0], np.nan),
        longitude_deg=np.where(good, longitude_deg[:, 0], np.nan),
        covariance_m2=np.where(good[:, np.newaxis, np.newaxis], covariance, np.nan),
        chi2=np.where(good, chi2, np.nan),
        refused=refused,
    )


def _start(rays: _Rays, weight: Numbers) -> tuple[Numbers, Numbers]:
    """Least squares on the distances to the lines: first as if all were as far away, then by how far they are."""
    east, north = np.cos(rays.bearing), -np.sin(rays.bearing)
    offset = east * rays.x + north * rays.y
    x, y = _least_squares(weight, east, north, offset)[:2]
    distance2 = (x[:, np.newaxis] - rays.x) ** 2 + (y[:, np.newaxis] - rays.y) ** 2
    return _least_squares(weight / np.maximum(distance2, _NEAR_M), east, north, offset)[:2]


def _newton(
    at: _Frame, rays: _Rays, weight: Numbers, x: Numbers, y: Numbers
) -> tuple[Numbers, Numbers, Matrices, Numbers]:
    """One Gauss-Newton step: the place after it, its covariance, the length of the step."""
    residual, distance_m = _residuals(at, rays, x, y)
    towards = rays.bearing - residual
    slope_x, slope_y = np.cos(towards) / distance_m, -np.sin(towards) / distance_m
    dx, dy, covariance = _least_squares(weight, slope_x, slope_y, residual)
    return x + dx, y + dy, covariance, np.hypot(dx, dy)


def _residuals(at: _Frame, rays: _Rays, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """Bearing less direction in radians, and distance."""
    towards_deg, distance_m = direction(
        rays.latitude_deg, rays.longitude_deg, *at.globe(x[:, np.newaxis], y[:, np.newaxis])
    )
    return np.radians(turned(np.degrees(rays.bearing) - towards_deg)), np.maximum(distance_m, _NEAR_M)


def _least_squares(weight: Numbers, a: Numbers, b: Numbers, c: Numbers) -> tuple[Numbers, Numbers, Matrices]:
    """The (x, y) that make a x + b y nearest to c, for each row of (m, k), with its covariance."""

    def total(values: Numbers) -> Numbers:
        return np.asarray(np.sum(np.where(weight > 0.0, weight * values, 0.0), axis=1))

    aa, ab, bb, ac, bc = total(a * a), total(a * b), total(b * b), total(a * c), total(b * c)
    determinant = np.maximum(aa * bb - ab * ab, _TINY)
    covariance = np.stack((bb, -ab, -ab, aa), axis=-1).reshape(-1, 2, 2) / determinant[:, np.newaxis, np.newaxis]
    return (bb * ac - ab * bc) / determinant, (aa * bc - ab * ac) / determinant, covariance
