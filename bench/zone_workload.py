"""Made-up zones in the mixture of the Dutch set, and points of which half lie near them. Seeded.

Of the 776 volumes that the Netherlands publish, 79 % are circles (100 to 14,816 m, most of them 500 m), the polygons
have 3 to 548 corners, 88 % of the bands are the ground to 120 m, 2 % of the zones have hours. Here: four in five are
circles of 150 to 9,000 m, nine in ten of all shapes below 1,200 m; polygons of 5 to 200 corners; bands and hours alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Final

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.geodesy import metres_per_degree
from airspace.model.zone import (
    Applicability,
    Circle,
    DailyPeriod,
    Datum,
    Polygon,
    Predicate,
    Restriction,
    Volume,
    Zone,
    ZoneKind,
)

BOX: Final = (3.3, 50.7, 7.2, 53.6)  # west, south, east, north: the Netherlands
_BANDS: Final = (  # (lower, upper in metres, datum of the upper, share)
    (0.0, 120.0, Datum.AGL, 0.88),
    (0.0, 914.0, Datum.AMSL, 0.04),
    (0.0, 610.0, Datum.AGL, 0.05),
    (366.0, 762.0, Datum.AGL, 0.02),
    (0.0, None, Datum.AGL, 0.01),
)
_WORKDAYS: Final = Applicability(
    periods=(DailyPeriod(days=frozenset(range(5)), start=time(8), end=time(17)),), time_zone="Europe/Amsterdam"
)
_FOURTH_OF_MAY: Final = Applicability(dates=(date(2000, 5, 4),), time_zone="Europe/Amsterdam")
_HOURS: Final = ((_WORKDAYS,), (_FOURTH_OF_MAY,))
_WITH_HOURS: Final = 50  # one zone in so many


def dutch_like(count: int, seed: int = 3) -> list[Zone]:
    """``count`` zones of one volume each."""
    return list(_zones(count, np.random.default_rng(seed)))


def points(zones: list[Zone], count: int, seed: int = 4) -> tuple[Numbers, Numbers]:
    """(latitude, longitude): every other one anywhere, the rest at most 4 km from the middle of a zone."""
    random = np.random.default_rng(seed)
    west, south, east, north = BOX
    latitude, longitude = random.uniform(south, north, count), random.uniform(west, east, count)
    near = np.arange(0, count, 2)
    middles = np.array([_middle(zone.volumes[0].shape) for zone in zones])[random.integers(0, len(zones), len(near))]
    latitude[near] = middles[:, 0] + random.uniform(-4000, 4000, len(near)) / 111_300
    longitude[near] = middles[:, 1] + random.uniform(-4000, 4000, len(near)) / 68_000
    return latitude, longitude


def _middle(shape: Circle | Polygon) -> tuple[float, float]:
    if isinstance(shape, Circle):
        return shape.latitude_deg, shape.longitude_deg
    longitude, latitude = np.mean(shape.rings[0][:-1], axis=0).tolist()
    return latitude, longitude


def _zones(count: int, random: np.random.Generator) -> Iterator[Zone]:
    west, south, east, north = BOX
    shares = np.cumsum([band[3] for band in _BANDS])
    for number in range(count):
        latitude, longitude = random.uniform(south, north), random.uniform(west, east)
        low_m, high_m = (1200.0, 9000.0) if random.uniform() < 0.1 else (150.0, 1200.0)
        radius_m = float(np.exp(random.uniform(np.log(low_m), np.log(high_m))))
        shape: Circle | Polygon
        if random.uniform() < 0.8:
            shape = Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=radius_m)
        else:
            shape = _polygon(latitude, longitude, radius_m, random)
        lower_m, upper_m, datum, _ = _BANDS[int(np.searchsorted(shares[:-1], random.uniform(), side="right"))]
        volume = Volume(shape=shape, lower_m=lower_m, lower_datum=Datum.AGL, upper_m=upper_m, upper_datum=datum)
        yield _zone(number, volume, _HOURS[number % 2] if random.uniform() < 1 / _WITH_HOURS else ())


def _polygon(latitude: float, longitude: float, radius_m: float, random: np.random.Generator) -> Polygon:
    """A ragged ring; now and then with a hole."""
    corners = int(np.exp(random.uniform(np.log(5), np.log(200))))
    outside = _ring(latitude, longitude, radius_m * random.uniform(0.7, 1.3, corners))
    hole = _ring(latitude, longitude, np.full(4, radius_m * 0.3))
    return Polygon(rings=(outside, hole) if random.uniform() < 0.1 else (outside,))


def _ring(latitude: float, longitude: float, reach_m: Numbers) -> tuple[tuple[float, float], ...]:
    north_m, east_m = metres_per_degree(np.array([latitude]))
    angle = np.linspace(0, 2 * np.pi, len(reach_m), endpoint=False)
    x = (longitude + reach_m * np.sin(angle) / east_m).tolist()
    y = (latitude + reach_m * np.cos(angle) / north_m).tolist()
    ring = tuple(zip(x, y, strict=True))
    return (*ring, ring[0])


def _zone(number: int, volume: Volume, applicability: tuple[Applicability, ...]) -> Zone:
    return Zone(
        zone_id=f"B{number}",
        name=f"bench {number}",
        country="NLD",
        kind=ZoneKind.LEGAL,
        restriction=Restriction.CONDITIONAL,
        predicate=Predicate.OPEN_FORBIDDEN,
        group=f"bench-{number}",
        group_name_nl=f"zone {number}",
        group_name_en=f"zone {number}",
        version="bench",
        volumes=(volume,),
        applicability=applicability,
    )
