"""Coordinate reference systems that files name, and their places in WGS 84.

Which systems and which transformations there are, pyproj knows. What it does not know, or knows only by guessing that
two datums are one ("ballpark"), is refused by name: the 100 m between ED50 and WGS 84 are a street. How near a
transformation comes is told: the wheel of pyproj carries no grids, so RD New is good to about a metre here, and not to
the millimetres of RDNAPTRANS. Coordinates are easting and northing, or longitude and latitude, in this order, as
GeoJSON and GDAL have them whatever the system's own axes are; places that lie where the system is used only with the
two swapped are refused. Edges are straight in the file's system, so long ones are cut before they are turned.

Left out: heights. pyproj without grids gives them back unchanged, and a limit has its own datum (heights/).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from airspace.model.text import safe_text

_MAX_NAME: Final = 200
_NAMED: Final = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:|https?://(?:www\.)?opengis\.net/def/crs/|https?://(?:www\.)?opengis\.net/gml/srs/)?"
    r"(?P<authority>[A-Za-z]{3,5})(?:[:/.]+v?[\d.]*[:/.]+|[:/#]|\.xml#)?(?P<code>(?:CRS)?\d{2,7}h?)",
    re.IGNORECASE,
)
_SPOKEN: Final = {"WGS84": "EPSG:4326", "CRS84": "OGC:CRS84", "RDNEW": "EPSG:28992", "AMERSFOORTRDNEW": "EPSG:28992"}
_SAME: Final = frozenset({"OGC:CRS84", "OGC:CRS84H", "EPSG:4326", "EPSG:4979"})
_WGS84: Final = CRS.from_user_input("OGC:CRS84")
_ROUND_DEG: Final = 1.0  # round the area in which a system is used
_PIECE_M: Final = 2_000.0  # an edge this long strays by 0.1 m from one that is straight in degrees
_MAX_CORNERS: Final = 9_900  # of a ring that was cut: below what is read
_METRE: Final = 1.0

Coordinates = npt.NDArray[np.float64]


class UnknownReference(ValueError):  # noqa: N818
    """A system that is not known, or not well enough; the message names it."""


@dataclass(slots=True)
class Reference:
    """A system and how its places become longitudes and latitudes of WGS 84."""

    name: str
    system: CRS
    turn: Transformer | None  # None: its numbers are those of WGS 84
    used: dict[str, float] = field(default_factory=dict)  # transformations and how near they come, in metres

    def placed(self, points: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
        """(longitude, latitude) of the points of a ring; ``UnknownReference`` for places that it cannot be of."""
        flat = np.array([point[:2] for point in points], dtype=float).reshape(-1, 2)
        found = flat if self.turn is None else self._turned(self._cut(flat))
        self._check_area(found, flat)
        return [(float(x), float(y)) for x, y in found]

    def _cut(self, points: Coordinates) -> Coordinates:
        if not self.system.is_projected or len(points) < 3:  # noqa: PLR2004 (no ring)
            return points
        piece = _PIECE_M / _metres_of_unit(self.system)
        line = shapely.LineString(points)
        room = _MAX_CORNERS - len(points)
        piece = max(piece, line.length / room) if room > 0 else np.inf
        return points if not np.isfinite(piece) else shapely.get_coordinates(shapely.segmentize(line, piece))

    def _turned(self, points: Coordinates) -> Coordinates:
        assert self.turn is not None  # noqa: S101 (asked by the caller)
        try:
            found = np.column_stack(self.turn.transform(points[:, 0], points[:, 1]))
            operation = _used(self.turn)
        except ProjError as error:
            raise UnknownReference(f"{self.name}: {safe_text(str(error), _MAX_NAME)}") from error
        if not np.isfinite(found).all():
            raise UnknownReference(f"coordinates: no places in {self.name}{_looks_like_degrees(points)}")
        self.used[operation.description] = operation.accuracy
        return found

    def _check_area(self, found: Coordinates, given: Coordinates) -> None:
        """A place far from where the system is used is none of it: swapped axes, or numbers of another system."""
        if _within(found, self.system):
            return
        swapped = given[:, ::-1]
        try:
            other = swapped if self.turn is None else np.column_stack(self.turn.transform(swapped[:, 0], swapped[:, 1]))
        except ProjError:
            other = np.full_like(found, np.nan)
        if np.isfinite(other).all() and _within(other, self.system):
            raise UnknownReference(f"coordinates: axis order: in {self.name} easting or longitude must come first")
        raise UnknownReference(
            f"coordinates: outside the area in which {self.name} is used{_looks_like_degrees(given)}"
        )

    def told(self) -> str | None:
        """What was done, and how near it comes; None where nothing was."""
        if not self.used:
            return None
        accuracy_m = max(self.used.values()) if min(self.used.values()) >= 0 else -1.0
        near = "how near that comes is not known" if accuracy_m < 0 else f"to within {accuracy_m:g} m"
        if accuracy_m == 0:
            near = "exactly"
        ways = "; ".join(_plain(each) for each in self.used)
        return f"coordinates of {self.name} are turned into WGS 84 {near} ({ways})"


def named(name: str) -> Reference:
    """A system by the name that a file gives it: a URN, an address or authority and code; others are refused."""
    clean = safe_text(name, _MAX_NAME) or ""
    spoken = _SPOKEN.get(re.sub(r"[^A-Za-z0-9]", "", clean).upper())
    match = _NAMED.fullmatch(clean)
    if spoken is None and match is None:
        raise UnknownReference(f"crs: {clean!r} is not known: name it by its code, such as EPSG:28992")
    code = spoken or f"{match['authority']}:{match['code']}".upper()  # type: ignore[index]
    try:
        return of_system(CRS.from_user_input(code.replace("CRS84H", "CRS84h")))
    except CRSError as error:
        raise UnknownReference(f"crs: {clean!r} is not known") from error


def of_member(member: Any) -> Reference | None:
    """The system of a GeoJSON ``crs`` member, None where there is none; ``UnknownReference`` where it names none."""
    return None if member is None else named(_name_in(member))


def _name_in(member: Any) -> str:
    """``{"type": "name", "properties": {"name": ...}}``, and what others made of it."""
    if isinstance(member, str):
        return member
    properties = member.get("properties") if isinstance(member, dict) else None
    if isinstance(properties, dict):
        if isinstance(properties.get("name"), str):
            return str(properties["name"])
        if isinstance(properties.get("code"), int | str):
            return f"EPSG:{properties['code']}"
    raise UnknownReference("crs: it names no system (type name, properties.name)")


def of_system(system: CRS) -> Reference:
    """A system as pyproj has it; ``UnknownReference`` where no transformation to WGS 84 is known well enough."""
    system = _known(_flat(system))
    code = ":".join(system.to_authority() or ())
    name = safe_text(f"{code} ({system.name})" if code else system.name, _MAX_NAME) or "a system without a name"
    if not (system.is_projected or system.is_geographic):
        raise UnknownReference(f"crs: {name} is no system of places on the earth")
    if code.upper() in _SAME:
        return Reference(name, system, None)
    try:
        turn = Transformer.from_crs(system, _WGS84, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise UnknownReference(f"crs: from {name} to WGS 84 no transformation is known") from error
    return Reference(name, system, turn)


def likely(x: float, y: float) -> str | None:
    """What two numbers that are no degrees may be, for advice only."""
    if 0 <= x <= 300_000 and 300_000 <= y <= 650_000:  # noqa: PLR2004 (the square of RD New)
        return "metres of RD New (EPSG:28992)"
    if 300_000 <= x <= 650_000 and 0 <= y <= 300_000:  # noqa: PLR2004
        return "metres of RD New (EPSG:28992), northing before easting"
    if 100_000 <= x <= 900_000 and 1_000_000 <= y <= 10_000_000:  # noqa: PLR2004 (a zone of UTM)
        return "metres of UTM (EPSG:25831, EPSG:32631 and others) or of Web Mercator (EPSG:3857)"
    if max(abs(x), abs(y)) > 1_000:  # noqa: PLR2004
        return "metres of a national grid or of Web Mercator (EPSG:3857)"
    return None


def _flat(system: CRS) -> CRS:
    """The horizontal part: a height is never turned."""
    if system.is_compound:
        return _flat(system.sub_crs_list[0])
    return system.to_2d() if len(system.axis_info) > 2 else system  # noqa: PLR2004


def _known(system: CRS) -> CRS:
    """The same out of the register, if its text is plainly one of it: ESRI's .prj says neither code nor area."""
    code = system.to_epsg(min_confidence=70)
    return system if code is None else CRS.from_epsg(code)


def _used(turn: Transformer) -> Transformer:
    """What turned the last points: one of several operations, or the only one there is."""
    try:
        return turn.get_last_used_operation()
    except ProjError:
        return turn


def _metres_of_unit(system: CRS) -> float:
    return system.axis_info[0].unit_conversion_factor if system.axis_info else _METRE


def _within(points: Coordinates, system: CRS) -> bool:
    area = system.area_of_use
    if area is None or not len(points):
        return True
    east = area.east + (360.0 if area.east < area.west else 0.0)
    x = np.where(points[:, 0] < area.west - _ROUND_DEG, points[:, 0] + (east > 180.0) * 360.0, points[:, 0])  # noqa: PLR2004
    y = points[:, 1]
    return bool(
        ((x >= area.west - _ROUND_DEG) & (x <= east + _ROUND_DEG)).all()
        and ((y >= area.south - _ROUND_DEG) & (y <= area.north + _ROUND_DEG)).all()
    )


def _looks_like_degrees(points: Coordinates) -> str:
    degrees = np.abs(points).max(initial=0.0) <= 180.0  # noqa: PLR2004
    return ": the numbers look like degrees" if degrees else ""


def _plain(operation: str) -> str:
    return operation.replace(" + axis order change (2D)", "").replace("axis order change (2D) + ", "")
