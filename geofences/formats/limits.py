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

from airspace.model.geodesy import WGS84
from airspace.model.zone import Circle, Oddity, Polygon, Volume, Zone
from geofences.zone_set import SetAside, ZoneFileError

MAX_BYTES: Final = 64 << 20
MAX_ZONES: Final = 60_000  # of a file; the index is built and measured with 50,000
MAX_VOLUMES: Final = 5_000  # of a zone: the built-up land of a town
MAX_VERTICES: Final = 10_000  # of a ring; F3548-21 allows a volume as many
MAX_VERTICES_OF_FILE: Final = 2_000_000
MAX_AREA_KM2: Final = 1_000_000.0  # of a shape: a country, not a continent
MAX_BOX_KM2: Final = 4_000_000.0  # round a shape, as the index has it: airways and crescents fill little of theirs
_POLAR_DEG: Final = 89.0
_FARTHEST_NORTH_DEG: Final = 85.0  # where the index ends
_MASK_WIDTH_DEG: Final = 350.0
_MASK_HEIGHT_DEG: Final = 100.0
_KM_OF_DEGREE: Final = 111.2
_M_OF_KM: Final = 1_000.0
_HALF_TURN_DEG: Final = 180.0
_ROUND: Final = "the box round it has"

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
        try:
            check(replace(zone, volumes=volumes))
        except ZoneFileError as error:
            why = str(error).removeprefix(f"zone {zone.zone_id}: ")
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
    west, south, east, north = box(shape)
    return east - west >= _MASK_WIDTH_DEG and north - south >= _MASK_HEIGHT_DEG


def _vertices(volume: Volume) -> int:
    return sum(len(ring) for ring in volume.shape.rings) if isinstance(volume.shape, Polygon) else 1


def check(zone: Zone) -> None:
    """``ZoneFileError`` names a zone of too many volumes, too large a shape, or a place that cannot be meant."""
    place = f"zone {zone.zone_id}"
    if len(zone.volumes) > MAX_VOLUMES:
        raise ZoneFileError(f"{place}: geometry: {len(zone.volumes)} volumes, at most {MAX_VOLUMES} are read")
    for volume in zone.volumes:
        there = box(volume.shape)
        _check_size(volume.shape, there, place)
        _check_axes(there, zone.country, place)


def _check_size(shape: Circle | Polygon, there: Box, place: str) -> None:
    west, south, east, north = there
    if max(-south, north) > _FARTHEST_NORTH_DEG:
        raise ZoneFileError(f"{place}: coordinates: a zone at a pole cannot be judged")
    if west < -_HALF_TURN_DEG or east > _HALF_TURN_DEG:
        raise ZoneFileError(f"{place}: coordinates: a circle across the antimeridian: give it as polygons")
    for measured, most, what in ((_box_km2(there), MAX_BOX_KM2, _ROUND), (_area_km2(shape), MAX_AREA_KM2, "it has")):
        if measured > most:
            raise ZoneFileError(f"{place}: coordinates: {what} {measured:.0f} km2, at most {most:.0f} are read")


def _area_km2(shape: Circle | Polygon) -> float:
    """Area on the ellipsoid; holes are not taken out."""
    if isinstance(shape, Circle):
        return math.pi * (shape.radius_m / _M_OF_KM) ** 2
    longitudes, latitudes = zip(*shape.rings[0], strict=True)
    area_m2, _ = WGS84.polygon_area_perimeter(longitudes, latitudes)
    return abs(float(area_m2)) / _M_OF_KM**2


def _box_km2(there: Box) -> float:
    west, south, east, north = there
    nearest = 0.0 if south <= 0.0 <= north else min(abs(south), abs(north))
    wide_km = (east - west) * _KM_OF_DEGREE * math.cos(math.radians(nearest))
    return wide_km * (north - south) * _KM_OF_DEGREE


def _check_axes(there: Box, country: str, place: str) -> None:
    state = _STATES.get(country)
    if state is None or _within(there, state):
        return
    west, south, east, north = there
    if _within((south, west, north, east), state):
        raise ZoneFileError(
            f"{place}: coordinates: axis order: it lies in {country} only with latitude and longitude swapped; "
            "longitude must come first"
        )


def _within(there: Box, outer: Box) -> bool:
    return there[0] >= outer[0] and there[1] >= outer[1] and there[2] <= outer[2] and there[3] <= outer[3]


def box(shape: Circle | Polygon) -> Box:
    """The box round a shape."""
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


def check_place(shape: Circle | Polygon, place: str) -> None:
    """The same of a shape that is no zone's: its size and where it lies; ``ZoneFileError`` names what is wrong."""
    there = box(shape)
    _check_size(shape, there, place)
    west, south, east, north = there
    if any(_meet(there, state) for state in _STATES.values()):
        return
    meant = next((name for name, state in _STATES.items() if _within((south, west, north, east), state)), None)
    if meant is not None:
        raise ZoneFileError(
            f"{place}: coordinates: axis order: it lies in no state that is known here, and in {meant} with latitude "
            "and longitude swapped"
        )


def is_elsewhere(shape: Circle | Polygon) -> bool:
    """Whether a shape lies outside of all states that are known here."""
    there = box(shape)
    return not any(_meet(there, state) for state in _STATES.values())


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
