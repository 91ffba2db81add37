"""What others call an id, a name, a height and a time: drawn features that were not drawn for us.

Names that only name are taken. Heights are read where the file itself says value, unit and datum (``"2500 FT AMSL"``,
``{"value": 400, "unit": "ft", "referenceDatum": "MSL"}``, ``lowerLimit`` beside ``lowerReference`` and ``uom``,
``floor_m_amsl``), times where they have the names of ED-269 and an offset. Every other property that seems to bound a
height or a time is passed over, and told with what follows: a fence without its hours is in force always, one without
its limits reaches from the ground.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from airspace.model.units import METRES_PER_FOOT, epoch_s
from airspace.model.zone import Datum

_NAMES: Final = (
    "name", "naam", "naamn2k", "title", "titel", "titre", "titulo", "label", "nom", "nombre", "nome", "nimi", "namn",
    "navn", "nazev", "nazwa", "bezeichnung", "designation", "omschrijving", "zonename", "areaname", "featurename",
    "nametxt", "nametext",
)  # fmt: skip
_IDS: Final = (
    "id", "identifier", "designator", "ident", "identtxt", "code", "codeid", "zoneid", "notamnumber", "icao",
)  # fmt: skip
_SERIALS: Final = ("objectid", "fid", "ogcfid", "gmlid", "gid", "oid", "globalid", "uuid", "pk", "index")

_LOWER: Final = frozenset({"lower", "low", "floor", "min", "minimum", "bottom", "base", "ondergrens", "untergrenze",
                           "plancher", "suelo"})  # fmt: skip
_UPPER: Final = frozenset({"upper", "high", "ceiling", "ceil", "max", "maximum", "top", "bovengrens", "obergrenze",
                           "plafond", "techo"})  # fmt: skip
_HEIGHTS: Final = frozenset({"limit", "limits", "alt", "altitude", "altitudes", "height", "heights", "hoogte", "hohe",
                             "hauteur", "altura", "agl", "amsl", "msl", "fl", "verticallayer"})  # fmt: skip
_BOUNDS_ALONE: Final = (_LOWER | _UPPER) - {"low", "min", "minimum", "max", "maximum", "high", "base", "top", "bottom"}
_TIMES: Final = frozenset({"time", "times", "start", "starts", "begin", "begins", "begintijd", "end", "ends", "until",
                           "till", "expires", "expiry", "expiration", "effective", "valid", "validity", "schedule",
                           "hours", "period", "periods", "window", "windows", "activation", "timespan", "ingang",
                           "einde", "eind", "eindtijd", "tijd", "tijden", "uren", "geldig", "von", "bis", "debut",
                           "fin", "inicio", "applicability", "weekday", "weekdays", "days", "seasonal", "permanent",
                           "temporary", "from", "to", "van", "tot"})  # fmt: skip
_OF_THE_RECORD: Final = frozenset({"created", "creation", "create", "updated", "update", "modified", "edited", "edit",
                                   "published", "zone", "stamp", "elevation", "time_zone"})  # fmt: skip
_NO_HEIGHT: Final = frozenset({"mode", "elevation", "speed", "temperature", "wind", "population", "area"})
_UNITS: Final = {
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "ft": METRES_PER_FOOT, "feet": METRES_PER_FOOT, "foot": METRES_PER_FOOT,
}  # fmt: skip
_DATUMS: Final = {
    "agl": Datum.AGL, "gnd": Datum.AGL, "ground": Datum.AGL, "sfc": Datum.AGL,
    "amsl": Datum.AMSL, "msl": Datum.AMSL, "asl": Datum.AMSL,
    "wgs84": Datum.WGS84, "w84": Datum.WGS84,
}  # fmt: skip
_UNIT_WORDS: Final = frozenset({"unit", "units", "uom", "uomdimensions"})
_DATUM_WORDS: Final = frozenset({"reference", "ref", "datum", "referencedatum", "verticalreference", "code"})
_FEET_OF_LEVEL: Final = 100.0
_GROUND: Final = frozenset({"gnd", "sfc", "ground", "surface"})
_LEVEL: Final = re.compile(r"fl\s*(\d{1,3})", re.IGNORECASE)
_SAID: Final = re.compile(
    r"(-?\d{1,6}(?:\.\d+)?)\s*(m|meters?|metres?|ft|feet)\.?\s*(agl|gnd|sfc|amsl|msl|asl|wgs\s?84|w84)", re.IGNORECASE
)
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# run together, or cut to the ten letters of a shapefile
_CUT_HEIGHT: Final = re.compile(r"(?:lower|upper|min|max)(?:lim|alt|hei|hoog|ver|val)|ondergr|bovengr|floor|ceil")
_CUT_TIME: Final = re.compile(
    r"(?:start|end|begin|eind)(?:dat|tim|tijd)|valid(?:fr|to|un)|(?:date|time)(?:start|end|beg)"
)
_MAX_NAME: Final = 100  # of a property that is looked into


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A height with its datum, and the properties that say it."""

    metres: float
    datum: Datum
    keys: tuple[str, ...]


def plain(key: str) -> str:
    """A property's name as it is compared: letters and digits, small."""
    return re.sub(r"[^a-z0-9]", "", key[:_MAX_NAME].lower())


def name_key(given: Mapping[str, Any]) -> str | None:
    """The property that names a feature best."""
    return _first(given, _NAMES)


def id_key(given: Mapping[str, Any]) -> str | None:
    """The property that identifies a feature to people."""
    return _first(given, _IDS)


def serial_key(given: Mapping[str, Any]) -> str | None:
    """The property that counts features through: the last resort."""
    return _first(given, _SERIALS)


def _first(given: Mapping[str, Any], words: Iterable[str]) -> str | None:
    named: dict[str, str] = {}
    for key, value in given.items():
        if _says(value):
            named.setdefault(plain(key), key)
    return next((named[word] for word in words if word in named), None)


def _says(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    return bool(value.strip()) if isinstance(value, str) else math.isfinite(value)


def bounds_height(key: str) -> bool:
    """Whether a property's name is one that bounds a height."""
    words = _words(key)
    if words & _NO_HEIGHT:
        return False
    return bool(words & (_BOUNDS_ALONE | _HEIGHTS) or _CUT_HEIGHT.match(plain(key)))


def bounds_time(key: str) -> bool:
    """Whether a property's name is one that bounds a time."""
    words = _words(key)
    return bool(words & _TIMES or _CUT_TIME.match(plain(key))) and not words & _OF_THE_RECORD


def _words(key: str) -> frozenset[str]:
    """The words of a name: ``upper_limit``, ``lowerVerticalReference``, ``TIME BEGIN``."""
    return frozenset(word.lower() for word in _WORDS.findall(key[:_MAX_NAME])) | {plain(key)}


def limit(given: Mapping[str, Any], *, lower: bool) -> Limit | None:
    """The lower or upper limit, where the properties say its value, its unit and its datum."""
    mine = {key: value for key, value in given.items() if _side(key) is (_LOWER if lower else _UPPER)}
    for key, value in mine.items():
        if not _is_about(key):
            found = _of_text(key, value) or _of_object(key, value) or _of_name(key, value)
            if found is not None:
                return found
    return _of_siblings(mine, given)


def _side(key: str) -> frozenset[str] | None:
    """Which limit a property speaks of; ``lowerCeiling`` is lower."""
    words = _words(key)
    for word, side in (("lower", _LOWER), ("upper", _UPPER)):
        if word in words:
            return side
    found = [side for side in (_LOWER, _UPPER) if words & side]
    return found[0] if len(found) == 1 else None


def _is_about(key: str) -> bool:
    """Whether it is the unit or the datum of a limit, not the limit."""
    return bool(_words(key) & (_UNIT_WORDS | _DATUM_WORDS)) or plain(key).endswith(("ref", "reference", "datum", "uom"))


def _of_text(key: str, value: Any) -> Limit | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.lower() in _GROUND:
        return Limit(metres=0.0, datum=Datum.AGL, keys=(key,))
    level = _LEVEL.fullmatch(text)
    if level:
        return Limit(metres=float(level[1]) * _FEET_OF_LEVEL * METRES_PER_FOOT, datum=Datum.AMSL, keys=(key,))
    said = _SAID.fullmatch(text)
    if said is None:
        return None
    datum = _DATUMS[said[3].lower().replace(" ", "")]
    return Limit(metres=float(said[1]) * _UNITS[said[2].lower()], datum=datum, keys=(key,))


def _of_object(key: str, value: Any) -> Limit | None:
    if not isinstance(value, dict):
        return None
    words = {plain(str(name)): each for name, each in value.items()}
    unit = next((words[word] for word in ("unit", "units", "uom") if word in words), None)
    datum = next((words[word] for word in ("referencedatum", "reference", "datum") if word in words), None)
    return _measured((key,), words.get("value"), unit, datum)


def _of_name(key: str, value: Any) -> Limit | None:
    words = _words(key)
    units, datums = words & _UNITS.keys(), words & _DATUMS.keys()
    if len(units) != 1 or len(datums) != 1:
        return None
    return _measured((key,), value, next(iter(units)), next(iter(datums)))


def _of_siblings(mine: Mapping[str, Any], given: Mapping[str, Any]) -> Limit | None:
    values = [key for key in mine if not _is_about(key)]
    units = [key for key in mine if _words(key) & _UNIT_WORDS or plain(key).endswith("uom")]
    datums = [key for key in mine if _is_about(key) and key not in units]
    units = units or [key for key in given if plain(key) in _UNIT_WORDS]
    if not (len(values) == len(datums) == len(units) == 1):
        return None
    return _measured((*values, *datums, *units), mine[values[0]], given[units[0]], mine[datums[0]])


def _measured(keys: tuple[str, ...], value: Any, unit: Any, datum: Any) -> Limit | None:
    number = _number(value)
    if number is None or not isinstance(unit, str) or not isinstance(datum, str):
        return None
    if unit.strip().lower() == "fl":
        return Limit(metres=number * _FEET_OF_LEVEL * METRES_PER_FOOT, datum=Datum.AMSL, keys=keys)
    scale, known = _UNITS.get(unit.strip().lower()), _DATUMS.get(datum.strip().lower().replace("-", ""))
    return None if scale is None or known is None else Limit(metres=number * scale, datum=known, keys=keys)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def moment_key(given: Mapping[str, Any], *, start: bool) -> str | None:
    """The property of ED-269's name that says an instant with its offset."""
    word = "startdatetime" if start else "enddatetime"
    key = next((key for key in given if plain(key) == word), None)
    try:
        if key is None or not isinstance(given[key], str):
            return None
        epoch_s(given[key])
    except (ValueError, OverflowError):
        return None
    return key
