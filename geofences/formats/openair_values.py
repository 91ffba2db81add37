"""Limits and lengths as OpenAir files write them. ValueError says what is wrong with a text.

Limits: GND and SFC, UNL, a flight level, or a height in feet (without a unit) or metres, MSL/AMSL or AGL/GND/SFC; one
without a datum is above mean sea level, as the format has it. A remark in brackets behind it is passed over, and told.
Two limits in one, or a limit that only a NOTAM gives, are no limit. Lengths are nautical miles where no unit is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from airspace.model.text import safe_text
from airspace.model.units import METRES_PER_FOOT
from airspace.model.zone import Datum

METRES_PER_NM: Final = 1852.0
_MAX_TEXT: Final = 200
_FEET_PER_LEVEL: Final = 100.0
_LEVEL: Final = re.compile(r"FL ?(\d{1,3}(?:\.\d{1,3})?)(?: ?STD)?|(\d{1,3}) ?FL")
_UNIT: Final = r"FEET|FT|F|'|METRES|METERS|MTR|M"
_DATUM: Final = r"AMSL|MSL|ALT|AGL|AGND|ASFC|GND|SFC|STD"
_HEIGHT: Final = re.compile(
    rf"(\d{{1,3}},\d{{3}}|\d{{1,6}}(?:\.\d{{0,18}})?) ?(?:({_UNIT})?\.? ?({_DATUM})?|({_DATUM}) ?({_UNIT}))"
)
_THOUSANDS_OR_NOT: Final = re.compile(r"\d{1,2}\.\d{3}(?!\d)")
_BRACKETS: Final = re.compile(r" ?(\(.*\))$")
_GROUND: Final = re.compile(r"(?:GND|SFC|SURFACE|GROUND)(?:[ /](?:AGL|SFC|GND|ASFC))?")
_UNLIMITED: Final = re.compile(r"(?:UNL|UNLD|UNLIM|UNLTD|UNLIMITED)(?: (?:FT|M))?")
_SEA: Final = frozenset({"MSL", "AMSL"})
_DATUMS: Final = {"AMSL": Datum.AMSL, "MSL": Datum.AMSL, "ALT": Datum.AMSL, "STD": Datum.AMSL}
_DISTANCE: Final = re.compile(r"(\d{1,6}(?:[.,]\d{0,18})?|[.,]\d{1,18}) ?(NM|KM)?")  # M may be miles
_METRES: Final = {"NM": METRES_PER_NM, None: METRES_PER_NM, "KM": 1000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A floor or ceiling; None is unlimited. ``remark`` tells of what was taken for granted."""

    metres: float | None
    datum: Datum
    remark: str | None = None


def limit(text: str) -> Limit:
    """A floor or a ceiling."""
    words = " ".join(text[:_MAX_TEXT].upper().split())
    brackets = _BRACKETS.search(words)
    if brackets is None:
        return _limit(words)
    plain = _limit(words[: brackets.start()])
    remarks = (f"{safe_text(brackets[1], 60)} behind a limit passed over", plain.remark)
    return replace(plain, remark="; ".join(each for each in remarks if each))


def _limit(words: str) -> Limit:
    if _GROUND.fullmatch(words):
        return Limit(metres=0.0, datum=Datum.AGL)
    if _UNLIMITED.fullmatch(words):
        return Limit(metres=None, datum=Datum.AMSL)
    if words in _SEA:
        return Limit(metres=0.0, datum=Datum.AMSL)
    level = _LEVEL.fullmatch(words)
    if level:
        return _pressure(float(level[1] or level[2]) * _FEET_PER_LEVEL * METRES_PER_FOOT, words)
    height = _HEIGHT.fullmatch(words)
    if height is None or _THOUSANDS_OR_NOT.match(words):
        raise ValueError("is given by NOTAM only" if words == "NOTAM" else f"no limit: {words[:40]!r}")
    return _height(float(height[1].replace(",", "")), height[2] or height[5], height[3] or height[4], words)


def _height(value: float, unit: str | None, datum: str | None, words: str) -> Limit:
    metres = value * (1.0 if unit in {"M", "MTR", "METRES", "METERS"} else METRES_PER_FOOT)
    if datum == "STD":
        return _pressure(metres, words)
    if datum is None:
        return Limit(metres=metres, datum=Datum.AMSL, remark=f"{words} names no datum: taken as above mean sea level")
    return Limit(metres=metres, datum=_DATUMS.get(datum, Datum.AGL))


def _pressure(metres: float, words: str) -> Limit:
    """A pressure height is so far above sea level on a standard day; some 8 m an hPa off on another."""
    remark = f"{words} is a pressure height: taken as {metres:.0f} m above mean sea level, true at 1013.25 hPa only"
    return Limit(metres=metres, datum=Datum.AMSL, remark=remark)


def distance_m(text: str) -> float:
    """A length, a radius or a width, in metres."""
    match = _DISTANCE.fullmatch(text.strip().upper())
    if match is None:
        raise ValueError(f"{text.strip()[:20]!r} is no length")
    return float(match[1].replace(",", ".")) * _METRES[match[2]]


def bearing_deg(text: str) -> float:
    """A true bearing."""
    match = re.fullmatch(r"([+-]?\d{1,3}(?:\.\d{0,18})?) ?°?", text.strip())
    if match is None:
        raise ValueError(f"{text.strip()[:20]!r} is no bearing")
    return float(match[1])
