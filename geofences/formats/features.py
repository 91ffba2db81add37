"""What the readers of ED-269 and ED-318 share: a feature's words to a zone, its limits to volumes, zones to a set.

A file is taken whole or refused with the zone and the field. What bears on where, when and what is asked is never
guessed at; what only informs (names, contacts, reasons) is left out with a note where it cannot be read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
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
from geofences.formats import limits, own, rings
from geofences.formats.report import MAX_LONG_TEXT, MAX_TEXT, UNREADABLE, Report
from geofences.formats.words import authorities, preferred, words
from geofences.zone_set import ZoneFileError, ZoneSet

NO_CEILING: Final = 99_999.0  # CH writes this for none
_BOM: Final = b"\xef\xbb\xbf"
_UNITS: Final = {"M": 1.0, "FT": METRES_PER_FOOT}
_DATUMS: Final = {"AGL": Datum.AGL, "AMSL": Datum.AMSL, "WGS84": Datum.WGS84}
_PREDICATES: Final = {
    Restriction.PROHIBITED: Predicate.ALL_FORBIDDEN,
    Restriction.REQUIRES_AUTHORISATION: Predicate.AUTHORISATION,
    Restriction.CONDITIONAL: Predicate.UNKNOWN,  # what the condition is, only text says
    Restriction.NO_RESTRICTION: Predicate.NONE,
}
_PUBLISHED_BY: Final = {"NLD": netherlands.interpret}  # states whose free text is mapped
_MAX_REASONS: Final = 20
_EXEMPTION_WORDS: Final = frozenset({"YES", "NO", "OPTIONAL"})

Shape = TypeVar("Shape")


class Said(msgspec.Struct, rename="camel", kw_only=True):
    """The fields that both formats have. What only informs may be of any type."""

    identifier: str | int
    country: str
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


def identifier_in(values: Any) -> str:
    """The identifier of a feature that is otherwise unreadable, for the message."""
    text = safe_text(str(values.get("identifier", ""))) if isinstance(values, dict) else None
    return f" (zone {text})" if text else ""


def any_json(raw: bytes | msgspec.Raw) -> Any:
    """The JSON value, None if it is none."""
    try:
        return msgspec.json.decode(raw)
    except UNREADABLE:
        return None


def report_on(said: Said, place: str) -> Report:
    """The report of a feature's zone; one without an identifier is refused."""
    zone_id = safe_text(str(said.identifier), MAX_TEXT)
    if zone_id is None:
        raise ZoneFileError(f"{place}: identifier: empty")
    return Report(zone_id)


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
    country = safe_text(said.country) or ""
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

    lower: float | None
    lower_reference: str | None
    upper: float | None
    upper_reference: str | None
    unit: str
    names: tuple[str, str, str, str, str]  # lower, its reference, upper, its reference, unit

    def scale(self, report: Report) -> float:
        """Metres in a unit of the limits."""
        scale = _UNITS.get(self.unit.upper())
        if scale is None:
            raise report.refusal(f"{self.names[4]}: unknown unit {safe_text(self.unit)!r}")
        return scale

    def around(self, shapes: Iterable[Circle | Polygon], report: Report) -> list[Volume]:
        """The shapes as volumes in this band."""
        scale = self.scale(report)
        lower_m = _limit_m(self.lower, scale, self.names[0], report)
        no_ceiling = self.upper is not None and self.upper >= NO_CEILING
        upper_m = None if no_ceiling else _limit_m(self.upper, scale, self.names[2], report)
        lower_datum = _datum(self.lower_reference, self.names[1], lower_m, report)
        upper_datum = _datum(self.upper_reference, self.names[3], upper_m, report)
        if lower_m is not None and upper_m is not None and lower_datum is upper_datum and lower_m > upper_m:
            raise report.refusal(f"{self.names[0]}: {lower_m:g} m is above the upper limit of {upper_m:g} m")
        return [
            Volume(shape=shape, lower_m=lower_m, lower_datum=lower_datum, upper_m=upper_m, upper_datum=upper_datum)
            for shape in shapes
        ]


def _limit_m(value: float | None, scale: float, field: str, report: Report) -> float | None:
    if value is None:
        report.note(f"{field} is missing: taken as open")
        return None
    return report.finite(value, field) * scale


def _datum(word: str | None, field: str, limit_m: float | None, report: Report) -> Datum:
    datum = _DATUMS.get((word or "").upper(), Datum.UNKNOWN)
    if datum is Datum.UNKNOWN and limit_m is not None:
        report.note(f"{field} {safe_text(word or '')!r} is unknown: both readings must agree")
    return datum


def circle(center: Sequence[float], radius: float, scale: float, report: Report) -> tuple[Circle]:
    """A circle as the one shape of a volume."""
    longitude, latitude = rings.position(center, report.place)
    if not report.finite(radius, "radius") > 0:
        raise report.refusal(f"radius: {radius:g} is not above 0")
    return (Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=radius * scale),)


def polygons(coordinates: Sequence[Sequence[Sequence[float]]], report: Report) -> tuple[Polygon, ...]:
    """The valid parts of a polygon."""
    parts, odd = rings.polygons(coordinates, report.place)
    for each in odd:
        report.note(each.what)
    return parts


def zone_set(
    data: bytes, source: str, features: Sequence[Shape], read: Callable[[Shape, int, str], tuple[Zone, Report]]
) -> ZoneSet:
    """The zones of a file's features, within the limits of ``limits``."""
    version = hashlib.sha256(data).hexdigest()[:12]
    if len(features) > limits.MAX_ZONES:
        raise ZoneFileError(f"{source}: {len(features)} zones, at most {limits.MAX_ZONES} are read")
    zones: list[Zone] = []
    oddities: list[Oddity] = []
    for index, feature in enumerate(features):
        each, report = read(feature, index, version)
        zones.append(each)
        oddities.extend(report.oddities)
    kept, odd = limits.guarded(zones, source)
    return ZoneSet(source=source, version=version, zones=kept, oddities=(*oddities, *odd, *_repeats(zones)))


def _repeats(zones: list[Zone]) -> list[Oddity]:
    count = Counter((zone.country, zone.zone_id) for zone in zones)
    return [Oddity(place=zone_id, what=f"{n} zones have this identifier") for (_, zone_id), n in count.items() if n > 1]
