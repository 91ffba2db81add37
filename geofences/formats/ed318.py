"""EUROCAE ED-318 GeoJSON (January 2024), the successor of ED-269.

Facts from the official JSON Schemas and examples (UASGeoZones/ED-318) and from real files (IE, CH test data). Limits
stand in ``layer`` inside the geometry, a circle is a Point with an ``extent`` whose radius is taken as metres
(``uom`` speaks of the limits alone), a GeometryCollection is one zone of several layers. A zone without
``limitedApplicability`` is always in force; ``validFrom`` and ``validTo`` of the collection bound every zone in it.
Where files deviate in what only informs, that is named as an oddity; else the file is refused.

Left out: ``dataSource``, provider and description of the collection, foreign ``extendedProperties``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

import msgspec

from airspace.model.text import safe_text
from airspace.model.zone import Restriction, Volume, Zone
from geofences.formats import features, hours
from geofences.formats.limits import MAX_VOLUMES
from geofences.formats.report import Report
from geofences.zone_set import ZoneFileError, ZoneSet

_TYPES: Final = {
    "USPACE": Restriction.REQUIRES_AUTHORISATION,
    "PROHIBITED": Restriction.PROHIBITED,
    "REQ_AUTHORIZATION": Restriction.REQUIRES_AUTHORISATION,
    "CONDITIONAL": Restriction.CONDITIONAL,
    "NO_RESTRICTION": Restriction.NO_RESTRICTION,
}
_OF_ED269: Final = {"REQ_AUTHORISATION": "REQ_AUTHORIZATION"}
_LIMIT_NAMES: Final = ("layer.lower", "layer.lowerReference", "layer.upper", "layer.upperReference", "layer.uom")
_TEXTS: Final = ("provider", "description", "technicalLimitations")


class _Metadata(msgspec.Struct, rename="camel"):
    valid_from: str | None = None
    valid_to: str | None = None
    provider: Any = None
    description: Any = None
    technical_limitations: Any = None


class _Collection(msgspec.Struct, rename="camel"):
    type: str
    features: list[msgspec.Raw]
    metadata: _Metadata | None = None
    dataset_metadata: _Metadata | None = None  # IE


class _Layer(msgspec.Struct, rename="camel"):
    lower: float | None = None
    lower_reference: str | None = None
    upper: float | None = None
    upper_reference: str | None = None
    uom: str = "m"


class _Extent(msgspec.Struct, rename="camel"):
    radius: float
    sub_type: str = "Circle"


class _Geometry(msgspec.Struct):
    type: str
    coordinates: Any = None
    extent: _Extent | None = None
    layer: _Layer | None = None
    geometries: list[_Geometry] | None = None


class _Properties(features.Said, rename="camel", kw_only=True):
    type: str
    variant: str | None = None
    limited_applicability: list[hours.Window] | None = None


class _Feature(msgspec.Struct):
    properties: _Properties
    geometry: _Geometry


def read(data: bytes, source: str) -> ZoneSet:
    """The zones of one file. ZoneFileError, with the place, when it cannot be used as a whole."""
    failure = f"{source}: not an ED-318 document"
    collection = features.decoded(features.checked_size(data, source), _Collection, failure)
    if collection.type != "FeatureCollection":
        raise ZoneFileError(f"{failure}: type is {safe_text(collection.type)!r}")
    about = Report(source)
    metadata = collection.metadata or collection.dataset_metadata or _Metadata()
    if collection.metadata is None and collection.dataset_metadata is not None:
        about.note("datasetMetadata instead of metadata: taken as it")
    for name, value in zip(
        _TEXTS, (metadata.provider, metadata.description, metadata.technical_limitations), strict=True
    ):
        if isinstance(value, str):
            about.note(f"metadata: {name} is a text without a language")
    validity = (_moment_s(metadata.valid_from, "validFrom"), _moment_s(metadata.valid_to, "validTo"))
    zones = features.zone_set(data, source, collection.features, partial(_zone, validity))
    return replace(zones, oddities=(*about.oddities, *zones.oddities))


def _moment_s(text: str | None, field: str) -> float | None:
    try:
        return None if not text else hours.moment_s(text)
    except ValueError as error:
        raise ZoneFileError(f"metadata: {field}: {safe_text(str(error), 200)}") from error


def _zone(
    validity: tuple[float | None, float | None], raw: msgspec.Raw, index: int, version: str
) -> tuple[Zone, Report]:
    place = f"feature {index}"
    try:
        feature = features.decoded(raw, _Feature, place)
    except ZoneFileError as error:
        values = features.any_json(raw)
        told = features.identifier_in(values.get("properties")) if isinstance(values, dict) else ""
        raise ZoneFileError(str(error).replace(place, place + told, 1)) from error
    said = feature.properties
    report = features.report_on(said, place)
    if said.type in _OF_ED269:
        report.note(f"type {said.type} is spelled as in ED-269")
    restriction = _TYPES.get(_OF_ED269.get(said.type, said.type))
    if restriction is None:
        raise report.refusal(f"type: unknown value {safe_text(said.type)!r}")
    zone = features.zone(
        said,
        report,
        version,
        restriction=restriction,
        uspace=said.type == "USPACE",
        variant=features.variant_of(said.variant, "variant", report),
        volumes=_volumes(feature.geometry, report),
        in_force=hours.applicability(said.limited_applicability or [], report),
    )
    valid_from_s = validity[0] if zone.valid_from_s is None else zone.valid_from_s
    valid_to_s = validity[1] if zone.valid_to_s is None else zone.valid_to_s
    return replace(zone, valid_from_s=valid_from_s, valid_to_s=valid_to_s), report


def _volumes(geometry: _Geometry, report: Report) -> list[Volume]:
    volumes: list[Volume] = []
    for part in _parts(geometry, report):
        layer = part.layer
        if layer is None:
            report.note("a geometry without a layer")
            layer = _Layer()
        band = features.Band(
            lower=layer.lower,
            lower_reference=layer.lower_reference,
            upper=layer.upper,
            upper_reference=layer.upper_reference,
            unit=layer.uom,
            names=_LIMIT_NAMES,
        )
        volumes.extend(_in_band(part, band, report))
        if len(volumes) > MAX_VOLUMES:
            raise report.refusal(f"geometry: more than {MAX_VOLUMES} volumes")
    return volumes


def _parts(geometry: _Geometry, report: Report) -> Iterator[_Geometry]:
    """The simple geometries; a layer of a collection holds for what has none of its own."""
    if geometry.type != "GeometryCollection":
        yield geometry
        return
    for each in geometry.geometries or []:
        if each.type == "GeometryCollection":
            raise report.refusal("geometry: a collection within a collection")
        each.layer = each.layer or geometry.layer
        yield each


def _in_band(geometry: _Geometry, band: features.Band, report: Report) -> list[Volume]:
    if geometry.type == "Point":
        if geometry.extent is None or geometry.extent.sub_type != "Circle":
            raise report.refusal("geometry: a Point needs an extent of subType Circle")
        center = _coordinates(geometry, list[float], report)
        return band.around(features.circle(center, geometry.extent.radius, 1.0, report), report)
    if geometry.type == "Polygon":
        rings = _coordinates(geometry, list[list[list[float]]], report)
        return band.around(features.polygons(rings, report), report)
    if geometry.type == "MultiPolygon":
        many = _coordinates(geometry, list[list[list[list[float]]]], report)
        return band.around([part for rings in many for part in features.polygons(rings, report)], report)
    raise report.refusal(f"geometry: a {safe_text(geometry.type)} has no area")


def _coordinates(geometry: _Geometry, kind: type[features.Shape], report: Report) -> features.Shape:
    if geometry.coordinates is None:
        raise report.refusal("geometry: no coordinates")
    try:
        return msgspec.convert(geometry.coordinates, kind, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        raise report.refusal(f"coordinates: {error}") from error
