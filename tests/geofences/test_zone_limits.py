"""Files that ask too much, or lie where they cannot be meant; and nothing but ZoneFileError for any bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.zone import Circle, Datum, Polygon, Zone
from geofences.catalogue import Catalogue
from geofences.formats import detect, ed269, ed318, limits, rings
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.geofences import made, made_ed318

WORLD = [[-180.0, -90.0], [180.0, -90.0], [180.0, 90.0], [-180.0, 90.0], [-180.0, -90.0]]
COUNTRY = [[21.0, 57.0], [21.0, 60.0], [28.0, 60.0], [28.0, 57.0], [21.0, 57.0]]


def polygon_of(zone: Zone, volume: int = 0) -> shapely.Polygon:
    shape = zone.volumes[volume].shape
    assert isinstance(shape, Polygon)
    return shapely.Polygon(shape.rings[0], shape.rings[1:])


def test_a_mask_of_the_world_is_left_out_and_named() -> None:
    mask = made.feature("mask", shape=made.polygon(WORLD, COUNTRY), country="EST")
    zones = made.zone_set(mask, made.feature("1.b"))
    assert [zone.zone_id for zone in zones.zones] == ["1.b"]
    assert ("mask", "a mask of the world, not a zone: left out") in [(each.place, each.what) for each in zones.oddities]


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        (made.feature(shape=made.box(-20, 30, 20, 60)), "zone 1.a: coordinates: the box round it has .* km2"),
        (made.feature(shape=made.circle(4.9, 52.3, 600_000)), "zone 1.a: coordinates: it has 1130973 km2, at most"),
        (made.feature(shape=made.circle(4.9, 52.3, 6e9)), "zone 1.a: coordinates"),
        (made.feature(shape=made.circle(0, 89.9, 1000)), "at a pole"),
        (made.feature(shape=made.box(10, 80, 20, 89.5)), "at a pole"),
        (made.feature(shape=made.polygon([[0, 80], [120, 80], [-120, 80], [0, 80]])), "runs round a pole"),
        (made.feature(shape=made.circle(179.9, 10, 50_000)), "circle across the antimeridian"),
        (made.feature(shape=made.circle(52.3, 4.9, 500)), "zone 1.a: coordinates: axis order: it lies in NLD only"),
        (made.feature(shape=made.box(52.3, 4.9, 52.33, 4.95)), "axis order"),
        (made.feature(shape=made.circle(49.6, 6.1, 500), country="LUX"), "axis order: it lies in LUX only"),
        (
            made.feature(geometry=[made.geometry(made.circle(4.9, 52.3, 9))] * (limits.MAX_VOLUMES + 1)),
            f"{limits.MAX_VOLUMES + 1} volumes",
        ),
        (made.feature(shape=made.circle(float("nan"), 52.3, 9)), "not an ED-269 document"),
        (made.feature(shape=made.circle("nan", 52.3, 9)), "is no place"),  # type: ignore[arg-type]
        (made.feature(shape=made.circle(4.9, 52.3, "inf")), "radius: inf is no number"),  # type: ignore[arg-type]
        (
            made.feature(geometry=[made.geometry(made.circle(4.9, 52.3, 9), upperLimit="-inf")]),
            "upperLimit: -inf is no number",
        ),
        (
            made.feature(applicability=[{"schedule": [{"day": ["MON"], "startTime": "06:00Z"}] * 500}]),
            "more than 400 rows",
        ),
    ],
)
def test_what_cannot_be_meant_refuses_the_file(feature: dict[str, Any], message: str) -> None:
    with pytest.raises(ZoneFileError, match=message):
        made.zone_set(feature)


def test_places_outside_a_known_state_are_no_swap() -> None:
    assert len(made.zone_set(made.feature(shape=made.circle(-68.2, 12.2, 500))).zones) == 1  # Bonaire
    assert len(made.zone_set(made.feature(shape=made.circle(52.3, 4.9, 500), country="SOM")).zones) == 1


def test_too_many_corners_zones_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, message in (
        ("MAX_VERTICES_OF_FILE", "10 corners, at most 3"),
        ("MAX_ZONES", "2 zones, at most 1"),
        ("MAX_BYTES", "bytes, at most 3"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, 1 if name == "MAX_ZONES" else 3)
            with pytest.raises(ZoneFileError, match=message):
                made.zone_set(made.feature("1"), made.feature("2"))


def test_a_zone_over_the_antimeridian_is_cut_there() -> None:
    ring = [[179.0, -17.0], [-179.0, -17.0], [-179.0, -16.0], [179.0, -16.0], [179.0, -17.0]]
    hole = [[-179.8, -16.6], [-179.6, -16.6], [-179.6, -16.4], [-179.8, -16.4], [-179.8, -16.6]]
    zones = made.zone_set(made.feature(shape=made.polygon(ring, hole), country="FJI"))
    (zone,) = zones.zones
    west, east = sorted((polygon_of(zone, 0), polygon_of(zone, 1)), key=lambda part: part.bounds[0])
    assert west.bounds == pytest.approx((-180.0, -17.0, -179.0, -16.0))
    assert east.bounds == pytest.approx((179.0, -17.0, 180.0, -16.0))
    assert west.area == pytest.approx(1.0 - 0.04)
    assert zones.oddities[0].what == "it crosses the antimeridian: cut there into 2 parts"
    catalogue = Catalogue([zones])
    held = [
        len(catalogue.at(-16.2, longitude, None, Datum.AGL, 0.0)) for longitude in (179.5, -179.5, 178.5, -178.5, 0)
    ]
    assert held == [1, 1, 0, 0, 0]


def test_mending_tells_the_change_of_area() -> None:
    bow = [[4.90, 52.30], [4.95, 52.33], [4.95, 52.30], [4.90, 52.3301], [4.90, 52.30]]
    _, (oddity,) = rings.polygons([bow], "zone 1")
    assert oddity.what.startswith("the ring crosses itself: split into 2 part(s), area ")
    assert oddity.what.endswith(" km2")
    _, (small,) = rings.polygons([[[x / 100, y / 100] for x, y in bow]], "zone 1")
    assert small.what.endswith(" m2")


@pytest.mark.parametrize("name", ["message", "name", "restrictionConditions", "otherReasonInfo", "uSpaceClass"])
def test_hostile_text_is_cleaned_everywhere(name: str) -> None:
    hostile = "a\x1b[31m\u202e<b>" + "y" * 2000
    changes: dict[str, Any] = {name: hostile, "country": "LUX"}
    zones = made.zone_set(made.feature(**changes))
    for each in (repr(zones.zones), repr(zones.oddities)):
        assert "\\x1b" not in each
        assert "\\u202e" not in each
    assert "characters: cut" in " ".join(oddity.what for oddity in zones.oddities)


@pytest.mark.parametrize("opened", ["[", '{"features":[{"geometry":', '{"type":"FeatureCollection","features":[['])
def test_deep_nesting_is_refused(opened: str) -> None:
    for depth in (600, 5_000, 100_000):
        text = opened + "[" * depth + "]" * depth
        for data in (text.encode(), (text + "}]}").encode()):
            with pytest.raises(ZoneFileError):
                detect.read(data, "f")


def test_deep_values_that_only_inform_do_not_crash() -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    assert len(made.zone_set(made.feature(message=deep, extendedProperties={"x": deep}, reason=deep)).zones) == 1
    assert len(made_ed318.zone_set(made_ed318.feature(name=deep, zoneAuthority=deep)).zones) == 1


def read_or_refuse(data: bytes) -> ZoneSet | None:
    try:
        return detect.read(data, "f")
    except ZoneFileError:
        return None


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    for opening in (b"", b"{", b'{"features":[', b'{"type":"FeatureCollection","features":[', b"AC R\nAN x\n"):
        read_or_refuse(opening + data)


SCRAPS: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["nan", "inf", "YES", "Circle", "Polygon", "24:00Z", "SR", "2026-01-01", "9" * 400, WORLD]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, part in inner for each in places(part, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], scrap: Any) -> Any:
    if not path:
        return scrap
    inner = dict(value) if isinstance(value, dict) else list(value)
    inner[path[0]] = changed(inner[path[0]], path[1:], scrap)
    return inner


def made_documents() -> list[Any]:
    hours = [{"permanent": "NO", "schedule": [{"day": ["MON"], "startTime": "06:00:00.00Z", "endTime": "23:00Z"}]}]
    old = made.document(made.feature(applicability=hours, extendedProperties={"kind": "legal"}), made.feature("2"))
    rows = [{"startDateTime": "2026-01-01T00:00:00Z", "schedule": [{"day": ["SUN"], "startEvent": "SR"}]}]
    both = {"type": "GeometryCollection", "geometries": [made_ed318.polygon(), made_ed318.circle()]}
    return [json.loads(old), json.loads(made_ed318.document(made_ed318.feature("A", both, limitedApplicability=rows)))]


DOCUMENTS = made_documents()
PLACES = [(document, path) for document in DOCUMENTS for path in places(document)]


@given(st.sampled_from(PLACES), SCRAPS)
@settings(max_examples=500)
def test_mutated_documents_are_read_or_refused(place: tuple[Any, tuple[Any, ...]], scrap: Any) -> None:
    document, path = place
    zones = read_or_refuse(json.dumps(changed(document, path, scrap)).encode())
    for zone in zones.zones if zones else ():
        for volume in zone.volumes:
            if isinstance(volume.shape, Circle):
                assert volume.shape.radius_m > 0
            else:
                assert shapely.Polygon(volume.shape.rings[0], volume.shape.rings[1:]).is_valid


REAL = ["nl_uas-zones_ed269_rebuilt.json", "interuss_ed269_test.json", "interuss_cis_sample_ed318.json"]


@given(st.sampled_from(REAL), st.floats(0, 1), st.binary(max_size=8), st.integers(0, 200))
@settings(max_examples=60)
def test_real_files_with_broken_bytes_are_read_or_refused(
    real_data: Path, name: str, where: float, scrap: bytes, dropped: int
) -> None:
    data = (real_data / "geofences" / name).read_bytes()
    at = int(where * len(data))
    read_or_refuse(data[:at] + scrap + data[at + dropped :])


@pytest.mark.parametrize("reader", [ed269.read, ed318.read])
@pytest.mark.parametrize("data", [b"", b"null", b"3", b"[]", b'"x"', b"\xff", b'{"features":{}}'])
def test_each_reader_refuses_what_it_is_not(reader: Any, data: bytes) -> None:
    with pytest.raises(ZoneFileError):
        reader(data, "f")


@pytest.mark.parametrize(
    ("ring", "area"),
    [
        ([[0, 0], [1, 1], [1, 0], [0, 1]], 0.5),  # a bow: both of its halves
        ([[0, 0], [1, 0], [1, 1], [0, 1]] * 2, 1.0),  # round twice
        ([[0, 0], [3, 0], [3, 2], [1, 2], [1, 1], [2, 1], [2, 3], [0, 3]], 8.0),  # over itself: no hole is left there
        ([[0, 0], [1, 0], [1, 1], [0.5, 1], [0.5, 2], [0.5, 1], [0, 1]], 1.0),  # out and back on a line
        ([[0, 0], [2, 0], [2, 2], [1, 2], [1, 1], [1, 2], [0, 2]], 4.0),  # a line that ends in its middle
        ([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [0, 3], [3, 3], [3, 0], [0, 0]], 7.0),  # round, and back inside
    ],
)
def test_a_ring_that_crosses_itself_holds_what_it_runs_round(ring: list[list[float]], area: float) -> None:
    parts, _ = rings.polygons([ring], "zone 1")
    shapes = [shapely.Polygon(part.rings[0], part.rings[1:]) for part in parts]
    assert all(shape.is_valid for shape in shapes)
    assert shapely.union_all(shapes).area == pytest.approx(area)
