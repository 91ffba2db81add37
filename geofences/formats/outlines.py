"""Geometries of GeoJSON, in any system of coordinates, to the shapes of zones.

Polygons, several of them, points with a radius, and collections of these. A line has no area. Heights in coordinates
are passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
import shapely

from airspace.model.text import safe_text
from airspace.model.zone import Circle, Oddity, Polygon
from geofences.formats import rings, widening
from geofences.formats.crs import Reference, UnknownReference
from geofences.formats.limits import MAX_VERTICES
from geofences.zone_set import ZoneFileError

MAX_POINTS: Final = 2_000_000
MAX_RADIUS_M: Final = 200_000.0
MAX_PARTS: Final = 5_000  # of a collection of geometries
MAX_DEPTH: Final = 4  # of collections within collections
_LEAST_CORNERS: Final = 3
_THINNED_DEG: Final = (2e-5, 5e-5, 2e-4)  # some 2, 5 and 20 m

_T = TypeVar("_T")
_Ring = list[list[float]]


class Geometry(msgspec.Struct):
    """A geometry as GeoJSON has it."""

    type: str
    coordinates: msgspec.Raw = msgspec.Raw(b"null")
    geometries: list[Geometry] | None = None
    crs: Any = None  # of GeoJSON 2008


def told(convert: Callable[[], _T], place: str) -> _T:
    """What a conversion gives; its error with the place."""
    try:
        return convert()
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors, and so is bad UTF-8
        raise ZoneFileError(f"{place}: {error}") from error


def is_nowhere(geometry: Geometry | None) -> bool:
    """Null, or a collection of nothing: RFC 7946 calls it unlocated."""
    if geometry is None:
        return True
    if geometry.type == "GeometryCollection":
        return all(is_nowhere(each) for each in geometry.geometries or [])
    return bytes(geometry.coordinates).translate(None, b" \t\r\n") in {b"[]", b"[[]]", b"[[[]]]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What is to be drawn of a geometry: in which system it is, how wide, and whether it may be thinned."""

    geometry: Geometry
    reference: Reference | None  # None: WGS 84
    radius_m: float | None  # of its points
    buffer_m: float
    is_law: bool  # then every corner counts


def shapes(outline: Outline, zone_id: str, place: str, oddities: list[Oddity]) -> tuple[Circle | Polygon, ...]:
    """The shapes of a geometry; ``ZoneFileError`` names what is wrong with it, ``oddities`` get what was mended."""
    buffer_m = outline.buffer_m
    if not 0 <= buffer_m <= widening.MAX_DISTANCE_M:
        raise ZoneFileError(f"{place}: buffer_m: {buffer_m:g} is not between 0 and {widening.MAX_DISTANCE_M:g}")
    simple = _of_areas(_simple(outline.geometry, place), outline, zone_id, oddities)
    circles = [_circle(each, outline, place) for each in simple if each.type == "Point"]
    if outline.radius_m is not None and not circles:
        raise ZoneFileError(f"{place}: radius_m: belongs to a Point, not to a {safe_text(outline.geometry.type)}")
    parts: list[Polygon] = []
    given = [part for each in simple if each.type != "Point" for part in _polygons(each, place)]
    for part in _seen_from_above(given, zone_id, oddities):
        placed = _placed(part, outline.reference, place)
        drawn = placed if outline.is_law else [_thinned(ring, zone_id, place, oddities) for ring in placed]
        found, odd = rings.polygons(drawn, place)
        parts.extend(found)
        oddities.extend(Oddity(place=zone_id, what=one.what) for one in odd)
    if not parts and not circles:
        raise ZoneFileError(f"{place}: geometry: no polygon in it")
    wide = told(lambda: widening.widened(parts, buffer_m), f"{place}: buffer_m") if buffer_m and parts else parts
    return (*circles, *wide)


def _of_areas(simple: list[Geometry], outline: Outline, zone_id: str, oddities: list[Oddity]) -> list[Geometry]:
    """Without the pins and lines that stand beside the areas of a collection: a label's place, a way to it."""
    if outline.geometry.type != "GeometryCollection" or not any("Polygon" in each.type for each in simple):
        return simple
    kept = [each for each in simple if "Line" not in each.type and (each.type != "Point" or outline.radius_m)]
    if len(kept) < len(simple):
        what = f"{len(simple) - len(kept)} points or lines beside its areas: passed over"
        oddities.append(Oddity(place=zone_id, what=what))
    return kept


def _seen_from_above(parts: list[list[_Ring]], zone_id: str, oddities: list[Oddity]) -> list[list[_Ring]]:
    """The parts without the upright faces of a body, and its roof but once where it is its floor too.

    So does the AIS of the United Kingdom draw an airspace in KML: floor, roof, and a wall for each edge.
    """
    if len(parts) < 2:  # noqa: PLR2004 (a body has several faces)
        return parts
    flat: dict[str, list[_Ring]] = {}
    upright = 0
    for part in parts:
        corners = {tuple(point[:2]) for point in part[0]} if part else set()
        if len(corners) < _LEAST_CORNERS:
            upright += 1
        else:
            flat.setdefault(str([[point[:2] for point in ring] for ring in part]), part)
    if not flat or len(flat) == len(parts):
        return parts
    what = f"{upright} upright faces, {len(parts) - upright - len(flat)} outlines that stand twice: passed over"
    oddities.append(Oddity(place=zone_id, what=what))
    return list(flat.values())


def _simple(geometry: Geometry | None, place: str, depth: int = 0) -> list[Geometry]:
    """The geometries in a collection, and in those within it."""
    if geometry is None:
        return []
    if geometry.type == "GeometryCollection":
        if depth >= MAX_DEPTH:
            raise ZoneFileError(f"{place}: geometry: collections within collections")
        found = [one for each in geometry.geometries or [] for one in _simple(each, place, depth + 1)]
        if len(found) > MAX_PARTS:
            raise ZoneFileError(f"{place}: geometry: {len(found)} parts, at most {MAX_PARTS} are read")
        return found
    if geometry.type == "MultiPoint":
        points = told(
            lambda: msgspec.json.decode(geometry.coordinates, type=list[msgspec.Raw]), f"{place}: coordinates"
        )
        return [Geometry(type="Point", coordinates=each) for each in points[:MAX_PARTS]]
    return [geometry]


def _placed(part: list[_Ring], reference: Reference | None, place: str) -> list[_Ring]:
    """The rings of a polygon in WGS 84."""
    if reference is None:
        return part
    for ring in part:
        for point in ring:
            if len(point) not in {2, 3}:
                raise ZoneFileError(f"{place}: coordinates: a point has {len(point)} numbers, not 2")
    try:
        return [[list(point) for point in reference.placed(ring)] for ring in part]
    except UnknownReference as error:
        raise ZoneFileError(f"{place}: {error}") from error


def _thinned(ring: _Ring, zone_id: str, place: str, oddities: list[Oddity]) -> _Ring:
    """A ring of no more corners than are read, if leaving some out brings it there."""
    if not MAX_VERTICES < len(ring) <= MAX_POINTS:
        return ring
    line = shapely.LineString([rings.position(point, place) for point in ring])
    for tolerance_deg in _THINNED_DEG:
        thin = line.simplify(tolerance_deg)
        n = len(thin.coords)
        if n <= MAX_VERTICES:
            what = f"a ring of {len(ring)} corners is thinned to {n}, within {tolerance_deg:g} degrees"
            oddities.append(Oddity(place=zone_id, what=what))
            return [list(point) for point in thin.coords]
    return ring


def _circle(geometry: Geometry, outline: Outline, place: str) -> Circle:
    radius_m = outline.radius_m
    if radius_m is None or not 0 < radius_m <= MAX_RADIUS_M:
        raise ZoneFileError(f"{place}: radius_m: a Point needs one, above 0 and up to {MAX_RADIUS_M:g}")
    point = told(lambda: msgspec.json.decode(geometry.coordinates, type=list[float]), f"{place}: coordinates")
    ((at,),) = _placed([[point]], outline.reference, place)
    longitude, latitude = rings.position(at, place)
    return Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=radius_m + outline.buffer_m)


def _polygons(geometry: Geometry, place: str) -> list[list[_Ring]]:
    at = f"{place}: coordinates"
    if geometry.type == "Polygon":
        return [told(lambda: msgspec.json.decode(geometry.coordinates, type=list[list[list[float]]]), at)]
    if geometry.type == "MultiPolygon":
        return told(lambda: msgspec.json.decode(geometry.coordinates, type=list[list[list[list[float]]]]), at)
    raise ZoneFileError(f"{place}: geometry: {safe_text(geometry.type)!r} is not a Polygon, MultiPolygon or Point")
