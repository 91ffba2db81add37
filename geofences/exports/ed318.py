"""Zones as EUROCAE ED-318 GeoJSON, valid by the official JSON Schemas.

What the format cannot say, so that another reader loses it (each named as an oddity; our own keys in
``extendedProperties`` let our own reader have it back): identifiers of more than seven characters, local time, dates of
every year, validity that differs from zone to zone (geofences/exports/hours.py), temporary areas (written as
PROHIBITED), fences that are no law, ``uSpaceClass``. Lost to everybody: a country code that has not three letters
(XXA is written), what of a language tag does not fit five characters.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, Final

from airspace.model.units import rfc3339
from airspace.model.zone import Authority, Circle, Datum, Polygon, Predicate, Restriction, Volume, Words, Zone, ZoneKind
from geofences.exports import document, hours
from geofences.exports.document import Export, fitting, present
from geofences.formats import own
from geofences.formats.report import MAX_LONG_TEXT, Report
from geofences.formats.words import PURPOSES, UNDETERMINED

NAME: Final = "UAS zones"
_MAX_REASONS: Final = 9
_MAX_IDENTIFIER: Final = 7
_MAX_LANGUAGE: Final = 5
_REASONS: Final = frozenset(
    {"AIR_TRAFFIC", "SENSITIVE", "PRIVACY", "POPULATION", "NATURE", "NOISE", "EMERGENCY", "DAR", "OTHER"}
)
_TYPES: Final = {
    Restriction.NO_RESTRICTION: "NO_RESTRICTION",
    Restriction.CONDITIONAL: "CONDITIONAL",
    Restriction.REQUIRES_AUTHORISATION: "REQ_AUTHORIZATION",
    Restriction.PROHIBITED: "PROHIBITED",
    Restriction.TEMPORARY: "PROHIBITED",
}
_DATUMS: Final = {Datum.AGL: "AGL", Datum.AMSL: "AMSL", Datum.WGS84: "WGS84"}


def write(zones: Sequence[Zone], time_s: float, *, name: str = NAME) -> Export:
    """The zones; ``time_s`` is the time of writing."""
    reports = [Report(zone.zone_id) for zone in zones]
    validities = {(zone.valid_from_s, zone.valid_to_s) for zone in zones}
    shared = len(validities) <= 1  # else each zone says its own
    valid_from_s, valid_to_s = next(iter(validities), (None, None)) if shared else (None, None)
    identifiers = _identifiers(zones)
    features = [
        {
            "type": "Feature",
            "geometry": _geometry(zone, report),
            "properties": _properties(zone, identifier, time_s, report, validity=not shared),
        }
        for zone, identifier, report in zip(zones, identifiers, reports, strict=True)
    ]
    metadata = present(
        validFrom=None if valid_from_s is None else rfc3339(valid_from_s),
        validTo=None if valid_to_s is None else rfc3339(valid_to_s),
        issued=rfc3339(time_s),
    )
    wrapped = {"type": "FeatureCollection", "name": name, "metadata": metadata, "features": features}
    return Export(document=wrapped, oddities=document.collected(reports))


def _identifiers(zones: Sequence[Zone]) -> list[str]:
    """Identifiers within the length of the format, different where the zones' are; a long one becomes a digest."""
    taken = {zone.zone_id for zone in zones if len(zone.zone_id) <= _MAX_IDENTIFIER}
    short: dict[str, str] = {each: each for each in taken}
    for zone in zones:
        salt = 0
        while zone.zone_id not in short:
            digest = hashlib.sha256(f"{zone.zone_id}{salt or ''}".encode()).digest()
            candidate = base64.b32encode(digest).decode()[:_MAX_IDENTIFIER]
            if candidate not in taken:
                taken.add(candidate)
                short[zone.zone_id] = candidate
            salt += 1
    return [short[zone.zone_id] for zone in zones]


def _properties(zone: Zone, identifier: str, time_s: float, report: Report, *, validity: bool) -> dict[str, Any]:
    _note_what_is_lost(zone, identifier, report)
    rules, exact = hours.in_utc(zone, time_s, report, sun=True, validity=validity)
    codes = document.reasons(zone, _REASONS, report)[:_MAX_REASONS]
    names = zone.names or _plain(document.told_name(zone))
    return present(
        identifier=identifier,
        country=document.country(zone, report),
        name=_texts(names, "name", report),
        type="USPACE" if zone.predicate is Predicate.USPACE else _TYPES[zone.restriction],
        variant=zone.variant.value,
        restrictionConditions=fitting(zone.restriction_conditions, "restrictionConditions", report, MAX_LONG_TEXT),
        region=zone.region,
        reason=codes or None,
        otherReasonInfo=_texts(_plain(zone.other_reason), "otherReasonInfo", report),
        regulationExemption=zone.regulation_exemption if zone.regulation_exemption in {"YES", "NO"} else None,
        message=_texts(zone.messages or _plain(zone.message), "message", report),
        limitedApplicability=[hours.row(rule) for rule in rules] or None,
        zoneAuthority=[_authority(each, report) for each in zone.authorities] or [{"purpose": "INFORMATION"}],
        extendedProperties=own.written(zone, identifier=identifier != zone.zone_id, exact_hours=not exact),
    )


def _note_what_is_lost(zone: Zone, identifier: str, report: Report) -> None:
    if identifier != zone.zone_id:
        report.note(f"the identifier has more than {_MAX_IDENTIFIER} characters: written as {identifier}")
    if zone.restriction is Restriction.TEMPORARY:
        report.note("a temporary area is written as PROHIBITED")
    if zone.kind is ZoneKind.ALERT_ONLY:
        report.note("a fence that is no law: other readers take it for one")
    if zone.uspace_class is not None:
        report.note("uSpaceClass cannot be said")
    if zone.regulation_exemption not in {None, "YES", "NO"}:
        report.note(f"regulationExemption {zone.regulation_exemption} cannot be said: left out")


def _plain(text: str | None) -> tuple[Words, ...]:
    return (Words(text=text),) if text else ()


def _texts(texts: Sequence[Words], name: str, report: Report) -> list[dict[str, str]] | None:
    rows = [
        {"text": fitting(each.text, name, report) or "", "lang": _language(each.language, report)} for each in texts
    ]
    return rows or None


def _language(tag: str, report: Report) -> str:
    if len(tag) <= _MAX_LANGUAGE:
        return tag or UNDETERMINED
    report.note(f"language {tag} has more than {_MAX_LANGUAGE} characters: its first part is written")
    return tag.split("-", maxsplit=1)[0][:_MAX_LANGUAGE]


def _authority(authority: Authority, report: Report) -> dict[str, Any]:
    if authority.purpose not in PURPOSES:
        report.note("an authority without a purpose: written as INFORMATION")
    return present(
        name=_texts(authority.name, "zoneAuthority name", report),
        service=_texts(authority.service, "zoneAuthority service", report),
        contactName=_texts(authority.contact, "zoneAuthority contactName", report),
        siteURL=authority.site_url,
        email=authority.email,
        phone=authority.phone,
        purpose=authority.purpose if authority.purpose in PURPOSES else "INFORMATION",
        intervalBefore=authority.interval_before,
    )


def _geometry(zone: Zone, report: Report) -> dict[str, Any]:
    geometries = [_layered(volume, report) for volume in zone.volumes]
    return geometries[0] if len(geometries) == 1 else {"type": "GeometryCollection", "geometries": geometries}


def _layered(volume: Volume, report: Report) -> dict[str, Any]:
    if Datum.UNKNOWN in {volume.lower_datum, volume.upper_datum}:
        report.note("a limit of unknown datum is written without a reference")
    layer = present(
        upper=volume.upper_m,
        upperReference=_DATUMS.get(volume.upper_datum),
        lower=volume.lower_m,
        lowerReference=_DATUMS.get(volume.lower_datum),
        uom="m",
    )
    return _shape(volume.shape) | {"layer": layer}


def _shape(shape: Circle | Polygon) -> dict[str, Any]:
    if isinstance(shape, Circle):
        return {
            "type": "Point",
            "coordinates": [shape.longitude_deg, shape.latitude_deg],
            "extent": {"subType": "Circle", "radius": shape.radius_m},
        }
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in shape.rings]}
