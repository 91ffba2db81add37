"""Polygons made wider, and lines made into corridors, by a distance in metres.

The shape is drawn in an azimuthal equidistant projection about its own middle, whose ellipsoidal form PROJ computes by
geodesics: over 150 km its scale errs by less than 0.01 %. Edges are straight in longitude and latitude, so they
are cut into pieces of 2 km first, which bend by less than 0.1 m. Round corners are drawn a little outside the
true arc: whatever is within the distance is held, and at most 1 % of the distance more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Proj

from airspace.model.zone import Polygon

MAX_DISTANCE_M: Final = 50_000.0
_MAX_LATITUDE_DEG: Final = 85.0
_MAX_LONGITUDE_DEG: Final = 179.0
_MAX_EXTENT_DEG: Final = 6.0  # the projection is near enough to true up to here
_PIECE_DEG: Final = 0.02
_MAX_PIECES: Final = 100_000
_QUARTER: Final = 16  # chords of a quarter circle
_OUTSIDE: Final = 1.0 / math.cos(math.pi / (4 * _QUARTER))  # chords touch the true arc instead of cutting it

Coordinates = npt.NDArray[np.float64]


def widened(parts: Sequence[Polygon], distance_m: float) -> tuple[Polygon, ...]:
    """All that is in the polygons or at most this far from them; ValueError for what cannot be drawn soundly."""
    return _buffered(shapely.MultiPolygon([(each.rings[0], list(each.rings[1:])) for each in parts]), distance_m)


def corridor(points: Sequence[tuple[float, float]], half_width_m: float) -> tuple[Polygon, ...]:
    """All that is at most this far from the line through some points, round at its ends."""
    if len(set(points)) < 2:  # noqa: PLR2004 (a line has two ends)
        raise ValueError("a corridor needs two different points")
    return _buffered(shapely.LineString(points), half_width_m)


def _buffered(shape: shapely.MultiPolygon | shapely.LineString, distance_m: float) -> tuple[Polygon, ...]:
    if not 0 < distance_m <= MAX_DISTANCE_M:
        raise ValueError(f"{distance_m:g} m is not between 0 and {MAX_DISTANCE_M:g}")
    projection = _projection(shape)
    if shape.length / _PIECE_DEG + shapely.get_num_coordinates(shape) > _MAX_PIECES:
        raise ValueError("the outline is too long to be widened")

    def drawn(there: Coordinates) -> Coordinates:
        return np.column_stack(projection(there[:, 0], there[:, 1]))

    def back(here: Coordinates) -> Coordinates:
        return np.column_stack(projection(here[:, 0], here[:, 1], inverse=True))

    flat = shapely.transform(shapely.segmentize(shape, _PIECE_DEG), drawn)
    wide = flat.buffer(distance_m * _OUTSIDE, quad_segs=_QUARTER)
    on_globe = shapely.transform(wide, back)
    return tuple(_polygon(part) for part in shapely.get_parts([on_globe]).tolist())


def _projection(shape: shapely.MultiPolygon | shapely.LineString) -> Proj:
    west, south, east, north = shape.bounds
    if max(-south, north) > _MAX_LATITUDE_DEG or max(-west, east) > _MAX_LONGITUDE_DEG:
        raise ValueError("too near to a pole or the antimeridian to be widened")
    if max(east - west, north - south) > _MAX_EXTENT_DEG:
        raise ValueError(f"wider than {_MAX_EXTENT_DEG:g} degrees: too large to be widened")
    return Proj(proj="aeqd", lat_0=(south + north) / 2, lon_0=(west + east) / 2, ellps="WGS84")


def _polygon(part: shapely.Polygon) -> Polygon:
    rings = (part.exterior, *part.interiors)
    return Polygon(rings=tuple(tuple((float(x), float(y)) for x, y in ring.coords) for ring in rings))
