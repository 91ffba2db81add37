"""Numbers that a feed writes as text: "157 ft", "10 kt", "52,3144", "52.3144 N".

A unit is taken where the field's quantity has it, and the number converted to the field's own; a unit of another
quantity ("5 m" as a speed), and a comma that may part thousands as well as decimals ("1,500 m"), leave it unknown. What
says something and could not be read is told and its row marked (``mark``): nothing becomes null in silence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from airspace.model.detection import Flag
from airspace.model.placeholders import is_nothing
from airspace.model.units import METRES_PER_FOOT
from receivers.formats.unread import UNREAD, says_something

LENGTH_M: Final = "length, m"
LENGTH_FT: Final = "length, ft"
SPEED_M_S: Final = "speed, m/s"
SPEED_KT: Final = "speed, kt"
CLIMB_FT_MIN: Final = "vertical speed, ft/min"
ANGLE_DEG: Final = "angle, deg"
LATITUDE_DEG: Final = "latitude, deg"
LONGITUDE_DEG: Final = "longitude, deg"
LEVEL_DBM: Final = "level, dBm"
FREQUENCY_HZ: Final = "frequency, Hz"
ANY: Final = "a number"  # whose field says nothing of its quantity: a unit behind it is passed over

_MAX_CHARACTERS: Final = 40
_METRES: Final = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "mtr"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "voet"), METRES_PER_FOOT),
    "km": 1000.0,
}
_M_S: Final = {
    **dict.fromkeys(("m/s", "mps", "m/sec"), 1.0),
    **dict.fromkeys(("km/h", "kmh", "kph", "km/u", "kmph"), 1 / 3.6),
    **dict.fromkeys(("kt", "kts", "kn", "knot", "knots"), 1852 / 3600),
    "mph": 0.44704,
    **dict.fromkeys(("ft/s", "fps"), METRES_PER_FOOT),
    **dict.fromkeys(("ft/min", "fpm"), METRES_PER_FOOT / 60),
}
_DEGREES: Final = dict.fromkeys(("deg", "degs", "degree", "degrees", "\u00b0"), 1.0)


def _in(unit: float, units: Mapping[str, float]) -> dict[str, float]:
    return {"": 1.0} | {name: factor / unit for name, factor in units.items()}


_UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    LENGTH_M: _in(1.0, _METRES),
    LENGTH_FT: _in(METRES_PER_FOOT, _METRES),
    SPEED_M_S: _in(1.0, _M_S),
    SPEED_KT: _in(_M_S["kt"], _M_S),
    CLIMB_FT_MIN: _in(_M_S["fpm"], _M_S),
    ANGLE_DEG: _in(1.0, _DEGREES),
    LATITUDE_DEG: _in(1.0, _DEGREES | {"n": 1.0, "s": -1.0}),
    LONGITUDE_DEG: _in(1.0, _DEGREES | {"e": 1.0, "w": -1.0}),
    LEVEL_DBM: {"": 1.0, "dbm": 1.0, "db": 1.0},
    FREQUENCY_HZ: {"": 1.0, "hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    ANY: dict.fromkeys(("", "m", "m/s", "s", "deg", "hz", "mhz", "dbm"), 1.0),
}
_OF_A_CIRCLE: Final = frozenset({ANGLE_DEG, LATITUDE_DEG, LONGITUDE_DEG})  # never thousands
_TEXT: Final = re.compile(
    r"(?P<before>[NSEWnsew]?)\s*(?P<number>[-+]?[0-9.,]*[0-9][.,]?(?:[eE][-+]?[0-9]{1,3})?)"
    r"\s*(?P<unit>\u00b0?\s*[A-Za-z/]*)\Z"
)
_PLAIN: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z")
_COMMA: Final = re.compile(r"[-+]?[0-9]+,[0-9]+\Z")
_DOUBTFUL: Final = re.compile(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}\Z")
_THOUSANDS: Final = (
    (re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+\Z"), ",", ""),
    (re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+\Z"), ".", ","),
)
_ZERO: Final = re.compile(r"\s*[-+]?0+(?:[.,]0*)?\s*(?:[A-Za-z/\u00b0]+\s*)?\Z")
_NUMBERS: Final = (float, int)
_INVALID: Final = int(Flag.MESSAGE_INVALID)


def measured(value: str, quantity: str) -> float:
    """The number in the unit of the quantity, NaN for a text that is none or may be two."""
    return _measured(value, quantity) if len(value) <= _MAX_CHARACTERS else math.nan


@lru_cache(maxsize=8192)
def _measured(value: str, quantity: str) -> float:
    match = _TEXT.match(value.strip().replace("\u2212", "-"))
    if match is None:
        return math.nan
    found = _number(match["number"], of_a_circle=quantity in _OF_A_CIRCLE)
    unit = match["unit"].lower()
    if quantity in {LATITUDE_DEG, LONGITUDE_DEG}:
        return _coordinate(match, found, unit, quantity)
    factor = math.nan if match["before"] else _UNITS[quantity].get(unit, math.nan)
    scaled = found * factor
    return scaled if math.isfinite(scaled) else math.nan


def _coordinate(match: re.Match[str], found: float, unit: str, quantity: str) -> float:
    """With the letter of a half of the globe before or behind it, and then without a sign."""
    side = unit.removeprefix("\u00b0").strip() or match["before"].lower()
    side = "" if side in _DEGREES else side
    if match["before"] and side != match["before"].lower():
        return math.nan
    if side and match["number"][0] in "-+":
        return math.nan
    return found * _UNITS[quantity].get(side, math.nan)


def _number(text: str, *, of_a_circle: bool) -> float:
    if _PLAIN.match(text):
        return float(text)
    if _COMMA.match(text):
        is_doubtful = not of_a_circle and _DOUBTFUL.match(text)
        return math.nan if is_doubtful else float(text.replace(",", "."))
    for form, mark_, point in _THOUSANDS:
        if form.match(text):
            plain = text.replace(mark_, "")
            return float(plain.replace(point, ".") if point else plain)
    return math.nan


def has_unit(value: str) -> bool:
    """Whether a text ends in letters."""
    return bool(value.strip()) and value.strip()[-1].isalpha()


def unless_zero(value: Any) -> Any:
    """What a feed says that writes 0 where it has nothing: None for 0, in whatever unit."""
    if isinstance(value, str):
        return None if _ZERO.match(value) else value
    return None if value == 0 else value


def mark(row: dict[str, Any], said: Mapping[str, Any], quantities: Mapping[str, str], within: str = "") -> None:
    """Tell the fields that say something and are no number of their quantity, and mark the row."""
    names = not_numbers(said, quantities, within)
    if names:
        row[UNREAD] = [*row.get(UNREAD, ()), *names]
        row["flags"] = row.get("flags", 0) | _INVALID


def not_numbers(said: Mapping[str, Any], quantities: Mapping[str, str], within: str = "") -> list[str]:
    """The fields, with the name of the part they stand in, whose values are no numbers and say something."""
    return [
        f"{within}{name}: no number"
        for name, quantity in quantities.items()
        if type(value := said.get(name)) not in _NUMBERS and value is not None and _is_misread(value, quantity)
    ]


def _is_misread(value: Any, quantity: str) -> bool:
    if not isinstance(value, str):
        return says_something(value)
    return math.isnan(measured(value, quantity)) and says_something(value) and not is_nothing(value[:_MAX_CHARACTERS])
