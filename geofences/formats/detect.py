"""Which format a zone file has, by what stands in it; its name says nothing.

JSON is told by its envelope: ``UASZoneList``, or ``features`` without a GeoJSON type, is ED-269; ``temporaryAreas`` is
ours. GeoJSON whose features have a restriction of ED-269 and what goes with it is Estonia's mixture; GeoJSON whose
features speak as ED-318 does (a variant, an authority, a layer) is ED-318; other GeoJSON are drawn fences. A zip holds
a shapefile, KML (then it is called KMZ) or files of other forms; SQLite is a GeoPackage, XML with ``<kml`` is KML. Text
with OpenAir records is OpenAir.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import msgspec

from airspace.model.text import safe_text
from geofences.formats import archive, ed269, ed318, features, geojson, layers, misplaced, openair, tgb
from geofences.formats.gathering import guarded
from geofences.zone_set import ZoneFileError, ZoneSet

Reader = Callable[[bytes, str], ZoneSet]

_LETTERS: Final = 200  # of what a library says
_JSON: Final = frozenset({b"{", b"["})
_LOOKED_AT: Final = 20  # features from the start
_ED318_WORDS: Final = frozenset({"variant", "zoneAuthority", "limitedApplicability", "UASZone"})
_LAYER_WORDS: Final = frozenset({"layer", "extent"})
_OPENAIR: Final = re.compile(rb"^[ \t]*(?:AC|AN|AL|AH|DP|DC|DA|DB|V)[ \t]+\S", re.MULTILINE)


class _Outline(msgspec.Struct, rename="camel"):
    type: Any = None
    features: list[msgspec.Raw] | None = None
    zone_list: Any = msgspec.field(default=None, name="UASZoneList")
    temporary_areas: Any = None
    metadata: Any = None
    dataset_metadata: Any = None


def read(data: bytes, source: str) -> ZoneSet:
    """The zones of a file of any known format; ``ZoneFileError`` names what is wrong, whatever a library raises."""
    try:
        return guarded(_read(data, source))
    except (ZoneFileError, MemoryError):
        raise
    except Exception as error:
        what = safe_text(" ".join(str(error).split()), _LETTERS) or ""
        raise ZoneFileError(f"{source}: cannot be read: {type(error).__name__}: {what}") from error


def _read(data: bytes, source: str) -> ZoneSet:
    if data[: len(archive.ZIP)] == archive.ZIP:
        features.checked_size(data, source)
        return archive.read(data, source, _of_one)
    return _of_one(data, source)


def _of_one(data: bytes, source: str) -> ZoneSet:
    plain = features.checked_size(data, source)
    zones = _reader(plain, source)(data, source)
    if plain.lstrip()[:1] not in _JSON:
        return zones
    return replace(zones, oddities=(*zones.oddities, *misplaced.told(plain)))


def _reader(data: bytes, source: str) -> Reader:
    if data.lstrip()[:1] in _JSON:
        return _json_reader(features.decoded(data, _Outline, f"{source}: not a zone file"), source)
    if data.startswith(layers.SQLITE):
        return layers.read_geopackage
    if layers.is_kml(data):
        return layers.read_kml
    if data.startswith(archive.SHAPEFILE):
        raise ZoneFileError(f"{source}: not a zone file: one file of a shapefile alone: give all of them in a zip")
    if _OPENAIR.search(data):
        return openair.read
    raise ZoneFileError(
        f"{source}: not a zone file: neither ED-269, ED-318, GeoJSON, GeoPackage, shapefile, KML, OpenAir nor "
        "temporary areas"
    )


def _json_reader(outline: _Outline, source: str) -> Reader:
    if outline.temporary_areas is not None:
        return tgb.read
    if outline.zone_list is not None or (outline.features is not None and outline.type is None):
        return ed269.read
    if outline.type == "FeatureCollection":
        first = [features.any_json(raw) for raw in (outline.features or [])[:_LOOKED_AT]]
        if any(isinstance(each, dict) and ed269.is_mixture(each.get("properties")) for each in first):
            return ed269.read_mixture
        return ed318.read if _is_ed318(outline, first) else geojson.read
    if outline.type == "Feature":
        return geojson.read
    raise ZoneFileError(f"{source}: not a zone file: neither features, UASZoneList nor temporaryAreas")


def _is_ed318(outline: _Outline, first: list[Any]) -> bool:
    for feature in first:
        if not isinstance(feature, dict):
            continue
        if _has(feature.get("properties"), _ED318_WORDS) or _has(feature.get("geometry"), _LAYER_WORDS):
            return True
    return not outline.features and (outline.metadata is not None or outline.dataset_metadata is not None)


def _has(value: Any, words: frozenset[str]) -> bool:
    return isinstance(value, dict) and not words.isdisjoint(value)
