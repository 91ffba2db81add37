"""Rings of coordinates, as zone files give them, to valid polygons.

Real files hold unclosed rings (NL 2.a, 7.13), self-crossing ones (NL 2.s, 7.22, 7.46, 7.53, 7.62) and, in other states,
swapped axes. A ring is closed, its repeated points are dropped, a polygon that crosses itself is split into its valid
parts; each mending is named. Antimeridian and pole are refused by the index, as is a mask of the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import shapely

from airspace.model.geodesy import WGS84
from airspace.model.zone import Oddity, Polygon
from geofences.zone_set import ZoneFileError

MAX_VERTICES: Final = 10_000  # of one ring; F3548-21 allows a volume as many
_LEAST_POINTS: Final = 3
_POLE_DEG: Final = 90.0
_WORLD_DEG: Final = 180.0
_M2_PER_KM2: Final = 1e6

Ring = tuple[tuple[float, float], ...]


def polygons(rings: Sequence[Sequence[Sequence[float]]], place: str) -> tuple[tuple[Polygon, ...], tuple[Oddity, ...]]:
    """The valid parts of one polygon (outside, holes) and what was mended. ``place`` names it in messages."""
    if not rings:
        raise ZoneFileError(f"{place}: coordinates: no ring")
    oddities: list[Oddity] = []
    closed = [_ring(points, place, oddities) for points in rings]
    shape = shapely.Polygon(closed[0], closed[1:])
    if shape.is_valid:
        return (Polygon(rings=tuple(closed)),), tuple(oddities)
    parts = _mended(shape, place, oddities)
    return tuple(_polygon(part) for part in parts), tuple(oddities)


def position(point: Sequence[float], place: str) -> tuple[float, float]:
    """(longitude, latitude) of a point; a height after them is passed over."""
    if len(point) not in {2, 3}:
        raise ZoneFileError(f"{place}: coordinates: a point has {len(point)} numbers, not 2")
    longitude, latitude = point[0], point[1]
    if abs(latitude) > _POLE_DEG:
        raise ZoneFileError(f"{place}: coordinates: latitude {latitude} is off the globe; longitude must come first")
    if abs(longitude) > _WORLD_DEG:
        raise ZoneFileError(f"{place}: coordinates: longitude {longitude} is off the globe")
    return longitude, latitude


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


def _mended(shape: shapely.Polygon, place: str, oddities: list[Oddity]) -> list[shapely.Polygon]:
    valid = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts([valid]).tolist() if isinstance(part, shapely.Polygon)]
    nested = [part for part in shapely.get_parts([valid]).tolist() if isinstance(part, shapely.MultiPolygon)]
    for group in nested:
        parts.extend(group.geoms)
    if not parts:
        raise ZoneFileError(f"{place}: coordinates: the polygon has no area")
    before_km2 = _area_km2(shape)
    after_km2 = sum(_area_km2(part) for part in parts)
    what = f"the ring crosses itself: split into {len(parts)} part(s), area {before_km2:.4f} -> {after_km2:.4f} km2"
    oddities.append(Oddity(place=place, what=what))
    return parts


def _area_km2(shape: shapely.Polygon) -> float:
    area_m2, _ = WGS84.geometry_area_perimeter(shape)
    return abs(area_m2) / _M2_PER_KM2


def _polygon(part: shapely.Polygon) -> Polygon:
    rings = [part.exterior, *part.interiors]
    return Polygon(rings=tuple(tuple((float(x), float(y)) for x, y in ring.coords) for ring in rings))
