"""EUROCAE ED-269 chapter 8 JSON, the form most states publish.

Facts from the schema of InterUSS uas_standards and from real files (NL, LU, CH, FI). Both envelopes are read: the
published one (``features``) and that of the InterUSS checks (``UASZoneList``). Coordinates are longitude, latitude. A
radius is in the units of ``uomDimensions``. Where files deviate, the deviation is mended and named as an oddity; where
that would be guessing, the whole file is refused and the last good set stays in force.

Our own keys in ``extendedProperties`` (airspaceGroup, groupNameNl, groupNameEn, kind, role, predicate, legalBasis) say
directly what else only text says: the demo's and users' own fences are drawn with them.

Left out: restrictionConditions, uSpaceClass, regulationExemption and zoneAuthority, on which no rule rests yet.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import Any, Final

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
    Volume,
    Zone,
    ZoneKind,
    ZoneRole,
)
from geofences import dutch
from geofences.formats import hours, rings
from geofences.zone_set import ZoneFileError, ZoneSet

MAX_BYTES: Final = 64 << 20  # the largest known file, Switzerland's, has 17.7 MB
MAX_TEXT: Final = 200  # ED-269: name and message have at most 200 characters
NO_CEILING: Final = 99_999.0  # CH writes this for none
_BOM: Final = b"\xef\xbb\xbf"
_UNITS: Final = {"M": 1.0, "FT": METRES_PER_FOOT}
_DATUMS: Final = {"AGL": Datum.AGL, "AMSL": Datum.AMSL, "WGS84": Datum.WGS84}
_RESTRICTIONS: Final = {
    "PROHIBITED": Restriction.PROHIBITED,
    "REQ_AUTHORISATION": Restriction.REQUIRES_AUTHORISATION,
    "REQ_AUTHORIZATION": Restriction.REQUIRES_AUTHORISATION,
    "CONDITIONAL": Restriction.CONDITIONAL,
    "NO_RESTRICTION": Restriction.NO_RESTRICTION,
}
_PREDICATES: Final = {
    Restriction.PROHIBITED: Predicate.ALL_FORBIDDEN,
    Restriction.REQUIRES_AUTHORISATION: Predicate.AUTHORISATION,
    Restriction.CONDITIONAL: Predicate.UNKNOWN,  # what the condition is, only text says
    Restriction.NO_RESTRICTION: Predicate.NONE,
}
_PUBLISHED_BY: Final = {"NLD": dutch.interpret}  # states whose free text is mapped


class _Envelope(msgspec.Struct):
    features: list[msgspec.Raw] | None = None
    zone_list: list[msgspec.Raw] | None = msgspec.field(default=None, name="UASZoneList")


class _Hours(msgspec.Struct, rename="camel"):
    day: list[str] | None = None
    start_time: str | None = None
    end_time: str | None = None


class _Applicability(msgspec.Struct, rename="camel"):
    permanent: str | bool | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None
    schedule: list[_Hours] | None = None
    daily_period: list[_Hours] | None = None  # an old draft's name of the schedule


class _Projection(msgspec.Struct, rename="camel"):
    type: str
    center: list[float] | None = None
    radius: float | None = None
    coordinates: list[list[list[float]]] | None = None


class _Geometry(msgspec.Struct, rename="camel"):
    horizontal_projection: _Projection
    uom_dimensions: str = "M"
    lower_limit: float | None = None
    lower_vertical_reference: str | None = None
    upper_limit: float | None = None
    upper_vertical_reference: str | None = None


class _Feature(msgspec.Struct, rename="camel"):
    identifier: str | int
    country: str
    restriction: str
    geometry: list[_Geometry]
    name: str | None = None
    reason: list[str] | None = None
    message: str | None = None
    applicability: list[_Applicability] | None = None
    extended_properties: Any = None


class _Extended(msgspec.Struct, rename="camel"):
    airspace_group: str | None = None
    group_name_nl: str | None = None
    group_name_en: str | None = None
    kind: ZoneKind | None = None
    role: ZoneRole | None = None
    predicate: Predicate | None = None
    legal_basis: str | None = None


def read(data: bytes, source: str) -> ZoneSet:
    """The zones of one file. ZoneFileError, with the place, when it cannot be used as a whole."""
    if len(data) > MAX_BYTES:
        raise ZoneFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    version = hashlib.sha256(data).hexdigest()[:12]
    zones: list[Zone] = []
    oddities: list[Oddity] = []
    for index, raw in enumerate(_features(data, source)):
        zone, odd = _zone(raw, index, version)
        zones.append(zone)
        oddities.extend(odd)
    oddities.extend(_repeats(zones))
    return ZoneSet(source=source, version=version, zones=tuple(zones), oddities=tuple(oddities))


def _features(data: bytes, source: str) -> list[msgspec.Raw]:
    try:
        envelope = msgspec.json.decode(data.removeprefix(_BOM), type=_Envelope)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ZoneFileError(f"{source}: not an ED-269 document: {error}") from error
    features = envelope.features if envelope.features is not None else envelope.zone_list
    if features is None:
        raise ZoneFileError(f"{source}: not an ED-269 document: neither features nor UASZoneList")
    return features


def _repeats(zones: list[Zone]) -> list[Oddity]:
    count = Counter((zone.country, zone.zone_id) for zone in zones)
    return [Oddity(place=zone_id, what=f"{n} zones have this identifier") for (_, zone_id), n in count.items() if n > 1]


def _zone(raw: msgspec.Raw, index: int, version: str) -> tuple[Zone, list[Oddity]]:
    try:
        feature = msgspec.json.decode(raw, type=_Feature, strict=False)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ZoneFileError(f"feature {index}{_identifier(raw)}: {error}") from error
    zone_id = safe_text(str(feature.identifier), MAX_TEXT)
    if zone_id is None:
        raise ZoneFileError(f"feature {index}: identifier: empty")
    oddities: list[Oddity] = []
    zone = _plain_zone(feature, zone_id, version, oddities)
    interpret = _PUBLISHED_BY.get(zone.country)
    if interpret is not None:
        zone, odd = interpret(zone)
        oddities.extend(odd)
    return _extended(zone, feature.extended_properties), oddities


def _identifier(raw: msgspec.Raw) -> str:
    """The identifier of a feature that is otherwise unreadable, for the message."""
    try:
        values = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return ""
    text = safe_text(str(values.get("identifier", ""))) if isinstance(values, dict) else None
    return f" (zone {text})" if text else ""


def _plain_zone(feature: _Feature, zone_id: str, version: str, oddities: list[Oddity]) -> Zone:
    place = f"zone {zone_id}"
    restriction = _RESTRICTIONS.get(feature.restriction)
    if restriction is None:
        raise ZoneFileError(f"{place}: restriction: unknown value {safe_text(feature.restriction)!r}")
    if not feature.geometry:
        raise ZoneFileError(f"{place}: geometry: none given")
    country = safe_text(feature.country) or ""
    name = safe_text(feature.name or "", MAX_TEXT) or zone_id
    volumes = [volume for shape in feature.geometry for volume in _volumes(shape, zone_id, oddities)]
    message = safe_text(feature.message or "", MAX_TEXT)
    return Zone(
        zone_id=zone_id,
        name=name,
        country=country,
        kind=ZoneKind.LEGAL,
        restriction=restriction,
        predicate=_PREDICATES[restriction],
        group=f"{country}-{zone_id}".lower(),
        group_name_nl=f"zone {name}",
        group_name_en=f"zone {name}",
        version=version,
        volumes=tuple(volumes),
        applicability=_applicability(feature.applicability or [], zone_id, oddities),
        message=message,
        reasons=tuple(text for reason in feature.reason or [] if (text := safe_text(reason))),
    )


def _volumes(geometry: _Geometry, zone_id: str, oddities: list[Oddity]) -> list[Volume]:
    place = f"zone {zone_id}"
    scale = _UNITS.get(geometry.uom_dimensions.upper())
    if scale is None:
        raise ZoneFileError(f"{place}: uomDimensions: unknown unit {safe_text(geometry.uom_dimensions)!r}")
    lower_m = _limit(geometry.lower_limit, scale, "lowerLimit", zone_id, oddities)
    upper_m = _limit(geometry.upper_limit, scale, "upperLimit", zone_id, oddities)
    lower_datum = _datum(geometry.lower_vertical_reference, "lowerVerticalReference", lower_m, zone_id, oddities)
    upper_datum = _datum(geometry.upper_vertical_reference, "upperVerticalReference", upper_m, zone_id, oddities)
    if lower_m is not None and upper_m is not None and lower_datum is upper_datum and lower_m > upper_m:
        raise ZoneFileError(f"{place}: lowerLimit: {lower_m:g} m is above the upper limit of {upper_m:g} m")
    shapes = _shapes(geometry.horizontal_projection, scale, zone_id, oddities)
    return [
        Volume(shape=shape, lower_m=lower_m, lower_datum=lower_datum, upper_m=upper_m, upper_datum=upper_datum)
        for shape in shapes
    ]


def _limit(value: float | None, scale: float, field: str, zone_id: str, oddities: list[Oddity]) -> float | None:
    if value is None:
        oddities.append(Oddity(place=zone_id, what=f"{field} is missing: taken as open"))
        return None
    return None if value >= NO_CEILING and field == "upperLimit" else value * scale


def _datum(word: str | None, field: str, limit_m: float | None, zone_id: str, oddities: list[Oddity]) -> Datum:
    datum = _DATUMS.get((word or "").upper(), Datum.UNKNOWN)
    if datum is Datum.UNKNOWN and limit_m is not None:
        oddities.append(
            Oddity(place=zone_id, what=f"{field} {safe_text(word or '')!r} is unknown: both readings must agree")
        )
    return datum


def _shapes(
    projection: _Projection, scale: float, zone_id: str, oddities: list[Oddity]
) -> tuple[Circle, ...] | tuple[Polygon, ...]:
    place = f"zone {zone_id}"
    if projection.type == "Circle":
        if projection.center is None or projection.radius is None:
            raise ZoneFileError(f"{place}: horizontalProjection: a circle needs center and radius")
        longitude, latitude = rings.position(projection.center, place)
        if not projection.radius > 0:
            raise ZoneFileError(f"{place}: radius: {projection.radius:g} is not above 0")
        return (Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=projection.radius * scale),)
    if projection.type == "Polygon":
        parts, odd = rings.polygons(projection.coordinates or [], place)
        oddities.extend(Oddity(place=zone_id, what=each.what) for each in odd)
        return parts
    raise ZoneFileError(f"{place}: horizontalProjection: unknown type {safe_text(projection.type)!r}")


def _applicability(rows: list[_Applicability], zone_id: str, oddities: list[Oddity]) -> tuple[Applicability, ...]:
    if any(_is_permanent(row) and not _is_limited(row) for row in rows):
        return ()  # always, whatever the other rows add
    read_rows = []
    for row in rows:
        if _is_permanent(row):
            oddities.append(
                Oddity(place=zone_id, what="permanent beside a schedule or dates: the schedule and dates win")
            )
        try:
            read_rows.append(_in_force(row))
        except ValueError as error:
            raise ZoneFileError(f"zone {zone_id}: applicability: {error}") from error
    return tuple(read_rows)


def _is_permanent(row: _Applicability) -> bool:
    return str(row.permanent).upper() in {"YES", "TRUE"}


def _is_limited(row: _Applicability) -> bool:
    return bool(row.start_date_time or row.end_date_time or _rows_of_hours(row))


def _rows_of_hours(row: _Applicability) -> list[_Hours]:
    rows = row.schedule or row.daily_period or []
    return [each for each in rows if each.day or each.start_time or each.end_time]


def _in_force(row: _Applicability) -> Applicability:
    return Applicability(
        start_s=hours.moment_s(row.start_date_time) if row.start_date_time else None,
        end_s=hours.moment_s(row.end_date_time) if row.end_date_time else None,
        periods=tuple(hours.period(each.day or [], each.start_time, each.end_time) for each in _rows_of_hours(row)),
    )


def _extended(zone: Zone, properties: Any) -> Zone:
    if not isinstance(properties, dict):
        return zone
    try:
        own = msgspec.convert(properties, _Extended)
    except msgspec.ValidationError as error:
        raise ZoneFileError(f"zone {zone.zone_id}: extendedProperties: {error}") from error
    return replace(
        zone,
        group=safe_text(own.airspace_group or "") or zone.group,
        group_name_nl=safe_text(own.group_name_nl or "", MAX_TEXT) or zone.group_name_nl,
        group_name_en=safe_text(own.group_name_en or "", MAX_TEXT) or zone.group_name_en,
        kind=own.kind or zone.kind,
        role=own.role or zone.role,
        predicate=own.predicate or zone.predicate,
        legal_basis=safe_text(own.legal_basis or "", MAX_TEXT) or zone.legal_basis,
    )
