"""ED-318 documents that tests make."""

from __future__ import annotations

import json
from typing import Any

from geofences.formats import ed318
from geofences.zone_set import ZoneSet

LAYER: dict[str, Any] = {"upper": 120, "upperReference": "AGL", "lower": 0, "lowerReference": "AGL", "uom": "m"}
BOX = [[[4.90, 52.30], [4.95, 52.30], [4.95, 52.33], [4.90, 52.33], [4.90, 52.30]]]


def polygon(rings: Any = None, **changes: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": rings or BOX, "layer": LAYER} | changes


def circle(longitude: float = 4.9, latitude: float = 52.3, radius: float = 500.0, **changes: Any) -> dict[str, Any]:
    extent = {"subType": "Circle", "radius": radius}
    return {"type": "Point", "coordinates": [longitude, latitude], "extent": extent, "layer": LAYER} | changes


def feature(identifier: str = "A1", geometry: Any = None, **changes: Any) -> dict[str, Any]:
    properties = {
        "identifier": identifier,
        "country": "LUX",
        "name": [{"text": f"zone {identifier}", "lang": "en-GB"}],
        "type": "PROHIBITED",
        "variant": "COMMON",
        "zoneAuthority": [{"purpose": "AUTHORIZATION", "email": "zones@example.org"}],
    } | changes
    return {"type": "Feature", "geometry": geometry or polygon(), "properties": properties}


def document(*features: dict[str, Any], **changes: Any) -> bytes:
    metadata = {"validFrom": "2026-01-01T00:00:00Z", "issued": "2025-12-01T00:00:00Z"}
    wrapped = {"type": "FeatureCollection", "metadata": metadata, "features": list(features)} | changes
    return json.dumps(wrapped).encode()


def zone_set(*features: dict[str, Any], **changes: Any) -> ZoneSet:
    return ed318.read(document(*features, **changes), "test")
