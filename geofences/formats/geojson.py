"""Fences that users draw: GeoJSON (RFC 7946) with a few properties of ours.

A FeatureCollection or a Feature of Polygon, MultiPolygon, or Point with ``radius_m``. A stadium's ring and bowl, an
event's crowd with its hours, built-up land that is widened by 150 m (UAS.OPEN.040(2): A3 keeps that far away), nature
areas as PDOK publishes them. A fence is ``alert_only`` unless it names its ``legal_basis`` and says ``kind: legal``:
what somebody draws is no law. Properties that a whole file shares stand once, in the collection's own member
``"airspace": {"defaults": {...}}``. All properties: the fields of ``_Properties``.

Outlines of nature areas follow every ditch: one of more than 10,000 corners is thinned by at most 2, 5 or 20 m, and
told, as long as it is no law. A file is read whole or refused, with the feature and the property; a property that is
not known is passed over and told, since a misspelt one would otherwise be missing without a sound.

Left out: lines, ``crs`` (RFC 7946 knows WGS 84 only), heights in coordinates.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

import msgspec
import shapely

from airspace.model.text import safe_text
from airspace.model.zone import (
    Circle,
    Datum,
    Oddity,
    Polygon,
    Predicate,
    Restriction,
    Volume,
    Words,
    Zone,
    ZoneKind,
    ZoneRole,
)
from geofences.formats import rings, widening, windows
from geofences.formats.limits import MAX_VERTICES
from geofences.formats.naming import slug
from geofences.zone_set import ZoneFileError, ZoneSet

MAX_BYTES: Final = 64 << 20  # all 209 Dutch Natura 2000 areas take about 30 MB
MAX_FEATURES: Final = 20_000
MAX_POINTS: Final = 2_000_000
MAX_TEXT: Final = 200
MAX_RADIUS_M: Final = 200_000.0
RESIDENTIAL_BUFFER_M: Final = 150.0  # UAS.OPEN.040(2)
_BOM: Final = b"\xef\xbb\xbf"
_HOME_COUNTRY: Final = "NLD"
_THINNED_DEG: Final = (2e-5, 5e-5, 2e-4)  # some 2, 5 and 20 m
_RESTRICTIONS: Final = {
    Predicate.ALL_FORBIDDEN: Restriction.PROHIBITED,
    Predicate.FOURTH_OF_MAY: Restriction.PROHIBITED,
    Predicate.AUTHORISATION: Restriction.REQUIRES_AUTHORISATION,
    Predicate.MILITARY_PERMISSION: Restriction.REQUIRES_AUTHORISATION,
    Predicate.TEMPORARY: Restriction.TEMPORARY,
    Predicate.NATURE: Restriction.NO_RESTRICTION,
    Predicate.NONE: Restriction.NO_RESTRICTION,
}  # all others: conditional

_T = TypeVar("_T")
_Ring = list[list[float]]
_Height = Annotated[float, msgspec.Meta(ge=-1_000.0, le=100_000.0)]  # and no NaN, which text may say


class _Airspace(msgspec.Struct):
    defaults: dict[str, Any] = {}


class _Collection(msgspec.Struct):
    type: str
    features: list[msgspec.Raw] | None = None
    airspace: _Airspace | None = None


class _Geometry(msgspec.Struct):
    type: str
    coordinates: msgspec.Raw = msgspec.Raw(b"null")


class _Feature(msgspec.Struct):
    type: str
    geometry: _Geometry | None
    properties: dict[str, Any] | None = None
    id: str | int | None = None


class _Properties(msgspec.Struct):
    id: str | int | None = None  # this, or the feature's id, or a name
    name: str | None = None
    naam: str | None = None  # PDOK
    naam_n2k: str | None = msgspec.field(default=None, name="naamN2K")  # PDOK, Natura 2000
    country: str = _HOME_COUNTRY
    kind: ZoneKind = ZoneKind.ALERT_ONLY
    legal_basis: str | None = None  # needed for kind legal
    role: ZoneRole = ZoneRole.NONE
    predicate: Predicate = Predicate.NONE
    radius_m: float | None = None  # of a Point
    buffer_m: float | None = None  # widens the shape; 150 for predicate residential
    group: str | None = None
    group_name_nl: str | None = None  # as a sentence says it
    group_name_en: str | None = None
    lower_m: _Height | None = None  # open where not said
    upper_m: _Height | None = None
    lower_datum: Datum = Datum.AGL
    upper_datum: Datum = Datum.AGL
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    schedule: windows.Row | list[windows.Row] = []
    message: str | None = None
    exempts: list[str] = []


_KNOWN: Final = frozenset(_Properties.__struct_encode_fields__)


def read(data: bytes, source: str) -> ZoneSet:
    """The fences of one file. ZoneFileError, with feature and property, when it cannot be used as a whole."""
    if len(data) > MAX_BYTES:
        raise ZoneFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")
    version = hashlib.sha256(data).hexdigest()[:12]
    features, defaults = _features(data.removeprefix(_BOM), source)
    unknown: Counter[str] = Counter()
    zones: list[Zone] = []
    oddities: list[Oddity] = []
    total = 0
    for number, raw in enumerate(features, 1):
        zone, odd = _zone(raw, defaults, number, version, unknown)
        total += sum(len(ring) for each in zone.volumes for ring in getattr(each.shape, "rings", ()))
        if total > MAX_POINTS:
            raise ZoneFileError(f"{source}: feature {number}: more than {MAX_POINTS} points in all")
        zones.append(zone)
        oddities.extend(odd)
    oddities.extend(
        Oddity(place="file", what=f"property {name!r} of {n} feature(s) is not known: passed over")
        for name, n in unknown.items()
    )
    repeats = Counter(zone.zone_id for zone in zones)
    oddities.extend(Oddity(place=each, what=f"{n} fences have this id") for each, n in repeats.items() if n > 1)
    return ZoneSet(source=source, version=version, zones=tuple(zones), oddities=tuple(oddities))


def _features(data: bytes, source: str) -> tuple[list[msgspec.Raw], dict[str, Any]]:
    document = _told(lambda: msgspec.json.decode(data, type=_Collection), f"{source}: not a GeoJSON document")
    if document.type == "Feature":
        return [msgspec.Raw(data)], {}
    if document.type != "FeatureCollection" or document.features is None:
        raise ZoneFileError(f"{source}: not a GeoJSON document: neither a FeatureCollection nor a Feature")
    if len(document.features) > MAX_FEATURES:
        raise ZoneFileError(f"{source}: {len(document.features)} features, at most {MAX_FEATURES} are read")
    return document.features, document.airspace.defaults if document.airspace else {}


def _told(convert: Callable[[], _T], place: str) -> _T:
    """What a conversion gives; its error with the place."""
    try:
        return convert()
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors, and so is bad UTF-8
        raise ZoneFileError(f"{place}: {error}") from error


def _zone(
    raw: msgspec.Raw, defaults: dict[str, Any], number: int, version: str, unknown: Counter[str]
) -> tuple[Zone, list[Oddity]]:
    place = f"feature {number}"
    feature = _told(lambda: msgspec.json.decode(raw, type=_Feature), place)
    given = {key: value for key, value in (defaults | (feature.properties or {})).items() if value is not None}
    unknown.update(safe_text(key) or "" for key in given.keys() - _KNOWN)
    own = _told(lambda: msgspec.convert(given, _Properties, strict=False), f"{place}{_called(given)}: properties")
    name = _text(own.name) or _text(own.naam_n2k) or _text(own.naam)
    zone_id = _text(own.id) or _text(feature.id) or name
    if zone_id is None:
        raise ZoneFileError(f"{place}: properties: id or name is needed")
    place = f"feature {number} (fence {zone_id!r})"
    if own.kind is ZoneKind.LEGAL and _text(own.legal_basis) is None:
        raise ZoneFileError(f"{place}: legal_basis: a legal fence must name it")
    oddities: list[Oddity] = []
    volumes = _volumes(feature.geometry, own, zone_id, place, oddities)
    return _made(own, zone_id, name or zone_id, version, volumes, place), oddities


def _called(given: dict[str, Any]) -> str:
    text = safe_text(str(given.get("id") or given.get("name") or ""))
    return f" (fence {text!r})" if text else ""


def _text(value: str | int | None) -> str | None:
    return None if value is None else safe_text(str(value), MAX_TEXT)


def _made(own: _Properties, zone_id: str, name: str, version: str, volumes: tuple[Volume, ...], place: str) -> Zone:
    rows = own.schedule if isinstance(own.schedule, list) else [own.schedule]
    legal = own.kind is ZoneKind.LEGAL
    return Zone(
        zone_id=zone_id,
        name=name,
        country=_text(own.country) or "",
        kind=own.kind,
        restriction=_RESTRICTIONS.get(own.predicate, Restriction.CONDITIONAL) if legal else Restriction.NO_RESTRICTION,
        predicate=own.predicate,
        group=_text(own.group) or f"fence-{slug(zone_id) or version}",
        group_name_nl=_text(own.group_name_nl) or f"het gebied {name}",
        group_name_en=_text(own.group_name_en) or f"the area {name}",
        version=version,
        volumes=volumes,
        applicability=_told(lambda: windows.applicability(own.from_, own.to, rows), place),
        role=own.role,
        message=_text(own.message),
        legal_basis=_text(own.legal_basis),
        exempts=tuple(text for each in own.exempts if (text := _text(each))),
        names=(Words(text=name),),
    )


def _volumes(
    geometry: _Geometry | None, own: _Properties, zone_id: str, place: str, oddities: list[Oddity]
) -> tuple[Volume, ...]:
    if geometry is None:
        raise ZoneFileError(f"{place}: geometry: none given")
    if own.lower_m is not None and own.upper_m is not None:
        unordered = own.lower_datum is own.upper_datum and own.lower_m >= own.upper_m
        if unordered or own.upper_m <= 0:
            raise ZoneFileError(f"{place}: lower_m: {own.lower_m:g} m is not below upper_m, {own.upper_m:g} m")
    return tuple(
        Volume(
            shape=shape,
            lower_m=own.lower_m,
            lower_datum=own.lower_datum,
            upper_m=own.upper_m,
            upper_datum=own.upper_datum,
        )
        for shape in _shapes(geometry, own, zone_id, place, oddities)
    )


def _shapes(
    geometry: _Geometry, own: _Properties, zone_id: str, place: str, oddities: list[Oddity]
) -> tuple[Circle | Polygon, ...]:
    buffer_m = own.buffer_m
    if buffer_m is None:
        buffer_m = RESIDENTIAL_BUFFER_M if own.predicate is Predicate.RESIDENTIAL else 0.0
    if not 0 <= buffer_m <= widening.MAX_DISTANCE_M:
        raise ZoneFileError(f"{place}: buffer_m: {buffer_m:g} is not between 0 and {widening.MAX_DISTANCE_M:g}")
    if geometry.type == "Point":
        return (_circle(geometry, own.radius_m, buffer_m, place),)
    if own.radius_m is not None:
        raise ZoneFileError(f"{place}: radius_m: belongs to a Point, not to a {safe_text(geometry.type)}")
    parts: list[Polygon] = []
    for each in _polygons(geometry, place):
        law = own.kind is ZoneKind.LEGAL
        drawn = each if law else [_thinned(ring, zone_id, place, oddities) for ring in each]
        found, odd = rings.polygons(drawn, place)
        parts.extend(found)
        oddities.extend(Oddity(place=zone_id, what=one.what) for one in odd)
    if not parts:
        raise ZoneFileError(f"{place}: geometry: no polygon in it")
    return _told(lambda: widening.widened(parts, buffer_m), f"{place}: buffer_m") if buffer_m else tuple(parts)


def _thinned(ring: _Ring, zone_id: str, place: str, oddities: list[Oddity]) -> _Ring:
    """A ring of no more corners than are read, if leaving some out brings it there."""
    if not MAX_VERTICES < len(ring) <= MAX_POINTS:
        return ring
    line = shapely.LineString([rings.position(point, place) for point in ring])
    for tolerance_deg in _THINNED_DEG:
        thin = line.simplify(tolerance_deg)
        n = len(thin.coords)
        if n <= MAX_VERTICES:
            what = f"a ring of {len(ring)} corners is thinned to {n}, within {tolerance_deg:g} degrees"
            oddities.append(Oddity(place=zone_id, what=what))
            return [list(point) for point in thin.coords]
    return ring


def _circle(geometry: _Geometry, radius_m: float | None, buffer_m: float, place: str) -> Circle:
    if radius_m is None or not 0 < radius_m <= MAX_RADIUS_M:
        raise ZoneFileError(f"{place}: radius_m: a Point needs one, above 0 and up to {MAX_RADIUS_M:g}")
    point = _told(lambda: msgspec.json.decode(geometry.coordinates, type=list[float]), f"{place}: coordinates")
    longitude, latitude = rings.position(point, place)
    return Circle(latitude_deg=latitude, longitude_deg=longitude, radius_m=radius_m + buffer_m)


def _polygons(geometry: _Geometry, place: str) -> list[list[_Ring]]:
    at = f"{place}: coordinates"
    if geometry.type == "Polygon":
        return [_told(lambda: msgspec.json.decode(geometry.coordinates, type=list[list[list[float]]]), at)]
    if geometry.type == "MultiPolygon":
        return _told(lambda: msgspec.json.decode(geometry.coordinates, type=list[list[list[list[float]]]]), at)
    raise ZoneFileError(f"{place}: geometry: {safe_text(geometry.type)!r} is not a Polygon, MultiPolygon or Point")
