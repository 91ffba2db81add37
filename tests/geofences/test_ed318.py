from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from airspace.model.units import epoch_s
from airspace.model.zone import Authority, Circle, Datum, Polygon, Predicate, Restriction, SunEvent, Variant, Words
from geofences.formats import ed318
from geofences.zone_set import ZoneFileError
from tests.geofences import made, made_ed318

EXAMPLES = {
    "Example_Collection.json": 2,
    "Example_GeoZone_2_Layers.json": 1,
    "Example_GeoZone_Circle.json": 1,
    "Example_GeoZone_with_extension.json": 1,
}


@pytest.mark.parametrize(("name", "count"), EXAMPLES.items())
def test_the_official_examples_are_read_without_oddities(real_data: Path, name: str, count: int) -> None:
    zones = ed318.read((real_data / "geofences" / "ed318_official" / name).read_bytes(), name)
    assert len(zones.zones) == count
    assert zones.oddities == ()
    assert {zone.valid_from_s for zone in zones.zones} == {epoch_s("2018-12-31T15:59:59Z")}


def test_the_invalid_official_example_is_refused(real_data: Path) -> None:
    name = "InvalidExample_GeoZone_2_Layers.json"
    data = (real_data / "geofences" / "ed318_official" / name).read_bytes()
    with pytest.raises(ZoneFileError, match=r"metadata\.validFrom"):
        ed318.read(data, name)


def test_a_collection_of_geometries_is_one_zone_of_several_layers(real_data: Path) -> None:
    path = real_data / "geofences" / "ed318_official" / "Example_GeoZone_2_Layers.json"
    (zone,) = ed318.read(path.read_bytes(), "x").zones
    assert [(volume.lower_m, volume.upper_m) for volume in zone.volumes] == [(50, 150), (0, 50)]
    assert zone.reasons == ("AIR_TRAFFIC", "OTHER")
    assert zone.other_reason == "Flying Whales - part 2 / Baleines Volantes 2-ème partie"
    assert [(len(each.days), each.start, each.end) for each in zone.applicability[0].periods] == [
        (7, time(16), time(17)),
        (1, time(10), time(12)),
    ]


def test_the_swiss_sample_keeps_its_languages_and_has_no_ceiling(real_data: Path) -> None:
    name = "interuss_cis_sample_ed318.json"
    zones = ed318.read((real_data / "geofences" / name).read_bytes(), name).zones
    assert [zone.zone_id for zone in zones] == ["LSZB003", "BLns058", "LSTB002"]
    assert {volume.upper_m for zone in zones for volume in zone.volumes} == {None}
    assert [words.language for words in zones[1].names] == ["de-CH", "fr-CH", "it-CH", "en-GB"]
    assert zones[1].name == "Protected natural object Langmatt"
    assert zones[1].authorities[0].interval_before == "P07DT00H"
    assert zones[1].region == 0


def test_circle_polygon_and_several_polygons() -> None:
    many = {"type": "MultiPolygon", "coordinates": [made_ed318.BOX, [[[5, 52], [5.1, 52], [5.1, 52.1], [5, 52]]]]}
    both = {"type": "GeometryCollection", "layer": made_ed318.LAYER, "geometries": [many, made_ed318.circle()]}
    zones = made_ed318.zone_set(made_ed318.feature("A", both))
    shapes = [volume.shape for volume in zones.zones[0].volumes]
    assert [type(shape) for shape in shapes] == [Polygon, Polygon, Circle]
    assert shapes[2] == Circle(latitude_deg=52.3, longitude_deg=4.9, radius_m=500.0)
    assert zones.oddities == ()  # the layer of the collection holds for all of them


def test_limits_in_feet_and_of_other_references() -> None:
    layer = {"upper": "3000", "upperReference": "AMSL", "lower": 10, "lowerReference": "WGS84", "uom": "ft"}
    (volume,) = made_ed318.zone_set(made_ed318.feature("A", made_ed318.circle(layer=layer))).zones[0].volumes
    assert (volume.upper_datum, volume.lower_datum) == (Datum.AMSL, Datum.WGS84)
    assert volume.upper_m == pytest.approx(914.4)
    assert volume.lower_m == pytest.approx(3.048)
    assert isinstance(volume.shape, Circle)
    assert volume.shape.radius_m == 500.0  # uom speaks of the limits alone


@pytest.mark.parametrize(
    ("word", "restriction", "predicate"),
    [
        ("USPACE", Restriction.REQUIRES_AUTHORISATION, Predicate.USPACE),
        ("PROHIBITED", Restriction.PROHIBITED, Predicate.ALL_FORBIDDEN),
        ("REQ_AUTHORIZATION", Restriction.REQUIRES_AUTHORISATION, Predicate.AUTHORISATION),
        ("CONDITIONAL", Restriction.CONDITIONAL, Predicate.UNKNOWN),
        ("NO_RESTRICTION", Restriction.NO_RESTRICTION, Predicate.NONE),
    ],
)
def test_types(word: str, restriction: Restriction, predicate: Predicate) -> None:
    zone = made_ed318.zone_set(made_ed318.feature(type=word, variant="CUSTOMIZED", reason=["DAR"])).zones[0]
    assert (zone.restriction, zone.predicate, zone.variant, zone.reasons) == (
        restriction,
        predicate,
        Variant.CUSTOMIZED,
        ("DAR",),
    )


def test_events_of_the_sun_stand_for_hours() -> None:
    rows = [
        {"day": ["MON"], "startEvent": "SR", "endEvent": "SS"},
        {"day": ["SUN"], "startTime": "06:00Z", "startEvent": "BMCT", "endTime": "21:00:00Z"},
    ]
    zones = made_ed318.zone_set(made_ed318.feature(limitedApplicability=[{"schedule": rows}]))
    first, second = zones.zones[0].applicability[0].periods
    assert (first.start_event, first.end_event) == (SunEvent.SR, SunEvent.SS)
    assert (second.start_event, second.start, second.end_event, second.end) == (
        SunEvent.BMCT,
        time(6),
        None,
        time(21),
    )
    assert [oddity.what for oddity in zones.oddities] == ["an hour beside an event of the sun: the event stands"]


def test_dutch_texts_are_told_and_mapped() -> None:
    message = [{"text": "In English", "lang": "en-GB"}, {"text": made.OPEN_FORBIDDEN, "lang": "nl-NL"}]
    zone = made_ed318.zone_set(made_ed318.feature(country="NLD", type="CONDITIONAL", message=message)).zones[0]
    assert zone.message == made.OPEN_FORBIDDEN
    assert zone.predicate is Predicate.OPEN_FORBIDDEN
    assert len(zone.messages) == 2


def test_what_only_informs_is_left_out_with_a_note() -> None:
    feature = made_ed318.feature(
        name="a plain text",
        message=[{"text": "no language"}, 3],
        zoneAuthority=[{"purpose": "GUESS", "name": "CAA", "phone": 112}, "nobody", {"purpose": "INFORMATION"}],
        region="west",
        regulationExemption="MAYBE",
        variant=None,
    )
    zones = made_ed318.zone_set(feature)
    zone = zones.zones[0]
    assert zone.names == (Words(text="a plain text"),)
    assert zone.messages == (Words(text="no language"),)
    assert zone.authorities == (Authority(purpose="", name=(Words(text="CAA"),), phone="112"),)
    assert (zone.region, zone.regulation_exemption, zone.variant) == (None, None, Variant.COMMON)
    told = " | ".join(oddity.what for oddity in zones.oddities)
    for what in ("names no language", "message is no text", "'GUESS'", "no object", "region", "'MAYBE'", "variant"):
        assert what in told


def test_the_oddities_of_real_publishers_are_accepted_and_named() -> None:
    irish = made_ed318.zone_set(
        made_ed318.feature(), metadata=None, datasetMetadata={"validTo": "2026-06-30T00:00:00+01:00"}
    )
    assert irish.zones[0].valid_to_s == epoch_s("2026-06-29T23:00:00Z")
    assert irish.oddities[0].what == "datasetMetadata instead of metadata: taken as it"
    swiss = made_ed318.zone_set(made_ed318.feature(type="REQ_AUTHORISATION"), metadata={"description": "Testdaten"})
    assert [oddity.what for oddity in swiss.oddities] == [
        "metadata: description is a text without a language",
        "type REQ_AUTHORISATION is spelled as in ED-269",
    ]


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        (made_ed318.feature(type="MAYBE"), "zone A1: type: unknown value 'MAYBE'"),
        (made_ed318.feature(geometry={"type": "Point", "coordinates": [5, 52]}), "zone A1: geometry: a Point needs"),
        (made_ed318.feature(geometry={"type": "LineString", "coordinates": [[5, 52], [6, 52]]}), "LineString has no"),
        (made_ed318.feature(geometry={"type": "GeometryCollection", "geometries": []}), "geometry: none given"),
        (
            made_ed318.feature(geometry={"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection"}]}),
            "within a collection",
        ),
        (made_ed318.feature(geometry={"type": "Polygon"}), "zone A1: geometry: no coordinates"),
        (made_ed318.feature(geometry={"type": "Polygon", "coordinates": [[5, 52]]}), "zone A1: coordinates"),
        (made_ed318.feature(geometry=made_ed318.circle(radius=-1)), "zone A1: radius"),
        (
            made_ed318.feature(limitedApplicability=[{"schedule": [{"day": ["MON"], "startEvent": "NOON"}]}]),
            "zone A1: applicability: unknown event 'NOON'",
        ),
        (made_ed318.feature(limitedApplicability=[{"startDateTime": "soon"}]), "zone A1: applicability"),
        ({"type": "Feature", "geometry": None, "properties": {"identifier": "Q7"}}, "none of its 1 features has a geo"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(feature: dict[str, Any], message: str) -> None:
    with pytest.raises(ZoneFileError, match=message):
        made_ed318.zone_set(feature)
