"""What zone files can answer for: where and when silence about a place means that nothing forbids a flight there.

No zone at a place is an answer only if somebody who knows the law there was asked. So "allowed" needs a file of law
(fences and temporary areas say nothing of the rest) that is valid at the time, that could be read whole, and that
covers the place. What a file covers is not written in it, so its own zones say: up to ``NEAR_M`` round each zone, and
between zones that lie at most ``GAP_M`` apart (the triangles of Delaunay). A country's border is not known here: where
it runs between zones of one file, as round Kleve, some kilometres of the neighbour count as covered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely

from airspace.model.geodesy import metres_per_degree
from airspace.model.units import rfc3339
from airspace.model.zone import Circle, Polygon, Restriction, Zone, ZoneKind
from geofences.catalogue import Catalogue
from geofences.explanation.nearby import near
from geofences.zone_set import ZoneSet

NEAR_M: Final = 5_000.0  # the Dutch set names something this near to everywhere in the country but the IJsselmeer
GAP_M: Final = 100_000.0  # wider than what lies between zones of one country, narrower than Belgium between Dutch ones
_STEP_DEG: Final = 0.01  # corners of zones are taken to about a kilometre: a border is no finer than that here
_NAMED: Final = 3


class Why(StrEnum):
    """Why zone files have no answer."""

    NO_ZONES = "no_zones"
    ONLY_FENCES = "only_fences"
    NOT_COVERED = "place_not_covered"
    OVER = "zones_over"
    NOT_YET = "zones_not_yet_valid"
    SET_ASIDE = "airspace_set_aside"
    FLIGHT_UNKNOWN = "flight_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One thing that keeps an answer from being given."""

    why: Why
    nl: str
    en: str
    source: str | None = None

    def line(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"reason": self.why.value, "source": self.source, "text_nl": self.nl, "text_en": self.en}


def silences(
    catalogue: Catalogue, place: tuple[float, float] | None, time_s: float, *, fences_suffice: bool = False
) -> tuple[Silence, ...]:
    """What keeps the files from saying that nothing forbids a flight; empty where they can.

    ``place`` is (latitude, longitude) in degrees; without one every file of law is asked. ``fences_suffice`` is for
    whoever watches fences alone.
    """
    if not any(each.zones or each.set_aside for each in catalogue.sets):
        return (_NO_ZONES,)
    lawful = [each for each in catalogue.sets if each.set_aside or any(map(_is_law, each.zones))]
    if not lawful:
        return () if fences_suffice else (_ONLY_FENCES,)
    here = lawful if place is None else _covering(catalogue, lawful, *place)
    if not here:
        return (_NOT_COVERED,)
    return tuple(silence for each in here for silence in (_of_time(each, time_s), _of_reading(each)) if silence)


_NO_ZONES: Final = Silence(
    why=Why.NO_ZONES,
    nl="er zijn geen luchtruimzones geladen",
    en="no airspace zones are loaded",
)
_ONLY_FENCES: Final = Silence(
    why=Why.ONLY_FENCES,
    nl="er zijn alleen eigen hekken of tijdelijke gebieden geladen, geen luchtruimzones",
    en="only fences or temporary areas are loaded, no airspace zones",
)
_NOT_COVERED: Final = Silence(
    why=Why.NOT_COVERED,
    nl="geen zonebestand gaat over deze plaats",
    en="no zone file covers this place",
)


FLIGHT_UNKNOWN: Final = Silence(
    why=Why.FLIGHT_UNKNOWN,
    nl="van een drone in een zone is niet te zien of hij vliegt",
    en="of a drone in a zone it cannot be seen whether it flies",
)
"""Not of the files: of a drone that is there."""


def _is_law(zone: Zone) -> bool:
    return zone.kind is ZoneKind.LEGAL and zone.restriction is not Restriction.TEMPORARY


def _of_time(zone_set: ZoneSet, time_s: float) -> Silence | None:
    """A set is over when everything in it is."""
    laws = [zone for zone in zone_set.zones if _is_law(zone)]
    if not laws:
        return None
    starts = [-np.inf if zone.valid_from_s is None else zone.valid_from_s for zone in laws]
    ends = [np.inf if zone.valid_to_s is None else zone.valid_to_s for zone in laws]
    source = zone_set.source
    if max(ends) <= time_s:
        day = rfc3339(max(ends))[:10]
        return Silence(why=Why.OVER, source=source, nl=f"{source} gold tot {day}", en=f"{source} was valid until {day}")
    if min(starts) > time_s:
        day = rfc3339(min(starts))[:10]
        return Silence(
            why=Why.NOT_YET, source=source, nl=f"{source} geldt pas vanaf {day}", en=f"{source} is valid from {day} on"
        )
    return None


def _of_reading(zone_set: ZoneSet) -> Silence | None:
    """Nobody knows where an airspace is that could not be read: it may be here."""
    aside = zone_set.set_aside
    if not aside:
        return None
    names = ", ".join(each.name or each.zone_id for each in aside[:_NAMED])
    more = len(aside) - _NAMED
    return Silence(
        why=Why.SET_ASIDE,
        source=zone_set.source,
        nl=f"uit {zone_set.source} is niet te lezen: {names}{f' en nog {more}' if more > 0 else ''}",
        en=f"in {zone_set.source} cannot be read: {names}{f' and {more} more' if more > 0 else ''}",
    )


def _covering(catalogue: Catalogue, lawful: list[ZoneSet], latitude_deg: float, longitude_deg: float) -> list[ZoneSet]:
    """The sets that cover a place. One of which no zone could be read may be about any place."""
    volumes, _ = near(catalogue, latitude_deg, longitude_deg, NEAR_M)
    close = {catalogue.zones[zone].version for zone in set(catalogue.index.zone[volumes].tolist())}
    return [
        each
        for each in lawful
        if not each.zones
        or any(zone.version in close and _is_law(zone) for zone in each.zones)
        or _surrounds(each, latitude_deg, longitude_deg)
    ]


def _surrounds(zone_set: ZoneSet, latitude_deg: float, longitude_deg: float) -> bool:
    """Whether the place lies in a triangle between zones with no side above ``GAP_M``."""
    corners = _corners(zone_set)
    north_m, east_m = (float(each[0]) for each in metres_per_degree(np.array([latitude_deg])))
    scale = np.array([east_m, north_m])
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(corners * scale)))
    point = shapely.Point(np.array([longitude_deg, latitude_deg]) * scale)
    return any(_longest_m(triangle) <= GAP_M for triangle in triangles[shapely.intersects(triangles, point)])


def _corners(zone_set: ZoneSet) -> Any:
    """(n, 2) longitudes and latitudes of what is law, about a kilometre apart at the least."""
    laws = [each.shape for zone in zone_set.zones if _is_law(zone) for each in zone.volumes]
    corners = np.array([corner for shape in laws for corner in _outline(shape)]).reshape(-1, 2)
    return np.unique(np.round(corners / _STEP_DEG), axis=0) * _STEP_DEG


def _outline(shape: Circle | Polygon) -> Iterable[tuple[float, float]]:
    if isinstance(shape, Polygon):
        return shape.rings[0]
    north_m, east_m = (float(each[0]) for each in metres_per_degree(np.array([shape.latitude_deg])))
    aside, up = shape.radius_m / east_m, shape.radius_m / north_m
    return [
        (shape.longitude_deg + east * aside, shape.latitude_deg + north * up)
        for east, north in ((1, 0), (0, 1), (-1, 0), (0, -1))
    ]


def _longest_m(triangle: Any) -> float:
    sides = np.diff(shapely.get_coordinates(triangle), axis=0)
    return float(np.hypot(sides[:, 0], sides[:, 1]).max())
