"""Arcs round a centre on the WGS-84 ellipsoid, as points close enough together.

An arc is all points at one geodesic distance from its centre (pyproj.Geod, Karney 2013): the ends of Schiphol's CTR 1
lie 14,815.9 and 14,816.1 m from its centre so, 8 NM being 14,816 m. Published ends are rounded to the second, up to
about 20 m off, and some centres are a few per cent of the radius off; the radius goes evenly from that of the first end
to that of the last, so that both are met. Chords stay within half a metre of the arc.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from airspace.model.geodesy import WGS84

END_TOLERANCE: Final = 0.10  # ends that differ by more of their distance from the centre are no arc
MAX_RADIUS_M: Final = 500_000.0
_MAX_SAGITTA_M: Final = 0.5
_MAX_STEP_DEG: Final = 15.0  # a tiny arc still looks round
_SAME_BEARING_DEG: Final = 1e-9

Point = tuple[float, float]  # longitude, latitude


def between(centre: Point, start: Point, end: Point, *, clockwise: bool) -> list[Point]:
    """From a point to another round the centre, both included; where they are one point, the full circle."""
    from_deg, _, from_m = WGS84.inv(*centre, *start)
    to_deg, _, to_m = WGS84.inv(*centre, *end)
    if abs(from_m - to_m) > END_TOLERANCE * max(from_m, to_m):
        raise ValueError(f"the arc's ends lie {from_m:.0f} m and {to_m:.0f} m from its centre")
    turn_deg = _turn_deg(from_deg, to_deg, clockwise=clockwise)
    points = _swept(centre, (from_m, to_m), from_deg, turn_deg)
    return [start, *points[1:-1], end]


def sector(centre: Point, radius_m: float, from_deg: float, to_deg: float, *, clockwise: bool) -> list[Point]:
    """From one true bearing to another at a distance from the centre; equal bearings are the full circle."""
    return _swept(centre, (radius_m, radius_m), from_deg, _turn_deg(from_deg, to_deg, clockwise=clockwise))


def _turn_deg(from_deg: float, to_deg: float, *, clockwise: bool) -> float:
    turn_deg = (to_deg - from_deg) % 360.0 if clockwise else (from_deg - to_deg) % 360.0
    if min(turn_deg, 360.0 - turn_deg) < _SAME_BEARING_DEG:
        turn_deg = 360.0
    return turn_deg if clockwise else -turn_deg


def _swept(centre: Point, radii_m: tuple[float, float], from_deg: float, turn_deg: float) -> list[Point]:
    longest_m = max(radii_m)
    if not 0 < min(radii_m) <= longest_m <= MAX_RADIUS_M:
        raise ValueError(f"a radius of {longest_m:.0f} m is not between 0 and {MAX_RADIUS_M:.0f}")
    flattest = 1.0 - min(_MAX_SAGITTA_M / longest_m, 1.0)
    step_deg = min(2.0 * math.degrees(math.acos(flattest)), _MAX_STEP_DEG)
    n = max(math.ceil(abs(turn_deg) / step_deg), 1) + 1
    bearing_deg = from_deg + np.linspace(0.0, turn_deg, n)
    longitude, latitude, _ = WGS84.fwd(
        np.full(n, centre[0]), np.full(n, centre[1]), bearing_deg, np.linspace(*radii_m, n)
    )
    return list(zip(longitude.tolist(), latitude.tolist(), strict=True))
