"""Fences that users draw: GeoJSON (RFC 7946) with a few properties of ours.

A FeatureCollection or a Feature of Polygon, MultiPolygon, Point with ``radius_m``, or a collection of these. What a
feature says of itself is read in ``fences``. Properties that a whole file shares stand once, in the collection's own
member ``"airspace": {"defaults": {...}}``. A feature that cannot be read is set aside by name, one without a place is
passed over; a file in which nothing can be read is refused.

RFC 7946 knows WGS 84 only; older files name their system in ``crs``, which QGIS still writes: ``crs`` says which are
known. A file that says nothing is of WGS 84, and one whose numbers cannot be degrees is refused.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec

from airspace.model.zone import Oddity
from geofences.formats import crs, fences
from geofences.formats.gathering import Gathering, Named, repeats
from geofences.formats.outlines import MAX_POINTS, Geometry, told
from geofences.zone_set import ZoneFileError, ZoneSet

MAX_BYTES: Final = 64 << 20  # all 209 Dutch Natura 2000 areas take about 30 MB
MAX_FEATURES: Final = 20_000
_BOM: Final = b"\xef\xbb\xbf"


class _Airspace(msgspec.Struct):
    defaults: dict[str, Any] = {}


class _Collection(msgspec.Struct):
    type: str
    features: list[msgspec.Raw] | None = None
    airspace: _Airspace | None = None
    crs: Any = None


class _Feature(msgspec.Struct):
    type: str
    geometry: Geometry | None = None
    properties: dict[str, Any] | None = None
    id: str | int | float | None = None
    crs: Any = None


class _Called(msgspec.Struct):
    """A feature that is otherwise unreadable, for its name."""

    properties: Any = None
    id: Any = None


def read(data: bytes, source: str) -> ZoneSet:
    """The fences of one file. ZoneFileError, with feature and property, when nothing of it can be used."""
    if len(data) > MAX_BYTES:
        raise ZoneFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    collection = _collection(data.removeprefix(_BOM), source)
    systems = _Systems(source, collection.crs)
    gathering, notes = Gathering.of(data, source), fences.Notes()
    defaults = collection.airspace.defaults if collection.airspace else {}
    for number, raw in enumerate(collection.features or [], 1):
        read_one = partial(_zone, raw, defaults, number, gathering.version, systems, notes)
        gathering.take(partial(_named, raw, number), read_one)
        check_points(gathering)
    gathering.oddities.extend(systems.told())
    gathering.oddities.extend(notes.oddities())
    gathering.oddities.extend(repeats(gathering.zones, "fences have this id"))
    return gathering.zone_set()


def check_points(gathering: Gathering) -> None:
    """``ZoneFileError`` as soon as a file has more corners than are read."""
    latest = gathering.zones[-1:]
    for each in latest:
        gathering.corners += sum(len(ring) for volume in each.volumes for ring in getattr(volume.shape, "rings", ()))
    if gathering.corners > MAX_POINTS:
        raise ZoneFileError(f"{gathering.source}: more than {MAX_POINTS} points in all")


class _Systems:
    """The coordinate systems that a file and its features name."""

    def __init__(self, source: str, of_file: Any) -> None:
        self._known: dict[str, crs.Reference] = {}
        try:
            self._of_file = self._read(of_file)
        except crs.UnknownReference as error:
            raise ZoneFileError(f"{source}: {error}") from error

    def of(self, feature: _Feature) -> crs.Reference | None:
        """That of a feature, by the innermost that names one; None for WGS 84."""
        inner = feature.geometry.crs if feature.geometry else None
        return self._read(inner) or self._read(feature.crs) or self._of_file

    def _read(self, member: Any) -> crs.Reference | None:
        found = crs.of_member(member)
        return None if found is None else self._known.setdefault(found.name, found)

    def told(self) -> list[Oddity]:
        """What was turned."""
        whats = (each.told() for each in self._known.values())
        return [Oddity(place="file", what=what) for what in whats if what]


def _collection(data: bytes, source: str) -> _Collection:
    document = told(lambda: msgspec.json.decode(data, type=_Collection), f"{source}: not a GeoJSON document")
    if document.type == "Feature":
        return _Collection(type="FeatureCollection", features=[msgspec.Raw(data)])
    if document.type != "FeatureCollection" or document.features is None:
        raise ZoneFileError(f"{source}: not a GeoJSON document: neither a FeatureCollection nor a Feature")
    if len(document.features) > MAX_FEATURES:
        raise ZoneFileError(f"{source}: {len(document.features)} features, at most {MAX_FEATURES} are read")
    return document


def _zone(
    raw: msgspec.Raw, defaults: dict[str, Any], number: int, version: str, systems: _Systems, notes: fences.Notes
) -> Any:
    feature = told(lambda: msgspec.json.decode(raw, type=_Feature), _named(raw, number).place)
    try:
        reference = systems.of(feature)
    except crs.UnknownReference as error:
        raise ZoneFileError(str(error)) from error
    return fences.zone(_drawn(feature, defaults, number, reference), version, notes)


def _drawn(feature: _Feature, defaults: dict[str, Any], number: int, reference: crs.Reference | None) -> fences.Drawn:
    given = {key: value for key, value in (defaults | (feature.properties or {})).items() if value is not None}
    return fences.Drawn(
        number=number,
        properties=given,
        geometry=feature.geometry,
        reference=reference,
        feature_id=feature.id,
    )


def _named(raw: msgspec.Raw, number: int) -> Named:
    try:
        found = msgspec.json.decode(raw, type=_Called)
    except (ValueError, RecursionError):
        found = _Called()
    properties = found.properties if isinstance(found.properties, dict) else {}
    feature_id = found.id if isinstance(found.id, str | int) else None
    return fences.Drawn(number=number, properties=properties, geometry=None, feature_id=feature_id).named()
