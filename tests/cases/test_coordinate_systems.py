"""Files in other coordinate systems than WGS 84: turned where pyproj knows how, with how well, else refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from airspace.model.zone import Circle, Polygon
from geofences.formats import crs, detect
from geofences.zone_set import ZoneFileError, ZoneSet

GEOD = Geod(ellps="WGS84")
SQUARE_DEG = [(4.938, 52.312), (4.946, 52.312), (4.946, 52.3165), (4.938, 52.3165), (4.938, 52.312)]
# RDNAPTRANS 2018, the points by which an implementation checks itself: ETRS89 latitude and longitude, RD x and y
RDNAP = [
    ("Texel", 53.160753042, 4.824761912, 117380.1200, 575040.3400),
    ("Noord-Groningen", 53.419482050, 6.776726674, 247380.5600, 604580.7800),
    ("Amersfoort", 52.155172897, 5.387203657, 155000.0000, 463000.0000),
    ("Zeeuws-Vlaanderen", 51.368607152, 3.397588595, 16460.9100, 377380.2300),
    ("Zuid-Limburg", 50.792584916, 5.773795548, 182260.4500, 311480.6700),
    ("Maasvlakte", 51.947393898, 4.072887101, 64640.8900, 440700.0101),
]


def collection(ring: list[Any], name: str | None, **feature: Any) -> ZoneSet:
    """A fence with this outline in a file that names this system."""
    one = {"type": "Feature", "properties": {"id": "a"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    document: dict[str, Any] = {"type": "FeatureCollection", "features": [one | feature]}
    if name is not None:
        document["crs"] = {"type": "name", "properties": {"name": name}}
    return detect.read(json.dumps(document).encode(), "f.geojson")


def outline(zones: ZoneSet) -> shapely.Polygon:
    (zone,) = zones.zones
    (volume,) = zone.volumes
    assert isinstance(volume.shape, Polygon)
    return shapely.Polygon(volume.shape.rings[0])


def told(zones: ZoneSet) -> str:
    return "\n".join(each.what for each in zones.oddities)


def in_system(code: str, ring: list[tuple[float, float]] = SQUARE_DEG) -> list[list[float]]:
    turn = Transformer.from_crs("OGC:CRS84", code, always_xy=True)
    return [[float(x), float(y)] for x, y in (turn.transform(*point) for point in ring)]


@pytest.mark.parametrize(("name", "latitude", "longitude", "x", "y"), RDNAP)
def test_rd_new_is_within_a_metre_of_the_cadastre_s_own_points(
    name: str, latitude: float, longitude: float, x: float, y: float
) -> None:
    reference = crs.named("EPSG:28992")
    ((found_longitude, found_latitude),) = reference.placed([(x, y)])
    _, _, off_m = GEOD.inv(longitude, latitude, found_longitude, found_latitude)
    assert off_m < 1.0, name
    assert "to within 1 m" in (reference.told() or "")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("urn:ogc:def:crs:EPSG::28992", "EPSG:28992"),
        ("EPSG:28992", "EPSG:28992"),
        ("http://www.opengis.net/def/crs/EPSG/0/28992", "EPSG:28992"),
        ("urn:ogc:def:crs:EPSG:9.8.1:4289", "EPSG:4289"),  # Amersfoort in degrees: 105 m off if taken as WGS 84
        ("urn:ogc:def:crs:EPSG::4230", "EPSG:4230"),
        ("urn:ogc:def:crs:EPSG::25831", "EPSG:25831"),
        ("EPSG:32631", "EPSG:32631"),
        ("EPSG:3857", "EPSG:3857"),
        ("EPSG:3035", "EPSG:3035"),  # its own axes are northing, easting
        ("EPSG:7415", "EPSG:28992"),  # RD New with heights above NAP: the heights are nobody's here
        ("urn:ogc:def:crs:EPSG::4258", "EPSG:4258"),
    ],
)
def test_a_system_that_pyproj_knows_is_turned(name: str, code: str) -> None:
    zones = collection(in_system(code), name)
    assert outline(zones).hausdorff_distance(shapely.Polygon(SQUARE_DEG)) < 2e-7  # 2 cm
    assert "turned into WGS 84" in told(zones)


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "EPSG:4326",
        "urn:ogc:def:crs:EPSG::4326",  # latitude first by the register, longitude first in every file that says it
        "urn:ogc:def:crs:EPSG::4979",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "WGS 84",
    ],
)
def test_wgs84_by_any_name_is_left_as_it_is(name: str) -> None:
    zones = collection([list(point) for point in SQUARE_DEG], name)
    assert list(outline(zones).exterior.coords) == SQUARE_DEG
    assert zones.oddities == ()


def test_a_point_of_degrees_has_its_axes_checked_by_its_country() -> None:
    with pytest.raises(ZoneFileError, match="axis order"):
        collection([[y, x] for x, y in SQUARE_DEG], "urn:ogc:def:crs:EPSG::4326")


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ({"type": "name", "properties": {"name": "EPSG:99999"}}, "crs: 'EPSG:99999' is not known"),
        ({"type": "name", "properties": {"name": "Schiphol local"}}, "crs: 'Schiphol local' is not known"),
        ({"type": "name", "properties": {"name": "+proj=sterea +nadgrids=/etc/passwd"}}, "is not known"),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5709"}}, r"EPSG:5709 \(NAP height\) is no sys"),
        ({"type": "name", "properties": {"name": "EPSG:4978"}}, "EPSG:4978"),  # x, y, z from the middle of the earth
        ({"type": "link", "properties": {"href": "http://127.0.0.1/x.prj"}}, "crs: it names no system"),
        ({"type": "name"}, "crs: it names no system"),
        ({"type": "name", "properties": {"name": "\u202eEPSG:1\x1b[31m" + "x" * 9_000}}, "is not known"),
        (7, "crs: it names no system"),
    ],
)
def test_what_is_not_known_is_refused_by_name(member: Any, message: str) -> None:
    one = {"type": "Feature", "properties": {"id": "a"}, "geometry": None}
    document = {"type": "FeatureCollection", "crs": member, "features": [one]}
    with pytest.raises(ZoneFileError, match=message) as refused:
        detect.read(json.dumps(document).encode(), "f")
    assert len(str(refused.value)) < 600
    assert str(refused.value).isprintable()


def test_a_datum_that_nobody_can_place_is_refused_not_taken_as_wgs84() -> None:
    system = CRS.from_proj4("+proj=longlat +ellps=bessel +no_defs")
    with pytest.raises(crs.UnknownReference, match="no transformation is known"):
        crs.of_system(system).placed([(4.9, 52.3)])


@pytest.mark.parametrize(
    ("ring", "name", "message"),
    [
        ([[y, x] for x, y in in_system("EPSG:28992")], "EPSG:28992", "axis order"),
        ([list(point) for point in SQUARE_DEG], "EPSG:28992", "outside the area .* the numbers look like degrees"),
        ([[x + 2e6, y] for x, y in in_system("EPSG:28992")], "EPSG:28992", "outside the area in which EPSG:28992"),
        ([[y, x] for x, y in in_system("EPSG:4258")], "EPSG:4258", "axis order"),
        (in_system("EPSG:32631"), "EPSG:31370", "coordinates: "),
    ],
)
def test_numbers_that_cannot_be_of_the_system_are_refused(ring: Any, name: str, message: str) -> None:
    with pytest.raises(ZoneFileError, match=message):
        collection(ring, name)


@pytest.mark.parametrize(
    ("code", "likely"),
    [
        ("EPSG:28992", r"RD New \(EPSG:28992\)"),
        ("EPSG:25831", "UTM"),
        ("EPSG:32631", "UTM"),
        ("EPSG:3857", r"Web Mercator \(EPSG:3857\)"),
        ("EPSG:3035", "national grid|UTM"),
    ],
)
def test_metres_without_a_system_are_refused_with_advice_that_is_right(code: str, likely: str) -> None:
    for ring in (in_system(code), [[x, y, 4.0] for x, y in in_system(code)]):
        with pytest.raises(
            ZoneFileError, match=f"no degrees but look like metres of.*({likely}).*crs member"
        ) as refused:
            collection(ring, None)
        assert "longitude must come first" not in str(refused.value)


def test_one_system_a_feature_wins_over_the_file_s() -> None:
    ring = in_system("EPSG:25831")
    zones = collection(ring, "EPSG:28992", crs={"type": "name", "properties": {"name": "EPSG:25831"}})
    assert outline(zones).hausdorff_distance(shapely.Polygon(SQUARE_DEG)) < 2e-7


def test_a_point_s_circle_is_turned_too() -> None:
    one = {"type": "Feature", "properties": {"id": "a", "radius_m": 500},
           "geometry": {"type": "Point", "coordinates": [155000.0, 463000.0]}}  # fmt: skip
    crs_member = {"type": "name", "properties": {"name": "EPSG:28992"}}
    document = {"type": "FeatureCollection", "crs": crs_member, "features": [one]}
    (zone,) = detect.read(json.dumps(document).encode(), "f").zones
    (volume,) = zone.volumes
    assert isinstance(volume.shape, Circle)
    assert volume.shape.latitude_deg == pytest.approx(52.155172897, abs=1e-5)
    assert volume.shape.radius_m == 500.0


def test_long_edges_stay_straight_where_they_were_drawn_straight() -> None:
    """60 km along a line of RD New: its middle lies some 60 m from the line that is straight in degrees."""
    ring = [[100_000.0, 450_000.0], [160_000.0, 450_000.0], [160_000.0, 500_000.0], [100_000.0, 500_000.0]]
    shape = outline(collection([*ring, ring[0]], "EPSG:28992"))
    ((longitude, latitude),) = crs.named("EPSG:28992").placed([(130_000.0, 450_000.0)])
    middle = shapely.Point(longitude, latitude)
    assert shape.exterior.distance(middle) * 111_000 < 0.2


def test_eurocae_files_that_say_another_system_are_refused_by_its_name() -> None:
    properties = {"identifier": "A1", "country": "NLD", "type": "PROHIBITED", "variant": "COMMON"}
    geometry = {"type": "Polygon", "coordinates": [in_system("EPSG:28992")], "layer": {"lower": 0, "upper": 120}}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    document = {"type": "FeatureCollection", "features": [feature],
                "crs": {"type": "name", "properties": {"name": "EPSG:28992"}}}  # fmt: skip
    with pytest.raises(ZoneFileError, match=r"EPSG:28992 \(Amersfoort / RD New\): this format is of WGS 84 only"):
        detect.read(json.dumps(document).encode(), "f")


@given(st.floats(3.5, 7.0), st.floats(51.0, 53.4))
def test_there_and_back_again(longitude: float, latitude: float) -> None:
    x, y = Transformer.from_crs("OGC:CRS84", "EPSG:28992", always_xy=True).transform(longitude, latitude)
    ((back_longitude, back_latitude),) = crs.named("EPSG:28992").placed([(x, y)])
    assert GEOD.inv(longitude, latitude, back_longitude, back_latitude)[2] < 0.01
