"""Outside references: the official ED-318 JSON Schemas and the ED-269 types of the InterUSS checks take our exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from implicitdict import ImplicitDict, StringBasedDateTime  # type: ignore[import-untyped]  # ships no types
from referencing import Registry, Resource
from uas_standards.eurocae_ed269 import ED269Schema, UASZoneVersion  # type: ignore[import-untyped]  # ships no types

from airspace.demo import facts
from airspace.model.zone import Zone
from geofences.exports import ed269, ed318
from geofences.formats import detect
from tests.geofences.test_exports import NOW_S, rich

SOURCES = {
    "nl_uas-zones_ed269_rebuilt.json": 774,
    "lu_ed269_converted.geojson": 47,
    "interuss_ed269_test.json": 6,
    "interuss_cis_sample_ed269.json": 1,
    "interuss_cis_sample_ed318.json": 3,
}


class CisFile(ImplicitDict):  # type: ignore[misc]  # its base is untyped
    """As the InterUSS check of ED-269 documents defines it (monitoring/uss_qualifier, ED269SchemaFile)."""

    formatVersion: str  # noqa: N815 - the document's word
    createdAt: StringBasedDateTime  # noqa: N815
    UASZoneList: list[UASZoneVersion]


@pytest.fixture(scope="module")
def schema(real_data: Path) -> jsonschema.Draft7Validator:
    folder = real_data / "geofences" / "ed318_official"

    schemas = {path.name: json.loads(path.read_text()) for path in folder.glob("Schema_*.json")}
    resources: list[tuple[str, Resource[Any]]] = [
        (uri, Resource.from_contents(contents))
        for name, contents in schemas.items()
        for uri in (name, f"./{name}")  # as the schemas refer to each other
    ]
    registry: Registry[Any] = Registry().with_resources(resources)
    return jsonschema.Draft7Validator(schemas["Schema_GeoZones.json"], registry=registry)


@pytest.fixture(scope="module")
def zones_of(real_data: Path) -> Callable[[str], tuple[Zone, ...]]:
    return lambda name: detect.read((real_data / "geofences" / name).read_bytes(), name).zones


def made_sets() -> list[tuple[Zone, ...]]:
    odd = (rich(zone_id="a-long-identifier", country=""), rich(valid_from_s=None, reasons=("FOREIGN_TERRITORY",)))
    return [(rich(),), odd, detect.read(facts.zones(), "demo").zones]


def in_json(document: dict[str, Any]) -> Any:
    return json.loads(msgspec.json.encode(document))


@pytest.mark.parametrize(("name", "count"), SOURCES.items())
def test_ed318_exports_of_real_files_are_valid(
    schema: jsonschema.Draft7Validator, zones_of: Callable[[str], tuple[Zone, ...]], name: str, count: int
) -> None:
    zones = zones_of(name)
    assert len(zones) >= count
    assert not list(schema.iter_errors(in_json(ed318.write(zones, NOW_S).document)))


@pytest.mark.parametrize("zones", made_sets())
def test_ed318_exports_of_made_zones_are_valid(schema: jsonschema.Draft7Validator, zones: tuple[Zone, ...]) -> None:
    assert not list(schema.iter_errors(in_json(ed318.write(zones, NOW_S).document)))


def test_the_schemas_refuse_what_they_should(schema: jsonschema.Draft7Validator, real_data: Path) -> None:
    folder = real_data / "geofences" / "ed318_official"
    assert not list(schema.iter_errors(json.loads((folder / "Example_Collection.json").read_text())))
    assert list(schema.iter_errors(json.loads((folder / "InvalidExample_GeoZone_2_Layers.json").read_text())))


@pytest.mark.parametrize(("name", "count"), SOURCES.items())
def test_the_types_of_the_checks_take_ed269_exports(
    zones_of: Callable[[str], tuple[Zone, ...]], name: str, count: int
) -> None:
    zones = zones_of(name)
    checked = ImplicitDict.parse(in_json(ed269.write(zones, NOW_S, envelope=ed269.Envelope.CIS).document), CisFile)
    assert len(checked.UASZoneList) == len(zones) >= count
    published = in_json(ed269.write(zones, NOW_S).document)
    for feature in published["features"]:
        del feature["extendedProperties"]  # uas_standards types it Any, which implicitdict cannot make
    parsed = ED269Schema.from_dict(published)
    assert [each.identifier for each in parsed.features] == [zone.zone_id for zone in zones]


@pytest.mark.parametrize("zones", made_sets())
def test_the_types_of_the_checks_take_made_zones(zones: tuple[Zone, ...]) -> None:
    write = partial(ed269.write, envelope=ed269.Envelope.CIS)
    assert len(ImplicitDict.parse(in_json(write(zones, NOW_S).document), CisFile).UASZoneList) == len(zones)
