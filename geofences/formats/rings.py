"""Rings of coordinates, as zone files give them, to valid polygons.

Real files hold unclosed rings (NL 2.a, 7.13), self-crossing ones (NL 2.s, 7.22, 7.46, 7.53, 7.62) and, in other states,
swapped axes. A ring is closed, its repeated points are dropped, a polygon that crosses itself is split into the parts
that it runs round, one that crosses the antimeridian is cut there; each mending is named. A ring round a pole is
refused. What a whole zone or file may be is said in geofences/formats/limits.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import shapely
from shapely import affinity

from airspace.model.detection import Numbers
from airspace.model.geodesy import WGS84
from airspace.model.zone import Oddity, Polygon
from geofences.formats import crs
from geofences.formats.limits import MAX_VERTICES, is_mask
from geofences.zone_set import ZoneFileError

MAX_FACES: Final = 1_000  # into which a ring may cross itself
_ON_LINE_DEG: Final = 1e-9
_PART_UP: Final = 0.4142  # of a face: not its middle, where symmetric ones have lines
_LEAST_POINTS: Final = 3
_POLE_DEG: Final = 90.0
_HALF_TURN_DEG: Final = 180.0
_TURN_DEG: Final = 360.0
_M2_PER_KM2: Final = 1e6

Ring = tuple[tuple[float, float], ...]


def polygons(rings: Sequence[Sequence[Sequence[float]]], place: str) -> tuple[tuple[Polygon, ...], tuple[Oddity, ...]]:
    """The valid parts of one polygon (outside, holes) and what was mended. ``place`` names it in messages."""
    if not rings:
        raise ZoneFileError(f"{place}: coordinates: no ring")
    oddities: list[Oddity] = []
    closed = [_ring(points, place, oddities) for points in rings]
    cut = _jumps(closed[0]) and not is_mask(Polygon(rings=tuple(closed)))
    shape = _unwrapped(closed, place) if cut else shapely.Polygon(closed[0], closed[1:])
    if shape.is_valid and not cut:
        return (Polygon(rings=tuple(closed)),), tuple(oddities)
    parts = [shape] if shape.is_valid else _mended(shape, place, oddities)
    if cut:
        parts = _cut(parts)
        what = f"it crosses the antimeridian: cut there into {len(parts)} parts"
        oddities.append(Oddity(place=place, what=what))
    return tuple(_polygon(part) for part in parts), tuple(oddities)


def position(point: Sequence[float], place: str) -> tuple[float, float]:
    """(longitude, latitude) of a point; a height after them is passed over."""
    if len(point) not in {2, 3}:
        raise ZoneFileError(f"{place}: coordinates: a point has {len(point)} numbers, not 2")
    longitude, latitude = point[0], point[1]
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise ZoneFileError(f"{place}: coordinates: {longitude}, {latitude} is no place")
    if abs(latitude) > _POLE_DEG or abs(longitude) > _HALF_TURN_DEG:
        raise ZoneFileError(f"{place}: coordinates: {_off_the_globe(longitude, latitude)}")
    return longitude, latitude


def _off_the_globe(longitude: float, latitude: float) -> str:
    """What is wrong with two numbers that are no degrees, and what would be right. Nothing is guessed: it is advice."""
    system = crs.likely(longitude, latitude)
    if system:
        return (
            f"{longitude:.12g}, {latitude:.12g} are no degrees but look like {system}: "
            "save the file in WGS 84 (EPSG:4326), or name its system in its crs member"
        )
    if abs(latitude) > _POLE_DEG:
        swapped = abs(latitude) <= _HALF_TURN_DEG and abs(longitude) <= _POLE_DEG
        return f"latitude {latitude:.12g} is off the globe{'; longitude must come first' if swapped else ''}"
    return f"longitude {longitude:.12g} is off the globe"


def _ring(points: Sequence[Sequence[float]], place: str, oddities: list[Oddity]) -> Ring:
    if len(points) > MAX_VERTICES:
        raise ZoneFileError(f"{place}: coordinates: a ring of {len(points)} points, at most {MAX_VERTICES} are read")
    kept: list[tuple[float, float]] = []
    for point in points:
        here = position(point, place)
        if not kept or here != kept[-1]:
            kept.append(here)
    if len(set(kept)) < _LEAST_POINTS:
        raise ZoneFileError(f"{place}: coordinates: a ring of fewer than {_LEAST_POINTS} different points")
    if kept[0] != kept[-1]:
        oddities.append(Oddity(place=place, what="the ring is not closed: closed it"))
        kept.append(kept[0])
    return tuple(kept)


def _jumps(ring: Ring) -> bool:
    """Whether an edge leaps over more than half the globe: it is meant to go the other way, over the antimeridian."""
    return any(abs(a[0] - b[0]) > _HALF_TURN_DEG for a, b in pairwise(ring))


def _unwrapped(rings: Sequence[Ring], place: str) -> shapely.Polygon:
    """The polygon with longitudes that run on beyond 180 degrees."""
    outside = _run_on(rings[0], rings[0][0][0])
    if not math.isclose(outside[0][0], outside[-1][0], abs_tol=1.0):
        raise ZoneFileError(f"{place}: coordinates: the ring runs round a pole")
    middle = (min(x for x, _ in outside) + max(x for x, _ in outside)) / 2
    return shapely.Polygon(outside, [_run_on(hole, middle) for hole in rings[1:]])


def _run_on(ring: Ring, near_deg: float) -> list[tuple[float, float]]:
    run: list[tuple[float, float]] = []
    for x, y in ring:
        before = run[-1][0] if run else near_deg
        run.append((x + _TURN_DEG * round((before - x) / _TURN_DEG), y))
    return run


def _cut(parts: Sequence[shapely.Polygon]) -> list[shapely.Polygon]:
    """The parts cut at the antimeridian, each with longitudes of -180 to 180 degrees."""
    cut: list[shapely.Polygon] = []
    for turn in (-_TURN_DEG, 0.0, _TURN_DEG):
        world = shapely.box(turn - _HALF_TURN_DEG, -_POLE_DEG, turn + _HALF_TURN_DEG, _POLE_DEG)
        for part in parts:
            cut.extend(_polygons_in(affinity.translate(shapely.intersection(part, world), xoff=-turn)))
    return cut


def _mended(shape: shapely.Polygon, place: str, oddities: list[Oddity]) -> list[shapely.Polygon]:
    holes = [part for hole in shape.interiors for part in _wound(hole, place)]
    outside = shapely.union_all(_wound(shape.exterior, place))
    parts = _polygons_in(shapely.difference(outside, shapely.union_all(holes)))
    if not parts:
        raise ZoneFileError(f"{place}: coordinates: the polygon has no area")
    before_m2 = _area_m2(shape)
    after_m2 = sum(_area_m2(part) for part in parts)
    what = (
        f"the ring crosses itself: split into {len(parts)} part(s), area {_told(before_m2)} -> {_told(after_m2)}, "
        f"changed by {_told(after_m2 - before_m2)}"
    )
    oddities.append(Oddity(place=place, what=what))
    return parts


def _wound(ring: shapely.LinearRing, place: str) -> list[shapely.Polygon]:
    """All that a ring runs round, once or more: what it runs round and back again, it does not hold."""
    edges = shapely.get_coordinates(ring)
    lines = shapely.union_all([shapely.LineString(edges)])
    faces = shapely.get_parts([shapely.polygonize([lines])]).tolist()
    if len(faces) > MAX_FACES:
        raise ZoneFileError(f"{place}: coordinates: the ring crosses itself into {len(faces)} pieces")
    return [face for face in faces if _turns(edges, _inside(face, lines)) != 0]


def _inside(face: shapely.Polygon, lines: shapely.Geometry) -> shapely.Point:
    """A point in a face and on none of the lines: some end in the middle of it."""
    point = face.representative_point()
    if shapely.distance(point, lines) > _ON_LINE_DEG:
        return point
    west, south, east, north = face.bounds
    y = south + _PART_UP * (north - south)
    across = shapely.intersection(face, shapely.LineString([(west, y), (east, y)]))
    pieces = shapely.get_parts([shapely.difference(across, lines)]).tolist()
    longest = max(pieces, key=shapely.length, default=across)
    return longest.interpolate(0.5, normalized=True) if longest.length > 0 else point


def _turns(edges: Numbers, point: shapely.Point) -> int:
    """How often the edges run round a point, counter-clockwise."""
    (x1, y1), (x2, y2) = edges[:-1].T, edges[1:].T
    left = (x2 - x1) * (point.y - y1) - (point.x - x1) * (y2 - y1) > 0
    up, down = (y1 <= point.y) & (y2 > point.y), (y1 > point.y) & (y2 <= point.y)
    return int((up & left).sum()) - int((down & ~left).sum())


def _polygons_in(shape: shapely.Geometry) -> list[shapely.Polygon]:
    parts = shapely.get_parts(shapely.get_parts(shape)).tolist()
    return [part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0]


def _area_m2(shape: shapely.Polygon) -> float:
    area_m2, _ = WGS84.geometry_area_perimeter(shape)
    return abs(area_m2)


def _told(area_m2: float) -> str:
    return f"{area_m2 / _M2_PER_KM2:.4f} km2" if abs(area_m2) >= _M2_PER_KM2 else f"{area_m2:.0f} m2"


def _polygon(part: shapely.Polygon) -> Polygon:
    rings = [part.exterior, *part.interiors]
    return Polygon(rings=tuple(tuple((float(x), float(y)) for x, y in ring.coords) for ring in rings))
