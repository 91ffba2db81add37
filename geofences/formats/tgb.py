"""Temporary restricted areas (Dutch TGB: tijdelijk gebied met beperkingen) as structured input.

They are published as text only, in the Staatscourant and by NOTAM; somebody writes them down here, once for all:
``{"temporaryAreas": [...]}``, each with the fields of ``_Area``. All flights are forbidden inside, but those it names
(``exempts``: ids of notices, callsigns, kinds of flight); a notice that does not name it is void there.

NOTAMs: one that replaces another (NOTAMR) or cancels it (NOTAMC) ends it at the moment it was ``issued``, or where that
is not said, at its own ``from``; before that moment the old one was in force, and late messages are judged by it. One
that cancels has no shape and makes no zone. Several areas may share one NOTAM and end together.

An area that cannot be read is set aside by name, with the field; the rest is in force.

Left out: the NOTAM's own text (items Q to G), whose coordinates are rounded to the minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

import msgspec

from airspace.model.text import safe_text
from airspace.model.units import METRES_PER_FOOT, rfc3339
from airspace.model.zone import (
    Applicability,
    Circle,
    Datum,
    Oddity,
    Polygon,
    Predicate,
    Restriction,
    Volume,
    Words,
    Zone,
    ZoneKind,
)
from geofences.formats import rings, windows
from geofences.formats.gathering import Gathering, Named
from geofences.formats.naming import slug
from geofences.zone_set import ZoneFileError, ZoneSet

MAX_BYTES: Final = 16 << 20
MAX_AREAS: Final = 5_000
MAX_TEXT: Final = 200
MAX_RADIUS_M: Final = 200_000.0  # the widest ring of the NATO summit of 2025 had 92 km
METRES_PER_NM: Final = 1852.0
_BOM: Final = b"\xef\xbb\xbf"
_NOTAM: Final = re.compile(r"[A-Z]\d{4}/\d{2}")
_UNITS: Final = {"m": 1.0, "ft": METRES_PER_FOOT, "fl": 100 * METRES_PER_FOOT}
_PRESSURE: Final = "fl"

_T = TypeVar("_T")


class _Limit(msgspec.Struct, forbid_unknown_fields=True):
    value: float
    unit: str = "m"  # m, ft, or fl for a flight level
    datum: Datum = Datum.AMSL


class _Circle(msgspec.Struct, forbid_unknown_fields=True):
    latitude_deg: float
    longitude_deg: float
    radius_m: float | None = None
    radius_nm: float | None = None


class _Area(msgspec.Struct, forbid_unknown_fields=True):
    id: str | int | None = None  # needed but for one that only cancels
    notam: str | None = None  # "A1234/26"
    notam_type: str | None = None  # NOTAMN, NOTAMR or NOTAMC: checked against what follows
    replaces: list[str] = []  # other NOTAMs
    cancels: list[str] = []
    issued: str | None = None  # RFC 3339
    name_nl: str | None = None
    name_en: str | None = None
    legal_basis: str | None = None  # number in the Staatscourant; this or notam is needed
    from_: str | None = msgspec.field(default=None, name="from")  # RFC 3339
    to: str | None = None
    schedule: windows.Row | list[windows.Row] = []
    lower: _Limit | None = None  # absent: from the ground
    upper: _Limit | None = None  # absent: without a ceiling
    circle: _Circle | None = None
    polygon: list[list[list[float]]] | None = None  # rings of longitude, latitude, as in GeoJSON
    exempts: list[str] = []
    message: str | None = None
    note: str | None = None  # for whoever maintains the file; not used


class _Document(msgspec.Struct):
    areas: list[msgspec.Raw] = msgspec.field(name="temporaryAreas")


class _Ending(msgspec.Struct):
    """That one NOTAM ends another."""

    ended: str
    by: str
    moment_s: float
    verb: str


def read(data: bytes, source: str) -> ZoneSet:
    """The temporary areas of one file. ZoneFileError, with area and field, when nothing of it can be used."""
    if len(data) > MAX_BYTES:
        raise ZoneFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    gathering = Gathering.of(data, source)
    areas: list[tuple[Named, _Area]] = []
    endings: list[_Ending] = []
    for number, raw in enumerate(_raws(data.removeprefix(_BOM), source), 1):
        named = _named(raw, number)
        gathering.take(partial(_same, named), partial(_heard, raw, named, areas, endings))
    seen: set[str] = set()
    for named, area in areas:
        if not area.cancels:
            gathering.take(partial(_same, named), partial(_in_force, named, area, gathering.version, endings, seen))
    known = {area.notam for _, area in areas}
    gathering.oddities.extend(
        Oddity(place=each.by, what=f"{each.verb} {each.ended}, which is not in this file")
        for each in endings
        if each.ended not in known
    )
    return gathering.zone_set()


def _same(named: Named) -> Named:
    return named


def _heard(
    raw: msgspec.Raw, named: Named, areas: list[tuple[Named, _Area]], endings: list[_Ending]
) -> tuple[list[Zone], list[Oddity]]:
    """Take in an area's own words, and what it ends; the zones follow when all of them are known."""
    area = _told(partial(msgspec.json.decode, raw, type=_Area), named.place)
    endings.extend(_told(partial(_endings, area), named.place))
    areas.append((named, area))
    return [], []


def _in_force(
    named: Named, area: _Area, version: str, endings: list[_Ending], seen: set[str]
) -> tuple[list[Zone], list[Oddity]]:
    oddities: list[Oddity] = []
    zone = _told(partial(_zone, area, version, oddities), named.place)
    if zone.zone_id in seen:
        raise ZoneFileError(f"{named.place}: id: stands twice")
    seen.add(zone.zone_id)
    return _ended(zone, [each for each in endings if each.ended == area.notam], oddities), oddities


def _named(raw: msgspec.Raw, number: int) -> Named:
    try:
        values = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        values = None
    said = values if isinstance(values, dict) else {}
    texts = [safe_text(str(said[key])) for key in ("id", "notam", "name_nl", "name_en") if said.get(key) is not None]
    called = next((text for text in texts if text), None)
    place = f"area {number} ({called})" if called else f"area {number}"
    return Named(place=place, zone_id=called or place, name=next((t for t in reversed(texts) if t), place))


def _told(convert: Callable[[], _T], place: str) -> _T:
    """What a conversion gives; its error with the place."""
    try:
        return convert()
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors, and so is bad UTF-8
        raise ZoneFileError(f"{place}: {error}") from error


def _raws(data: bytes, source: str) -> list[msgspec.Raw]:
    document = _told(lambda: msgspec.json.decode(data, type=_Document), f"{source}: no list of temporary areas")
    if len(document.areas) > MAX_AREAS:
        raise ZoneFileError(f"{source}: {len(document.areas)} areas, at most {MAX_AREAS} are read")
    return document.areas


def _endings(area: _Area) -> list[_Ending]:
    """What other NOTAMs this one ends, once its own words agree with one another."""
    for field, numbers in (("notam", [area.notam] if area.notam else []), ("replaces", area.replaces),
                           ("cancels", area.cancels)):  # fmt: skip
        for number in numbers:
            if not _NOTAM.fullmatch(number):
                raise ValueError(f"{field}: {safe_text(number)!r} is no NOTAM number such as A1234/26")
    _check_type(area)
    ended = [*area.replaces, *area.cancels]
    if not ended:
        return []
    if area.notam is None or area.notam in ended:
        raise ValueError("notam: one that ends another needs a number of its own")
    issued_s, _ = windows.span(area.issued, None)
    start_s, _ = windows.span(area.from_, None)
    moment_s = start_s if issued_s is None else issued_s
    if moment_s is None:
        raise ValueError("issued: one that ends another must say when (issued or from)")
    verb = "cancels" if area.cancels else "replaces"
    return [_Ending(ended=each, by=area.notam, moment_s=moment_s, verb=verb) for each in ended]


def _check_type(area: _Area) -> None:
    if area.cancels and (area.replaces or area.circle or area.polygon):
        raise ValueError("cancels: one that cancels neither replaces nor has a shape")
    meant = "NOTAMC" if area.cancels else "NOTAMR" if area.replaces else "NOTAMN"
    if area.notam_type not in {None, meant}:
        raise ValueError(f"notam_type: {safe_text(area.notam_type or '')!r} beside what makes it a {meant}")


def _zone(area: _Area, version: str, oddities: list[Oddity]) -> Zone:
    zone_id = None if area.id is None else safe_text(str(area.id))
    if zone_id is None:
        raise ValueError("id: none given")
    basis = [*filter(None, [_text(area.legal_basis), f"NOTAM {area.notam}" if area.notam else None])]
    if not basis:
        raise ValueError("legal_basis: neither it nor a NOTAM is named")
    name_nl = _text(area.name_nl) or _text(area.name_en) or zone_id
    name_en = _text(area.name_en) or name_nl
    rows = area.schedule if isinstance(area.schedule, list) else [area.schedule]
    applicability = windows.applicability(
        area.from_, area.to, rows, lambda what: oddities.append(Oddity(place=zone_id, what=what))
    )
    if not all(each.end_s is not None for each in applicability) or not applicability:
        oddities.append(Oddity(place=zone_id, what="to is missing: a temporary area without an end"))
    return Zone(
        zone_id=zone_id,
        name=name_nl,
        country="NLD",
        kind=ZoneKind.LEGAL,
        restriction=Restriction.TEMPORARY,
        predicate=Predicate.TEMPORARY,
        group=f"tgb-{slug(zone_id) or version}",
        group_name_nl=f"het tijdelijk beperkte gebied {name_nl}",
        group_name_en=f"the temporary restricted area {name_en}",
        version=version,
        volumes=_volumes(area, zone_id, oddities),
        applicability=applicability,
        message=_text(area.message),
        legal_basis="; ".join(basis),
        exempts=tuple(text for each in area.exempts if (text := _text(each))),
        names=(Words(text=name_nl, language="nl-NL"), Words(text=name_en, language="en-GB")),
    )


def _text(value: str | None) -> str | None:
    return safe_text(value or "", MAX_TEXT)


def _volumes(area: _Area, zone_id: str, oddities: list[Oddity]) -> tuple[Volume, ...]:
    lower_m, lower_datum = _limit(area.lower, "lower", zone_id, oddities)
    upper_m, upper_datum = _limit(area.upper, "upper", zone_id, oddities)
    if lower_m is None:
        lower_m, lower_datum = 0.0, Datum.AGL
    if upper_m is not None and (upper_m <= 0 or (lower_datum is upper_datum and lower_m >= upper_m)):
        raise ValueError(f"upper: {upper_m:g} m is not above lower, {lower_m:g} m")
    return tuple(
        Volume(shape=shape, lower_m=lower_m, lower_datum=lower_datum, upper_m=upper_m, upper_datum=upper_datum)
        for shape in _shapes(area, zone_id, oddities)
    )


def _limit(given: _Limit | None, field: str, zone_id: str, oddities: list[Oddity]) -> tuple[float | None, Datum]:
    if given is None:
        if field == "upper":
            oddities.append(Oddity(place=zone_id, what="upper is missing: taken as without a ceiling"))
        return None, Datum.AGL
    unit = given.unit.lower()
    scale = _UNITS.get(unit)
    if scale is None:
        raise ValueError(f"{field}: unit: {safe_text(given.unit)!r} is none of m, ft, fl")
    metres = given.value * scale
    if unit != _PRESSURE:
        return metres, given.datum
    what = f"{field}: FL {given.value:g} is a pressure height: taken as {metres:.0f} m above mean sea level"
    oddities.append(Oddity(place=zone_id, what=what))
    return metres, Datum.AMSL


def _shapes(area: _Area, zone_id: str, oddities: list[Oddity]) -> tuple[Circle | Polygon, ...]:
    if (area.circle is None) == (area.polygon is None):
        raise ValueError("circle: exactly one of circle and polygon is needed")
    if area.polygon is not None:
        parts, odd = rings.polygons(area.polygon, "polygon")
        oddities.extend(Oddity(place=zone_id, what=each.what) for each in odd)
        return parts
    return (_circle(area.circle),) if area.circle else ()


def _circle(given: _Circle) -> Circle:
    if (given.radius_m is None) == (given.radius_nm is None):
        raise ValueError("circle: exactly one of radius_m and radius_nm is needed")
    radius_m = given.radius_m if given.radius_m is not None else (given.radius_nm or 0.0) * METRES_PER_NM
    if not 0 < radius_m <= MAX_RADIUS_M:
        raise ValueError(f"circle: a radius of {radius_m:g} m is not between 0 and {MAX_RADIUS_M:g}")
    longitude, latitude = rings.position((given.longitude_deg, given.latitude_deg), "circle")
    return Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=radius_m)


def _ended(zone: Zone, endings: Sequence[_Ending], oddities: list[Oddity]) -> list[Zone]:
    """The zone, in force until the first of the NOTAMs that end it; none where that leaves nothing."""
    if not endings:
        return [zone]
    first = min(endings, key=lambda each: each.moment_s)
    what = f"{first.by} {first.verb} it from {rfc3339(first.moment_s)}"
    left = tuple(_until(each, first.moment_s) for each in zone.applicability or (Applicability(),))
    left = tuple(each for each in left if each.start_s is None or each.start_s < first.moment_s)
    if not left:
        oddities.append(Oddity(place=zone.zone_id, what=f"{what}, before it began: left out"))
        return []
    return [replace(zone, applicability=left, overrides=(*zone.overrides, what))]


def _until(each: Applicability, moment_s: float) -> Applicability:
    return replace(each, end_s=moment_s if each.end_s is None else min(each.end_s, moment_s))
