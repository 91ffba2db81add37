"""Zone files in JSON as other people write them: other names, other spellings, one bad feature among good ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from airspace.app.rules import Rulebook
from airspace.model.units import epoch_s
from airspace.model.zone import Circle, Datum, Predicate, Restriction
from geofences.formats import detect
from geofences.schedules import validity
from geofences.schedules.schedule import active
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.geofences import made, made_ed318

RING = [[4.90, 52.30], [4.95, 52.30], [4.95, 52.33], [4.90, 52.33], [4.90, 52.30]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}
FT = 0.3048


def feature(properties: dict[str, Any] | None, geometry: Any = POLYGON, **members: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry} | members


def read(*features: Any, **members: Any) -> ZoneSet:
    document = {"type": "FeatureCollection", "features": list(features)} | members
    return detect.read(json.dumps(document).encode(), "f.geojson")


def told(zones: ZoneSet) -> str:
    return "\n".join(f"{each.place}: {each.what}" for each in zones.oddities)


# --- names


@pytest.mark.parametrize(
    ("properties", "zone_id", "name", "said"),
    [
        ({"title": "Billund"}, "Billund", "Billund", "the name is taken from 'title'"),
        ({"Naam": "Arena", "OBJECTID": 3}, "Arena", "Arena", "the name is taken from 'Naam'"),
        ({"NAME": "Wembley", "fid": 9}, "Wembley", "Wembley", "the name is taken from 'NAME'"),
        ({"naamN2K": "Naardermeer", "nr": 94}, "Naardermeer", "Naardermeer", "the name is taken from 'naamN2K'"),
        ({"designator": "EHR 4"}, "EHR 4", "EHR 4", "the name is taken from 'designator'"),
        ({"id": "x1", "Bezeichnung": "Stadion"}, "x1", "Stadion", "the name is taken from 'Bezeichnung'"),
        ({"name": "", "label": "Kuip"}, "Kuip", "Kuip", "the name is taken from 'label'"),
        ({"OBJECTID": 41}, "41", "41", "neither id nor name: called by 'OBJECTID'"),
        ({"gml_id": "na.7"}, "na.7", "na.7", "neither id nor name: called by 'gml_id'"),
        ({"colour": "red"}, "feature 1", "feature 1", "neither id nor name: called by its place in the file"),
        ({}, "feature 1", "feature 1", "called by its place in the file"),
        (None, "feature 1", "feature 1", "called by its place in the file"),
        ({"name": 7}, "7", "7", ""),
        ({"Name": "a\u202e\x1b[31mb"}, "a[31mb", "a[31mb", "'Name'"),
    ],
)
def test_names_and_ids_under_other_keys(properties: Any, zone_id: str, name: str, said: str) -> None:
    zones = read(feature(properties))
    (zone,) = zones.zones
    assert (zone.zone_id, zone.name) == (zone_id, name)
    assert said in told(zones)


def test_places_in_two_files_are_not_one_group() -> None:
    """One alert a group: what only a number names must not be one with the same number of another file."""
    one, other = read(feature({"OBJECTID": 1})), read(feature({"OBJECTID": 1, "colour": "red"}))
    assert one.zones[0].zone_id == other.zones[0].zone_id == "1"
    assert one.zones[0].group != other.zones[0].group


# --- heights


@pytest.mark.parametrize(
    ("properties", "lower", "upper"),
    [
        ({"lower": "SFC", "upper": "120 M AGL"}, (0, Datum.AGL), (120, Datum.AGL)),
        ({"lower": "GND", "upper": "FL 095"}, (0, Datum.AGL), (9_500 * FT, Datum.AMSL)),
        ({"lowerLimit": "500 ft GND", "upperLimit": "2500FT AMSL"}, (500 * FT, Datum.AGL), (2_500 * FT, Datum.AMSL)),
        (
            {"LOWER_VAL": 500, "LOWER_UOM": "FT", "LOWER_CODE": "SFC", "UPPER_VAL": "4000", "UPPER_UOM": "FT",
             "UPPER_CODE": "MSL"},
            (500 * FT, Datum.AGL),
            (4_000 * FT, Datum.AMSL),
        ),  # the FAA's columns
        (
            {"lower": 0, "upper": 300, "lowerRef": "AGL", "upperRef": "AMSL", "uom": "M"},
            (0, Datum.AGL),
            (300, Datum.AMSL),
        ),  # a copy of Latvia's
        (
            {"lowerLimit": 0, "upperLimit": 120, "unit": "M", "lowerReference": "AGL", "upperReference": "AGL"},
            (0, Datum.AGL),
            (120, Datum.AGL),
        ),  # a copy of Luxembourg's
        (
            {"lowerCeiling": {"value": 0, "unit": "FT", "referenceDatum": "GND"},
             "upperCeiling": {"value": 240, "unit": "FL", "referenceDatum": "STD"}},
            (0, Datum.AGL),
            (24_000 * FT, Datum.AMSL),
        ),  # openAIP's
        ({"floor_ft_amsl": 1500, "ceiling_m_agl": 300}, (1_500 * FT, Datum.AMSL), (300, Datum.AGL)),
        ({"LOWER_M": 10, "UPPER_M": "60"}, (10, Datum.AGL), (60, Datum.AGL)),  # our own names in capitals
    ],
)  # fmt: skip
def test_heights_whose_unit_and_datum_are_stated_are_read(
    properties: dict[str, Any], lower: tuple[float, Datum], upper: tuple[float, Datum]
) -> None:
    zones = read(feature({"name": "a"} | properties))
    (volume,) = zones.zones[0].volumes
    assert [volume.lower_m, volume.upper_m] == pytest.approx([lower[0], upper[0]])
    assert [volume.lower_datum, volume.upper_datum] == [lower[1], upper[1]]
    assert "from the ground" not in told(zones)


@pytest.mark.parametrize(
    "key",
    ["upper_limit", "lowerLimit", "MAX_ALT", "ceiling", "floor_m", "hoogte", "altitude_m", "UPPERLIM", "upperMeters",
     "bovengrens", "maxHeight"],
)  # fmt: skip
def test_heights_without_unit_or_datum_are_told_with_what_follows(key: str) -> None:
    zones = read(feature({"name": "a", key: 120}))
    assert zones.zones[0].volumes[0].upper_m is None
    assert re.search(f"'{key}' of 1 feature.*passed over; .*from the ground", told(zones))


def test_limits_that_contradict_each_other_are_not_read() -> None:
    zones = read(feature({"name": "a", "lower": "120 M AGL", "upper": "GND"}))
    assert zones.zones[0].volumes[0].lower_m is None
    assert "the lower limit is not below the upper one: neither is read" in told(zones)


def test_what_is_said_in_our_own_words_wins() -> None:
    zones = read(feature({"name": "a", "upper_m": 50, "upper": "120 M AGL", "upperLimit": 9}))
    assert zones.zones[0].volumes[0].upper_m == 50.0


# --- times


@pytest.mark.parametrize(
    "key",
    ["timeBegin", "timeEnd", "start", "end_date", "valid_from", "VALIDTO", "begintijd", "geldig_tot", "schedule_text",
     "activePeriod", "startdatum", "windows"],
)  # fmt: skip
def test_times_under_other_names_are_told_with_what_follows(key: str) -> None:
    zones = read(feature({"name": "a", key: "2019-06-20T09:00:00Z"}))
    assert zones.zones[0].applicability == ()
    assert re.search(f"'{key}' of 1 feature.*passed over; .*in force always", told(zones))


@pytest.mark.parametrize(
    "key", ["creationDateTime", "updated_at", "lastUpdate", "editDate", "timestamp", "elevation_m"]
)
def test_what_dates_the_record_bounds_nothing(key: str) -> None:
    zones = read(feature({"name": "a", key: "2019-06-20T09:00:00Z"}))
    assert told(zones) == f"file: property '{key}' of 1 feature(s) is not known: passed over"


def test_the_names_of_ed269_with_an_offset_are_read() -> None:
    stated = {"startDateTime": "2026-05-01T18:00:00+02:00", "endDateTime": "2026-05-01T23:00:00+02:00"}
    zones = read(feature({"name": "a"} | stated))
    assert zones.zones[0].applicability[0].end_s == epoch_s("2026-05-01T21:00:00Z")
    assert "to is read from 'endDateTime'" in told(zones)
    local = read(feature({"name": "a", "endDateTime": "2026-05-01T23:00:00"}))  # of which clock?
    assert (
        "'endDateTime' of 1 feature(s) is not known: passed over; if it bounds their time, they are in force"
        in told(local)
    )


# --- features that cannot be read, or have no place


@pytest.mark.parametrize(
    ("broken", "zone_id", "why"),
    [
        (feature({"name": "b"}, {"type": "LineString", "coordinates": RING}), "b", "'LineString' is not a Polygon"),
        (
            feature({"name": "b"}, {"type": "Polygon", "coordinates": [[[4.9, 52.3], [4.95, 52.3]]]}),
            "b",
            "fewer than 3",
        ),
        (feature({"name": "b", "predicate": "crowd"}), "b", "'crowd'"),
        (feature({"name": "b", "kind": "legal"}), "b", "legal_basis"),
        (feature({"name": "b"}, {"type": "Polygon", "coordinates": "x"}), "b", "coordinates"),
        (feature({"name": "b"}, 7), "b", "geometry"),
        (feature({"name": "b"}, {"type": "Point", "coordinates": [4.9, 52.3]}), "b", "radius_m"),
        (feature({"name": "b"}, {"type": "Polygon", "coordinates": [[[y, x] for x, y in RING]]}), "b", "axis order"),
        ({"type": "Feature", "id": "b", "properties": [], "geometry": POLYGON}, "b", "properties"),
        ("text", "feature 2", "Expected"),
        (None, "feature 2", "Expected"),
    ],
)
def test_one_feature_that_cannot_be_read_takes_nothing_with_it(broken: Any, zone_id: str, why: str) -> None:
    zones = read(feature({"name": "good"}), broken, feature({"name": "better"}))
    assert [zone.zone_id for zone in zones.zones] == ["good", "better"]
    (aside,) = zones.set_aside
    assert aside.zone_id == zone_id
    assert why in aside.why
    with pytest.raises(ZoneFileError):
        read(broken)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Polygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": [[]]},
        {"type": "GeometryCollection", "geometries": []},
    ],
)
def test_a_feature_without_a_place_is_passed_over(geometry: Any) -> None:
    zones = read(feature({"name": "nowhere"}, geometry), feature({"name": "here"}))
    assert [zone.zone_id for zone in zones.zones] == ["here"]
    assert zones.set_aside == ()
    assert "nowhere: it has no geometry, so no place: passed over" in told(zones)
    with pytest.raises(ZoneFileError, match="none of its 1 features has a geometry"):
        read(feature({"name": "nowhere"}, geometry))


def test_outlines_that_cross_by_centimetres_are_mended_and_told() -> None:
    cm = 1e-7  # of a degree
    loop = [[4.90, 52.31], [4.90, 52.305], [4.90 + cm, 52.3055], [4.90 - cm, 52.3052]]
    crossed = [[4.90, 52.30], [4.95, 52.30], [4.95, 52.33], [4.90, 52.33], *loop, [4.90, 52.30]]
    hole = [[4.95 + cm, 52.31], [4.94, 52.31], [4.94, 52.32], [4.95 + cm, 52.32], [4.95 + cm, 52.31]]
    for rings in ([crossed], [RING, hole]):
        zones = read(feature({"name": "a"}, {"type": "Polygon", "coordinates": rings}))
        assert zones.zones[0].volumes
        assert "crosses itself: split into" in told(zones)


def test_collections_of_geometries() -> None:
    pin, line = {"type": "Point", "coordinates": [4.9, 52.3]}, {"type": "LineString", "coordinates": RING}
    inner = {"type": "GeometryCollection", "geometries": [POLYGON, pin]}
    other = {"type": "Polygon", "coordinates": [[[x + 0.1, y] for x, y in RING]]}
    zones = read(feature({"name": "a"}, {"type": "GeometryCollection", "geometries": [inner, other, line]}))
    assert len(zones.zones[0].volumes) == 2
    assert "a: 2 points or lines beside its areas: passed over" in told(zones)


# --- ED-269 in other hands


def limits(**changes: Any) -> dict[str, Any]:
    return {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
    } | changes


def mixture(properties: dict[str, Any], geometry: Any = POLYGON) -> ZoneSet:
    own = {"identifier": "EE1", "country": "NLD", "restriction": "PROHIBITED", "applicability": []}
    return read(feature(own | properties, geometry))


@pytest.mark.parametrize(
    ("zones", "volumes"),
    [
        (mixture({"geometry": limits()}), 1),
        (mixture({"geometry": [limits(), limits(lowerLimit=120, upperLimit=300)]}), 2),
        (mixture(limits()), 1),  # flat, without a geometry of their own
        (mixture({"geometry": limits()}, {"type": "MultiPolygon", "coordinates": [[RING], [RING]]}), 2),
        (mixture({"geometry": limits(radius=500)}, {"type": "Point", "coordinates": [4.9, 52.3]}), 1),
        (
            mixture(
                {"geometry": [limits(horizontalProjection={"type": "Circle", "center": [4.9, 52.3], "radius": 500})]},
                None,
            ),
            1,
        ),
    ],
)
def test_geojson_with_the_properties_of_ed269_is_ed269(zones: ZoneSet, volumes: int) -> None:
    (zone,) = zones.zones
    assert (zone.zone_id, zone.restriction, len(zone.volumes)) == ("EE1", Restriction.PROHIBITED, volumes)
    assert {volume.lower_datum for volume in zone.volumes} == {Datum.AGL}
    assert zone.volumes[0].upper_m == 120.0
    assert "read as ED-269" in told(zones)


def test_a_mixture_s_feature_that_cannot_be_read_is_set_aside_by_name() -> None:
    own = {"identifier": "EE1", "country": "EST", "restriction": "PROHIBITED", "applicability": []}
    zones = read(
        feature(own | limits(), {"type": "Polygon", "coordinates": [[[25, 58.8], [25.1, 58.8], [25.1, 58.9]]]}),
        feature(own | limits(uomDimensions="yard") | {"identifier": "EE2"}),
        feature(own | limits() | {"identifier": "EE3"}, None),
    )
    assert [zone.zone_id for zone in zones.zones] == ["EE1"]
    assert [(one.zone_id, one.why) for one in zones.set_aside] == [("EE2", "uomDimensions: unknown unit 'yard'")]
    assert "EE3: it has no geometry" in told(zones)


@pytest.mark.parametrize(
    ("changes", "restriction"),
    [
        ({"restriction": "Prohibited"}, Restriction.PROHIBITED),
        ({"restriction": "req_authorization"}, Restriction.REQUIRES_AUTHORISATION),
        ({"restriction": "REQ AUTHORISATION"}, Restriction.REQUIRES_AUTHORISATION),
        ({"restriction": "Requires-Authorization"}, Restriction.REQUIRES_AUTHORISATION),
        ({"restriction": "no restriction"}, Restriction.NO_RESTRICTION),
    ],
)
def test_a_restriction_spelled_otherwise(changes: dict[str, Any], restriction: Restriction) -> None:
    zones = made.zone_set(made.feature(country="LUX", **changes))
    assert zones.zones[0].restriction is restriction


@pytest.mark.parametrize(
    ("changes", "lower", "upper"),
    [
        ({"uomDimensions": "FT", "upperLimit": 400}, (0, Datum.AGL), (400 * FT, Datum.AGL)),
        ({"uomDimensions": "ft", "upperLimit": "400"}, (0, Datum.AGL), (400 * FT, Datum.AGL)),
        ({"uomDimensions": "Meters"}, (0, Datum.AGL), (120, Datum.AGL)),
        ({"uomDimensions": None}, (0, Datum.AGL), (120, Datum.AGL)),
        ({"uomDimensions": "FL", "upperLimit": 65, "lowerLimit": "GND"}, (0, Datum.AGL), (6_500 * FT, Datum.AMSL)),
        ({"lowerVerticalReference": "GND", "upperVerticalReference": "MSL"}, (0, Datum.AGL), (120, Datum.AMSL)),
        ({"lowerVerticalReference": "wgs84", "upperVerticalReference": "W84"}, (0, Datum.WGS84), (120, Datum.WGS84)),
        ({"lowerLimit": "SFC", "upperLimit": "UNL"}, (0, Datum.AGL), (None, Datum.AGL)),
        ({"upperLimit": "", "upperVerticalReference": ""}, (0, Datum.AGL), (None, Datum.UNKNOWN)),
    ],
)
def test_limits_as_states_write_them(
    changes: dict[str, Any], lower: tuple[float, Datum], upper: tuple[float | None, Datum]
) -> None:
    shape = made.box(4.9, 52.3, 4.95, 52.33)
    (zone,) = made.zone_set(made.feature(country="LUX", geometry=[made.geometry(shape, **changes)])).zones
    volume = zone.volumes[0]
    assert (volume.lower_m, volume.lower_datum) == lower
    assert volume.upper_m == (None if upper[0] is None else pytest.approx(upper[0]))
    assert volume.upper_datum is upper[1]


def test_ed269_with_fields_missing_or_of_other_kinds() -> None:
    whole = made.feature(country="LUX")
    shape = made.geometry({"type": "POLYGON", "coordinates": [RING[:-1]]})
    zones = made.zone_set(
        {key: value for key, value in whole.items() if key != "identifier"} | {"name": "nameless"},
        {key: value for key, value in whole.items() if key != "country"} | {"identifier": 7},
        whole | {"identifier": "one", "geometry": shape},
        whole | {"identifier": "row", "applicability": {"permanent": "YES"}},
        whole | {"identifier": "any", "applicability": [{"schedule": {"day": "ANY", "startTime": "06:00Z"}}]},
        whole | {"identifier": "null", "geometry": None},
        whole | {"identifier": "bad", "geometry": [{"horizontalProjection": None}]},
    )
    assert [zone.zone_id for zone in zones.zones] == ["nameless", "7", "one", "row", "any"]
    assert [one.zone_id for one in zones.set_aside] == ["bad"]
    for what in ("identifier is missing: its name", "country is missing", "ring is not closed", "null: it has no geo"):
        assert what in told(zones)


def test_a_circle_of_a_strange_size_is_told() -> None:
    small = made.zone_set(made.feature(shape=made.circle(4.9, 52.3, 3)))
    assert small.zones[0].volumes[0].shape == Circle(latitude_deg=52.3, longitude_deg=4.9, radius_m=3.0)
    assert "a circle with a radius of 3 m, as the file has it: is its unit right?" in told(small)


# --- ED-318 in other hands


SPAIN = {
    "UASZone": {"identifier": "LEBZ45", "country": "ESP", "name": "BADAJOZ", "type": "REQ_AUTHORIZATION",
                "variant": "COMMON", "region": ""},
    "verticalLayer": {"upper": 900, "upperReference": "AGL", "lower": 45, "lowerReference": "AGL", "UOM": "M"},
    "limitedApplicability": [{"startDateTime": "", "endDateTime": "", "schedule": [{"day": "ANY", "startTime": "",
                              "startEvent": "", "endTime": "", "endEvent": ""}]}],
    "zoneAuthority": [{"purpose": "AUTHORIZATION", "name": "", "email": ""}],
}  # fmt: skip
SPAIN_FLAT = {
    "identifier": "INF1", "country": "ESP", "type": "PROHIBITED", "name": "Infraestructura", "variant": "COMMON",
    "lower": "0", "lowerReference": "AGL", "upper": "92.1", "upperReference": "AGL", "uom": "M",
    "startDateTime": "", "endDateTime": "", "day": "ANY", "startTime": "", "endTime": "", "startEvent": "",
}  # fmt: skip
IBERIA = {"type": "Polygon", "coordinates": [[[-6.8, 38.9], [-6.7, 38.9], [-6.7, 39.0], [-6.8, 38.9]]]}


@pytest.mark.parametrize(
    ("properties", "lower_m", "upper_m"), [(SPAIN, 45.0, 900.0), (SPAIN_FLAT, 0.0, 92.1)], ids=["nested", "flat"]
)
def test_spain_s_ed318_keeps_its_limits(properties: dict[str, Any], lower_m: float, upper_m: float) -> None:
    zones = read(feature(properties, IBERIA))
    (zone,) = zones.zones
    (volume,) = zone.volumes
    assert (volume.lower_m, volume.upper_m, volume.upper_datum) == (lower_m, upper_m, Datum.AGL)
    assert active(zone, 0.0)
    assert "taken as open" not in told(zones)


def test_spain_s_hours_stand_beside_the_rest() -> None:
    hours = {"day": "MON", "startTime": "08:00Z", "endTime": "16:00Z", "startDateTime": "2026-01-01T00:00:00Z"}
    (zone,) = read(feature(SPAIN_FLAT | hours, IBERIA)).zones
    assert active(zone, epoch_s("2026-06-01T15:59:00Z"))
    assert not active(zone, epoch_s("2026-06-02T15:59:00Z"))


@pytest.mark.parametrize("word", ["prohibited", "Prohibited", "REQ_AUTHORISATION", "Req Authorization", "uspace"])
def test_types_spelled_otherwise(word: str) -> None:
    (zone,) = made_ed318.zone_set(made_ed318.feature(type=word)).zones
    assert zone.predicate in {Predicate.ALL_FORBIDDEN, Predicate.AUTHORISATION, Predicate.USPACE}


# --- sets and zones that are over, or to come


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        (made_ed318.zone_set(made_ed318.feature(), metadata={"validTo": "2026-03-01T00:00:00Z"}),
         "valid until 2026-03-01T00:00:00Z: past; nothing in it is in force"),
        (made_ed318.zone_set(made_ed318.feature(), metadata={"validFrom": "2027-03-01T00:00:00Z"}),
         "valid from 2027-03-01T00:00:00Z: not yet; nothing in it is in force"),
        (made.zone_set(made.feature(applicability=[{"endDateTime": "2026-03-01T00:00:00Z"}])),
         "valid until 2026-03-01T00:00:00Z: past; nothing in it is in force"),
        (read(feature({"name": "a", "to": "2026-03-01T00:00:00+01:00"})),
         "valid until 2026-02-28T23:00:00Z: past; nothing in it is in force"),
        (read(feature({"name": "a", "schedule": {"start": "18:00", "end": "20:00", "dates": ["2026-02-28"]}})),
         "valid until 2026-02-28T19:00:00Z: past; nothing in it is in force"),
        (read(feature({"name": "a", "from": "2027-03-01T00:00:00+01:00"})), None),  # a season to come is no fault
        (read(feature({"name": "a", "schedule": {"start": "18:00", "end": "20:00"}})), None),
        (read(feature({"name": "a"})), None),
        (read(feature({"name": "a"}), feature({"name": "b", "to": "2026-03-01T00:00:00Z"})), None),
    ],
)  # fmt: skip
def test_a_set_of_which_nothing_is_in_force_says_so(zones: ZoneSet, said: str | None) -> None:
    assert validity.of(zones.zones).fault(epoch_s("2026-06-01T00:00:00Z")) == said


def test_a_zone_that_is_over_among_others_is_named() -> None:
    zones = read(feature({"name": "a"}), feature({"name": "b", "to": "2026-03-01T00:00:00Z"}))
    told_then = validity.over(zones.zones, epoch_s("2026-06-01T00:00:00Z"))
    assert [(each.place, each.what) for each in told_then] == [("b", "over since 2026-03-01T00:00:00Z")]
    assert validity.over(zones.zones, epoch_s("2026-02-01T00:00:00Z")) == []


def test_dates_to_come_are_told_though_they_are_no_fault() -> None:
    zones = read(feature({"name": "a", "from": "2027-03-01T00:00:00Z"}))
    coming = validity.of(zones.zones).coming(epoch_s("2026-06-01T00:00:00Z"))
    assert coming == "nothing in it is in force before 2027-03-01T00:00:00Z"


def test_the_service_says_it_when_the_time_comes_without_a_new_file(tmp_path: Path) -> None:
    file = tmp_path / "match.geojson"
    one = feature({"name": "a", "to": "2026-05-01T22:00:00Z"})
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [one]}))
    now = ["2026-05-01T21:00:00Z"]
    book = Rulebook([file], [], clock=lambda: epoch_s(now[0]))
    assert book.health == {"zones": "ok", "notices": "ok"}
    now[0] = "2026-05-01T22:00:00Z"
    said = "degraded: match.geojson: valid until 2026-05-01T22:00:00Z: past; nothing in it is in force"
    assert book.health["zones"] == said
