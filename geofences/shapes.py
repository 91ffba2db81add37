"""Many circles and polygons at once: which points they hold, and how far points are from their edge.

A circle is all points at most its radius of geodesic distance away. The straight chord through the earth settles all
but the points within millimetres of the edge (geodesic = chord + chord^3 / 24 R^2, R between 6,335 and 6,400 km), and
those are settled by the geodesic itself. A polygon's edges are straight in longitude and latitude and belong to it;
GEOS decides on the doubles as they are. Distances to an edge use the local metric at the point: below 0.1 % over a
few km.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from airspace.model.detection import Numbers, Rows
from airspace.model.geodesy import FLATTENING, SEMI_MAJOR_M, geodesic_m, metres_per_degree
from airspace.model.track import Booleans
from airspace.model.zone import Circle, Polygon

_E2: Final = FLATTENING * (2 - FLATTENING)
_RADIUS_M: Final = 6_367_000.0  # between the ellipsoid's radii of curvature, 0.5 % from either
_SLACK: Final = 0.02  # of the chord's correction: more than the radii differ
_SLACK_M: Final = 1e-3


class Shapes:
    """An immutable table of shapes, addressed by row."""

    def __init__(self, shapes: Sequence[Circle | Polygon]) -> None:
        circles = [shape if isinstance(shape, Circle) else None for shape in shapes]
        self.is_circle: Booleans = np.array([circle is not None for circle in circles], dtype=np.bool_)
        self.latitude_deg: Numbers = np.array([c.latitude_deg if c else np.nan for c in circles], dtype=np.float64)
        self.longitude_deg: Numbers = np.array([c.longitude_deg if c else np.nan for c in circles], dtype=np.float64)
        self.radius_m: Numbers = np.array([c.radius_m if c else np.nan for c in circles], dtype=np.float64)
        self._centre = cartesian_m(self.latitude_deg, self.longitude_deg)
        self.areas: npt.NDArray[np.object_] = np.empty(len(shapes), dtype=object)
        rings = [() if isinstance(shape, Circle) else shape.rings for shape in shapes]
        for row, each in enumerate(rings):
            self.areas[row] = shapely.Polygon(each[0], each[1:]) if each else None
        shapely.prepare(self.areas)
        self._set_edges(rings)

    def __len__(self) -> int:
        return len(self.is_circle)

    def _set_edges(self, rings: Sequence[Sequence[Sequence[tuple[float, float]]]]) -> None:
        """Edges of all polygons as one table: those of shape i are rows first_edge[i] to first_edge[i + 1]."""
        count = [sum(len(ring) - 1 for ring in each) for each in rings]
        self.first_edge: Rows = np.concatenate(([0], np.cumsum(count))).astype(np.intp)
        pairs = [pair for each in rings for ring in each for pair in pairwise(ring)]
        self.edges: Numbers = np.array(pairs, dtype=np.float64).reshape(-1, 4)  # lon, lat, lon, lat
        self.edge_shape: Rows = np.repeat(np.arange(len(rings), dtype=np.intp), count)

    def bounds(self) -> Numbers:
        """(west, south, east, north) of each shape in degrees, circles a little too large."""
        bounds = shapely.bounds(self.areas)
        north_m, east_m = metres_per_degree(self.latitude_deg)
        reach = self.radius_m / north_m * 1.01
        farthest = np.minimum(np.abs(self.latitude_deg) + reach, 89.0)
        _, east_m = metres_per_degree(farthest)
        wide = self.radius_m / east_m * 1.01
        around = (
            self.longitude_deg - wide,
            self.latitude_deg - reach,
            self.longitude_deg + wide,
            self.latitude_deg + reach,
        )
        return np.where(self.is_circle[:, None], np.column_stack(around), bounds)

    def centre_distance_m(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Rows) -> Numbers:
        """Row by row, distance from the circle's centre, within 0.02 mm + 1e-6 of the geodesic's correction."""
        distance_m, _ = self._from_centre(cartesian_m(latitude_deg, longitude_deg), shape)
        return distance_m

    def _from_centre(self, point: Numbers, shape: Rows) -> tuple[Numbers, Numbers]:
        way = point - self._centre[shape]
        chord_m = np.sqrt(np.einsum("ij,ij->i", way, way))
        more_m = chord_m * (chord_m / _RADIUS_M) ** 2 / 24.0
        return chord_m + more_m, _SLACK_M + _SLACK * more_m

    def hold(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Rows) -> Booleans:
        """Row by row, whether the shape holds the point; its edge belongs to it."""
        round_ones = self.is_circle[shape]
        if round_ones.all():
            return self._circles_hold(latitude_deg, longitude_deg, shape)
        if not round_ones.any():
            return np.asarray(shapely.intersects_xy(self.areas[shape], longitude_deg, latitude_deg), dtype=np.bool_)
        result = np.empty(len(shape), dtype=np.bool_)
        for part in (np.flatnonzero(round_ones), np.flatnonzero(~round_ones)):
            result[part] = self.hold(latitude_deg[part], longitude_deg[part], shape[part])
        return result

    def _circles_hold(self, latitude_deg: Numbers, longitude_deg: Numbers, shape: Rows) -> Booleans:
        distance_m, slack_m = self._from_centre(cartesian_m(latitude_deg, longitude_deg), shape)
        spare_m = self.radius_m[shape] - distance_m
        result = spare_m >= 0
        close = np.flatnonzero(np.abs(spare_m) <= slack_m)
        if len(close):
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
        return self._circles_hold(nearest[:, 1], nearest[:, 0], shape)


def cartesian_m(latitude_deg: Numbers, longitude_deg: Numbers) -> Numbers:
    """Earth-centred coordinates of points on the ellipsoid, shape (n, 3)."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    sine, cosine = np.sin(latitude), np.cos(latitude)
    vertical_m = SEMI_MAJOR_M / np.sqrt(1.0 - _E2 * sine * sine)
    flat_m = vertical_m * cosine
    return np.column_stack((flat_m * np.cos(longitude), flat_m * np.sin(longitude), vertical_m * (1.0 - _E2) * sine))


def expand(first: Rows, last: Rows) -> tuple[Rows, Rows, Rows]:
    """Ranges [first, last) one after the other: (which range, the number in it, where each range starts)."""
    count = last - first
    start = np.cumsum(count) - count
    which = np.repeat(np.arange(len(count), dtype=np.intp), count)
    return which, np.arange(len(which), dtype=np.intp) + np.repeat(first - start, count), start
