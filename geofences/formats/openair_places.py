"""Places as OpenAir files write them. ValueError says what is wrong with a text.

Degrees, minutes and seconds (``52:24:54.39 N``, also ``52°24'54.39"``, ``265644.00N``, ``31.`` for 31), decimal minutes
(``29:58.917 N``), minutes alone (``27:30 S``) or decimal degrees; the letter after or before; latitude and longitude in
either order, which the letters tell. Rounding leaves 60 seconds or minutes in many files: read as the next minute or
degree, and told. What stands behind the last place is passed over, and told; another place there is a fault.
"""

from __future__ import annotations

import re
from typing import Final

from geofences.formats.arcs import Point

_SIXTY: Final = 60.0
_PART: Final = r"\d{1,2}(?:\.\d{0,18}|,\d{1,18})?"
_DEGREE: Final = r"(\d{1,3}) ?[:°º ] ?"
_SPLIT: Final = re.compile(rf"{_DEGREE}(\d{{1,2}}) ?[:'′’ ] ?({_PART}) ?(?:[\"″”]|'')?")
_MINUTES: Final = re.compile(rf"{_DEGREE}({_PART}) ?['′’]?")
_DECIMAL: Final = re.compile(r"(\d{1,3}\.\d{1,18}) ?[°º]?")
_PACKED: Final = {
    "N": re.compile(r"(\d\d)(\d\d)(?:(\d\d(?:\.\d{0,18})?)|(\.\d{1,18})?)"),
    "E": re.compile(r"(\d{3})(\d\d)(?:(\d\d(?:\.\d{0,18})?)|(\.\d{1,18})?)"),
}
_MOST_DEG: Final = {"N": 90.0, "E": 180.0}
_AXIS: Final = {"N": "N", "S": "N", "E": "E", "W": "E"}
_LETTER_LAST: Final = re.compile(r"[ ,;/]*([^A-Z]{1,40}?) ?([NSEW])(?![A-Z])")
_LETTER_FIRST: Final = re.compile(r"[ ,;/]*([NSEW]) ?([^A-Z]{1,40})(?=[ ,;/A-Z]|$)")
_MAX_SHOWN: Final = 40
_MAX_LOOKED_AT: Final = 200  # letters of a text that may be anything
_ANOTHER: Final = re.compile(r"\d{1,3} ?[:°º] ?\d|\d ?[NSEW](?![A-Z])")
_BOTH: Final = re.compile(r"\d{1,3} ?[:°º] ?\d.*[NSEW].*\d{1,3} ?[:°º] ?\d")


def places(text: str, n: int) -> tuple[list[Point], str | None]:
    """So many places, (longitude, latitude), and what was odd about them."""
    rest = " ".join(text.upper().split())
    pattern = _LETTER_FIRST if rest[:1] in _AXIS else _LETTER_LAST
    found: list[Point] = []
    remark = None
    while rest and len(found) < n:
        match = pattern.match(rest)
        other = pattern.match(rest, match.end()) if match else None
        if match is None or other is None:
            raise ValueError(f"no coordinates: {rest[:_MAX_SHOWN]!r}")
        point, carried = _pair(*(_lettered(each, pattern) for each in (match, other)))
        found.append(point)
        if carried:
            remark = f"{rest[: other.end()].strip()}: 60 minutes or seconds, read as the next degree or minute"
        rest = rest[other.end() :]
    rest = rest.strip(" ,.")
    if len(found) != n or _ANOTHER.search(rest):
        raise ValueError(f"{len(found) + bool(rest)} places, not {n}")
    return found, remark or (f"{rest[:_MAX_SHOWN]!r} behind the coordinates passed over" if rest else None)


def holds_places(text: str) -> bool:
    """Whether a text has coordinates in it: what it says may be geometry, whatever it calls itself."""
    return _BOTH.search(text[:_MAX_LOOKED_AT].upper()) is not None


def _lettered(match: re.Match[str], pattern: re.Pattern[str]) -> tuple[str, str]:
    first, second = match.groups()
    letter, value = (first, second) if pattern is _LETTER_FIRST else (second, first)
    return letter, value.strip(" ,;/")


def _pair(one: tuple[str, str], other: tuple[str, str]) -> tuple[Point, bool]:
    by_axis = {_AXIS[letter]: (letter, value) for letter, value in (one, other)}
    if len(by_axis) == 1:
        raise ValueError(f"two of {one[0]} and {other[0]}: no place")
    latitude, odd_latitude = _angle(*by_axis["N"])
    longitude, odd_longitude = _angle(*by_axis["E"])
    return (longitude, latitude), odd_latitude or odd_longitude


def _angle(letter: str, text: str) -> tuple[float, bool]:
    axis = _AXIS[letter]
    degrees, minutes, seconds = _parts(text, axis)
    if minutes > _SIXTY or seconds > _SIXTY:
        raise ValueError(f"{minutes:g} minutes, {seconds:g} seconds: more than 60")
    value = degrees + minutes / 60 + seconds / 3600
    if value > _MOST_DEG[axis]:
        raise ValueError(f"{value:g} degrees: off the globe")
    return (-value if letter in "SW" else value), _SIXTY in {minutes, seconds}


def _parts(text: str, axis: str) -> tuple[float, float, float]:
    """Degrees, minutes, seconds."""
    packed = _PACKED[axis].fullmatch(text)
    if packed is not None:
        degrees, minutes, seconds, part = packed.groups()
        return float(degrees), float(minutes + (part or "")), float(seconds or 0)
    for pattern in (_SPLIT, _MINUTES, _DECIMAL):
        match = pattern.fullmatch(text)
        if match is not None:
            degrees, minutes, seconds = (*(_number(part) for part in match.groups()), 0.0, 0.0)[:3]
            return degrees, minutes, seconds
    raise ValueError(f"no coordinates: {text[:_MAX_SHOWN]!r}")


def _number(text: str) -> float:
    return float(text.replace(",", "."))
