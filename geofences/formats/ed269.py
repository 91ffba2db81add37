"""EUROCAE ED-269 chapter 8 JSON, the form most states publish.

Facts from the schema of InterUSS uas_standards and from real files (NL, LU, CH, FI). Both envelopes are read: the
published one (``features``) and that of the InterUSS checks (``UASZoneList``). Coordinates are longitude, latitude. A
radius is in the units of ``uomDimensions``. Where files deviate, the deviation is mended and named as an oddity; where
that would be guessing, the whole file is refused and the last good set stays in force.

Left out: foreign ``extendedProperties`` (our own keys in them: geofences/formats/own.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import msgspec

from airspace.model.text import safe_text
from airspace.model.zone import Circle, Polygon, Restriction, Volume, Zone
from geofences.formats import features, hours
from geofences.formats.limits import MAX_VOLUMES
from geofences.formats.report import Report
from geofences.zone_set import ZoneFileError, ZoneSet

_RESTRICTIONS: Final = {
    "PROHIBITED": Restriction.PROHIBITED,
    "REQ_AUTHORISATION": Restriction.REQUIRES_AUTHORISATION,
    "REQ_AUTHORIZATION": Restriction.REQUIRES_AUTHORISATION,
    "CONDITIONAL": Restriction.CONDITIONAL,
    "NO_RESTRICTION": Restriction.NO_RESTRICTION,
}
_LIMIT_NAMES: Final = (
    "lowerLimit",
    "lowerVerticalReference",
    "upperLimit",
    "upperVerticalReference",
    "uomDimensions",
)


class _Envelope(msgspec.Struct):
    features: list[msgspec.Raw] | None = None
    zone_list: list[msgspec.Raw] | None = msgspec.field(default=None, name="UASZoneList")


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


class _Feature(features.Said, rename="camel", kw_only=True):
    restriction: str
    geometry: list[_Geometry]
    type: str | None = None
    applicability: list[hours.Window] | None = None
    u_space_class: Any = None


def read(data: bytes, source: str) -> ZoneSet:
    """The zones of one file. ZoneFileError, with the place, when it cannot be used as a whole."""
    failure = f"{source}: not an ED-269 document"
    envelope = features.decoded(features.checked_size(data, source), _Envelope, failure)
    raws = envelope.features if envelope.features is not None else envelope.zone_list
    if raws is None:
        raise ZoneFileError(f"{failure}: neither features nor UASZoneList")
    return features.zone_set(data, source, raws, _zone)


def _zone(raw: msgspec.Raw, index: int, version: str) -> tuple[Zone, Report]:
    place = f"feature {index}"
    try:
        feature = features.decoded(raw, _Feature, place)
    except ZoneFileError as error:
        told = features.identifier_in(features.any_json(raw))
        raise ZoneFileError(str(error).replace(place, place + told, 1)) from error
    report = features.report_on(feature, place)
    restriction = _RESTRICTIONS.get(feature.restriction)
    if restriction is None:
        raise report.refusal(f"restriction: unknown value {safe_text(feature.restriction)!r}")
    if len(feature.geometry) > MAX_VOLUMES:
        raise report.refusal(f"geometry: {len(feature.geometry)} volumes, at most {MAX_VOLUMES} are read")
    zone = features.zone(
        feature,
        report,
        version,
        restriction=restriction,
        variant=features.variant_of(feature.type or "COMMON", "type", report),
        volumes=[volume for each in feature.geometry for volume in _volumes(each, report)],
        in_force=hours.applicability(feature.applicability or [], report),
    )
    return replace(zone, uspace_class=report.text(feature.u_space_class, "uSpaceClass")), report


def _volumes(geometry: _Geometry, report: Report) -> list[Volume]:
    band = features.Band(
        lower=geometry.lower_limit,
        lower_reference=geometry.lower_vertical_reference,
        upper=geometry.upper_limit,
        upper_reference=geometry.upper_vertical_reference,
        unit=geometry.uom_dimensions,
        names=_LIMIT_NAMES,
    )
    return band.around(_shapes(geometry.horizontal_projection, band.scale(report), report), report)


def _shapes(projection: _Projection, scale: float, report: Report) -> tuple[Circle] | tuple[Polygon, ...]:
    if projection.type == "Circle":
        if projection.center is None or projection.radius is None:
            raise report.refusal("horizontalProjection: a circle needs center and radius")
        return features.circle(projection.center, projection.radius, scale, report)
    if projection.type == "Polygon":
        return features.polygons(projection.coordinates or [], report)
    raise report.refusal(f"horizontalProjection: unknown type {safe_text(projection.type)!r}")
