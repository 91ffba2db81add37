"""A second reader of zone files in JSON (ED-269, ED-318, GeoJSON), to compare ours with: json and shapely only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import shapely
from shapely.geometry import shape as shapely_shape

from bench.foreign_openair import Shape


def read(data: bytes) -> dict[str, list[Shape | shapely.Geometry]]:
    """All volumes of the zones by id; what has no id or no geometry is left out."""
    document = json.loads(data.decode("utf-8-sig"))
    found: dict[str, list[Shape | shapely.Geometry]] = {}
    features = document.get("features") or document.get("UASZoneList") or []
    for feature in features:
        properties = feature.get("properties") or {}
        zone_id = feature.get("identifier") or properties.get("identifier") or feature.get("id") or properties.get("id")
        if zone_id is not None:
            found.setdefault(str(zone_id), []).extend(_volumes(feature.get("geometry")))
    return {zone_id: volumes for zone_id, volumes in found.items() if volumes}


def _volumes(geometry: Any) -> Iterator[Shape | shapely.Geometry]:
    if isinstance(geometry, list):  # ED-269
        for each in geometry:
            yield from _horizontal(each.get("horizontalProjection") or each)
    elif isinstance(geometry, dict):
        yield from _horizontal(geometry)


def _horizontal(geometry: dict[str, Any]) -> Iterator[Shape | shapely.Geometry]:
    kind = geometry.get("type")
    extent = geometry.get("extent") or {}
    if kind == "Circle":
        yield Shape(line=[tuple(geometry["center"][:2])], reach_m=float(geometry["radius"]))
    elif kind == "Point" and extent.get("radius"):
        yield Shape(line=[tuple(geometry["coordinates"][:2])], reach_m=float(extent["radius"]))
    elif kind == "GeometryCollection":
        for each in geometry["geometries"]:
            yield from _horizontal(each)
    elif kind in {"Polygon", "MultiPolygon"}:
        yield shapely.make_valid(shapely_shape(geometry))
