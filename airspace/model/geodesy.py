"""Places on the WGS-84 ellipsoid.

Two ways, by purpose: ``geodesic_m`` (pyproj.Geod, Karney 2013) decides whatever a verdict rests on; the local metric of
``metres_per_degree`` (meridian and parallel arc at a latitude) serves motion and hysteresis over a few kilometres,
where it errs by less than 0.1 %. Heights are never touched here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from pyproj import Geod

if TYPE_CHECKING:
    from airspace.model.detection import Numbers

WGS84: Final = Geod(ellps="WGS84")
SEMI_MAJOR_M: Final = 6378137.0
FLATTENING: Final = 1 / 298.257223563
_E2: Final = FLATTENING * (2 - FLATTENING)


def geodesic_m(
    latitude_a_deg: Numbers, longitude_a_deg: Numbers, latitude_b_deg: Numbers, longitude_b_deg: Numbers
) -> Numbers:
    """Geodesic distance in metres, element by element; NaN where a coordinate is NaN."""
    _, _, distance_m = WGS84.inv(longitude_a_deg, latitude_a_deg, longitude_b_deg, latitude_b_deg)
    return np.asarray(distance_m, dtype=np.float64)


def bearing_and_distance(
    latitude_a_deg: float, longitude_a_deg: float, latitude_b_deg: float, longitude_b_deg: float
) -> tuple[float, float]:
    """Azimuth from a to b (degrees, clockwise from true north, 0-360) and distance in metres."""
    azimuth_deg, _, distance_m = WGS84.inv(longitude_a_deg, latitude_a_deg, longitude_b_deg, latitude_b_deg)
    return float(azimuth_deg) % 360.0, float(distance_m)


def metres_per_degree(latitude_deg: Numbers) -> tuple[Numbers, Numbers]:
    """(north-south, east-west) metres in one degree at a latitude, shapes as given.

    From the radii of curvature in the meridian and the prime vertical of the ellipsoid.
    """
    sine = np.sin(np.radians(latitude_deg))
    w2 = 1.0 - _E2 * sine * sine
    w = np.sqrt(w2)
    north = np.pi / 180.0 * SEMI_MAJOR_M * (1.0 - _E2) / (w2 * w)
    east = np.pi / 180.0 * SEMI_MAJOR_M * np.sqrt(1.0 - sine * sine) / w
    return north, east


def turned(degrees: Numbers) -> Numbers:
    """Angles, or differences of longitudes, brought into -180 to 180 degrees: the short way round."""
    return degrees - 360.0 * np.rint(degrees / 360.0)
