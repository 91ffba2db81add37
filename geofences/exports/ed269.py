"""Zones as EUROCAE ED-269 chapter 8 JSON, in the published envelope or in that of the InterUSS checks.

What the format cannot say, so that another reader loses it (each named as an oddity; our own keys in
``extendedProperties`` let our own reader have it back):

- sunrise and sunset, local time, dates of every year, validity of the version: geofences/exports/hours.py;
- U-space as such (written as REQ_AUTHORISATION), temporary areas (PROHIBITED), fences that are no law.

Lost to everybody: texts in further languages, a country code that has not three letters (XXA is written), the datum
WGS84 or an unknown one (that limit is left open, which is wider), fractions of a metre that are no whole feet either
(rounded outward).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from airspace.model.units import METRES_PER_FOOT, rfc3339
from airspace.model.zone import Authority, Circle, Datum, Polygon, Predicate, Restriction, Volume, Words, Zone, ZoneKind
from geofences.exports import document, hours
from geofences.exports.document import Export, fitting, present
from geofences.formats import own
from geofences.formats.report import MAX_LONG_TEXT, Report
from geofences.formats.words import preferred

TITLE: Final = "UAS zones"
_FORMAT_VERSION: Final = "1.0.0"
_MAX_REASONS: Final = 9
_MAX_IDENTIFIER: Final = 7
_MAX_OTHER_REASON: Final = 30
_MAX_USPACE_CLASS: Final = 100
_REASONS: Final = frozenset(
    {
        "AIR_TRAFFIC",
        "SENSITIVE",
        "PRIVACY",
        "POPULATION",
        "NATURE",
        "NOISE",
        "FOREIGN_TERRITORY",
        "EMERGENCY",
        "OTHER",
    }
)
_RESTRICTIONS: Final = {
    Restriction.NO_RESTRICTION: "NO_RESTRICTION",
    Restriction.CONDITIONAL: "CONDITIONAL",
    Restriction.REQUIRES_AUTHORISATION: "REQ_AUTHORISATION",
    Restriction.PROHIBITED: "PROHIBITED",
    Restriction.TEMPORARY: "PROHIBITED",
}
_DATUMS: Final = {Datum.AGL: "AGL", Datum.AMSL: "AMSL"}
_TOLERANCE: Final = 1e-6


class Envelope(StrEnum):
    """How the zones are wrapped."""

    PUBLISHED = "published"  # as states publish: title, description, features
    CIS = "cis"  # as the InterUSS checks of a common information service want it: standard fields only, since
    # their types (uas_standards 4.4) cannot take any extendedProperties


def write(
    zones: Sequence[Zone], time_s: float, *, envelope: Envelope = Envelope.PUBLISHED, title: str = TITLE
) -> Export:
    """The zones; ``time_s`` is the time of writing."""
    reports = [Report(zone.zone_id) for zone in zones]
    features = [_feature(zone, time_s, report) for zone, report in zip(zones, reports, strict=True)]
    created = rfc3339(time_s)
    if envelope is Envelope.CIS:
        for feature in features:
            del feature["extendedProperties"]
        about = Report("document")
        about.note("written without extendedProperties: groups, kinds, predicates and overrides are not carried")
        reports.append(about)
        wrapped: dict[str, Any] = {"formatVersion": _FORMAT_VERSION, "createdAt": created, "UASZoneList": features}
    else:
        wrapped = {"title": title, "description": f"{title}, written {created}", "features": features}
    return Export(document=wrapped, oddities=document.collected(reports))


def _feature(zone: Zone, time_s: float, report: Report) -> dict[str, Any]:
    _note_what_is_lost(zone, report)
    rules, exact = hours.in_utc(zone, time_s, report, sun=False, validity=True)
    codes = document.reasons(zone, _REASONS, report)[:_MAX_REASONS]
    return present(
        identifier=zone.zone_id,
        country=document.country(zone, report),
        name=fitting(document.told_name(zone), "name", report),
        type=zone.variant.value,
        restriction=_RESTRICTIONS[zone.restriction],
        restrictionConditions=fitting(zone.restriction_conditions, "restrictionConditions", report, MAX_LONG_TEXT),
        region=zone.region,
        reason=codes or None,
        otherReasonInfo=fitting(zone.other_reason, "otherReasonInfo", report, _MAX_OTHER_REASON),
        regulationExemption=zone.regulation_exemption if zone.regulation_exemption in {"YES", "NO"} else None,
        uSpaceClass=fitting(zone.uspace_class, "uSpaceClass", report, _MAX_USPACE_CLASS),
        message=fitting(zone.message, "message", report),
        applicability=[{"permanent": "NO"} | hours.row(rule) for rule in rules] or [{"permanent": "YES"}],
        zoneAuthority=[_authority(each, report) for each in zone.authorities] or [{"purpose": "INFORMATION"}],
        geometry=[_geometry(volume, report) for volume in zone.volumes],
        extendedProperties=own.written(zone, identifier=False, exact_hours=not exact),
    )


def _note_what_is_lost(zone: Zone, report: Report) -> None:
    if len(zone.zone_id) > _MAX_IDENTIFIER:
        report.note(f"the identifier has more than the {_MAX_IDENTIFIER} characters of the standard")
    if zone.predicate is Predicate.USPACE:
        report.note("U-space airspace is written as REQ_AUTHORISATION")
    if zone.restriction is Restriction.TEMPORARY:
        report.note("a temporary area is written as PROHIBITED")
    if zone.kind is ZoneKind.ALERT_ONLY:
        report.note("a fence that is no law: other readers take it for one")
    if zone.regulation_exemption not in {None, "YES", "NO"}:
        report.note(f"regulationExemption {zone.regulation_exemption} cannot be said: left out")
    if any(len(texts) > 1 for texts in (zone.names, zone.messages)):
        report.note("texts in more than one language: one is written")
    elif any(each.language for texts in (zone.names, zone.messages) for each in texts):
        report.note("the language of the texts cannot be said")


def _authority(authority: Authority, report: Report) -> dict[str, Any]:
    return present(
        name=_one(authority.name, report),
        service=_one(authority.service, report),
        contactName=_one(authority.contact, report),
        siteURL=authority.site_url,
        email=authority.email,
        phone=authority.phone,
        purpose=authority.purpose,
        intervalBefore=authority.interval_before,
    )


def _one(texts: tuple[Words, ...], report: Report) -> str | None:
    if len(texts) > 1:
        report.note("an authority in more than one language: one is written")
    return fitting(preferred(texts), "zoneAuthority", report)


def _geometry(volume: Volume, report: Report) -> dict[str, Any]:
    lower_m = _sayable(volume.lower_m, volume.lower_datum, "lower", report)
    upper_m = _sayable(volume.upper_m, volume.upper_datum, "upper", report)
    limits = [each for each in (lower_m, upper_m) if each is not None]
    feet = not all(_whole(each) for each in limits) and all(_whole(each / METRES_PER_FOOT) for each in limits)
    scale = METRES_PER_FOOT if feet else 1.0
    if not feet and not all(_whole(each) for each in limits):
        report.note("a limit of neither whole metres nor whole feet: rounded outward")
    return present(
        uomDimensions="FT" if feet else "M",
        lowerLimit=None if lower_m is None else math.floor(lower_m / scale + _TOLERANCE),
        lowerVerticalReference=_DATUMS.get(volume.lower_datum, "AGL"),
        upperLimit=None if upper_m is None else math.ceil(upper_m / scale - _TOLERANCE),
        upperVerticalReference=_DATUMS.get(volume.upper_datum, "AGL"),
        horizontalProjection=_projection(volume.shape, scale),
    )


def _sayable(limit_m: float | None, datum: Datum, which: str, report: Report) -> float | None:
    if limit_m is None or datum in _DATUMS:
        return limit_m
    report.note(f"{which} limit of {limit_m:g} m, datum {datum.value}: cannot be said, left open")
    return None


def _whole(value: float) -> bool:
    return abs(value - round(value)) < _TOLERANCE


def _projection(shape: Circle | Polygon, scale: float) -> dict[str, Any]:
    if isinstance(shape, Circle):
        center = [shape.longitude_deg, shape.latitude_deg]
        return {"type": "Circle", "center": center, "radius": shape.radius_m / scale}
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in shape.rings]}
