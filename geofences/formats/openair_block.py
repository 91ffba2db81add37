"""The records of one OpenAir airspace, as they are read line by line.

What is said once an airspace (name, limits) must not stand twice with another value; centre and direction (V X=, V D=)
hold until they are set anew, within the airspace. Arcs are drawn at once. ValueError says what is wrong with a record:
a fault of the airspace, which is then set aside. Hours are kept as they are written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from airspace.model.geodesy import WGS84
from airspace.model.text import safe_text
from airspace.model.zone import Circle
from geofences.formats import arcs, openair_hours, openair_places
from geofences.formats import openair_values as values
from geofences.formats.arcs import Point

MAX_AIRWAY_POINTS: Final = 1_000
MAX_TEXT: Final = 200
MAX_REMARKS: Final = 30  # of an airspace; the rest is counted
_TOLD_FROM: Final = 0.01  # arcs whose ends differ by more of the radius are told
_PASSED_VARIABLES: Final = frozenset({"Z", "T", "C", "N"})  # zoom, line type, comment, name


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A point or an arc of an outline; the radius of a point is 0."""

    points: list[Point]
    radius_m: float
    line: int


@dataclass(slots=True, kw_only=True)
class Block:
    """An airspace while its lines are read. ``airspace_class`` is None until AC has been read."""

    line: int
    before: Block | None = None  # the name that stands before its AC, with what stands between them
    airspace_class: str | None = None
    airspace_type: str = ""
    name: str | None = None
    identifier: str | None = None
    station: str | None = None
    frequency: str | None = None
    lower: values.Limit | None = None
    upper: values.Limit | None = None
    hours: list[openair_hours.Row] = field(default_factory=list)
    centre: Point | None = None
    clockwise: bool = True
    width_m: float | None = None
    pieces: list[Piece] = field(default_factory=list)
    circle: Circle | None = None
    airway: list[Point] = field(default_factory=list)
    is_styled: bool = False  # it says how something is drawn
    is_limited: bool = False  # it has an AL or AH, readable or not
    remarks: list[str] = field(default_factory=list)
    remarks_untold: int = 0
    faults: list[str] = field(default_factory=list)
    more_faults: int = 0

    @property
    def called(self) -> str:
        """Its name, or where it stands."""
        return self.name or f"{self.airspace_class or 'airspace'} of line {self.line}"

    @property
    def has_outline(self) -> bool:
        """Whether any of its geometry was read."""
        return bool(self.pieces or self.circle or self.airway)

    @property
    def is_style(self) -> bool:
        """Whether it is no airspace: it says how those of its class are drawn, some with a dot as a sample."""
        return self.is_styled and self.name is None and not self.is_limited

    def tell(self, what: str) -> None:
        """Something to know of it; the first ones are kept, the rest is counted."""
        if len(self.remarks) < MAX_REMARKS:
            if what not in self.remarks:
                self.remarks.append(what)
        else:
            self.remarks_untold += 1

    def fault(self, what: str) -> None:
        """Something for which it cannot be in force; the first one is told, the rest is counted."""
        if self.faults:
            self.more_faults += 1
        else:
            self.faults.append(what)

    def adopt(self, before: Block) -> None:
        """Take what stands before its AC as its own."""
        self.line, self.name = before.line, before.name
        self.identifier = self.identifier or before.identifier
        self.lower, self.upper = self.lower or before.lower, self.upper or before.upper
        self.is_limited = self.is_limited or before.is_limited
        self.hours = [*before.hours, *self.hours]
        for remark in before.remarks:
            self.tell(remark)
        for fault in before.faults:
            self.fault(fault)

    def told(self) -> list[str]:
        """All remarks."""
        more = [f"{self.remarks_untold} more remarks"] if self.remarks_untold else []
        return [*self.remarks, *more]


def word(rest: str) -> str:
    """A class or a type, in capitals; "" where none stands."""
    return safe_text(rest.upper(), 16) or ""


def _take_name(block: Block, rest: str, _: int) -> None:
    name = safe_text(rest, MAX_TEXT)
    if block.name not in {None, name}:
        raise ValueError("stands twice")
    block.name = name


def _take_type(block: Block, rest: str, _: int) -> None:
    block.airspace_type = word(rest)


def _take_identifier(block: Block, rest: str, _: int) -> None:
    block.identifier = safe_text(rest)


def _take_station(block: Block, rest: str, _: int) -> None:
    block.station = safe_text(rest)


def _take_frequency(block: Block, rest: str, _: int) -> None:
    block.frequency = safe_text(rest)


def _take_lower(block: Block, rest: str, _: int) -> None:
    limit = _limit(block, rest)
    if block.lower not in {None, limit}:
        raise ValueError("stands twice")
    block.lower = limit


def _take_upper(block: Block, rest: str, _: int) -> None:
    limit = _limit(block, rest)
    if block.upper not in {None, limit}:
        raise ValueError("stands twice")
    block.upper = limit


def _limit(block: Block, rest: str) -> values.Limit:
    block.is_limited = True
    limit = values.limit(rest)
    if limit.remark:
        block.tell(limit.remark)
    return limit


def _take_variable(block: Block, rest: str, _: int) -> None:
    letter, equals, value = (part.strip() for part in rest.upper().partition("="))
    if not equals:
        raise ValueError("has no =")
    if letter == "X":
        (block.centre,) = _points(block, value, 1)
    elif letter == "D" and value in {"+", "-"}:
        block.clockwise = value == "+"
    elif letter == "W":
        block.width_m = values.distance_m(value)
    elif letter not in _PASSED_VARIABLES:
        raise ValueError(f"{letter[:8]!r} = {value[:20]!r} is not known")


def _take_point(block: Block, rest: str, line: int) -> None:
    block.pieces.append(Piece(points=_points(block, rest, 1), radius_m=0.0, line=line))


def _take_arc_of_points(block: Block, rest: str, line: int) -> None:
    start, end = _points(block, rest, 2)
    centre = _centre(block)
    points = arcs.between(centre, start, end, clockwise=block.clockwise)
    _, _, from_m = WGS84.inv(*centre, *start)
    _, _, to_m = WGS84.inv(*centre, *end)
    if abs(from_m - to_m) > _TOLD_FROM * max(from_m, to_m):
        block.tell(
            f"line {line}: the arc's ends lie {from_m:.0f} m and {to_m:.0f} m from its centre: "
            "drawn evenly from the one to the other"
        )
    block.pieces.append(Piece(points=points, radius_m=from_m, line=line))


def _take_arc_of_bearings(block: Block, rest: str, line: int) -> None:
    parts = rest.split(",")
    if len(parts) != 3:  # noqa: PLR2004 (radius, start, end)
        raise ValueError("needs radius, start and end")
    radius_m = values.distance_m(parts[0])
    from_deg, to_deg = (values.bearing_deg(part) for part in parts[1:])
    points = arcs.sector(_centre(block), radius_m, from_deg, to_deg, clockwise=block.clockwise)
    block.pieces.append(Piece(points=points, radius_m=radius_m, line=line))


def _take_circle(block: Block, rest: str, _: int) -> None:
    longitude, latitude = _centre(block)
    radius_m = values.distance_m(rest)
    if not 0 < radius_m <= arcs.MAX_RADIUS_M:
        raise ValueError(f"a radius of {radius_m:.0f} m is not between 0 and {arcs.MAX_RADIUS_M:.0f}")
    if block.circle is not None:
        raise ValueError("stands twice")
    block.circle = Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=radius_m)


def _take_airway(block: Block, rest: str, _: int) -> None:
    block.airway.extend(_points(block, rest, 1))
    if len(block.airway) > MAX_AIRWAY_POINTS:
        raise ValueError(f"makes more than {MAX_AIRWAY_POINTS} points of one airway")


def _points(block: Block, text: str, n: int) -> list[Point]:
    points, remark = openair_places.places(text, n)
    if remark:
        block.tell(remark)
    return points


def _centre(block: Block) -> Point:
    if block.centre is None:
        raise ValueError("has no centre (V X=) before it")
    return block.centre


HANDLERS: Final[dict[str, Callable[[Block, str, int], None]]] = {
    "AN": _take_name,
    "AY": _take_type,
    "AI": _take_identifier,
    "AG": _take_station,
    "AF": _take_frequency,
    "AR": _take_frequency,
    "AL": _take_lower,
    "AH": _take_upper,
    "V": _take_variable,
    "DP": _take_point,
    "DA": _take_arc_of_bearings,
    "DB": _take_arc_of_points,
    "DC": _take_circle,
    "DY": _take_airway,
}
