"""Heights: between the ellipsoid, the sea and the ground, each with one standard deviation.

EGM96 undulation from our own table (3-8 E, 50.5-54 N, 15 minute grid, bilinear; NIMA and NASA, public domain), never
through pyproj, whose wheel ships no grids and returns its input unchanged: 43 m off. Ground is taken as 0 m above sea
level: right within about 10 m in the west of the Netherlands, wrong in Limburg, where a height above the take-off point
is what counts. Outside the table a height above the ellipsoid says nothing about the ground: unknown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np

from airspace.model.detection import Codes, HeightReference, Numbers
from airspace.model.track import Tracks
from airspace.model.zone import Datum

UNKNOWN_SIGMA_M: Final = 10.0  # where the message states no vertical accuracy
TAKEOFF_GROUND_SIGMA_M: Final = 10.0  # the take-off point may be a roof or a dike
TERRAIN_SIGMA_M: Final = 10.0  # ground taken as 0 m AMSL: -4 m Haarlemmermeer, some 10 m elsewhere in the west
_SIGMAS_IN_BOUND: Final = 2.0  # the stated accuracy is a 95 % bound


class HeightSource(IntEnum):
    """What a height above ground rests on."""

    UNKNOWN = 0
    GROUND = 1  # said to be above ground
    TAKEOFF = 2  # said to be above the take-off point
    ELLIPSOID = 3  # from the WGS-84 altitude, the undulation and a ground at sea level


class _Table(msgspec.Struct):
    south_deg: float
    west_deg: float
    step_deg: float
    undulation_m: list[list[float]]


def _load() -> _Table:
    return msgspec.json.decode(files("geofences").joinpath("undulation.json").read_bytes(), type=_Table)


_TABLE: Final = _load()
_GRID: Final[Numbers] = np.array(_TABLE.undulation_m, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """n heights in each datum, NaN where unknown; ``sigma_m`` is that of ``agl_m``."""

    agl_m: Numbers
    amsl_m: Numbers
    wgs84_m: Numbers
    sigma_m: Numbers
    source: Codes  # HeightSource


def undulation_m(latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
    """Height of the geoid above the ellipsoid, NaN outside the table."""
    rows, columns = _GRID.shape
    y = (np.asarray(latitude_deg, dtype=np.float64) - _TABLE.south_deg) / _TABLE.step_deg
    x = (np.asarray(longitude_deg, dtype=np.float64) - _TABLE.west_deg) / _TABLE.step_deg
    inside = (y >= 0) & (y <= rows - 1) & (x >= 0) & (x <= columns - 1)
    y, x = np.where(inside, y, 0.0), np.where(inside, x, 0.0)
    south, west = np.minimum(y.astype(np.intp), rows - 2), np.minimum(x.astype(np.intp), columns - 2)
    up, right = y - south, x - west
    lower = _GRID[south, west] * (1 - right) + _GRID[south, west + 1] * right
    upper = _GRID[south + 1, west] * (1 - right) + _GRID[south + 1, west + 1] * right
    return np.where(inside, lower * (1 - up) + upper * up, np.nan)


def height_above_ground(tracks: Tracks) -> Heights:
    """Heights of every track: said above ground, else above take-off, else from the ellipsoid."""
    amsl_m = np.full(len(tracks), np.nan)
    told = np.flatnonzero(~np.isnan(tracks.altitude_wgs84_m))  # optional in the EU: many tell only a height
    if len(told):
        n_m = undulation_m(tracks.latitude_deg[told], tracks.longitude_deg[told])
        amsl_m[told] = tracks.altitude_wgs84_m[told] - n_m
    said = ~np.isnan(tracks.height_m)
    ground = said & (tracks.height_reference == HeightReference.GROUND)
    takeoff = said & (tracks.height_reference == HeightReference.TAKEOFF)
    ellipsoid = ~ground & ~takeoff & ~np.isnan(amsl_m)
    source = np.where(ground, 1, np.where(takeoff, 2, np.where(ellipsoid, 3, 0))).astype(np.int8)
    agl_m = np.where(ground | takeoff, tracks.height_m, amsl_m)
    own_m = tracks.vertical_accuracy_m / _SIGMAS_IN_BOUND
    own_m = np.where(np.isnan(own_m), UNKNOWN_SIGMA_M, own_m)
    more_m = np.where(takeoff, TAKEOFF_GROUND_SIGMA_M, np.where(ellipsoid, TERRAIN_SIGMA_M, 0.0))
    return Heights(
        agl_m=agl_m,
        amsl_m=np.where(np.isnan(amsl_m), agl_m, amsl_m),
        wgs84_m=tracks.altitude_wgs84_m,
        sigma_m=np.where(source == HeightSource.UNKNOWN, np.nan, np.hypot(own_m, more_m)),
        source=source,
    )


def readings(
    height_m: float | None, datum: Datum, latitude_deg: float, longitude_deg: float
) -> dict[Datum, tuple[float, ...]]:
    """One height as each datum reads it; an unknown datum gives several readings, an unknown height none."""
    if height_m is None or math.isnan(height_m):
        return {}
    n_m = float(undulation_m(np.array([latitude_deg]), np.array([longitude_deg]))[0])
    low, high = height_m - n_m, height_m + n_m
    as_sea, as_ellipsoid = (height_m, high), (low, height_m)
    read = {Datum.AGL: (as_sea,), Datum.AMSL: (as_sea,), Datum.WGS84: (as_ellipsoid,)}
    pairs = read.get(datum, (as_sea, as_ellipsoid))
    sea = tuple(pair[0] for pair in pairs if not math.isnan(pair[0]))
    ellipsoid = tuple(pair[1] for pair in pairs if not math.isnan(pair[1]))
    return {Datum.AGL: sea, Datum.AMSL: sea, Datum.WGS84: ellipsoid}
