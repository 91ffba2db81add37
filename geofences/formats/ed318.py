"""EUROCAE ED-318 GeoJSON (January 2024), the successor of ED-269.

Facts from the official JSON Schemas and examples (UASGeoZones/ED-318) and from real files (IE, CH test data). Limits
stand in ``layer`` inside the geometry, a circle is a Point with an ``extent`` whose radius is taken as metres
(``uom`` speaks of the limits alone), a GeometryCollection is one zone of several layers. A zone without
``limitedApplicability`` is always in force; ``validFrom`` and ``validTo`` of the collection bound every zone in it.
Where files deviate, that is mended and named as an oddity where the meaning is plain; else the zone is set aside.

Spain (ENAIRE) writes the same words elsewhere: a zone in ``UASZone``, its limits in ``verticalLayer`` or beside the
other properties, its hours there too, and "" for what is not said. They are put where the others have them.

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
from geofences.formats.gathering import Named, NoPlace
from geofences.formats.limits import MAX_VOLUMES
from geofences.formats.report import Report
from geofences.zone_set import ZoneFileError, ZoneSet

_TYPES: Final = {
    "USPACE": Restriction.REQUIRES_AUTHORISATION,
    "PROHIBITED": Restriction.PROHIBITED,
    "REQ_AUTHORISATION": Restriction.REQUIRES_AUTHORISATION,  # in this format with a Z, see ``features.spelled``
    "CONDITIONAL": Restriction.CONDITIONAL,
    "NO_RESTRICTION": Restriction.NO_RESTRICTION,
}
_LIMIT_NAMES: Final = ("layer.lower", "layer.lowerReference", "layer.upper", "layer.upperReference", "layer.uom")
_LAYER: Final = ("lower", "lowerReference", "upper", "upperReference", "uom", "UOM")
_HOURS: Final = ("day", "startTime", "startEvent", "endTime", "endEvent")
_ANY: Final = "ANY"
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
    crs: Any = None


class _Layer(msgspec.Struct, rename="camel"):
    lower: Any = None
    lower_reference: Any = None
    upper: Any = None
    upper_reference: Any = None
    uom: Any = None


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
    type: Any = None
    variant: Any = None
    limited_applicability: list[hours.Window] | hours.Window | None = None


class _Feature(msgspec.Struct):
    properties: _Properties
    geometry: _Geometry | None = None


def read(data: bytes, source: str) -> ZoneSet:
    """The zones of one file. ZoneFileError, with the place, when nothing of it can be used."""
    failure = f"{source}: not an ED-318 document"
    collection = features.decoded(features.checked_size(data, source), _Collection, failure)
    if collection.type != "FeatureCollection":
        raise ZoneFileError(f"{failure}: type is {safe_text(collection.type)!r}")
    features.check_system(collection.crs, source)
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
    zones = features.zone_set(data, source, collection.features, partial(_zone, validity), _named)
    return replace(zones, oddities=(*about.oddities, *zones.oddities))


def _moment_s(text: str | None, field: str) -> float | None:
    try:
        return None if not text else hours.moment_s(text)
    except ValueError as error:
        raise ZoneFileError(f"metadata: {field}: {safe_text(str(error), 200)}") from error


def _named(raw: msgspec.Raw, index: int) -> Named:
    values = features.any_json(raw)
    return features.named(_flat(values.get("properties")) if isinstance(values, dict) else None, index)


def _zone(
    validity: tuple[float | None, float | None], raw: msgspec.Raw, index: int, version: str
) -> tuple[Zone, Report]:
    place = f"feature {index}"
    feature, notes = _decoded(raw, index)
    said = feature.properties
    report = features.report_on(said, place)
    for note in notes:
        report.note(note)
    if feature.geometry is None or _is_empty(feature.geometry):
        raise NoPlace
    word = features.spelled(said.type)
    restriction = _TYPES.get(word)
    if restriction is None:
        raise report.refusal(f"type: unknown value {safe_text(str(said.type or ''))!r}")
    if said.type not in {*_TYPES, "REQ_AUTHORIZATION"}:
        report.note(f"type {safe_text(str(said.type))!r} is spelled otherwise")
    if said.type == "REQ_AUTHORISATION":
        report.note("type REQ_AUTHORISATION is spelled as in ED-269")
    windows = said.limited_applicability or []
    zone = features.zone(
        said,
        report,
        version,
        restriction=restriction,
        uspace=word == "USPACE",
        variant=features.variant_of(report.text(said.variant, "variant"), "variant", report),
        volumes=_volumes(feature.geometry, report),
        in_force=hours.applicability(windows if isinstance(windows, list) else [windows], report),
    )
    valid_from_s = validity[0] if zone.valid_from_s is None else zone.valid_from_s
    valid_to_s = validity[1] if zone.valid_to_s is None else zone.valid_to_s
    return replace(zone, valid_from_s=valid_from_s, valid_to_s=valid_to_s), report


def _decoded(raw: msgspec.Raw, index: int) -> tuple[_Feature, list[str]]:
    """A feature, put straight where it is Spain's."""
    values = features.any_json(raw)
    properties = values.get("properties") if isinstance(values, dict) else None
    notes: list[str] = []
    if isinstance(properties, dict) and isinstance(values, dict):
        flat = _flat(properties)
        if flat is not properties:
            notes.append("its properties are those of ENAIRE: read as the ones of ED-318")
        geometry, layer = values.get("geometry"), _layer_in(flat)
        if isinstance(geometry, dict) and layer and not _has_layer(geometry):
            notes.append("the layer stands beside the geometry: taken as its own")
            geometry = geometry | {"layer": layer}
        if "limitedApplicability" not in flat and (window := _window_in(flat)):
            flat = flat | {"limitedApplicability": [window]}
        if flat is properties and geometry is values.get("geometry"):
            return features.decoded_zone(raw, index, _Feature, _named), notes
        raw = msgspec.Raw(msgspec.json.encode(values | {"properties": flat, "geometry": geometry}))
    return features.decoded_zone(raw, index, _Feature, _named), notes


def _flat(properties: Any) -> Any:
    zone = properties.get("UASZone") if isinstance(properties, dict) else None
    return {**properties, **zone} if isinstance(zone, dict) else properties


def _has_layer(geometry: dict[str, Any]) -> bool:
    parts = geometry.get("geometries")
    inner = isinstance(parts, list) and any(isinstance(each, dict) and "layer" in each for each in parts)
    return geometry.get("layer") is not None or inner


def _layer_in(properties: dict[str, Any]) -> dict[str, Any] | None:
    """The limits that stand beside the geometry."""
    given = properties.get("verticalLayer")
    layer = given if isinstance(given, dict) else {key: properties[key] for key in _LAYER if key in properties}
    if "UOM" in layer:
        layer = layer | {"uom": layer["UOM"]}
    return layer if layer.keys() >= {"lower", "upper"} else None


def _window_in(properties: dict[str, Any]) -> dict[str, Any] | None:
    """Dates and hours that stand beside the other properties."""
    dates = {key: properties[key] for key in ("startDateTime", "endDateTime") if properties.get(key)}
    row = {key: properties[key] for key in _HOURS if properties.get(key)}
    if not dates and row.keys() <= {"day"} and str(row.get("day", _ANY)).upper() == _ANY:
        return None
    return dates | ({"schedule": [row]} if row else {})


def _is_empty(geometry: _Geometry) -> bool:
    return geometry.type != "GeometryCollection" and geometry.coordinates in ([], [[]], [[[]]])


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
        center = features.coordinates(geometry.coordinates, list[float], report)
        return band.around(features.circle(center, geometry.extent.radius, 1.0, report), report)
    if geometry.type == "Polygon":
        rings = features.coordinates(geometry.coordinates, list[list[list[float]]], report)
        return band.around(features.polygons(rings, report), report)
    if geometry.type == "MultiPolygon":
        many = features.coordinates(geometry.coordinates, list[list[list[list[float]]]], report)
        return band.around([part for rings in many for part in features.polygons(rings, report)], report)
    raise report.refusal(f"geometry: a {safe_text(geometry.type)} has no area")
