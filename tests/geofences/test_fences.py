from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.units import epoch_s, rfc3339
from airspace.model.zone import Circle, Datum, Polygon, Predicate, Restriction, Zone, ZoneKind, ZoneRole
from geofences.catalogue import Catalogue
from geofences.formats import fences as fences_of
from geofences.formats import geojson
from geofences.schedules import schedule
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.conftest import ROOT
from tests.geofences import plane

RING = [[4.90, 52.30], [4.95, 52.30], [4.95, 52.33], [4.90, 52.33], [4.90, 52.30]]
HOLE = [[4.92, 52.31], [4.93, 52.31], [4.93, 52.32], [4.92, 52.32], [4.92, 52.31]]
# 12,001 corners that wander by a metre or by 100 m; no place on earth
JAGGED, COAST = (
    [
        [5.0 + (0.2 + rough * (n % 2)) * math.sin(turn), 52.0 + (0.1 + rough * (n % 2)) * math.cos(turn)]
        for n, turn in ((n, 2 * math.pi * (n % 12_000) / 12_000) for n in range(12_001))
    ]
    for rough in (1e-5, 1e-3)
)
POLYGON = {"type": "Polygon", "coordinates": [RING]}
POINT = {"type": "Point", "coordinates": [4.9419, 52.3144]}


def feature(geometry: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    own = {key.rstrip("_"): value for key, value in properties.items()}  # from_ is from
    return {"type": "Feature", "geometry": geometry or POLYGON, "properties": {"id": "f1"} | own}


def document(*features: dict[str, Any], **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | members).encode()


def fences(*features: dict[str, Any], **members: Any) -> ZoneSet:
    return geojson.read(document(*features, **members), "fences.geojson")


def fence(geometry: dict[str, Any] | None = None, **properties: Any) -> Zone:
    (zone,) = fences(feature(geometry, **properties)).zones
    return zone


def whats(zones: ZoneSet) -> str:
    return "\n".join(oddity.what for oddity in zones.oddities)


def in_force(zone: Zone, time: str) -> bool:
    return schedule.active(zone, epoch_s(time))


def test_a_fence_is_only_told_unless_it_names_its_law() -> None:
    plain = fence()
    assert (plain.kind, plain.restriction, plain.predicate) == (
        ZoneKind.ALERT_ONLY,
        Restriction.NO_RESTRICTION,
        Predicate.NONE,
    )
    assert (plain.zone_id, plain.name, plain.group, plain.applicability) == ("f1", "f1", "fence-f1", ())
    legal = fence(kind="legal", legal_basis="APV 2026, 2.1", predicate="all_forbidden")
    assert (legal.kind, legal.restriction, legal.legal_basis) == (
        ZoneKind.LEGAL,
        Restriction.PROHIBITED,
        "APV 2026, 2.1",
    )


def test_all_properties() -> None:
    zone = fence(
        name="Het plein", role="bowl", predicate="assembly", group="plein", group_name_nl="het plein",
        group_name_en="the square", lower_m=10, upper_m=120, lower_datum="agl", upper_datum="amsl", message="Vol",
        exempts=["politie"], country="BEL",
    )  # fmt: skip
    assert (zone.name, zone.role, zone.predicate, zone.group) == (
        "Het plein",
        ZoneRole.BOWL,
        Predicate.ASSEMBLY,
        "plein",
    )
    assert (zone.group_name_nl, zone.group_name_en, zone.message) == ("het plein", "the square", "Vol")
    assert (zone.exempts, zone.country) == (("politie",), "BEL")
    volume = zone.volumes[0]
    assert (volume.lower_m, volume.lower_datum, volume.upper_m, volume.upper_datum) == (
        10.0,
        Datum.AGL,
        120.0,
        Datum.AMSL,
    )


@pytest.mark.parametrize("predicate", list(Predicate))
def test_every_predicate_may_be_asked_for(predicate: Predicate) -> None:
    assert fence(predicate=predicate.value).predicate is predicate


def test_shapes() -> None:
    circle = fence(POINT, radius_m=500).volumes[0].shape
    assert circle == Circle(latitude_deg=52.3144, longitude_deg=4.9419, radius_m=500.0)
    catalogue = Catalogue([fences(feature({"type": "Polygon", "coordinates": [RING, HOLE]}))])
    assert catalogue.at(52.315, 4.925, None, Datum.AGL, 0.0) == ()
    several = {"type": "MultiPolygon", "coordinates": [[RING], [[[x + 1, y] for x, y in RING]]]}
    assert len(fence(several).volumes) == 2
    assert len(geojson.read(json.dumps(feature()).encode(), "one feature").zones) == 1


def test_residential_land_is_widened_by_150_metres_unless_said_otherwise() -> None:
    plain, built = fence(), fence(predicate="residential")
    assert plane.edges_apart_m(plane.whole(built), plane.whole(plain)) == pytest.approx(150.0, abs=0.5)
    wider = fence(predicate="residential", buffer_m=50)
    assert plane.edges_apart_m(plane.whole(wider), plane.whole(plain)) == pytest.approx(50.0, abs=0.5)
    assert fence(predicate="residential", buffer_m=0).volumes == plain.volumes
    circle = fence(POINT, radius_m=500, predicate="residential").volumes[0].shape
    assert isinstance(circle, Circle)
    assert circle.radius_m == 650.0


def test_event_hours_are_local_and_run_over_midnight() -> None:
    zone = fence(schedule={"start": "19:00", "end": "00:30", "dates": ["2026-05-01", "2026-01-17"]})
    for time, expected in [
        ("2026-05-01T16:59:59Z", False),  # summer: 19:00 is 17:00 UTC
        ("2026-05-01T17:00:00Z", True),
        ("2026-05-01T22:29:59Z", True),
        ("2026-05-01T22:30:00Z", False),
        ("2026-01-17T17:59:59Z", False),  # winter
        ("2026-01-17T18:00:00Z", True),
        ("2027-05-01T18:00:00Z", False),  # that year only
    ]:
        assert in_force(zone, time) is expected, time


def test_weekly_hours_and_yearly_dates_within_from_and_to() -> None:
    saturdays = [{"days": ["SAT"], "start": "20:00", "end": "23:00"}, {"days": ["sun"], "start": "14:00"}]
    zone = fence(schedule=saturdays, to="2026-06-01T00:00:00+02:00", from_="2026-04-01T00:00:00+02:00")
    assert in_force(zone, "2026-05-02T18:30:00Z")
    assert not in_force(zone, "2026-05-01T18:30:00Z")
    assert in_force(zone, "2026-05-03T21:59:00Z")  # from 14:00 to midnight
    assert not in_force(zone, "2026-03-28T19:30:00Z")
    assert not in_force(zone, "2026-06-06T18:30:00Z")
    may = fence(schedule={"dates": ["05-04"]})
    assert in_force(may, "2027-05-03T22:00:00Z")
    assert not in_force(may, "2027-05-04T22:00:00Z")


def test_days_of_the_week_choose_among_dates() -> None:
    dates = ["2026-05-01", "2026-05-02"]  # a Friday and a Saturday
    zone = fence(schedule={"days": ["SAT"], "start": "19:00", "end": "23:00", "dates": dates})
    assert not in_force(zone, "2026-05-01T18:00:00Z")
    assert in_force(zone, "2026-05-02T18:00:00Z")


def test_from_and_to_alone() -> None:
    zone = fence(to="2026-05-02T00:00:00Z", from_="2026-05-01T12:00:00+02:00")
    (span,) = zone.applicability
    assert span.start_s is not None
    assert rfc3339(span.start_s) == "2026-05-01T10:00:00.000Z"
    assert in_force(zone, "2026-05-01T10:00:00Z")
    assert not in_force(zone, "2026-05-02T00:00:00Z")


def test_nature_areas_as_pdok_has_them() -> None:
    """The form of the provider's properties; the outline is not one of theirs."""
    pdok = {"id": None, "naamN2K": "Oostelijke Vechtplassen", "nummer": 95, "sitecodeVr": "NL3009103", "naam": None}
    zones = fences(
        {"type": "Feature", "id": "natura2000.95", "geometry": POLYGON, "properties": pdok},
        airspace={"defaults": {"predicate": "nature", "upper_m": 300, "group": "natura2000"}},
    )
    zone = zones.zones[0]
    assert (zone.zone_id, zone.name) == ("natura2000.95", "Oostelijke Vechtplassen")
    assert (zone.predicate, zone.group, zone.volumes[0].upper_m) == (Predicate.NATURE, "natura2000", 300.0)
    assert zone.kind is ZoneKind.ALERT_ONLY
    assert "property 'nummer' of 1 feature(s) is not known" in whats(zones)


def test_an_outline_of_too_many_corners_is_thinned_unless_it_is_law() -> None:
    zones = fences(feature({"type": "Polygon", "coordinates": [JAGGED]}))
    (volume,) = zones.zones[0].volumes
    assert isinstance(volume.shape, Polygon)
    assert len(volume.shape.rings[0]) <= 10_000
    assert "12001 corners is thinned" in whats(zones)
    assert plane.area_m2(plane.outline(volume.shape)) == pytest.approx(plane.area_m2(shapely.Polygon(JAGGED)), rel=1e-3)


def test_a_feature_wins_over_the_defaults() -> None:
    zones = fences(feature(upper_m=50), feature(id="f2"), airspace={"defaults": {"upper_m": 300}})
    assert [zone.volumes[0].upper_m for zone in zones.zones] == [50.0, 300.0]


def test_oddities_are_named() -> None:
    bow = [[4.90, 52.30], [4.95, 52.33], [4.95, 52.30], [4.90, 52.33]]
    zones = fences(feature(predicat="assembly"), feature({"type": "Polygon", "coordinates": [bow]}))
    assert "property 'predicat' of 1 feature(s) is not known" in whats(zones)
    assert "not closed" in whats(zones)
    assert "split into 2 part(s)" in whats(zones)
    assert "2 fences have this id" in whats(zones)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (feature(kind="legal"), "f1: legal_basis"),
        (feature(kind="law"), r"f1: properties: .*'law' - at `\$.kind`"),
        (feature(predicate="crowd"), r"'crowd' - at `\$.predicate`"),
        (feature(role="gate"), r"\$.role"),
        (feature(lower_m="low"), r"\$.lower_m"),
        (feature(upper_m="nan"), r"\$.upper_m"),
        (feature(lower_datum="qnh"), r"\$.lower_datum"),
        (feature(lower_m=200, upper_m=100), "lower_m: 200 m is not below upper_m, 100 m"),
        (feature(upper_m=0, lower_m=-5), "not below upper_m"),
        (feature(buffer_m=-1), "buffer_m: -1 is not between"),
        (feature(buffer_m="nan"), "buffer_m: nan is not between"),
        (feature(radius_m=100), "radius_m: belongs to a Point"),
        (feature(POINT), "radius_m: a Point needs one"),
        (feature(POINT, radius_m="nan"), "radius_m: a Point needs one"),
        (feature(POINT, radius_m=3e5), "radius_m: a Point needs one"),
        (feature({"type": "Point", "coordinates": [52.3]}, radius_m=9), "a point has 1 numbers"),
        (feature({"type": "Point", "coordinates": [4.9, 152.3]}, radius_m=9), "longitude must come first"),
        (feature({"type": "LineString", "coordinates": RING}), "geometry: 'LineString' is not a Polygon"),
        (feature({"type": "Polygon", "coordinates": RING}), r"coordinates: Expected `array`"),
        (feature({"type": "Polygon"}), "coordinates: Expected `array`"),
        (feature({"type": "Polygon", "coordinates": [JAGGED]}, kind="legal", legal_basis="x"), "12001 points"),
        (feature({"type": "Polygon", "coordinates": [COAST]}), "12001 points"),
        (feature(to="2026-05-01T12:00:00"), "to: '2026-05-01T12:00:00' is no date and time with an offset"),
        (feature(to="2026-05-01T12:00:00Z", from_="2026-05-01T12:00:00Z"), "to: .* is not after"),
        (feature(schedule={"start": "19:00+05:30"}), "schedule: an offset of 5.5 hours: whole hours only"),
        (feature(schedule={"start": "25:00"}), "schedule: '25:00' is no hour"),
        (feature(schedule={"days": ["FREITAG"]}), "schedule: unknown day 'FREITAG'"),
        (feature(schedule={"day": ["FRI"]}), r"unknown field `day` - at `\$.schedule`"),
        (feature(schedule={"time_zone": "Europe"}), "schedule: time_zone: 'Europe' is not known"),
        (feature(schedule={"time_zone": "../etc/passwd"}), "schedule: time_zone"),
        (feature(schedule={"dates": ["1 May"]}), "schedule: dates: '1 May' is neither"),
        (feature(schedule={"dates": ["2026-02-30"]}), "schedule: dates"),
        (feature(schedule={"dates": ["2026-05-01"]}, to="2026-01-01T00:00:00Z"), "none of its dates"),
        (feature(schedule=[{}] * 401), "401 rows"),
    ],
)
def test_errors_name_the_feature_and_the_property(broken: dict[str, Any], message: str) -> None:
    zones = fences(feature(id="good"), broken)
    assert [zone.zone_id for zone in zones.zones] == ["good"]
    (aside,) = zones.set_aside
    assert re.search(message, f"{aside.zone_id}: {aside.why}")
    with pytest.raises(ZoneFileError, match=message.removeprefix("f1: ")):
        fences(broken)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"type": "Topology"}'])
def test_what_is_no_geojson_is_refused(data: bytes) -> None:
    with pytest.raises(ZoneFileError, match="not a GeoJSON document"):
        geojson.read(data, "f")


def test_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("MAX_BYTES", 100), ("MAX_FEATURES", 1), ("MAX_POINTS", 9)):
        with monkeypatch.context() as patch:
            patch.setattr(geojson, name, most)
            with pytest.raises(ZoneFileError):
                fences(feature(), feature())


def test_hostile_text_is_cleaned() -> None:
    zone = fence(name="\u202ekuip\x1b[31m" + "x" * 400, message="a\x00b")
    assert zone.name.isprintable()
    assert len(zone.name) <= fences_of.MAX_TEXT
    assert zone.message == "ab"


def test_luxembourg_as_geojson(real_data: Path) -> None:
    data = (real_data / "geofences" / "lu_ed269_converted.geojson").read_bytes()
    zones = geojson.read(data, "lu.geojson")
    assert len(zones.zones) == 47
    assert all(zone.kind is ZoneKind.ALERT_ONLY for zone in zones.zones)
    Catalogue([zones])


def test_the_example_file() -> None:
    zones = geojson.read((ROOT / "deploy" / "examples" / "fences.geojson").read_bytes(), "fences.geojson")
    assert zones.oddities == ()
    ring, bowl, built = zones.zones
    assert (ring.role, bowl.role, bowl.predicate) == (ZoneRole.RING, ZoneRole.BOWL, Predicate.ASSEMBLY)
    assert in_force(ring, "2026-05-01T16:00:00Z")
    assert not in_force(bowl, "2026-05-01T16:00:00Z")
    assert in_force(bowl, "2026-05-01T17:00:00Z")
    assert built.predicate is Predicate.RESIDENTIAL
    catalogue = Catalogue([zones])
    arena = {
        hit.zone.zone_id for hit in catalogue.at(52.3144, 4.9419, 50.0, Datum.AGL, epoch_s("2026-05-01T18:00:00Z"))
    }
    assert arena == {"arena-ring", "arena-bowl"}
    corner = (52.3185, 4.943)
    at = {hit.zone.zone_id for hit in catalogue.at(corner[0] - 0.0012, corner[1], 50.0, Datum.AGL, 0.0)}
    assert "venserpolder" in at  # 133 m south of it


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6) | st.sampled_from(["MON", "05-04"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(fences_of._KNOWN)), inner),
    max_leaves=5,
)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ZoneFileError):
        geojson.read(data, "f")


@given(st.dictionaries(st.sampled_from(sorted(fences_of._KNOWN)), VALUES, max_size=5), VALUES, st.sampled_from(
    ["Point", "Polygon", "MultiPolygon", "x"]))  # fmt: skip
@settings(max_examples=200)
def test_spoilt_features_are_read_or_refused(properties: dict[str, Any], coordinates: Any, kind: str) -> None:
    spoilt = feature({"type": kind, "coordinates": coordinates})
    for each in (feature(), spoilt, feature(POINT, radius_m=10)):
        each["properties"] |= properties
        try:
            zones = geojson.read(json.dumps(each).encode(), "f")
        except ZoneFileError:
            continue
        assert zones.zones[0].volumes


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
@settings(max_examples=150)
def test_a_file_with_spoilt_bytes_is_read_or_refused(at: int, spoilt: bytes) -> None:
    data = (ROOT / "deploy" / "examples" / "fences.geojson").read_bytes()
    at %= len(data)
    with suppress(ZoneFileError):  # and nothing else
        geojson.read(data[:at] + spoilt + data[at + len(spoilt) :], "f")
