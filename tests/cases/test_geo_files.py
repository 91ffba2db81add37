"""GeoPackage, shapefile and KML, made by the test: read as fences, or refused by name; hostile ones never opened."""

from __future__ import annotations

import io
import sqlite3
import warnings
import zipfile
from collections.abc import Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from airspace.app import zone_files
from airspace.app.rules import Rulebook
from airspace.model.units import epoch_s
from airspace.model.zone import Circle, Polygon, Predicate, Zone, ZoneRole
from geofences.formats import archive, detect, layers
from geofences.schedules.schedule import active
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.cases import given

RING = shapely.box(4.938, 52.312, 4.946, 52.3165)
BOWL = shapely.Polygon(RING.exterior, [shapely.box(4.940, 52.313, 4.944, 52.315).exterior])
PIN = shapely.Point(4.942, 52.314)
LINE = shapely.LineString([(4.938, 52.312), (4.946, 52.3165)])


def frame(geometry: list[Any], system: int | None = 4326, **columns: list[Any]) -> geopandas.GeoDataFrame:
    found = geopandas.GeoDataFrame(columns, geometry=geometry, crs=4326)
    return found.set_crs(None, allow_override=True) if system is None else found.to_crs(system)


def geopackage(path: Path, **tables: geopandas.GeoDataFrame) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a table without a system
        for name, table in tables.items():
            table.to_file(path, layer=name, driver="GPKG")
    return path.read_bytes()


def shapefile(folder: Path, table: geopandas.GeoDataFrame, name: str = "fences") -> dict[str, bytes]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table.to_file(folder / f"{name}.shp")
    return {each.name: each.read_bytes() for each in folder.glob(f"{name}.*")}


def zipped(members: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


def kml(body: str, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<name>Plan</name>{body}</Document></kml>"
    ).encode()


def ring(shape: shapely.Polygon) -> str:
    def boundary(word: str, line: Any) -> str:
        text = " ".join(f"{x},{y},40" for x, y in line.coords)
        return f"<{word}><LinearRing><coordinates>{text}</coordinates></LinearRing></{word}>"

    holes = "".join(boundary("innerBoundaryIs", each) for each in shape.interiors)
    return f"<Polygon>{boundary('outerBoundaryIs', shape.exterior)}{holes}</Polygon>"


def placemark(name: str, inside: str) -> str:
    return f"<Placemark><name>{name}</name>{inside}</Placemark>"


def told(zones: ZoneSet) -> str:
    return "\n".join(f"{each.place}: {each.what}" for each in zones.oddities)


def outline(zone: Zone, volume: int = 0) -> shapely.Polygon:
    shape = zone.volumes[volume].shape
    assert isinstance(shape, Polygon)
    return shapely.Polygon(shape.rings[0], shape.rings[1:])


def by_name(zones: ZoneSet) -> dict[str, Zone]:
    return {zone.name: zone for zone in zones.zones}


# --- GeoPackage


def test_every_layer_of_a_geopackage_is_read_in_its_own_system(tmp_path: Path) -> None:
    schedule = '{"days": ["SAT"], "start": "18:00", "end": "20:00"}'
    data = geopackage(
        tmp_path / "x.gpkg",
        stadium=frame([BOWL, RING], 28992, Naam=["kom", "ring"], role=["bowl", "ring"], schedule=[schedule, None]),
        utm=frame([RING], 25831, name=["utm"], lower_m=[10.0], upper_m=[60]),
        gates=frame([PIN, PIN], 4326, name=["gate", "helipad"], radius_m=[None, 250.0]),
        routes=frame([LINE], 4326, name=["walk"]),
    )
    zones = detect.read(data, "x.gpkg")
    found = by_name(zones)
    assert list(found) == ["kom", "ring", "utm", "helipad"]
    assert zones.set_aside == ()
    for name, shape in (("kom", BOWL), ("ring", RING), ("utm", RING)):
        assert outline(found[name]).hausdorff_distance(shape) < 2e-7
    assert (found["kom"].role, found["ring"].role) == (ZoneRole.BOWL, ZoneRole.RING)
    assert active(found["kom"], epoch_s("2026-05-02T17:00:00Z"))
    assert not active(found["kom"], epoch_s("2026-05-03T17:00:00Z"))
    assert (found["utm"].volumes[0].lower_m, found["utm"].volumes[0].upper_m) == (10.0, 60.0)
    assert found["helipad"].volumes[0].shape == Circle(latitude_deg=52.314, longitude_deg=4.942, radius_m=250.0)
    for what in (
        "EPSG:28992 (Amersfoort / RD New) are turned into WGS 84 to within 1 m",
        "EPSG:25831 (ETRS89 / UTM zone 31N) are turned",
        "layer gates: 1 feature(s) of kind Point, without radius_m: passed over",
        "layer routes: 1 feature(s) of kind LineString, which has no area: passed over",
        "the name is taken from 'Naam'",
    ):
        assert what in told(zones)


def test_a_layer_that_says_no_system_is_set_aside_the_others_are_in_force(tmp_path: Path) -> None:
    data = geopackage(tmp_path / "x.gpkg", good=frame([RING], name=["a"]), bare=frame([RING], None, name=["b"]))
    zones = detect.read(data, "x.gpkg")
    assert [zone.name for zone in zones.zones] == ["a"]
    assert [(one.zone_id, one.why[:34]) for one in zones.set_aside] == [("bare", "it names no coordinate system (a s")]
    with pytest.raises(ZoneFileError, match="bare: it names no coordinate system"):
        detect.read(geopackage(tmp_path / "y.gpkg", bare=frame([RING], None, name=["b"])), "y.gpkg")


def test_numbers_of_two_layers_are_not_one_fence(tmp_path: Path) -> None:
    data = geopackage(
        tmp_path / "x.gpkg", north=frame([RING], OBJECTID=[1]), south=frame([BOWL], OBJECTID=[1], colour=["red"])
    )
    assert [zone.zone_id for zone in detect.read(data, "x").zones] == ["north 1", "south 1"]


def test_empty_rows_and_a_bad_row(tmp_path: Path) -> None:
    table = frame([RING, None, shapely.Polygon(), RING], name=["a", "b", "c", "d"], predicate=[None, None, None, "x"])
    zones = detect.read(geopackage(tmp_path / "x.gpkg", t=table), "x")
    assert [zone.name for zone in zones.zones] == ["a"]
    assert [one.name for one in zones.set_aside] == ["d"]
    assert "b: it has no geometry" in told(zones)
    assert "c: it has no geometry" in told(zones)


def test_hostile_text_in_a_geopackage(tmp_path: Path) -> None:
    name = "\u202ekom\x1b[31m" + "x" * 9_000
    columns: Any = {"name": [name], "a\u202eb": ["<script>"]}
    data = geopackage(tmp_path / "x.gpkg", **{"la'yer; drop": frame([RING], **columns)})
    zones = detect.read(data, "x")
    assert zones.zones[0].name.isprintable()
    assert len(zones.zones[0].name) <= 200
    assert all(each.what.isprintable() and each.place.isprintable() for each in zones.oddities)


def test_a_view_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    geopackage(path, good=frame([RING], name=["a"]))
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "create view endless as with recursive n(i) as (select 1 union all select i + 1 from n) "
            "select i as fid, (select geom from good) as geom from n"
        )
        database.execute("create view plain as select * from good")
        for name in ("endless", "plain"):
            database.execute(
                "insert into gpkg_contents (table_name, data_type, identifier, srs_id) values (?, 'features', ?, 4326)",
                (name, name),
            )
            database.execute("insert into gpkg_geometry_columns values (?, 'geom', 'POLYGON', 4326, 0, 0)", (name,))
        database.commit()
    zones = detect.read(path.read_bytes(), "x")
    assert [zone.name for zone in zones.zones] == ["a"]
    for name in ("endless", "plain"):
        assert f"layer {name}: a view, or it computes: not read" in told(zones)


def test_a_geopackage_that_is_open_elsewhere(tmp_path: Path) -> None:
    data = bytearray(geopackage(tmp_path / "x.gpkg", t=frame([RING], name=["a"])))
    data[18:20] = b"\x02\x02"  # as QGIS leaves it while it works
    zones = detect.read(bytes(data), "x")
    assert [zone.name for zone in zones.zones] == ["a"]
    assert "-wal file beside it is not read" in told(zones)


def test_sqlite_that_is_no_geopackage(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute("create table t (a)")
        database.commit()
    with pytest.raises(ZoneFileError, match="not a zone file: SQLite, but no GeoPackage"):
        detect.read((tmp_path / "x.db").read_bytes(), "x")
    with pytest.raises(ZoneFileError, match="not a zone file: SQLite, but no GeoPackage"):
        detect.read(layers.SQLITE + b"\x00" * 4_000, "x")


# --- shapefile


def test_a_zipped_shapefile_in_rd_new(tmp_path: Path) -> None:
    table = frame([BOWL, RING], 28992, NAAM=["kom", "ring"], LOWER_M=[5.0, None], legal_basi=["APV 2.1", None])
    members = shapefile(tmp_path, table)
    zones = detect.read(zipped({f"plan/{name}": data for name, data in members.items()}), "plan.zip")
    found = by_name(zones)
    assert list(found) == ["kom", "ring"]
    assert outline(found["kom"]).hausdorff_distance(BOWL) < 2e-7
    assert len(outline(found["kom"]).interiors) == 1
    assert found["kom"].volumes[0].lower_m == 5.0
    assert found["kom"].legal_basis == "APV 2.1"
    assert "EPSG:28992 (Amersfoort / RD New) are turned into WGS 84" in told(zones)


def test_a_shapefile_by_its_path_with_the_files_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shapefile(tmp_path, frame([RING], 28992, naam=["ring"]))
    monkeypatch.chdir(tmp_path)
    ran = given.airspace("zones", "check", "fences.shp")
    assert (ran.code, "fences.shp: 1 zones" in ran.out) == (0, True)
    answer = given.airspace("zones", "at", "52.314", "4.942", "--zones", "fences.shp").json()
    assert [(zone["zone_id"], zone["source"]) for zone in answer["zones"]] == [("ring", "fences.shp")]


async def test_a_change_beside_the_shp_is_seen(tmp_path: Path) -> None:
    shapefile(tmp_path, frame([RING], naam=["ring"]))
    book = Rulebook([tmp_path / "fences.shp"], [])
    version = book.catalogue.versions
    shapefile(tmp_path, frame([RING], naam=["another"]))
    await book.reload(lambda: None)
    assert book.catalogue.versions != version
    assert [zone.name for zone in book.catalogue.zones] == ["another"]


def test_several_shapefiles_in_one_zip_and_one_without_its_system(tmp_path: Path) -> None:
    members = shapefile(tmp_path, frame([RING], naam=["a"]), "one") | shapefile(
        tmp_path, frame([RING], naam=["b"]), "two"
    )
    del members["two.prj"]
    members |= {"__MACOSX/._one.shp": b"x", "readme.txt": b"AC P\n"}
    zones = detect.read(zipped(members), "both.zip")
    assert [zone.name for zone in zones.zones] == ["a"]
    assert [one.name for one in zones.set_aside] == ["two.shp"]
    assert "it names no coordinate system (a shapefile has it in its .prj)" in zones.set_aside[0].why
    assert {zone.version for zone in zones.zones} == {zones.version}


def test_one_file_of_a_shapefile_says_what_to_do(tmp_path: Path) -> None:
    members = shapefile(tmp_path, frame([RING], naam=["a"]))
    with pytest.raises(ZoneFileError, match="one file of a shapefile alone: give all of them in a zip"):
        detect.read(members["fences.shp"], "fences.shp")
    with pytest.raises(ZoneFileError):
        detect.read(zipped({"fences.shp": members["fences.shp"]}), "x.zip")


# --- KML


def test_kml_as_google_earth_writes_it() -> None:
    pin = "<Point><coordinates>4.942,52.314</coordinates></Point>"
    both = f"<MultiGeometry>{ring(RING)}{ring(BOWL)}{pin}</MultiGeometry>"
    data = '<ExtendedData><Data name="predicate"><value>assembly</value></Data>'
    data += '<Data name="upper_m"><value>120</value></Data></ExtendedData>'
    raised = ring(BOWL).replace("<Polygon>", "<Polygon><altitudeMode>relativeToGround</altitudeMode>")
    body = (
        f"<Folder><name>Match</name>{placemark('bowl', data + raised)}"
        f"<Folder><name>Ways</name>{placemark('both', both)}{placemark('pin', pin)}</Folder></Folder>"
        f"{placemark('ring', ring(RING))}"
        "<NetworkLink><name>n</name><Link><href>http://127.0.0.1:9/secret.kml</href></Link></NetworkLink>"
    )
    zones = detect.read(kml(body), "plan.kml")
    found = by_name(zones)
    assert sorted(found) == ["both", "bowl", "ring"]
    assert outline(found["bowl"]).equals(BOWL)
    assert (found["bowl"].predicate, found["bowl"].volumes[0].upper_m) == (Predicate.ASSEMBLY, 120.0)
    assert len(found["both"].volumes) == 2
    assert found["ring"].volumes[0].lower_m is None  # heights of corners bound nothing
    for what in (
        "layer Match: 1 feature(s) whose corners have heights (altitudeMode): passed over; they reach from the ground",
        "layer Ways: 1 feature(s) of kind Point, without radius_m: passed over",
        "both: 1 points or lines beside its areas: passed over",
        "the name is taken from 'Name'",
    ):
        assert what in told(zones)
    assert detect.read(kml(body), "plan.kml").zones == zones.zones  # the same every time


def test_a_body_with_walls_is_its_outline_seen_from_above() -> None:
    """As the AIS of the United Kingdom publishes its airspace: floor, roof and a wall for each edge."""
    corners = list(RING.exterior.coords)
    walls = "".join(
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ax},{ay},0 {bx},{by},0 {bx},{by},900 {ax},{ay},900 {ax},{ay},0"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        for (ax, ay), (bx, by) in pairwise(corners)
    )
    body = f"<MultiGeometry>{ring(RING)}{ring(RING)}{walls}</MultiGeometry>"
    zones = detect.read(kml(placemark("D001", body)), "uk.kml")
    (zone,) = zones.zones
    assert len(zone.volumes) == 1
    assert outline(zone).equals(RING)
    assert "D001: 4 upright faces, 1 outlines that stand twice: passed over" in told(zones)
    alone = f"<MultiGeometry>{walls}</MultiGeometry>"
    with pytest.raises(ZoneFileError, match="fewer than 3"):
        detect.read(kml(placemark("D002", alone)), "uk.kml")


def test_times_of_kml_are_told_with_what_follows() -> None:
    span = "<TimeSpan><begin>2026-05-01T10:00:00Z</begin><end>2026-05-01T20:00:00Z</end></TimeSpan>"
    zones = detect.read(kml(placemark("a", span + ring(RING))), "f")
    assert (
        "property 'begin' of 1 feature(s) is not known: passed over; if it bounds their time, they are in force"
        in told(zones)
    )


def test_kmz() -> None:
    data = zipped({"doc.kml": kml(placemark("a", ring(RING))), "images/icon.png": b"\x89PNG"})
    assert [zone.name for zone in detect.read(data, "plan.kmz").zones] == ["a"]


def test_a_zip_of_several_forms(tmp_path: Path) -> None:
    members = {
        "a.kml": kml(placemark("a", ring(RING))),
        "b.gpkg": geopackage(tmp_path / "b.gpkg", t=frame([RING], name=["b"])),
        "c.geojson": frame([RING], name=["c"]).to_json().encode(),
        "d.json": b"{}",
    }
    zones = detect.read(zipped(members), "all.zip")
    assert [zone.name for zone in zones.zones] == ["a", "b", "c"]
    assert [one.name for one in zones.set_aside] == ["d.json"]


# --- what must never be opened


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (kml(placemark("&e;", ring(RING)), '<!DOCTYPE kml [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "<!DOCTYPE"),
        (kml("", '<!DOCTYPE kml [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]>'), "<!DOCTYPE"),
        (kml("<!-- <OGRVRTDataSource><OGRVRTLayer><SrcDataSource>/etc/passwd -->"), "<OGR"),
        (kml("<!-- <VRTDataset> -->"), "<VRT"),
        (kml(placemark("a", ring(RING))).decode().encode("utf-16"), "another encoding than UTF-8"),
        (kml(placemark("a", ring(RING)))[:-40], "cannot be opened"),
        (kml(placemark("pin", "<Point><coordinates>4.9,52.3</coordinates></Point>")), "no area in it; 1 feature"),
        (kml(""), "no area in it"),
        (b"<OGRVRTDataSource><kml/></OGRVRTDataSource>", "<OGR"),
        (zipped({"a.txt": b"x"}), "not a zone file: a zip without any of"),
        (zipped({"a.kml": zipped({"b.kml": b"x"})}), "a zip within a zip"),
        (zipped({"a.kml": b"0" * (70 << 20)}), "unpacks to more than"),
        (zipped({"x.kml": kml(placemark("a", ring(RING)))})[:-30], "not a zone file: a broken zip"),
        (archive.ZIP + b"\x00" * 200, "not a zone file: a broken zip"),
    ],
)  # fmt: skip
def test_what_is_refused_unopened(data: bytes, message: str) -> None:
    with pytest.raises(ZoneFileError, match=message) as refused:
        detect.read(data, "f")
    assert str(refused.value).isprintable()
    assert "/vsimem" not in str(refused.value)


def test_a_zip_bomb_of_many_members_ends_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({f"{n}.kml": b" " * (9 << 20) for n in range(9)})
    assert len(bomb) < 1 << 20
    with pytest.raises(ZoneFileError, match="unpacks to more than"):
        detect.read(bomb, "f")
    monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
    with pytest.raises(ZoneFileError, match="a zip of 9 members, at most 5"):
        detect.read(bomb, "f")


def test_an_encrypted_member_is_refused_by_name() -> None:
    data = bytearray(zipped({"plan.kml": b"<kml/>"}, zipfile.ZIP_STORED))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    with pytest.raises(ZoneFileError, match=r"plan\.kml is encrypted"):
        detect.read(bytes(data), "f")


def test_paths_in_a_zip_are_only_names(tmp_path: Path) -> None:
    members = {f"../../{name}": data for name, data in shapefile(tmp_path, frame([RING], naam=["a"])).items()}
    before = sorted(tmp_path.parent.rglob("*"))
    assert [zone.name for zone in detect.read(zipped(members), "f").zones] == ["a"]
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_caps_of_layers_features_and_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = geopackage(tmp_path / "x.gpkg", a=frame([RING, RING], name=["a", "b"]), b=frame([RING], name=["c"]))
    for name, most in (("MAX_LAYERS", 1), ("MAX_FEATURES", 1), ("MAX_BYTES", 1_000)):
        with monkeypatch.context() as patch:
            patch.setattr(layers, name, most)
            with pytest.raises(ZoneFileError, match=r"more than|at most"):
                detect.read(data, "f")


def test_packing_gives_the_same_bytes_for_the_same_files() -> None:
    one = archive.packed({"b": b"2", "a": b"1"})
    assert one == archive.packed({"a": b"1", "b": b"2"})
    assert zone_files.siblings(Path("a.json")) == [Path("a.json")]
