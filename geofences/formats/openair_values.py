"""Coordinates, limits and activation times as OpenAir writes them. ValueError says what is wrong with a text.

Coordinates: degrees, minutes and seconds (``52:24:54.39 N``, also without colons, ``265644.00N``) or decimal minutes
(``29:58.917 N``). Rounding leaves 60 seconds or minutes in many files: read as the next minute or degree, and told.
Limits: GND and SFC, UNL, a flight level, or a height in feet (without a unit) or metres, MSL/AMSL or AGL/GND/SFC; one
without a datum is above mean sea level, as the format has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from airspace.model.units import METRES_PER_FOOT
from airspace.model.zone import Applicability, Datum
from geofences.formats.arcs import Point

METRES_PER_NM: Final = 1852.0
_FEET_PER_LEVEL: Final = 100.0
_SIXTY: Final = 60.0
_ANGLE: Final = (
    r"(?:(\d{{1,3}})[: °] ?(\d{{1,2}}(?:\.\d{{1,18}})?)(?: ?[:' ] ?(\d{{1,2}}(?:\.\d{{1,18}})?))? ?[\"']?"
    r"|(\d{{{digits}}})(\d\d)(\d\d(?:\.\d{{1,18}})?)) ?([{letters}])"
)
_POINT: Final = re.compile(_ANGLE.format(digits=2, letters="NS") + "[ ,]*" + _ANGLE.format(digits=3, letters="EW"))
_GROUPS: Final = 7  # of one angle
_MAX_LATITUDE_DEG: Final = 90.0
_MAX_LONGITUDE_DEG: Final = 180.0

_LEVEL: Final = re.compile(r"FL ?(\d{1,3}(?:\.\d{1,3})?)")
_HEIGHT: Final = re.compile(r"(\d{1,6}(?:\.\d{1,18})?) ?(FT|F|M)? ?(AMSL|MSL|ALT|AGL|AGND|ASFC|GND|SFC|STD)?")
_GROUND: Final = frozenset({"GND", "SFC", "SURFACE", "GROUND"})
_UNLIMITED: Final = frozenset({"UNL", "UNLIM", "UNLTD", "UNLIMITED"})
_DATUMS: Final = {"AMSL": Datum.AMSL, "MSL": Datum.AMSL, "ALT": Datum.AMSL, "STD": Datum.AMSL}
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d))?Z")
_NONE: Final = "NONE"
_END_OF_DAY: Final = 24
_NEVER: Final = Applicability(start_s=0.0, end_s=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A floor or ceiling; None is unlimited. ``remark`` tells of what was taken for granted."""

    metres: float | None
    datum: Datum
    remark: str | None = None


def points(text: str, n: int) -> tuple[list[Point], str | None]:
    """So many places, (longitude, latitude), and what was odd about them."""
    rest = " ".join(text.upper().split())
    found: list[Point] = []
    remark = None
    while rest:
        match = _POINT.match(rest)
        if match is None:
            raise ValueError(f"no coordinates: {rest[:40]!r}")
        latitude, odd_latitude = _angle(match.groups()[:_GROUPS], _MAX_LATITUDE_DEG)
        longitude, odd_longitude = _angle(match.groups()[_GROUPS:], _MAX_LONGITUDE_DEG)
        found.append((longitude, latitude))
        if odd_latitude or odd_longitude:
            remark = f"{match[0]}: 60 minutes or seconds, read as the next degree or minute"
        rest = rest[match.end() :].lstrip(" ,")
    if len(found) != n:
        raise ValueError(f"{len(found)} places, not {n}")
    return found, remark


def _angle(parts: tuple[str | None, ...], most_deg: float) -> tuple[float, bool]:
    degrees, minutes, seconds = (float(part or 0) for part in (parts[:3] if parts[0] else parts[3:6]))
    if minutes > _SIXTY or seconds > _SIXTY:
        raise ValueError(f"{minutes:g} minutes, {seconds:g} seconds: more than 60")
    value = degrees + minutes / 60 + seconds / 3600
    if value > most_deg:
        raise ValueError(f"{value:g} degrees: off the globe")
    return (-value if parts[-1] in {"S", "W"} else value), _SIXTY in {minutes, seconds}


def limit(text: str) -> Limit:
    """A floor or a ceiling."""
    words = " ".join(text.upper().split())
    if words in _GROUND:
        return Limit(metres=0.0, datum=Datum.AGL)
    if words in _UNLIMITED:
        return Limit(metres=None, datum=Datum.AMSL)
    level = _LEVEL.fullmatch(words)
    if level:
        return _pressure(float(level[1]) * _FEET_PER_LEVEL * METRES_PER_FOOT, words)
    height = _HEIGHT.fullmatch(words)
    if height is None:
        raise ValueError(f"no limit: {words[:40]!r}")
    metres = float(height[1]) * (1.0 if height[2] == "M" else METRES_PER_FOOT)
    if height[3] == "STD":
        return _pressure(metres, words)
    if height[3] is None:
        return Limit(metres=metres, datum=Datum.AMSL, remark=f"{words} names no datum: taken as above mean sea level")
    return Limit(metres=metres, datum=_DATUMS.get(height[3], Datum.AGL))


def _pressure(metres: float, words: str) -> Limit:
    """A pressure height is so far above sea level on a standard day; some 8 m an hPa off on another."""
    remark = f"{words} is a pressure height: taken as {metres:.0f} m above mean sea level, true at 1013.25 hPa only"
    return Limit(metres=metres, datum=Datum.AMSL, remark=remark)


def activation(text: str) -> tuple[Applicability, str | None]:
    """One span of activation, or never where only a NOTAM says when (``NONE``)."""
    words = text.strip().upper()
    if words == _NONE:
        return _NEVER, "active by NOTAM only: not in force until a file says when"
    start, slash, end = words.partition("/")
    if not slash or (start == _NONE and end == _NONE):
        raise ValueError(f"no activation time: {words[:60]!r}")
    span = Applicability(
        start_s=None if start == _NONE else _moment_s(start), end_s=None if end == _NONE else _moment_s(end)
    )
    if span.start_s is not None and span.end_s is not None and span.end_s <= span.start_s:
        raise ValueError(f"{words[:60]} ends before it starts")
    return span, None


def never(span: Applicability) -> bool:
    """Whether a span is the one that only a NOTAM fills."""
    return span == _NEVER


def _moment_s(text: str) -> float:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"no time in UTC: {text[:40]!r}")
    day, hour = match[1], int(match[2])
    rest = timedelta(hours=hour, minutes=int(match[3]), seconds=int(match[4] or 0))
    if rest > timedelta(hours=_END_OF_DAY) or int(match[3]) >= _SIXTY or int(match[4] or 0) >= _SIXTY:
        raise ValueError(f"no time: {text[:40]!r}")
    return (datetime.fromisoformat(day).replace(tzinfo=UTC) + rest).timestamp()
