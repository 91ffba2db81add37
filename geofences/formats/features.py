"""What the readers of ED-269 and ED-318 share: a feature's words to a zone, its limits to volumes, zones to a set.

A zone that cannot be read is set aside by name, with the field; the rest is in force. What bears on where, when and
what is asked is never guessed at; what only informs (names, contacts, reasons) is left out with a note where it cannot
be read. Words are known however they are spelled: ``Req Authorization`` is ``REQ_AUTHORISATION``, which is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from airspace.model.text import safe_text
from airspace.model.units import METRES_PER_FOOT
from airspace.model.zone import (
    Applicability,
    Circle,
    Datum,
    Oddity,
    Polygon,
    Predicate,
    Restriction,
    Variant,
    Volume,
    Zone,
    ZoneKind,
)
from geofences import netherlands
from geofences.formats import crs, limits, own, rings
from geofences.formats.gathering import Gathering, Named, repeats
from geofences.formats.report import MAX_LONG_TEXT, MAX_TEXT, UNREADABLE, Report
from geofences.formats.words import authorities, preferred, words
from geofences.zone_set import ZoneFileError, ZoneSet

NO_CEILING: Final = 99_999.0  # CH writes this for none
_BOM: Final = b"\xef\xbb\xbf"
_METRE: Final = 1.0
_FEET_OF_LEVEL: Final = 100.0
_UNITS: Final = {
    "M": _METRE, "MT": _METRE, "MTR": _METRE, "METER": _METRE, "METERS": _METRE, "METRE": _METRE, "METRES": _METRE,
    "FT": METRES_PER_FOOT, "FEET": METRES_PER_FOOT, "FOOT": METRES_PER_FOOT,
}  # fmt: skip
_LEVELS: Final = frozenset({"FL", "STD"})
_DATUMS: Final = {
    "AGL": Datum.AGL, "GND": Datum.AGL, "SFC": Datum.AGL,
    "AMSL": Datum.AMSL, "MSL": Datum.AMSL, "ASL": Datum.AMSL,
    "WGS84": Datum.WGS84, "WGS_84": Datum.WGS84, "W84": Datum.WGS84,
}  # fmt: skip
_GROUND: Final = frozenset({"GND", "SFC", "GROUND", "SURFACE"})
_OPEN: Final = frozenset({"UNL", "UNLIMITED", "UNLTD"})
_SPELLED: Final = {"AUTHORIZATION": "AUTHORISATION", "REQUIRED": "REQ", "REQUIRES": "REQ", "REQUIRE": "REQ"}
_PREDICATES: Final = {
    Restriction.PROHIBITED: Predicate.ALL_FORBIDDEN,
    Restriction.REQUIRES_AUTHORISATION: Predicate.AUTHORISATION,
    Restriction.CONDITIONAL: Predicate.UNKNOWN,  # what the condition is, only text says
    Restriction.NO_RESTRICTION: Predicate.NONE,
}
_PUBLISHED_BY: Final = {"NLD": netherlands.interpret}  # states whose free text is mapped
_MAX_REASONS: Final = 20
_LEAST_RADIUS_M: Final = 10.0  # smaller ones, and larger than the other, are told
_MOST_RADIUS_M: Final = 100_000.0
_EXEMPTION_WORDS: Final = frozenset({"YES", "NO", "OPTIONAL"})

Shape = TypeVar("Shape")


class Said(msgspec.Struct, rename="camel", kw_only=True):
    """The fields that both formats have. What only informs may be of any type."""

    identifier: Any = None
    country: Any = None
    name: Any = None
    reason: Any = None
    other_reason_info: Any = None
    message: Any = None
    restriction_conditions: Any = None
    region: Any = None
    regulation_exemption: Any = None
    zone_authority: Any = None
    extended_properties: Any = None


def checked_size(data: bytes, source: str) -> bytes:
    """The bytes without a byte order mark; too many of them are refused."""
    if len(data) > limits.MAX_BYTES:
        raise ZoneFileError(f"{source}: {len(data)} bytes, at most {limits.MAX_BYTES} are read")
    return data.removeprefix(_BOM)


def decoded(data: bytes | msgspec.Raw, kind: type[Shape], failure: str) -> Shape:
    """JSON of this shape, or ``ZoneFileError`` that begins with ``failure``. Numbers may stand in quotes."""
    try:
        return msgspec.json.decode(data, type=kind, strict=False)
    except UNREADABLE as error:
        raise ZoneFileError(f"{failure}: {safe_text(str(error), MAX_TEXT)}") from error


def decoded_zone(raw: msgspec.Raw, index: int, kind: type[Shape], called: Callable[[msgspec.Raw, int], Named]) -> Shape:
    """A feature of this shape; only of one that is not, who it is must be found out."""
    try:
        return msgspec.json.decode(raw, type=kind, strict=False)
    except UNREADABLE as error:
        raise ZoneFileError(f"{called(raw, index).place}: {safe_text(str(error), MAX_TEXT)}") from error


def check_system(member: Any, source: str) -> None:
    """``ZoneFileError`` where a file of a EUROCAE format says that it is not of WGS 84, which both ask for."""
    try:
        reference = crs.of_member(member)
    except crs.UnknownReference as error:
        raise ZoneFileError(f"{source}: {error}") from error
    if reference is not None and reference.turn is not None:
        raise ZoneFileError(f"{source}: crs: {reference.name}: this format is of WGS 84 only")


def named(values: Any, index: int) -> Named:
    """How a zone is called by the members of its feature, which may be otherwise unreadable."""
    place = f"feature {index}"
    said = values if isinstance(values, dict) else {}
    identifier, name = (_called(said.get(key)) for key in ("identifier", "name"))
    zone_id = identifier or name
    if zone_id is None:
        return Named(place=place, zone_id=place, name=place)
    return Named(place=f"{place} (zone {zone_id})", zone_id=zone_id, name=name or zone_id)


def _called(value: Any) -> str | None:
    if isinstance(value, list):  # ED-318 has a text a language
        value = next((each.get("text") for each in value if isinstance(each, dict)), None)
    return safe_text(str(value), MAX_TEXT) if isinstance(value, str | int) else None


def spelled(word: Any) -> str:
    """A word of a list in the spelling of ED-269: ``Requires Authorization`` is ``REQ_AUTHORISATION``."""
    parts = str(word or "").strip().upper().replace("-", "_").replace(" ", "_").split("_")
    return "_".join(_SPELLED.get(part, part) for part in parts)


def any_json(raw: bytes | msgspec.Raw) -> Any:
    """The JSON value, None if it is none."""
    try:
        return msgspec.json.decode(raw)
    except UNREADABLE:
        return None


def report_on(said: Said, place: str) -> Report:
    """The report of a feature's zone: by its identifier, else by its name, else by its place in the file."""
    identifier = _called(said.identifier)
    if identifier is not None:
        return Report(identifier)
    name = _called(said.name)
    report = Report(name or place)
    report.note(f"identifier is missing: {'its name stands for it' if name else 'called by its place in the file'}")
    return report


def zone(
    said: Said,
    report: Report,
    version: str,
    *,
    restriction: Restriction,
    variant: Variant,
    volumes: Sequence[Volume],
    in_force: tuple[Applicability, ...],
    uspace: bool = False,
) -> Zone:
    """The zone that a feature describes, as its state means it and as our own keys have it."""
    if not volumes:
        raise report.refusal("geometry: none given")
    country = (report.text(said.country, "country") or "").upper()
    if not country:
        report.note("country is missing")
    names = words(said.name, "name", report)
    name = preferred(names) or report.zone_id
    messages = words(said.message, "message", report)
    plain = Zone(
        zone_id=report.zone_id,
        name=name,
        country=country,
        kind=ZoneKind.LEGAL,
        restriction=restriction,
        predicate=Predicate.USPACE if uspace else _PREDICATES[restriction],
        group=f"{country}-{report.zone_id}".lower(),
        group_name_nl=f"zone {name}",
        group_name_en=f"zone {name}",
        version=version,
        volumes=tuple(volumes),
        applicability=in_force,
        message=preferred(messages),
        reasons=_reasons(said.reason, report),
        variant=variant,
        names=names,
        messages=messages,
        authorities=authorities(said.zone_authority, report),
        restriction_conditions=report.text(said.restriction_conditions, "restrictionConditions", MAX_LONG_TEXT),
        other_reason=_other_reason(said.other_reason_info, report),
        regulation_exemption=_exemption(said.regulation_exemption, report),
        region=_region(said.region, report),
    )
    keys = own.read(said.extended_properties, report)
    if keys is None or keys.airspace_monitor is None:
        plain = _interpreted(plain, report)
    return own.applied(plain, keys, report)


def _interpreted(plain: Zone, report: Report) -> Zone:
    interpret = _PUBLISHED_BY.get(plain.country)
    if interpret is None:
        return plain
    zone, oddities = interpret(plain)
    report.oddities.extend(oddities)
    return zone


def _reasons(value: Any, report: Report) -> tuple[str, ...]:
    rows = value if isinstance(value, list) else [] if value is None else [value]
    texts = [report.text(each, "reason") for each in rows[:_MAX_REASONS]]
    return tuple(text for text in texts if text)


def _other_reason(value: Any, report: Report) -> str | None:
    """One text of all languages: the model has one."""
    texts = [each.text for each in words(value, "otherReasonInfo", report)]
    return report.text(" / ".join(texts), "otherReasonInfo", MAX_LONG_TEXT) if texts else None


def _exemption(value: Any, report: Report) -> str | None:
    word = (report.text(value, "regulationExemption") or "").upper()
    if word and word not in _EXEMPTION_WORDS:
        report.note(f"regulationExemption {word!r} is unknown: left out")
    return word if word in _EXEMPTION_WORDS else None


def _region(value: Any, report: Report) -> int | None:
    try:
        return None if value is None else msgspec.convert(value, int, strict=False)
    except msgspec.ValidationError:
        report.note("region is no whole number: left out")
        return None


def variant_of(word: str | None, field: str, report: Report) -> Variant:
    """COMMON or CUSTOMIZED; an unknown word is taken as COMMON, which lifts nothing."""
    clean = (word or "").upper()
    if clean in set(Variant):
        return Variant(clean)
    report.note(f"{field} {safe_text(word or '')!r} is neither COMMON nor CUSTOMIZED: taken as COMMON")
    return Variant.COMMON


class Band(msgspec.Struct, kw_only=True):
    """Lower and upper limit as written, with the names that the format has for them."""

    lower: Any
    lower_reference: Any
    upper: Any
    upper_reference: Any
    unit: Any
    names: tuple[str, str, str, str, str]  # lower, its reference, upper, its reference, unit

    def scale(self, report: Report) -> float:
        """Metres in a unit of the limits, as a radius is in them too."""
        word = spelled(self.unit)
        if not word:
            report.note(f"{self.names[4]} is missing: taken as metres")
            return _METRE
        scale = _METRE if word in _LEVELS else _UNITS.get(word)
        if scale is None:
            raise report.refusal(f"{self.names[4]}: unknown unit {safe_text(str(self.unit))!r}")
        return scale

    def around(self, shapes: Iterable[Circle | Polygon], report: Report) -> list[Volume]:
        """The shapes as volumes in this band."""
        lower_m, lower_datum = self._limit(self.lower, self.lower_reference, self.names[:2], report)
        upper_m, upper_datum = self._limit(self.upper, self.upper_reference, self.names[2:4], report)
        if lower_m is not None and upper_m is not None and lower_datum is upper_datum and lower_m > upper_m:
            raise report.refusal(f"{self.names[0]}: {lower_m:g} m is above the upper limit of {upper_m:g} m")
        return [
            Volume(shape=shape, lower_m=lower_m, lower_datum=lower_datum, upper_m=upper_m, upper_datum=upper_datum)
            for shape in shapes
        ]

    def _limit(self, value: Any, reference: Any, names: Sequence[str], report: Report) -> tuple[float | None, Datum]:
        if isinstance(value, str) and value.strip().upper() in _GROUND:
            return 0.0, Datum.AGL
        number = _number(value, names[0], report)
        word = spelled(reference)
        is_upper = names[0] == self.names[2]
        if number is not None and is_upper and number >= NO_CEILING:
            return None, _DATUMS.get(word, Datum.UNKNOWN)
        if number is not None and spelled(self.unit) in _LEVELS:
            metres = number * _FEET_OF_LEVEL * METRES_PER_FOOT
            report.note(f"{names[0]}: FL {number:g} is a pressure height: taken as {metres:.0f} m above mean sea level")
            return metres, Datum.AMSL
        datum = _DATUMS.get(word, Datum.UNKNOWN)
        if datum is Datum.UNKNOWN and number is not None:
            report.note(f"{names[1]} {safe_text(str(reference or ''))!r} is unknown: both readings must agree")
        return None if number is None else number * self.scale(report), datum


def _number(value: Any, field: str, report: Report) -> float | None:
    """A limit as a number of its unit; None where it is open."""
    if isinstance(value, str):
        word = value.strip().upper()
        if word in _OPEN:
            return None
        try:
            value = float(word) if word else None
        except ValueError as error:
            raise report.refusal(f"{field}: {safe_text(value)!r} is no number") from error
    if value is None:
        report.note(f"{field} is missing: taken as open")
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise report.refusal(f"{field}: {safe_text(str(value))!r} is no number")
    return report.finite(float(value), field)


def circle(center: Sequence[float], radius: float, scale: float, report: Report) -> tuple[Circle]:
    """A circle as the one shape of a volume."""
    longitude, latitude = rings.position(center, report.place)
    if not report.finite(radius, "radius") > 0:
        raise report.refusal(f"radius: {radius:g} is not above 0")
    radius_m = radius * scale
    if not _LEAST_RADIUS_M <= radius_m <= _MOST_RADIUS_M:
        report.note(f"a circle with a radius of {radius_m:g} m, as the file has it: is its unit right?")
    return (Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=radius_m),)


def coordinates(given: Any, kind: type[Shape], report: Report) -> Shape:
    """Coordinates of this depth, or the refusal of what is none."""
    if given is None:
        raise report.refusal("geometry: no coordinates")
    try:
        return msgspec.convert(given, kind, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        raise report.refusal(f"coordinates: {error}") from error


def polygons(coordinates: Sequence[Sequence[Sequence[float]]], report: Report) -> tuple[Polygon, ...]:
    """The valid parts of a polygon."""
    parts, odd = rings.polygons(coordinates, report.place)
    for each in odd:
        report.note(each.what)
    return parts


def zone_set(
    data: bytes,
    source: str,
    raws: Sequence[msgspec.Raw],
    read: Callable[[msgspec.Raw, int, str], tuple[Zone, Report]],
    called: Callable[[msgspec.Raw, int], Named],
) -> ZoneSet:
    """The zones of a file's features, within the limits of ``limits``; those that cannot be read are set aside."""
    if len(raws) > limits.MAX_ZONES:
        raise ZoneFileError(f"{source}: {len(raws)} zones, at most {limits.MAX_ZONES} are read")
    gathering = Gathering.of(data, source)
    for index, raw in enumerate(raws):
        named = partial(called, raw, index)
        gathering.take(named, partial(_one, read, raw, index, gathering.version, named))
    gathering.oddities.extend(repeats(gathering.zones, "zones have this identifier"))
    return gathering.zone_set()


def _one(
    read: Callable[[msgspec.Raw, int, str], tuple[Zone, Report]],
    raw: msgspec.Raw,
    index: int,
    version: str,
    called: Callable[[], Named],
) -> tuple[list[Zone], list[Oddity]]:
    for member in _systems_of(raw):
        check_system(member, called().place)
    zone, report = read(raw, index, version)
    return [zone], report.oddities


def _systems_of(raw: msgspec.Raw) -> Iterator[Any]:
    """What a feature, its outlines and an outline beside its limits say of their coordinate system."""
    if b'"crs"' not in bytes(raw):
        return
    holders = [any_json(raw)]
    while holders:
        holder = holders.pop()
        if isinstance(holder, list):
            holders.extend(each for each in holder if isinstance(each, dict))
        elif isinstance(holder, dict):
            yield holder.get("crs")
            holders.extend(holder.get(key) for key in ("geometry", "geometries", "horizontalProjection"))
