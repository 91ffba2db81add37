"""Many circles and polygons at once: which points they hold, and how far points are from their edge.

A circle is all points at most its radius of geodesic distance away. A flat distance (degrees times the ellipsoid's
metric, that of the parallel taken half way) settles all but the points within centimetres of the edge, and those are
settled by the geodesic itself; the flat distance's error is bounded for each circle by what the geodesic shows over all
latitudes (tests/geofences/test_shapes.py). A polygon's edges are straight in longitude and latitude and belong to it;
GEOS decides on the doubles as they are. Distances to an edge use the local metric at the point: below 0.1 % over a few
km; distances to a circle use the chord through the earth (geodesic = chord + chord^3 / 24 R^2, R between 6,335 and
6,400 km).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import FLATTENING, SEMI_MAJOR_M, geodesic_m, metres_per_degree
from airspace.model.track import Booleans
from airspace.model.zone import Circle, Polygon

_E2: Final = FLATTENING * (2 - FLATTENING)
_RADIUS_M: Final = 6_367_000.0  # between the ellipsoid's radii of curvature, 0.5 % from either
_FLAT_UP_TO_M: Final = 200_000.0  # larger circles, and those near a pole or the antimeridian, ask the geodesic
_FLAT_UP_TO_DEG: Final = 80.0
_HALF_WORLD_DEG: Final = 180.0

Numbering = npt.NDArray[np.signedinteger[Any]]  # numbers of rows, of any width: tables hold them in 32 bits


class Shapes:
    """An immutable table of shapes, addressed by row."""

    def __init__(self, shapes: Sequence[Circle | Polygon]) -> None:
        circles = [shape if isinstance(shape, Circle) else None for shape in shapes]
        self.is_circle: Booleans = np.array([circle is not None for circle in circles], dtype=np.bool_)
        self.latitude_deg: Numbers = np.array([c.latitude_deg if c else np.nan for c in circles], dtype=np.float64)
        self.longitude_deg: Numbers = np.array([c.longitude_deg if c else np.nan for c in circles], dtype=np.float64)
        self.radius_m: Numbers = np.array([c.radius_m if c else np.nan for c in circles], dtype=np.float64)
        self._set_flat()
        self._set_areas([() if isinstance(shape, Circle) else shape.rings for shape in shapes])

    def __len__(self) -> int:
        return len(self.is_circle)

    def _set_flat(self) -> None:
        """Of each circle: centre, metres per degree, their change per degree half way, and the bounds of the answer."""
        north_m, east_m = metres_per_degree(self.latitude_deg)
        half_change = -np.radians(north_m) * np.sin(np.radians(self.latitude_deg)) / 2  # d(N cos)/d(lat) = -M sin
        bend_m = _flat_error_m(self.radius_m, east_m)
        self.bend_m: Numbers = bend_m
        self.slack_m: Numbers = np.where(_is_flat(self.latitude_deg, self.longitude_deg, self.radius_m), bend_m, np.inf)
        self._flat: Numbers = np.column_stack(
            (
                self.latitude_deg,
                self.longitude_deg,
                north_m,
                east_m,
                half_change,
                self.radius_m**2,
                (2 * self.radius_m + self.slack_m) * self.slack_m,
            )
        )

    def _set_areas(self, rings: Sequence[Sequence[Sequence[tuple[float, float]]]]) -> None:
        """Polygons for GEOS, and the edges of all of them: those of shape i are rows first_edge[i] to [i + 1]."""
        points = np.array(list(chain.from_iterable(chain.from_iterable(rings))), dtype=np.float64).reshape(-1, 2)
        ends = np.cumsum([0, *(len(ring) for each in rings for ring in each)])
        owner = [row for row, each in enumerate(rings) if each]
        of_owner = np.cumsum([0, *(len(rings[row]) for row in owner)])
        self.areas: npt.NDArray[np.object_] = np.full(len(rings), None, dtype=object)
        self.areas[owner] = shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (ends, of_owner))
        shapely.prepare(self.areas)  # only marks them: what GEOS prepares, it prepares when first asked
        starts = np.ones(len(points), dtype=np.bool_)
        starts[ends[1:] - 1] = False
        start = starts.nonzero()[0]
        self.edges: Numbers = np.column_stack((points[start], points[start + 1]))  # lon, lat, lon, lat
        count = [sum(len(ring) - 1 for ring in each) for each in rings]
        self.first_edge: Rows = np.concatenate(([0], np.cumsum(count))).astype(np.intp)

    def bounds(self) -> Numbers:
        """(west, south, east, north) of each shape in degrees, circles a little too large."""
        bounds = shapely.bounds(self.areas).reshape(-1, 4)
        reach, wide = _reach_deg(self.latitude_deg, self.radius_m)
        around = (
            self.longitude_deg - wide,
            self.latitude_deg - reach,
            self.longitude_deg + wide,
            self.latitude_deg + reach,
        )
        return np.where(self.is_circle[:, None], np.column_stack(around), bounds)

    def centre_distance_m(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Rows) -> Numbers:
        """Row by row, distance from the circle's centre, within 0.02 mm + 1e-6 of the geodesic's correction."""
        centre = cartesian_m(self.latitude_deg[shape], self.longitude_deg[shape])
        way = cartesian_m(latitude_deg, longitude_deg) - centre
        chord_m = np.sqrt(np.einsum("ij,ij->i", way, way))
        return np.asarray(chord_m + chord_m * (chord_m / _RADIUS_M) ** 2 / 24.0)

    def flat_distance_m(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Numbering) -> Numbers:
        """Row by row, distance from the circle's centre; near the edge it errs by less than ``slack_m``."""
        north, east = self._flat_way(latitude_deg, longitude_deg, self._flat.take(shape, axis=0))
        return np.hypot(north, east)

    @staticmethod
    def _flat_way(latitude_deg: Numbers, longitude_deg: Numbers, flat: Numbers) -> tuple[Numbers, Numbers]:
        up = latitude_deg - flat[:, 0]
        east = flat[:, 4] * up
        east += flat[:, 3]
        east *= longitude_deg - flat[:, 1]
        up *= flat[:, 2]
        return up, east

    def hold(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Numbering) -> Booleans:
        """Row by row, whether the shape holds the point; its edge belongs to it."""
        result = self.circles_hold(latitude_deg, longitude_deg, shape)
        angular = (~self.is_circle.take(shape)).nonzero()[0]
        if len(angular):
            result[angular] = self.polygons_hold(latitude_deg[angular], longitude_deg[angular], shape[angular])
        return result

    def polygons_hold(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Numbering) -> Booleans:
        """Row by row, whether the polygon holds the point; all shapes are polygons."""
        return np.asarray(shapely.intersects_xy(self.areas[shape], longitude_deg, latitude_deg), dtype=np.bool_)

    def circles_hold(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Numbering) -> Booleans:
        """Row by row, whether the shape is a circle that holds the point."""
        flat = self._flat.take(shape, axis=0)
        north, east = self._flat_way(latitude_deg, longitude_deg, flat)
        north *= north
        east *= east
        spare = flat[:, 5] - north
        spare -= east
        result = spare >= 0
        unsure = np.abs(spare) <= flat[:, 6]
        if np.count_nonzero(unsure):
            close = unsure.nonzero()[0]
            rows = shape[close]
            exact_m = geodesic_m(
                latitude_deg[close], longitude_deg[close], self.latitude_deg[rows], self.longitude_deg[rows]
            )
            result[close] = exact_m <= self.radius_m[rows]
        return result

    def margin_m(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Rows) -> Numbers:
        """Row by row, signed distance to the edge in metres: inside is positive."""
        spare_m = self.radius_m[shape] - self.centre_distance_m(latitude_deg, longitude_deg, shape)
        angular = np.flatnonzero(~self.is_circle[shape])
        if len(angular):
            latitude, longitude, rows = latitude_deg[angular], longitude_deg[angular], shape[angular]
            inside = shapely.intersects_xy(self.areas[rows], longitude, latitude)
            spare_m[angular] = np.where(inside, 1.0, -1.0) * self._to_edge_m(latitude, longitude, rows)
        return spare_m

    def _to_edge_m(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Rows) -> Numbers:
        point, edge, start = expand(self.first_edge[shape], self.first_edge[shape + 1])
        north_m, east_m = metres_per_degree(latitude_deg)
        scale = np.column_stack((east_m, north_m))[point]
        here = np.column_stack((longitude_deg, latitude_deg))[point]
        a = (self.edges[edge, :2] - here) * scale
        way = (self.edges[edge, 2:] - here) * scale - a
        length2 = np.einsum("ij,ij->i", way, way)
        part = np.clip(-np.einsum("ij,ij->i", a, way) / np.where(length2 > 0, length2, 1.0), 0.0, 1.0)
        nearest = a + part[:, None] * way
        return np.sqrt(np.minimum.reduceat(np.einsum("ij,ij->i", nearest, nearest), start))

    def cut(self, ends: Numbers, shape: Rows) -> Booleans:
        """Row by row, whether the way ``ends`` (lon, lat, lon, lat; some hundred metres) meets the shape."""
        result = np.zeros(len(shape), dtype=np.bool_)
        angular = np.flatnonzero(~self.is_circle[shape])
        if len(angular):
            lines = shapely.linestrings(ends[angular].reshape(-1, 2, 2))
            result[angular] = shapely.intersects(self.areas[shape[angular]], lines)
        round_ones = np.flatnonzero(self.is_circle[shape])
        if len(round_ones):
            result[round_ones] = self._cut_circles(ends[round_ones], shape[round_ones])
        return result

    def _cut_circles(self, ends: Numbers, shape: Rows) -> Booleans:
        """The point of the way nearest to the centre, by the local metric there, then its distance."""
        north_m, east_m = metres_per_degree((ends[:, 1] + ends[:, 3]) / 2)
        scale = np.column_stack((east_m, north_m))
        centre = np.column_stack((self.longitude_deg[shape], self.latitude_deg[shape]))
        a, way = (ends[:, :2] - centre) * scale, (ends[:, 2:] - ends[:, :2]) * scale
        length2 = np.einsum("ij,ij->i", way, way)
        part = np.clip(-np.einsum("ij,ij->i", a, way) / np.where(length2 > 0, length2, 1.0), 0.0, 1.0)
        nearest = ends[:, :2] + part[:, None] * (ends[:, 2:] - ends[:, :2])
        return self.circles_hold(nearest[:, 1], nearest[:, 0], shape)


def _reach_deg(latitude_deg: Numbers, radius_m: Numbers) -> tuple[Numbers, Numbers]:
    """(degrees of latitude, degrees of longitude) that a circle reaches from its centre, 1 % too far."""
    north_m, _ = metres_per_degree(latitude_deg)
    reach = radius_m / north_m * 1.01
    _, east_m = metres_per_degree(np.minimum(np.abs(latitude_deg) + reach, 89.0))
    return reach, radius_m / east_m * 1.01


def _flat_error_m(radius_m: Numbers, east_m: Numbers) -> Numbers:
    """What the flat distance may err at a circle's edge: the meridian's curvature changes, parallels bend."""
    part = radius_m / _RADIUS_M
    bend = np.radians(1.0) * SEMI_MAJOR_M / east_m  # 1 / cos of the latitude, nearly
    return np.asarray(1e-6 + radius_m * part * (0.01 + part * bend**2))


def _is_flat(latitude_deg: Numbers, longitude_deg: Numbers, radius_m: Numbers) -> Booleans:
    """Circles that the flat distance is good for; True for what is no circle."""
    reach, wide = _reach_deg(latitude_deg, radius_m)
    return ~(
        (radius_m > _FLAT_UP_TO_M)
        | (np.abs(latitude_deg) + reach > _FLAT_UP_TO_DEG)
        | (np.abs(longitude_deg) + wide > _HALF_WORLD_DEG)
    )


def cartesian_m(latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
    """Earth-centred coordinates of points on the ellipsoid, shape (n, 3)."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    sine, cosine = np.sin(latitude), np.cos(latitude)
    vertical_m = SEMI_MAJOR_M / np.sqrt(1.0 - _E2 * sine * sine)
    flat_m = vertical_m * cosine
    return np.column_stack((flat_m * np.cos(longitude), flat_m * np.sin(longitude), vertical_m * (1.0 - _E2) * sine))


def expand(first: Numbering, last: Numbering) -> tuple[Rows, Rows, Rows]:
    """Ranges [first, last) one after the other: (which range, the number in it, where each range starts)."""
    count = last - first
    start = count.cumsum() - count
    which = np.arange(len(count), dtype=np.intp).repeat(count)
    number = np.arange(len(which), dtype=np.intp)
    number += (first - start).take(which)
    return which, number, start
