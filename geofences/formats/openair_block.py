"""The records of one OpenAir airspace, as they are read line by line.

What is said once an airspace (name, limits) must not stand twice; centre and direction (V X=, V D=) hold until they are
set anew, within the airspace. Arcs are drawn at once. ValueError says what is wrong with a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from airspace.model.geodesy import WGS84
from airspace.model.text import safe_text
from airspace.model.zone import Applicability, Circle
from geofences.formats import arcs
from geofences.formats import openair_values as values
from geofences.formats.arcs import Point

MAX_AIRWAY_POINTS: Final = 1_000
MAX_TEXT: Final = 200
_PASSED_VARIABLES: Final = frozenset({"Z", "T", "C", "N"})  # zoom, line type, comment, name


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A point or an arc of an outline; the radius of a point is 0."""

    points: list[Point]
    radius_m: float
    line: int


@dataclass(slots=True, kw_only=True)
class Block:
    """An airspace while its lines are read."""

    line: int
    airspace_class: str
    airspace_type: str = ""
    name: str | None = None
    identifier: str | None = None
    station: str | None = None
    frequency: str | None = None
    lower: values.Limit | None = None
    upper: values.Limit | None = None
    spans: list[Applicability] = field(default_factory=list)
    centre: Point | None = None
    clockwise: bool = True
    width_nm: float | None = None
    pieces: list[Piece] = field(default_factory=list)
    circle: Circle | None = None
    airway: list[Point] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """How a message names it."""
        return f"airspace {self.name!r} of line {self.line}"

    @property
    def has_outline(self) -> bool:
        """Whether any of its geometry was read."""
        return bool(self.pieces or self.circle or self.airway)


def word(rest: str) -> str:
    """A class or a type, in capitals."""
    word = safe_text(rest.upper(), 16)
    if word is None:
        raise ValueError("is empty")
    return word


def _take_name(block: Block, rest: str, _: int) -> None:
    if block.name is not None:
        raise ValueError("stands twice")
    block.name = safe_text(rest, MAX_TEXT)


def _take_type(block: Block, rest: str, _: int) -> None:
    block.airspace_type = word(rest)


def _take_identifier(block: Block, rest: str, _: int) -> None:
    block.identifier = safe_text(rest)


def _take_station(block: Block, rest: str, _: int) -> None:
    block.station = safe_text(rest)


def _take_frequency(block: Block, rest: str, _: int) -> None:
    block.frequency = safe_text(rest)


def _take_lower(block: Block, rest: str, _: int) -> None:
    if block.lower is not None:
        raise ValueError("stands twice")
    block.lower = _limit(block, rest)


def _take_upper(block: Block, rest: str, _: int) -> None:
    if block.upper is not None:
        raise ValueError("stands twice")
    block.upper = _limit(block, rest)


def _limit(block: Block, rest: str) -> values.Limit:
    limit = values.limit(rest)
    if limit.remark:
        block.remarks.append(limit.remark)
    return limit


def _take_activation(block: Block, rest: str, _: int) -> None:
    span, remark = values.activation(rest)
    if block.spans and (values.never(span) or values.never(block.spans[0])):
        raise ValueError("NONE stands beside another activation time")
    block.spans.append(span)
    if remark:
        block.remarks.append(remark)


def _take_variable(block: Block, rest: str, _: int) -> None:
    letter, equals, value = (part.strip() for part in rest.upper().partition("="))
    if not equals:
        raise ValueError("has no =")
    if letter == "X":
        (block.centre,) = _points(block, value, 1)
    elif letter == "D" and value in {"+", "-"}:
        block.clockwise = value == "+"
    elif letter == "W":
        block.width_nm = _number(value)
    elif letter not in _PASSED_VARIABLES:
        raise ValueError(f"{letter[:8]!r} = {value[:20]!r} is not known")


def _take_point(block: Block, rest: str, line: int) -> None:
    block.pieces.append(Piece(points=_points(block, rest, 1), radius_m=0.0, line=line))


def _take_arc_of_points(block: Block, rest: str, line: int) -> None:
    start, end = _points(block, rest, 2)
    centre = _centre(block)
    points = arcs.between(centre, start, end, clockwise=block.clockwise)
    _, _, radius_m = WGS84.inv(*centre, *start)
    block.pieces.append(Piece(points=points, radius_m=radius_m, line=line))


def _take_arc_of_bearings(block: Block, rest: str, line: int) -> None:
    parts = rest.split(",")
    if len(parts) != 3:  # noqa: PLR2004 (radius, start, end)
        raise ValueError("needs radius, start and end")
    radius_nm, from_deg, to_deg = (_number(part) for part in parts)
    radius_m = radius_nm * values.METRES_PER_NM
    points = arcs.sector(_centre(block), radius_m, from_deg, to_deg, clockwise=block.clockwise)
    block.pieces.append(Piece(points=points, radius_m=radius_m, line=line))


def _take_circle(block: Block, rest: str, _: int) -> None:
    longitude, latitude = _centre(block)
    radius_m = _number(rest) * values.METRES_PER_NM
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
    points, remark = values.points(text, n)
    if remark:
        block.remarks.append(remark)
    return points


def _centre(block: Block) -> Point:
    if block.centre is None:
        raise ValueError("has no centre (V X=) before it")
    return block.centre


def _number(text: str) -> float:
    match = re.fullmatch(r"[+-]?(?:\d{1,6}(?:\.\d{0,18})?|\.\d{1,18})", text.strip())
    if match is None:
        raise ValueError(f"{text[:20]!r} is no number")
    return float(match[0])


HANDLERS: Final[dict[str, Callable[[Block, str, int], None]]] = {
    "AN": _take_name,
    "AY": _take_type,
    "AI": _take_identifier,
    "AG": _take_station,
    "AF": _take_frequency,
    "AL": _take_lower,
    "AH": _take_upper,
    "AA": _take_activation,
    "V": _take_variable,
    "DP": _take_point,
    "DA": _take_arc_of_bearings,
    "DB": _take_arc_of_points,
    "DC": _take_circle,
    "DY": _take_airway,
}
