"""Control zones: which one a volume is of, tops above mean sea level, and the parts of Schiphol that the file lacks.

Sources: AIP NL AD 2.17 of each aerodrome. The file draws a control zone in several zones (circles and corners), leaves
two without a name, and repeats the circles of Eindhoven and Volkel under the name of De Peel. Its tops stand above
ground; the AIP has feet above mean sea level.

Schiphol CTR 2 and CTR 3 begin at 1200 ft and are not in the file. Their corners are those of AIP NL AD 2 EHAM 2.17, to
0.01 s as quoted in salomonsters/thesis (nl_airspace_def.py, 2020) and to 1 s in the OpenAir file of AIRAC 2204 (XCSoar
data, 21 April 2022), which agree. The ends of their arcs lie within 0.1 m of the circle of CTR 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pyproj import Geod

from airspace.model.units import METRES_PER_FOOT
from airspace.model.zone import Circle, Datum, Polygon, Volume, Words, Zone

_CTR: Final = re.compile(r"(?:\b(?P<icao>E[DH][A-Z]{2}) )?(?P<name>(?:D[Ee] )?[A-Z][A-Z-]+) CTR\b")
_NEAR_AERODROME: Final = "nabijheid van vliegveld voor bemand luchtverkeer"
# Zones whose name says nothing, or the wrong thing: (latitude, longitude) of the centre or first corner, and what they
# are. The circles of Eindhoven and Volkel stand a second time in the file, under the name of De Peel.
_MISNAMED: Final = (
    (52.05972, 5.87194, "EHDL", "DEELEN"),
    (52.46778, 5.41972, "EHLE", "LELYSTAD"),
    (51.45000, 5.37444, "EHEH", "EINDHOVEN"),
    (51.65722, 5.70778, "EHVL", "VOLKEL"),
)
_SAME_PLACE_DEG: Final = 1e-4

_SCHIPHOL: Final = "ctr-eham"
_LOWER_M: Final = 1200 * METRES_PER_FOOT
_UPPER_M: Final = 3000 * METRES_PER_FOOT
_ARC_CENTRE: Final = (52 + 18 / 60 + 29.00 / 3600, 4 + 45 / 60 + 51.00 / 3600)
_ARC_RADIUS_M: Final = 8 * 1852.0
_ARC_STEP_DEG: Final = 0.5  # the chord is within 0.15 m of the arc
_WGS84: Final = Geod(ellps="WGS84")
# degrees, minutes, seconds of latitude and longitude; None stands for the anticlockwise arc to the next corner
_CTR_2: Final = (
    (52, 34, 3.30, 4, 36, 30.80),
    (52, 34, 3.51, 4, 48, 45.45),
    (52, 28, 1.08, 4, 48, 12.13),
    (52, 28, 21.18, 4, 38, 24.39),
    (52, 24, 54.39, 4, 38, 5.45),
    None,
    (52, 18, 55.05, 4, 32, 50.08),
    (52, 25, 50.49, 4, 33, 28.09),
    (52, 29, 5.83, 4, 34, 39.04),
)
_CTR_3: Final = (
    (52, 16, 1.34, 4, 33, 27.36),
    None,
    (52, 10, 46.46, 4, 49, 15.93),
    (52, 4, 2.84, 4, 48, 38.87),
    (52, 4, 2.84, 4, 33, 27.36),  # along the parallel, as our edges run
)


def interpret(zone: Zone) -> Zone | None:
    """The zone with its control zone's group, name and top; None where it is of no control zone."""
    aerodrome = _aerodrome(zone)
    if aerodrome is None:
        return None
    icao, name, misnamed = aerodrome
    place = name.title()
    overrides = list(zone.overrides)
    if misnamed:
        overrides.append(f"group {place}: it is that aerodrome's geometry; the file names it {zone.name!r}")
    overrides.append("upper limit AMSL: AIP NL AD 2.17 gives control zones in feet AMSL, the file says AGL")
    return replace(
        zone,
        group=f"ctr-{(icao or place.replace(' ', '-')).lower()}",
        group_name_nl=f"de CTR {place}",
        group_name_en=f"the {place} CTR",
        volumes=tuple(replace(volume, upper_datum=Datum.AMSL) for volume in zone.volumes),
        overrides=tuple(overrides),
    )


def additions(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """Schiphol CTR 2 and 3, for a set that has CTR 1 as the ministry draws it and has them not."""
    schiphol = [zone for zone in zones if zone.group == _SCHIPHOL]
    if any(zone.name.endswith(("CTR 2", "CTR 3")) for zone in schiphol):
        return ()
    arc = next((zone for zone in schiphol if _is_the_arc(zone.volumes[0])), None)
    return (_addition(arc, 2, _CTR_2), _addition(arc, 3, _CTR_3)) if arc else ()


def _aerodrome(zone: Zone) -> tuple[str | None, str, bool] | None:
    """(ICAO code, name, whether the file names it otherwise) of the aerodrome whose control zone this is."""
    if not zone.name.casefold().startswith(_NEAR_AERODROME):
        return None
    latitude, longitude = _first_point(zone.volumes[0])
    for there_latitude, there_longitude, icao, name in _MISNAMED:
        close = abs(latitude - there_latitude) < _SAME_PLACE_DEG and abs(longitude - there_longitude) < _SAME_PLACE_DEG
        if close and f"{icao} " not in zone.name:
            return icao, name, True
    match = _CTR.search(zone.name)
    return (match["icao"], match["name"], False) if match else None


def _first_point(volume: Volume) -> tuple[float, float]:
    if isinstance(volume.shape, Circle):
        return volume.shape.latitude_deg, volume.shape.longitude_deg
    longitude, latitude = volume.shape.rings[0][0]
    return latitude, longitude


def _is_the_arc(volume: Volume) -> bool:
    latitude, longitude = _first_point(volume)
    near = abs(latitude - _ARC_CENTRE[0]) < _SAME_PLACE_DEG and abs(longitude - _ARC_CENTRE[1]) < _SAME_PLACE_DEG
    return isinstance(volume.shape, Circle) and near and abs(volume.shape.radius_m - _ARC_RADIUS_M) <= 1.0


def _addition(part_1: Zone, number: int, corners: Sequence[tuple[int, int, float, int, int, float] | None]) -> Zone:
    ring = tuple(_ring(corners))
    volume = Volume(
        shape=Polygon(rings=((*ring, ring[0]),)),
        lower_m=_LOWER_M,
        lower_datum=Datum.AMSL,
        upper_m=_UPPER_M,
        upper_datum=Datum.AMSL,
    )
    name = f"EHAM SCHIPHOL CTR {number}"
    why = f"added, for the file lacks it: {name}, 1200-3000 ft AMSL (AIP NL AD 2 EHAM 2.17, AIRAC 2204)"
    return replace(
        part_1, zone_id=f"EHAM-{number}", name=name, names=(Words(text=name),), volumes=(volume,), overrides=(why,)
    )


def _ring(corners: Sequence[tuple[int, int, float, int, int, float] | None]) -> Iterator[tuple[float, float]]:
    """(longitude, latitude) of the corners, and of points on the arc between them."""
    points = [corner and (_degrees(*corner[3:]), _degrees(*corner[:3])) for corner in corners]
    for number, point in enumerate(points):
        if point is not None:
            yield point
        else:
            before, after = points[number - 1], points[number + 1]
            if before and after:
                yield from _arc(before, after)


def _degrees(degrees: int, minutes: int, seconds: float) -> float:
    return degrees + minutes / 60 + seconds / 3600


def _arc(before: tuple[float, float], after: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Points on the circle of CTR 1, anticlockwise from one to the other, the ends left out."""
    latitude, longitude = _ARC_CENTRE
    first_deg, last_deg = (_WGS84.inv(longitude, latitude, *point)[0] for point in (before, after))
    turn_deg = (first_deg - last_deg) % 360
    steps = int(turn_deg / _ARC_STEP_DEG) + 1
    for step in range(1, steps):
        there = _WGS84.fwd(longitude, latitude, first_deg - turn_deg * step / steps, _ARC_RADIUS_M)
        yield float(there[0]), float(there[1])
