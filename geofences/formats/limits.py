"""What a zone file may ask of us: sizes, and places that cannot be meant.

The caps stand far above the largest files known (Switzerland: 17.7 MB, 1,226 zones; Latvia: 785 volumes). A mask of
the world (Estonia publishes one to darken everything outside the country) is no zone: it is left out, and named. Any
other zone larger than a country, or at a pole, is set aside by name, and so is one that lies in its state only when
latitude and longitude are swapped: a zone in the wrong place is worse than one that is known to be missing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from airspace.model.zone import Circle, Oddity, Polygon, Volume, Zone
from geofences.zone_set import SetAside, ZoneFileError

MAX_BYTES: Final = 64 << 20
MAX_ZONES: Final = 60_000  # of a file; the index is built and measured with 50,000
MAX_VOLUMES: Final = 5_000  # of a zone: the built-up land of a town
MAX_VERTICES: Final = 10_000  # of a ring; F3548-21 allows a volume as many
MAX_VERTICES_OF_FILE: Final = 2_000_000
MAX_BOX_KM2: Final = 500_000.0  # round a shape, as the index has it: a country, not a continent
_POLAR_DEG: Final = 89.0
_MASK_WIDTH_DEG: Final = 350.0
_MASK_HEIGHT_DEG: Final = 100.0
_KM_OF_DEGREE: Final = 111.2
_M_OF_KM: Final = 1_000.0
_HALF_TURN_DEG: Final = 180.0

Box = tuple[float, float, float, float]  # west, south, east, north, in degrees

# generous boxes round the states whose files are known; an overseas part lies outside, which is no fault
_STATES: Final[dict[str, Box]] = {
    "AUT": (9.0, 46.0, 17.5, 49.5),
    "BEL": (2.0, 49.0, 7.0, 52.0),
    "CHE": (5.5, 45.5, 11.0, 48.0),
    "DEU": (5.0, 47.0, 15.5, 56.0),
    "DNK": (7.0, 54.0, 16.0, 58.5),
    "ESP": (-10.0, 35.0, 5.0, 44.5),
    "EST": (21.0, 57.0, 28.5, 60.0),
    "FIN": (19.0, 59.0, 32.0, 70.5),
    "FRA": (-5.5, 41.0, 10.0, 51.5),
    "IRL": (-11.0, 51.0, -5.0, 56.0),
    "LUX": (5.5, 49.0, 7.0, 50.5),
    "LVA": (20.5, 55.5, 28.5, 58.5),
    "NLD": (2.0, 50.0, 8.0, 56.0),
    "PRT": (-10.0, 36.5, -6.0, 42.5),
    "SWE": (10.0, 55.0, 25.0, 69.5),
}


def guarded(zones: Sequence[Zone], source: str) -> tuple[tuple[Zone, ...], tuple[Oddity, ...], tuple[SetAside, ...]]:
    """The zones without masks of the world and without those that cannot be meant, which are set aside.

    ``ZoneFileError`` where the file as a whole is too large.
    """
    if len(zones) > MAX_ZONES:
        raise ZoneFileError(f"{source}: {len(zones)} zones, at most {MAX_ZONES} are read")
    kept: list[Zone] = []
    oddities: list[Oddity] = []
    aside: list[SetAside] = []
    vertices = 0
    for zone in zones:
        volumes = tuple(volume for volume in zone.volumes if not is_mask(volume.shape))
        if len(volumes) < len(zone.volumes):
            what = "a mask of the world, not a zone: left out"
            oddities.append(Oddity(place=zone.zone_id, what=what))
        if not volumes:
            continue
        why = _fault(zone, volumes)
        if why:
            aside.append(SetAside(zone_id=zone.zone_id, name=zone.name, why=why))
            continue
        vertices += sum(_vertices(volume) for volume in volumes)
        kept.append(zone if len(volumes) == len(zone.volumes) else replace(zone, volumes=volumes))
    if vertices > MAX_VERTICES_OF_FILE:
        raise ZoneFileError(f"{source}: {vertices} corners, at most {MAX_VERTICES_OF_FILE} are read")
    return tuple(kept), tuple(oddities), tuple(aside)


def is_mask(shape: Circle | Polygon) -> bool:
    """Whether a shape spans the globe."""
    if isinstance(shape, Circle):
        return False
    west, south, east, north = _box(shape)
    return east - west >= _MASK_WIDTH_DEG and north - south >= _MASK_HEIGHT_DEG


def _vertices(volume: Volume) -> int:
    return sum(len(ring) for ring in volume.shape.rings) if isinstance(volume.shape, Polygon) else 1


def _fault(zone: Zone, volumes: Sequence[Volume]) -> str | None:
    """Why the zone cannot be meant, None where it can."""
    if len(volumes) > MAX_VOLUMES:
        return f"geometry: {len(volumes)} volumes, at most {MAX_VOLUMES} are read"
    boxes = [_box(volume.shape) for volume in volumes]
    faults = (fault for box in boxes for fault in (_fault_of_size(box), _fault_of_axes(box, zone.country)) if fault)
    return next(faults, None)


def _fault_of_size(box: Box) -> str | None:
    west, south, east, north = box
    if max(-south, north) > _POLAR_DEG:
        return "coordinates: a zone at a pole cannot be judged"
    if west < -_HALF_TURN_DEG or east > _HALF_TURN_DEG:
        return "coordinates: a circle across the antimeridian: give it as polygons"
    nearest = 0.0 if south <= 0.0 <= north else min(abs(south), abs(north))
    wide_km = (east - west) * _KM_OF_DEGREE * math.cos(math.radians(nearest))
    area_km2 = wide_km * (north - south) * _KM_OF_DEGREE
    if area_km2 > MAX_BOX_KM2:
        return f"coordinates: the box round it has {area_km2:.0f} km2, at most {MAX_BOX_KM2:.0f} are read"
    return None


def _fault_of_axes(box: Box, country: str) -> str | None:
    state = _STATES.get(country)
    if state is None or _within(box, state):
        return None
    west, south, east, north = box
    if _within((south, west, north, east), state):
        return (
            f"coordinates: axis order: it lies in {country} only with latitude and longitude swapped; "
            "longitude must come first"
        )
    return None


def _within(box: Box, outer: Box) -> bool:
    return box[0] >= outer[0] and box[1] >= outer[1] and box[2] <= outer[2] and box[3] <= outer[3]


def _box(shape: Circle | Polygon) -> Box:
    if isinstance(shape, Polygon):
        longitudes, latitudes = zip(*shape.rings[0], strict=True)
        return min(longitudes), min(latitudes), max(longitudes), max(latitudes)
    high = min(shape.radius_m / _M_OF_KM / _KM_OF_DEGREE, _HALF_TURN_DEG)
    cosine = math.cos(math.radians(min(abs(shape.latitude_deg) + high, _POLAR_DEG)))
    wide = high / cosine
    return (
        shape.longitude_deg - wide,
        shape.latitude_deg - high,
        shape.longitude_deg + wide,
        shape.latitude_deg + high,
    )
