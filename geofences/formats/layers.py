"""Drawn features in the files of GIS: GeoPackage, shapefile and KML, as organisers have them.

geopandas (GDAL) opens them; every layer with areas is read, and its columns are the properties of a fence as in GeoJSON
(``fences``): a whole number may stand as text, a list as JSON in a column. Points without ``radius_m`` and lines are
no areas: they are passed over and counted. A layer without a coordinate system is set aside: nothing says where it is.

GDAL recognises files by what stands in them and knows a hundred forms, some of which name other files: so what is
handed to it has been seen to be a GeoPackage, a shapefile or KML, and nothing else. A layer of a GeoPackage is a table,
never a view or anything that computes. KML needs no document type, so one with it (and its entities) is refused.

Left out: heights of corners, styles, network links, curves (GDAL makes chords of them).
"""

from __future__ import annotations

import io
import math
import re
import sqlite3
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any, Final

import msgspec
import shapely
from pyproj import CRS

from airspace.model.text import safe_text
from airspace.model.zone import Oddity, Zone
from geofences.formats import crs, fences, kml_survey, table
from geofences.formats.gathering import Gathering, Named, repeats
from geofences.formats.geojson import MAX_BYTES, MAX_FEATURES, check_points
from geofences.formats.outlines import Geometry
from geofences.zone_set import ZoneFileError, ZoneSet

_Row = tuple[fences.Drawn, str | None]  # a feature, and why its geometry cannot be read

MAX_LAYERS: Final = 100
_TOLD: Final = 3  # reasons in one refusal
MAX_VALUE: Final = 20_000  # letters of a column
SQLITE: Final = b"SQLite format 3\x00"
_WAL: Final = b"\x02\x02"  # bytes 18 and 19 of a database with a write-ahead log, as QGIS leaves it
_AREAS: Final = frozenset({"Polygon", "MultiPolygon", "GeometryCollection"})
_POINTS: Final = frozenset({"Point", "MultiPoint"})
_MADE_UP: Final = "pyogrio_"  # what a layer is called where the file names none
_LISTS: Final = frozenset({"schedule", "exempts"})
_OF_KML: Final = frozenset({"tessellate", "extrude", "visibility", "drawOrder", "icon"})
_ALTITUDES: Final = frozenset({"absolute", "relativeToGround"})
_HEIGHTS: Final = (
    "whose corners have heights (altitudeMode): passed over; they reach from the ground without a ceiling: say lower_m "
    "and upper_m with their datum"
)
_OTHER_DRIVERS: Final = re.compile(rb"<!DOCTYPE|<!ENTITY|<(?:OGR|VRT|GDAL|WMS|WMT)", re.IGNORECASE)
_COMPUTED: Final = re.compile(r"\bgenerated\b|\bas\s*\(", re.IGNORECASE)


def is_kml(data: bytes) -> bool:
    """Whether bytes are KML, in whatever encoding."""
    head = data[:4_096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head[:1] == b"<" and b"<kml" in head.lower()


def read_kml(data: bytes, source: str) -> ZoneSet:
    """The fences of a KML file. ZoneFileError when nothing of it can be used."""
    _check_size(data, source)
    if b"\x00" in data:
        raise ZoneFileError(f"{source}: KML of another encoding than UTF-8: save it as UTF-8")
    found = _OTHER_DRIVERS.search(data)
    if found:
        word = safe_text(found[0].decode("ascii", "replace")) or ""
        raise ZoneFileError(f"{source}: KML with {word}: no KML needs it, so it is not read")
    plain, oddities = kml_survey.surveyed(data)
    try:
        zones = _read(plain, source, data, None)
    except ZoneFileError as error:
        said = "".join(f"; {odd.what}" for odd in oddities)
        raise ZoneFileError(f"{error}{said}") from error
    return replace(zones, oddities=(*zones.oddities, *oddities))


def read_geopackage(data: bytes, source: str) -> ZoneSet:
    """The fences of a GeoPackage. ZoneFileError when nothing of it can be used."""
    _check_size(data, source)
    plain = data[:18] + b"\x01\x01" + data[20:] if data[18:20] == _WAL else data
    try:
        tables, left_out = _tables(plain)
    except sqlite3.Error as error:
        raise ZoneFileError(f"{source}: not a zone file: SQLite, but no GeoPackage: {safe_text(str(error))}") from error
    if not tables and left_out:
        raise ZoneFileError(f"{source}: {left_out[0]} is a view or computes: only plain tables are read")
    zones = _read(plain, source, data, tables)
    oddities = [Oddity(place=f"layer {name}", what="a view, or it computes: not read") for name in left_out]
    if plain != data:
        what = "it is being edited, or was: what stands in a -wal file beside it is not read"
        oddities.append(Oddity(place="file", what=what))
    return replace(zones, oddities=(*zones.oddities, *oddities))


def read_shapefile(data: bytes, source: str, whole: bytes) -> ZoneSet:
    """The fences of one shapefile, packed into a zip (``archive``); ``whole`` are the bytes that its version is of."""
    return _read(data, source, whole, None)


def _check_size(data: bytes, source: str) -> None:
    if len(data) > MAX_BYTES:
        raise ZoneFileError(f"{source}: {len(data)} bytes, at most {MAX_BYTES} are read")


def _tables(data: bytes) -> tuple[list[str], list[str]]:
    """The layers of a GeoPackage that are plain tables, and those that are not."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(data)
        database.execute("pragma trusted_schema = off")
        rows = database.execute(
            "select contents.table_name, master.type, master.sql from gpkg_contents as contents"
            " left join sqlite_master as master on lower(master.name) = lower(contents.table_name)"
            " where contents.data_type = 'features' limit ?",
            (MAX_LAYERS + 1,),
        ).fetchall()
    plain = [
        isinstance(sql, str) and kind == "table" and "virtual" not in sql[:40].lower() and not _COMPUTED.search(sql)
        for _, kind, sql in rows
    ]
    names = [str(row[0]) for row in rows]
    return (
        [name for name, sound in zip(names, plain, strict=True) if sound],
        [safe_text(name) or "?" for name, sound in zip(names, plain, strict=True) if not sound],
    )


def _read(data: bytes, source: str, whole: bytes, wanted: list[str] | None) -> ZoneSet:
    gathering, notes = Gathering.of(whole, source), fences.Notes()
    systems: dict[str, crs.Reference] = {}
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        names = _layers(data, source) if wanted is None else wanted
        keys: Sequence[str | int] = wanted or range(
            len(names)
        )  # what GDAL calls a layer without a name is another at every opening
        if len(names) > MAX_LAYERS:
            raise ZoneFileError(f"{source}: more than {MAX_LAYERS} layers")
        several = len(names) > 1
        number = 0
        for name, key in zip(names, keys, strict=True):
            layer = "" if name.startswith(_MADE_UP) else safe_text(name) or ""
            named = Named(place=f"layer {layer or source}", zone_id=layer or source, name=layer or source)
            rows: list[_Row] = []
            gathering.take(partial(_same, named), partial(_layer, data, key, layer if several else "", number, rows))
            for row in rows:
                gathering.take(row[0].named, partial(_zone, row, gathering.version, notes))
                check_points(gathering)
            number += len(rows)
            systems |= {drawn.reference.name: drawn.reference for drawn, _ in rows if drawn.reference}
            if number > MAX_FEATURES:
                raise ZoneFileError(f"{source}: more than {MAX_FEATURES} features")
    whats = {table.reason(each.message) for each in heard if "non conformant file extension" not in str(each.message)}
    gathering.oddities.extend(Oddity(place="file", what=f"GDAL: {what}") for what in sorted(whats))
    gathering.oddities.extend(Oddity(place="file", what=what) for each in systems.values() if (what := each.told()))
    gathering.oddities.extend(notes.oddities())
    gathering.oddities.extend(repeats(gathering.zones, "fences have this id"))
    zones = gathering.zone_set()
    if not zones.zones:
        raise ZoneFileError(f"{source}: no area in it{''.join(f'; {odd.what}' for odd in zones.oddities[:_TOLD])}")
    return zones


def _same(named: Named) -> Named:
    return named


def _layers(data: bytes, source: str) -> list[str]:
    import geopandas  # noqa: PLC0415 (takes a second, and few files need it)

    try:
        return [str(name) for name in geopandas.list_layers(io.BytesIO(data))["name"]]
    except table.FAULTS as error:
        raise ZoneFileError(f"{source}: cannot be opened: {table.reason(error)}") from error


def _layer(data: bytes, key: str | int, layer: str, before: int, rows: list[_Row]) -> tuple[list[Any], list[Oddity]]:
    """Fill ``rows`` with the areas of a layer; what is no area is counted."""
    found = table.read(data, key, MAX_FEATURES)
    place = f"layer {layer}" if layer else "file"
    if not found.is_drawn:
        return [], [Oddity(place=place, what=f"{len(found.rows)} rows without a geometry column: not read")]
    reference = _reference(found.system)
    passed: Counter[str] = Counter()
    for number, row in enumerate(found.rows, before + 1):
        given = _properties(found.columns, row.values)
        kind = row.shape.geom_type if row.shape is not None else ""
        if kind and kind not in _AREAS and not (kind in _POINTS and _has_radius(given)):
            why = "without radius_m" if kind in _POINTS else "which has no area"
            passed[f"of kind {kind}, {why}: passed over"] += 1
            continue
        if given.pop("altitudeMode", None) in _ALTITUDES:
            passed[_HEIGHTS] += 1
        geometry = _geometry(row.shape)
        drawn = fences.Drawn(number=number, properties=given, geometry=geometry, reference=reference, layer=layer)
        rows.append((drawn, row.fault))
    return [], [Oddity(place=place, what=f"{n} feature(s) {what}") for what, n in passed.items()]


def _zone(row: _Row, version: str, notes: fences.Notes) -> tuple[list[Zone], list[Oddity]]:
    drawn, fault = row
    if fault is not None:
        raise ZoneFileError(f"{drawn.named().place}: {fault}")
    return fences.zone(drawn, version, notes)


def _reference(system: str | None) -> crs.Reference | None:
    if not system:
        raise ZoneFileError("it names no coordinate system (a shapefile has it in its .prj)")
    try:
        reference = crs.of_system(CRS.from_user_input(system))
    except (crs.UnknownReference, ValueError, RuntimeError) as error:
        raise ZoneFileError(str(error)) from error
    return reference if reference.turn is not None else None


def _has_radius(given: dict[str, Any]) -> bool:
    return any(key.lower() == "radius_m" for key in given)


def _properties(columns: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the properties of a feature, without what is empty and what GDAL adds to every row of KML."""
    given: dict[str, Any] = {}
    for key, value in zip(columns, values, strict=True):
        if key in _OF_KML:
            continue
        found = _plain(key, value)
        if found is not None:
            given[key[: fences.MAX_TEXT]] = found
    return given


def _plain(key: str, value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat() if value == value else None  # noqa: PLR0124 (NaT is not itself)
    if hasattr(value, "item"):
        value = value.item()  # numpy's numbers
    if value is None or isinstance(value, bytes) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str):
        text = value.strip()[:MAX_VALUE]
        return _listed(text) if key in _LISTS and text[:1] in {"[", "{"} else text or None
    return value if isinstance(value, bool | int | float | list | dict) else None


def _listed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return text


def _geometry(shape: Any) -> Geometry | None:
    return None if shape is None else msgspec.json.decode(shapely.to_geojson(shapely.force_2d(shape)), type=Geometry)
