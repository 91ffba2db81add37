"""Zones as GeoJSON for the map.

Circles become polygons here, for drawing only (decisions use the circle itself): of 360 corners where the chord of an
eight-mile circle needs them, of fewer where fewer draw as well, or the Dutch set would weigh 5 MB.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from airspace.model.geodesy import WGS84
from airspace.model.zone import Circle, Datum, Polygon, Volume, Zone
from geofences.schedules.schedule import active

MOST_CORNERS: Final = 360  # sag at 14.8 km: 0.6 m
_FEWEST_CORNERS: Final = 36
_SAG_M: Final = 0.6
_DECIMALS: Final = 6
_DATUM_WORDS: Final = {Datum.AGL: "AGL", Datum.AMSL: "AMSL", Datum.WGS84: "WGS84", Datum.UNKNOWN: "?"}


def to_geojson(zones: Sequence[Zone], time_s: float) -> dict[str, Any]:
    """A FeatureCollection with one feature for each volume; ``active`` is said for ``time_s``."""
    return {"type": "FeatureCollection", "features": [feature for zone in zones for feature in _features(zone, time_s)]}


def _features(zone: Zone, time_s: float) -> list[dict[str, Any]]:
    in_force = active(zone, time_s)
    return [
        {
            "type": "Feature",
            "geometry": _geometry(volume.shape),
            "properties": _properties(zone, volume, in_force=in_force),
        }
        for volume in zone.volumes
    ]


def _properties(zone: Zone, volume: Volume, *, in_force: bool) -> dict[str, Any]:
    return {
        "zone_id": zone.zone_id,
        "name": zone.name,
        "kind": zone.kind.value,
        "restriction": zone.restriction.name.lower(),
        "predicate": zone.predicate.value,
        "group": zone.group,
        "group_name_nl": zone.group_name_nl,
        "group_name_en": zone.group_name_en,
        "lower": limit_text(volume.lower_m, volume.lower_datum, "GND"),
        "upper": limit_text(volume.upper_m, volume.upper_datum, "-"),
        "active": in_force,
        "role": zone.role.value,
    }


def limit_text(limit_m: float | None, datum: Datum, open_text: str) -> str:
    """A limit as people read it: ``914 m AMSL``, ``GND``."""
    if limit_m is None or (limit_m <= 0 and open_text == "GND"):
        return open_text
    return f"{limit_m:.0f} m {_DATUM_WORDS[datum]}"


def _geometry(shape: Circle | Polygon) -> dict[str, Any]:
    rings = (_ring(shape),) if isinstance(shape, Circle) else shape.rings
    return {
        "type": "Polygon",
        "coordinates": [[[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y in ring] for ring in rings],
    }


def _ring(circle: Circle) -> list[tuple[float, float]]:
    wanted = math.ceil(math.pi / math.sqrt(2.0 * _SAG_M / circle.radius_m))
    corners = min(max(wanted, _FEWEST_CORNERS), MOST_CORNERS)
    azimuth_deg = np.linspace(360.0, 0.0, corners + 1)  # anticlockwise, as RFC 7946 asks of an outside
    centre = np.ones_like(azimuth_deg)
    longitude, latitude, _ = WGS84.fwd(
        circle.longitude_deg * centre, circle.latitude_deg * centre, azimuth_deg, circle.radius_m * centre
    )
    ring = list(zip(np.asarray(longitude).tolist(), np.asarray(latitude).tolist(), strict=True))
    return [*ring[:-1], ring[0]]
