"""EUROCAE ED-269 chapter 8 JSON, the form most states publish.

Facts from the schema of InterUSS uas_standards and from real files (NL, LU, CH, FI). Both envelopes are read: the
published one (``features``) and that of the InterUSS checks (``UASZoneList``). Coordinates are longitude, latitude. A
radius is in the units of ``uomDimensions``. Where files deviate, the deviation is mended and named as an oddity; where
that would be guessing, the zone is set aside by name.

Estonia publishes a mixture: GeoJSON whose features have the outline and whose properties are a zone of ED-269 with the
limits in a ``geometry`` of their own. Others put the limits beside the restriction. Both are read as what they are.

Left out: foreign ``extendedProperties`` (our own keys in them: geofences/formats/own.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import msgspec

from airspace.model.text import safe_text
from airspace.model.zone import Circle, Oddity, Polygon, Restriction, Volume, Zone
from geofences.formats import features, hours
from geofences.formats.gathering import Named, NoPlace
from geofences.formats.limits import MAX_VOLUMES
from geofences.formats.report import Report
from geofences.zone_set import ZoneFileError, ZoneSet

_RESTRICTIONS: Final = {
    "PROHIBITED": Restriction.PROHIBITED,
    "REQ_AUTHORISATION": Restriction.REQUIRES_AUTHORISATION,
    "CONDITIONAL": Restriction.CONDITIONAL,
    "NO_RESTRICTION": Restriction.NO_RESTRICTION,
}
_Ring = list[list[float]]
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
    crs: Any = None  # of GeoJSON: the published form has none, but files do


class _Projection(msgspec.Struct, rename="camel"):
    type: str = ""
    center: list[float] | None = None
    centre: list[float] | None = None
    radius: float | None = None
    coordinates: Any = None


class _Geometry(msgspec.Struct, rename="camel"):
    horizontal_projection: _Projection
    uom_dimensions: Any = None
    lower_limit: Any = None
    lower_vertical_reference: Any = None
    upper_limit: Any = None
    upper_vertical_reference: Any = None


class _Feature(features.Said, rename="camel", kw_only=True):
    restriction: Any = None
    geometry: list[_Geometry] | _Geometry | None = None
    type: Any = None
    applicability: list[hours.Window] | hours.Window | None = None
    u_space_class: Any = None


def read(data: bytes, source: str) -> ZoneSet:
    """The zones of one file. ZoneFileError, with the place, when nothing of it can be used."""
    failure = f"{source}: not an ED-269 document"
    envelope = features.decoded(features.checked_size(data, source), _Envelope, failure)
    raws = envelope.features if envelope.features is not None else envelope.zone_list
    if raws is None:
        raise ZoneFileError(f"{failure}: neither features nor UASZoneList")
    features.check_system(envelope.crs, source)
    return features.zone_set(data, source, raws, _zone, _named)


def read_mixture(data: bytes, source: str) -> ZoneSet:
    """The zones of GeoJSON features whose properties are those of ED-269."""
    failure = f"{source}: not a GeoJSON document of ED-269 zones"
    envelope = features.decoded(features.checked_size(data, source), _Envelope, failure)
    if envelope.features is None:
        raise ZoneFileError(f"{failure}: no features")
    features.check_system(envelope.crs, source)
    about = Oddity(place=source, what="GeoJSON features with the properties of ED-269: read as ED-269")
    zones = features.zone_set(data, source, envelope.features, _mixed, _named_mixed)
    return replace(zones, oddities=(about, *zones.oddities))


def is_mixture(properties: Any) -> bool:
    """Whether the properties of a GeoJSON feature are a zone of ED-269."""
    if not isinstance(properties, dict) or features.spelled(properties.get("restriction")) not in _RESTRICTIONS:
        return False
    return bool(properties.keys() & {"applicability", "zoneAuthority", "geometry"} or "identifier" in properties)


def _named(raw: msgspec.Raw, index: int) -> Named:
    return features.named(features.any_json(raw), index)


def _named_mixed(raw: msgspec.Raw, index: int) -> Named:
    values = features.any_json(raw)
    return features.named(values.get("properties") if isinstance(values, dict) else None, index)


def _mixed(raw: msgspec.Raw, index: int, version: str) -> tuple[Zone, Report]:
    values = features.any_json(raw)
    properties = values.get("properties") if isinstance(values, dict) else None
    if not isinstance(properties, dict):
        raise ZoneFileError(f"feature {index}: properties: none given")
    outline, band = values.get("geometry"), properties.get("geometry")
    bands = band if isinstance(band, list) else [band if isinstance(band, dict) else properties]
    zone = properties | {"geometry": [_joined(each, outline) for each in bands if isinstance(each, dict)]}
    if outline is None and not any(isinstance(each, dict) and "horizontalProjection" in each for each in bands):
        raise NoPlace
    return _zone(msgspec.Raw(msgspec.json.encode(zone)), index, version)


def _joined(band: dict[str, Any], outline: Any) -> dict[str, Any]:
    """The limits of a zone with the outline that stands beside them."""
    kept = {key: band.get(key) for key in _LIMIT_NAMES}
    if isinstance(band.get("horizontalProjection"), dict):
        return kept | {"horizontalProjection": band["horizontalProjection"]}
    shape = dict(outline) if isinstance(outline, dict) else {}
    if shape.get("type") == "Point":
        shape = {"type": "Circle", "center": shape.get("coordinates"), "radius": band.get("radius")}
    return kept | {"horizontalProjection": shape}


def _zone(raw: msgspec.Raw, index: int, version: str) -> tuple[Zone, Report]:
    place = f"feature {index}"
    feature = features.decoded_zone(raw, index, _Feature, _named)
    report = features.report_on(feature, place)
    if feature.geometry is None or feature.geometry == []:
        raise NoPlace
    restriction = _RESTRICTIONS.get(features.spelled(feature.restriction))
    if restriction is None:
        raise report.refusal(f"restriction: unknown value {safe_text(str(feature.restriction or ''))!r}")
    if feature.restriction not in {*_RESTRICTIONS, "REQ_AUTHORIZATION"}:
        report.note(f"restriction {safe_text(str(feature.restriction))!r} is spelled otherwise")
    geometry = feature.geometry if isinstance(feature.geometry, list) else [feature.geometry]
    if len(geometry) > MAX_VOLUMES:
        raise report.refusal(f"geometry: {len(geometry)} volumes, at most {MAX_VOLUMES} are read")
    windows = feature.applicability or []
    zone = features.zone(
        feature,
        report,
        version,
        restriction=restriction,
        variant=features.variant_of(report.text(feature.type, "type") or "COMMON", "type", report),
        volumes=[volume for each in geometry for volume in _volumes(each, report)],
        in_force=hours.applicability(windows if isinstance(windows, list) else [windows], report),
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
    return band.around(_shapes(geometry.horizontal_projection, band, report), report)


def _shapes(projection: _Projection, band: features.Band, report: Report) -> tuple[Circle | Polygon, ...]:
    kind = projection.type.strip().lower()
    if kind == "circle":
        center = projection.center or projection.centre
        if center is None or projection.radius is None:
            raise report.refusal("horizontalProjection: a circle needs center and radius")
        return features.circle(center, projection.radius, band.scale(report), report)
    if kind == "polygon":
        return features.polygons(features.coordinates(projection.coordinates or [], list[_Ring], report), report)
    if kind == "multipolygon":
        parts = features.coordinates(projection.coordinates, list[list[_Ring]], report)
        return tuple(one for part in parts for one in features.polygons(part, report))
    raise report.refusal(f"horizontalProjection: unknown type {safe_text(projection.type)!r}")
