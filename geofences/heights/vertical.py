"""Heights: over the ellipsoid, the sea, the ground and the take-off point, and by pressure.

A height is said in one datum and asked for in another. Each step between two of them is one function here, and each
adds its own doubt: a ``Level`` is metres with one standard deviation.

    ellipsoid (WGS-84) <-> sea       the undulation (undulation.py); 1 m
    sea <-> ground                   0 m above the sea, 10 m: -4 m Haarlemmermeer, some 10 m elsewhere in the west,
                                     wrong in Limburg; with a raster (terrain.py) what it says, 3 m
    take-off point -> ground         the same number, 10 m: the take-off point may be a roof or a dike
    pressure (1013.25 hPa) -> sea    8.23 m a hectopascal (27 ft, ICAO) of QNH; 20 m with the QNH of the place

Without the QNH a pressure altitude may be wrong by 486 m (954.2 hPa, Eelde, 27 November 1983: the lowest that the
Netherlands measured), so its standard deviation is 250 m and it never decides 120 m by itself.

The best word wins: above ground, above take-off, over the ellipsoid, by pressure. Outside the undulation's table and
without a raster nothing is known of the ground there: a height over the sea says nothing of the height above it.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Codes, HeightReference, Numbers, OperatorLocation, Rows
from airspace.model.track import Tracks
from airspace.model.zone import Datum
from geofences.heights import terrain, undulation
from geofences.heights.terrain import Terrain
from geofences.heights.undulation import self_test, undulation_m

__all__ = [
    "HeightSource",
    "Heights",
    "Level",
    "Terrain",
    "height_above_ground",
    "readings",
    "self_test",
    "undulation_m",
]

UNKNOWN_SIGMA_M: Final = 10.0  # where the message states no vertical accuracy
TAKEOFF_GROUND_SIGMA_M: Final = 10.0  # the take-off point may be a roof or a dike
TERRAIN_SIGMA_M: Final = 10.0  # ground taken as 0 m above the sea
PRESSURE_SIGMA_M: Final = 20.0  # with the QNH: the sensor, and air that is not the standard's
QNH_UNKNOWN_SIGMA_M: Final = 250.0  # two of them hold the lowest and the highest pressure ever measured here
STANDARD_HPA: Final = 1013.25
M_PER_HPA: Final = 8.23  # near the ground
VAGUE_SIGMAS: Final = 2.0  # so many of them a vague height must be off a band to be out of it
_SIGMAS_IN_BOUND: Final = 2.0  # the stated accuracy is a 95 % bound


class HeightSource(IntEnum):
    """What a height above ground rests on."""

    UNKNOWN = 0
    GROUND = 1  # said to be above ground
    TAKEOFF = 2  # said to be above the take-off point
    ELLIPSOID = 3  # from the WGS-84 altitude, the undulation and the ground
    PRESSURE = 4  # from the pressure altitude and the ground


_OF_REFERENCE: Final[Codes] = np.array([0, 0, 0], dtype=np.int8)
_OF_REFERENCE[HeightReference.GROUND] = HeightSource.GROUND
_OF_REFERENCE[HeightReference.TAKEOFF] = HeightSource.TAKEOFF


class Level(NamedTuple):
    """n heights in one datum with one standard deviation each; NaN is unknown."""

    height_m: Numbers
    sigma_m: Numbers

    def moved(self, by_m: Numbers | float, sigma_m: Numbers | float) -> Level:
        """In another datum, which lies ``by_m`` below this one give or take ``sigma_m``."""
        return Level(self.height_m + by_m, np.hypot(self.sigma_m, sigma_m))


def ellipsoid_to_sea(level: Level, latitude_deg: Numbers, longitude_deg: Numbers) -> Level:
    """Over the WGS-84 ellipsoid to above the sea."""
    return level.moved(-undulation_m(latitude_deg, longitude_deg), undulation.SIGMA_M)


def sea_to_ellipsoid(level: Level, latitude_deg: Numbers, longitude_deg: Numbers) -> Level:
    """Above the sea to over the WGS-84 ellipsoid."""
    return level.moved(undulation_m(latitude_deg, longitude_deg), undulation.SIGMA_M)


def sea_to_ground(level: Level, ground: Level) -> Level:
    """Above the sea to above the ground, itself given above the sea."""
    return level.moved(-ground.height_m, ground.sigma_m)


def ground_to_sea(level: Level, ground: Level) -> Level:
    """Above the ground to above the sea."""
    return level.moved(ground.height_m, ground.sigma_m)


def pressure_to_sea(level: Level, qnh_hpa: float | None) -> Level:
    """Pressure altitude (above the 1013.25 hPa level) to above the sea."""
    if qnh_hpa is None:
        return level.moved(0.0, QNH_UNKNOWN_SIGMA_M)
    return level.moved((qnh_hpa - STANDARD_HPA) * M_PER_HPA, PRESSURE_SIGMA_M)


def takeoff_to_ground(level: Level, takeoff: Level, ground: Level) -> Level:
    """Above the take-off point to above the ground here; where a ground is unknown, the two are taken as level."""
    rise_m = np.nan_to_num(takeoff.height_m - ground.height_m)
    return level.moved(rise_m, TAKEOFF_GROUND_SIGMA_M)


def ground_of(latitude_deg: Numbers, longitude_deg: Numbers, raster: Terrain | None) -> Level:
    """The ground above the sea: of the raster; 0 m where it does not say; NaN outside the Netherlands without one."""
    level_m = 0.0 * undulation_m(latitude_deg, longitude_deg)
    sigma_m = np.full(len(level_m), TERRAIN_SIGMA_M)
    if raster is not None:
        known_m = raster.ground_m(latitude_deg, longitude_deg)
        known = ~np.isnan(known_m)
        level_m[known], sigma_m[known] = known_m[known], terrain.SIGMA_M
    return Level(level_m, sigma_m)


_UNKNOWN: Final = int(HeightSource.UNKNOWN)  # numpy takes a plain number five times as fast as an enum member


@dataclass(frozen=True, kw_only=True)
class Heights:
    """n heights in each datum, NaN where unknown; ``sigma_m`` is that of ``agl_m``."""

    tracks: Tracks
    agl_m: Numbers
    amsl_m: Numbers
    sigma_m: Numbers
    source: Codes  # HeightSource
    vague: Rows | None = None  # rows of so great a doubt that a band holds them unless two sigmas say otherwise

    @functools.cached_property
    def wgs84_m(self) -> Numbers:
        """Above the ellipsoid; worked out once, and only where a zone asks for it: few do."""
        told_m = self.tracks.altitude_wgs84_m
        n_m = undulation_m(self.tracks.latitude_deg, self.tracks.longitude_deg)
        return np.where(np.isnan(told_m), self.amsl_m + n_m, told_m)


def height_above_ground(tracks: Tracks, ground: Terrain | None = None, qnh_hpa: float | None = None) -> Heights:
    """Heights of every track by its best word, in every datum as far as it can be brought there.

    The functions above at once and for all rows; the tests hold that the two agree.
    """
    source = _OF_REFERENCE[tracks.height_reference]
    unsaid = np.isnan(tracks.height_m)
    if np.count_nonzero(unsaid):
        source[unsaid] = _UNKNOWN
    agl_m, sea_m = tracks.height_m.copy(), _sea_m(tracks)
    floor = None if ground is None else ground_of(tracks.latitude_deg, tracks.longitude_deg, ground)
    floor_m: Numbers | float = 0.0 if floor is None else np.nan_to_num(floor.height_m)
    vague = None
    if not source.all():
        pressed = _without_word(tracks, source, agl_m, sea_m, floor, qnh_hpa)
        vague = pressed if qnh_hpa is None and len(pressed) else None
    if ground is not None and floor is not None:
        _over_takeoff(tracks, source, agl_m, floor, ground)
    sea_m = np.where(np.isnan(sea_m), agl_m + floor_m, sea_m)
    return Heights(
        tracks=tracks,
        agl_m=agl_m,
        amsl_m=sea_m,
        sigma_m=_sigma_m(tracks, source, floor, qnh_hpa),
        source=source,
        vague=vague,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What heights rest on beside the messages: a raster of the ground and the pressure at sea level, where known."""

    terrain: Terrain | None = None
    qnh_hpa: float | None = None

    def of(self, tracks: Tracks) -> Heights:
        """``height_above_ground`` with them."""
        return height_above_ground(tracks, self.terrain, self.qnh_hpa)


MESSAGES_ALONE: Final = Levels()


def _sea_m(tracks: Tracks) -> Numbers:
    """Above the sea, of those that tell a height above the ellipsoid: optional in the EU, many do not."""
    sea_m = np.full(len(tracks), np.nan)
    told = np.flatnonzero(~np.isnan(tracks.altitude_wgs84_m))
    if len(told):
        n_m = undulation_m(tracks.latitude_deg[told], tracks.longitude_deg[told])
        sea_m[told] = tracks.altitude_wgs84_m[told] - n_m
    return sea_m


def _without_word(
    tracks: Tracks, source: Codes, agl_m: Numbers, sea_m: Numbers, floor: Level | None, qnh: float | None
) -> Rows:
    """Fill in, from the ellipsoid or else from the pressure, what no height was said for; the rows by pressure."""
    rest = np.flatnonzero(source == HeightSource.UNKNOWN)
    known = ~np.isnan(sea_m[rest])
    source[rest[known]] = HeightSource.ELLIPSOID
    pressed = rest[~known & ~np.isnan(tracks.altitude_pressure_m[rest])]
    if len(pressed):
        told = Level(tracks.altitude_pressure_m[pressed], np.zeros(len(pressed)))
        sea_m[pressed] = pressure_to_sea(told, qnh).height_m
        source[pressed] = HeightSource.PRESSURE
    level = ground_of(tracks.latitude_deg[rest], tracks.longitude_deg[rest], None).height_m
    agl_m[rest] = sea_m[rest] - (level if floor is None else floor.height_m[rest])
    source[rest[np.isnan(agl_m[rest])]] = HeightSource.UNKNOWN
    return pressed


def _over_takeoff(tracks: Tracks, source: Codes, agl_m: Numbers, floor: Level, raster: Terrain) -> None:
    """With a raster and a known take-off point, the height above the ground here and not above the one there."""
    told = (source == HeightSource.TAKEOFF) & (tracks.operator_location_type == OperatorLocation.TAKEOFF)
    rows = np.flatnonzero(told)
    if len(rows):
        there = ground_of(tracks.operator_latitude_deg[rows], tracks.operator_longitude_deg[rows], raster)
        here = Level(floor.height_m[rows], floor.sigma_m[rows])
        agl_m[rows] = takeoff_to_ground(Level(agl_m[rows], np.zeros(len(rows))), there, here).height_m


def _sigma_m(tracks: Tracks, source: Codes, floor: Level | None, qnh_hpa: float | None) -> Numbers:
    own_m = tracks.vertical_accuracy_m * (1.0 / _SIGMAS_IN_BOUND)
    unstated = np.isnan(own_m)
    if np.count_nonzero(unstated):
        own_m[unstated] = UNKNOWN_SIGMA_M
    doubt_m = _doubts_m(0.0 if floor is not None else TERRAIN_SIGMA_M, qnh_hpa)[source]
    variance: Numbers = own_m * own_m + doubt_m * doubt_m
    if floor is not None:
        rests_on_it = (source == HeightSource.ELLIPSOID) | (source == HeightSource.PRESSURE)
        variance = variance + np.where(rests_on_it, floor.sigma_m * floor.sigma_m, 0.0)
    return np.sqrt(variance)


@functools.cache
def _doubts_m(ground_sigma_m: float, qnh_hpa: float | None) -> Numbers:
    """By source, the standard deviation of all steps together; NaN where there is no height."""
    pressure_m = QNH_UNKNOWN_SIGMA_M if qnh_hpa is None else PRESSURE_SIGMA_M
    over_ground_m = (math.hypot(undulation.SIGMA_M, ground_sigma_m), math.hypot(pressure_m, ground_sigma_m))
    return np.array([math.nan, 0.0, TAKEOFF_GROUND_SIGMA_M, *over_ground_m])


def candidates(
    height_m: float | None, datum: Datum, latitude_deg: float, longitude_deg: float, ground_m: float = 0.0
) -> tuple[dict[Datum, float], ...]:
    """One height in every datum, without its doubt: NaN outside the undulation's table.

    An unknown datum gives one candidate for each that it may be (two, where the ground is at sea level: there AGL and
    AMSL are one); an unknown height gives none.
    """
    if height_m is None or math.isnan(height_m):
        return ()
    n_m = float(undulation_m(np.array([latitude_deg]), np.array([longitude_deg]))[0])
    floor_m = {Datum.AGL: ground_m, Datum.AMSL: 0.0, Datum.WGS84: -n_m}  # where each counts from, above the sea
    said = [each for each in floor_m if datum in {each, Datum.UNKNOWN}]
    if datum is Datum.UNKNOWN and ground_m == 0.0:
        said.remove(Datum.AMSL)
    return tuple(
        {asked: height_m if one is asked else height_m + floor_m[one] - floor_m[asked] for asked in floor_m}
        for one in said
    )


def readings(
    height_m: float | None, datum: Datum, latitude_deg: float, longitude_deg: float, ground_m: float = 0.0
) -> dict[Datum, tuple[float, ...]]:
    """The candidates' values by datum, those that are known."""
    found = candidates(height_m, datum, latitude_deg, longitude_deg, ground_m)
    each = (Datum.AGL, Datum.AMSL, Datum.WGS84) if found else ()
    return {asked: tuple(one[asked] for one in found if not math.isnan(one[asked])) for asked in each}
