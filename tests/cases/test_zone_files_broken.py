"""Zone files as strangers broke them: what is damaged is set aside or named, the rest is in force."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import shapely

from airspace.app import zone_files, zone_reading
from airspace.app.doctor import files as doctor
from airspace.app.rules import Rulebook
from airspace.model.zone import Predicate
from airspace.service import config
from geofences.formats import detect, ed269, openair
from geofences.schedules.schedule import active
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.cases import given
from tests.cases.test_geo_files import RING, frame, geopackage, shapefile, zipped

CORNERS = "4.938,52.312,0 4.946,52.312,0 4.946,52.3165,0 4.938,52.3165,0"
FIRST = " 4.938,52.312,0"
SQUARE = "DP 52:00:00N 005:00:00E\nDP 52:00:00N 005:10:00E\nDP 52:05:00N 005:10:00E\nDP 52:05:00N 005:00:00E\n"
ED50 = {"type": "name", "properties": {"name": "EPSG:4230"}}


def ring(corners: str) -> str:
    return f"<LinearRing><coordinates>{corners}</coordinates></LinearRing>"


def polygon(corners: str) -> str:
    return f"<Polygon><outerBoundaryIs>{ring(corners)}</outerBoundaryIs></Polygon>"


def mark(name: str, geometry: str, more: str = "") -> str:
    return f"<Placemark><name>{name}</name>{more}{geometry}</Placemark>"


GOOD = mark("good", polygon(CORNERS + FIRST))


OVERLAY = (
    "<GroundOverlay><name>G</name><LatLonBox><north>52.32</north><south>52.31</south><east>4.95</east>"
    "<west>4.93</west></LatLonBox></GroundOverlay>"
)


def kml(*inside: str) -> bytes:
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(inside)}</Document></kml>'.encode()


def read(data: bytes, source: str = "f") -> ZoneSet:
    return detect.read(data, source)


def whats(zones: ZoneSet) -> str:
    return "\n".join(odd.what for odd in zones.oddities)


# a geometry that cannot be read

BROKEN = {
    "bare ring": ring(CORNERS + FIRST),
    "unclosed": polygon(CORNERS),
    "two points": polygon("4.9,52.3 4.91,52.3"),
    "one point": polygon("4.9,52.3"),
    "decimal commas": polygon("4,938;52,312;0 4,946;52,312;0 4,946;52,3165;0 4,938;52,312;0"),
    "unclosed hole": polygon(CORNERS + FIRST).replace(
        "</Polygon>", f"<innerBoundaryIs>{ring('4.940,52.313 4.941,52.313 4.941,52.314')}</innerBoundaryIs></Polygon>"
    ),
    "unclosed part": f"<MultiGeometry>{polygon(CORNERS + FIRST)}{polygon(CORNERS)}</MultiGeometry>",
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_broken_ring_in_kml_is_set_aside_by_name(kind: str, *, is_first: bool) -> None:
    broken = mark("bad", BROKEN[kind])
    zones = read(kml(broken, GOOD) if is_first else kml(GOOD, broken))
    assert [zone.name for zone in zones.zones] == ["good"]
    assert [one.name for one in zones.set_aside] == ["bad"]
    with pytest.raises(ZoneFileError, match=r"fence 'bad'"):
        read(kml(broken))
    assert [one.name for one in read(zipped({"doc.kml": kml(GOOD, broken)})).set_aside] == ["bad"]


def damaged(path: Path, blobs: Mapping[int, bytes | int | None]) -> bytes:
    """A GeoPackage of five rows of which some have these bytes, or so many of their own, for a geometry."""
    geopackage(path, areas=frame([RING] * 5, name=list("abcde")))
    with closing(sqlite3.connect(path)) as database:
        for (trigger,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{trigger}"')
        for fid, blob in blobs.items():
            if isinstance(blob, int):
                database.execute("update areas set geom = substr(geom, 1, ?) where fid = ?", (blob, fid))
            else:
                database.execute("update areas set geom = ? where fid = ?", (blob, fid))
        database.commit()
    return path.read_bytes()


UNCLOSED = shapely.to_wkb(shapely.box(4.9, 52.3, 4.91, 52.31))[:-16] + shapely.to_wkb(shapely.Point(4.95, 52.35))[-16:]
HEADER = b"GP\x00\x01" + (4326).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("blobs", "names", "aside", "nowhere"),
    [
        ({2: 50}, "acde", "b", 0),
        ({5: 50}, "abcd", "e", 0),
        ({1: 12, 3: b"\x00", 4: b""}, "be", "acd", 0),
        ({3: HEADER + UNCLOSED}, "abde", "c", 0),
        ({2: None, 3: 50}, "ade", "c", 1),
        ({4: HEADER + b"\x01\xff\xff\x00\x00"}, "abce", "d", 0),
    ],
)
def test_a_damaged_row_of_a_geopackage_is_set_aside_by_name(
    tmp_path: Path, blobs: dict[int, Any], names: str, aside: str, nowhere: int
) -> None:
    zones = read(damaged(tmp_path / "x.gpkg", blobs))
    assert "".join(zone.name for zone in zones.zones) == names
    assert "".join(one.name for one in zones.set_aside) == aside
    assert whats(zones).count("it has no geometry") == nowhere


def test_a_shapefile_without_its_columns_is_read_and_without_its_index_refused(tmp_path: Path) -> None:
    members = shapefile(tmp_path, frame([RING], name=["a"]))
    assert len(read(zipped({key: data for key, data in members.items() if not key.endswith(".dbf")})).zones) == 1
    with pytest.raises(ZoneFileError, match=r"fences\.shp: a shapefile without its \.shx"):
        read(zipped({key: data for key, data in members.items() if not key.endswith(".shx")}))
    (tmp_path / "fences.shx").unlink()
    with pytest.raises(ZoneFileError, match=r"^fences\.shp: a shapefile without its \.shx"):
        zone_files.load_zones([tmp_path / "fences.shp"])


# whatever a library raises


class Strange(Exception):  # noqa: N818 (no name that anything knows)
    pass


@pytest.mark.parametrize("error", [Strange("far\nout"), shapely.errors.GEOSException("far\nout"), KeyError("far out")])
def test_whatever_a_reader_raises_names_the_file(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object) -> ZoneSet:
        raise error

    monkeypatch.setattr(openair, "read", fail)
    with pytest.raises(ZoneFileError, match=rf"^strange\.txt: cannot be read: {type(error).__name__}: .*far out"):
        read(b"AC P\nAN X\n", "strange.txt")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    good, other = tmp_path / "good.txt", tmp_path / "other.kml"
    good.write_text(f"AC P\nAN Prison\nAL GND\nAH 1500ft AMSL\n{SQUARE}")
    other.write_bytes(kml(GOOD))
    return good, other


UNUSABLE = {
    "bare ring": kml(mark("bad", ring(CORNERS + FIRST))),
    "unclosed": kml(mark("bad", polygon(CORNERS))),
    "truncated": kml(GOOD)[:-40],
    "nothing": b"",
}


def names(book: Rulebook) -> list[str]:
    return sorted(zone.name for zone in book.catalogue.zones)


@pytest.mark.parametrize("kind", UNUSABLE)
async def test_a_file_that_breaks_keeps_its_last_good_set_and_others_are_read_on(
    pair: tuple[Path, Path], kind: str
) -> None:
    good, other = pair
    book = Rulebook([good, other], [])
    other.write_bytes(UNUSABLE[kind])
    await book.reload(lambda: pytest.fail("no zones were taken"))
    await book.reload(lambda: pytest.fail("the fault is no news"))
    assert names(book) == ["Prison", "good"]
    assert book.health["zones"].startswith("last good set in force: ")
    good.write_text(good.read_text().replace("Prison", "Gaol"))
    await book.reload(lambda: None)
    assert names(book) == ["Gaol", "good"]
    assert book.health["zones"].startswith("last good set in force: "), "told until the file changes"
    other.write_bytes(kml(GOOD.replace("good", "better")))
    await book.reload(lambda: None)
    assert (names(book), book.health["zones"]) == (["Gaol", "better"], "ok")


@pytest.mark.parametrize("kind", UNUSABLE)
async def test_a_bad_file_at_the_start_is_named_and_the_others_are_in_force(pair: tuple[Path, Path], kind: str) -> None:
    good, other = pair
    other.write_bytes(UNUSABLE[kind])
    book = Rulebook([good, other], [])
    assert names(book) == ["Prison"]
    assert book.health["zones"].startswith("degraded: 1 airspace set aside: other.kml (nothing of the file can be read")
    assert [each.source for each in book.silences((52.03, 5.05), 1.8e9)] == ["other.kml"], "the wall is not calm"
    other.write_bytes(kml(GOOD))
    await book.reload(lambda: None)
    assert (names(book), book.health["zones"]) == (["Prison", "good"], "ok")


async def test_what_is_no_fault_of_the_file_is_tried_again(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Rulebook(pair, [])
    pair[1].write_bytes(kml(GOOD.replace("good", "better")))
    with monkeypatch.context() as patch:
        patch.setattr(zone_files, "load_zones", lambda _: (_ for _ in ()).throw(MemoryError("too much")))
        await book.reload(lambda: pytest.fail("no zones were taken"))
        assert book.health["zones"] == "last good set in force: too much"
    await book.reload(lambda: None)
    assert (names(book), book.health["zones"]) == (["Prison", "better"], "ok")


async def test_zones_of_which_no_index_can_be_built_are_named_and_tried_again(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Rulebook(pair, [])
    pair[1].write_bytes(kml(GOOD.replace("good", "better")))
    with monkeypatch.context() as patch:
        patch.setattr(zone_reading, "sets", lambda _: (_ for _ in ()).throw(Strange("no index")))
        await book.reload(lambda: pytest.fail("no zones were taken"))
        assert book.health["zones"] == "last good set in force: Strange: no index"
        assert names(book) == ["Prison", "good"]
    await book.reload(lambda: None)
    assert (names(book), book.health["zones"]) == (["Prison", "better"], "ok")


@pytest.mark.parametrize("kind", UNUSABLE)
def test_check_and_doctor_name_the_file_in_a_line(
    pair: tuple[Path, Path], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = pair[1]
    other.write_bytes(UNUSABLE[kind])
    monkeypatch.chdir(other.parent)
    told = given.airspace("zones", "check", other.name)
    assert (told.code, told.err) == (1, "airspace: 1 of 1 file cannot be used\n")
    assert told.out.startswith("other.kml: cannot be used: ")
    assert told.out.count("\n") == 1
    settings = config.Settings(zones=config.Zones(files=(str(other),)))
    (finding,) = [each for each in doctor.zones(settings, 1.8e9) if str(other) in each.text]
    assert "\n" not in finding.text
    with pytest.raises(ZoneFileError):
        Rulebook([other], [])


# control zones by their class, and what a NOTAM activates


@pytest.mark.parametrize(
    ("records", "predicate"),
    [
        ("AC D\nAN Kontrollzone Bremen\nAL GND\nAH 2500ft MSL\n", Predicate.OPEN_FORBIDDEN),
        ("AC C\nAN AMSTERDAM CONTROL ZONE\nAL SFC\nAH 3000ft MSL\n", Predicate.OPEN_FORBIDDEN),
        ("AC B\nAN SAN FRANCISCO CLASS B AREA A\nAL SFC\nAH 10000ft MSL\n", Predicate.OPEN_FORBIDDEN),
        ("AC D\nAY UNC\nAN Zona\nAL 0\nAH FL65\n", Predicate.OPEN_FORBIDDEN),
        ("AC UNC\nAY CTR\nAN Zona\nAL 0ft AGL\nAH FL65\n", Predicate.OPEN_FORBIDDEN),
        ("AC A\nAN X\nAL 0 MSL\nAH FL65\n", Predicate.OPEN_FORBIDDEN),
        ("AC D\nAN Kontrollzone Bremen\nAL 1500ft MSL\nAH 2500ft MSL\n", Predicate.NONE),
        ("AC E\nAN Surface area\nAL GND\nAH 2500ft MSL\n", Predicate.NONE),
        ("AC G\nAN X\nAL GND\nAH 2500ft MSL\n", Predicate.NONE),
        ("AC D\nAY RMZ\nAN X\nAL GND\nAH 2500ft MSL\n", Predicate.NONE),
        ("AC D\nAY R\nAN X\nAL GND\nAH 2500ft MSL\n", Predicate.UNKNOWN),
    ],
)
def test_controlled_airspace_from_the_ground_is_a_control_zone(records: str, predicate: Predicate) -> None:
    zones = read((records + SQUARE).encode())
    assert zones.zones[0].predicate is predicate
    is_told = "taken as a control zone" in whats(zones)
    assert is_told == (predicate is Predicate.OPEN_FORBIDDEN and "AY CTR" not in records)


@pytest.mark.parametrize("kind", ["AC CTR", "AC P", "AC R", "AC D\nAY CTR"])
def test_what_a_notam_activates_is_always_in_force(kind: str) -> None:
    zones = read(f"{kind}\nAN X\nAL GND\nAH 2500ft MSL\nAA NONE\n{SQUARE}".encode())
    assert all(active(zones.zones[0], time_s) for time_s in (0.0, 1.0, 1.8e9))
    assert "active by NOTAM only (AA NONE), and no NOTAM is read here: taken as always in force" in whats(zones)


# what KML has beside its areas


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (f"<Folder><TimeSpan><begin>2026-05-02T00:00:00Z</begin></TimeSpan>{GOOD}</Folder>", "1 time(s) of a whole"),
        (f"<TimeStamp><when>2026-05-02T00:00:00Z</when></TimeStamp>{GOOD}", "1 time(s) of a whole Folder or Document"),
        (f"<NetworkLink><Link><href>http://127.0.0.1:9/x</href></Link></NetworkLink>{GOOD}", "1 NetworkLink(s)"),
        (f"<NetworkLink/><Folder><NetworkLink></NetworkLink></Folder>{GOOD}", "2 NetworkLink(s)"),
        (mark("good", polygon(CORNERS + FIRST), '<ExtendedData><SchemaData schemaUrl="#x"><SimpleData name="predicate">'
              "all_forbidden</SimpleData></SchemaData></ExtendedData>"), "1 SchemaData whose Schema is not"),
        (f"{OVERLAY}{GOOD}", "1 picture(s) laid over the map"),
        (f"<ScreenOverlay/><GroundOverlay id='a>b'><LatLonBox><north>1</north></LatLonBox></GroundOverlay>{GOOD}",
         "2 picture(s) laid over the map"),
    ],
)  # fmt: skip
def test_what_is_passed_over_in_kml_is_told(inside: str, told: str) -> None:
    zones = read(kml(inside))
    assert [zone.name for zone in zones.zones] == ["good"]
    assert told in whats(zones)


def test_words_in_the_text_of_kml_cut_nothing() -> None:
    text = "<description><![CDATA[<GroundOverlay><NetworkLink>]]></description>"
    zones = read(kml(mark("a", polygon(CORNERS + FIRST), text), GOOD, mark("b &lt;/GroundOverlay>", ring(CORNERS))))
    assert [zone.name for zone in zones.zones] == ["a", "good"]
    assert "picture" not in whats(zones)
    with pytest.raises(ZoneFileError, match=r"no area in it; 1 NetworkLink\(s\) to other files: not followed"):
        read(kml("<NetworkLink/>"))


# coordinate systems and offsets in JSON


def zone_269(**more: Any) -> dict[str, Any]:
    return {
        "identifier": "Z1", "country": "LUX", "name": "Z", "type": "COMMON", "restriction": "PROHIBITED",
        "reason": ["AIR_TRAFFIC"], "zoneAuthority": [{"name": "A", "purpose": "AUTHORIZATION"}],
        "applicability": [{"permanent": "YES"}],
        "geometry": [{"uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 120,
                      "upperVerticalReference": "AGL",
                      "horizontalProjection": {"type": "Circle", "center": [6.1, 49.6], "radius": 500}}],
    } | more  # fmt: skip


OTHER = zone_269(identifier="Z2")


@pytest.mark.parametrize("name", ["EPSG:4230", "urn:ogc:def:crs:EPSG::28992", "EPSG:99999"])
def test_ed269_of_another_system_is_refused_by_name(name: str) -> None:
    member = {"type": "name", "properties": {"name": name}}
    for envelope in ({"title": "t", "features": [OTHER]}, {"UASZoneList": [OTHER]}):
        with pytest.raises(ZoneFileError, match=rf"f: crs: .*{name.rpartition(':')[2]}"):
            read(json.dumps(envelope | {"crs": member}).encode())
    inner = zone_269()
    inner["geometry"][0]["horizontalProjection"]["crs"] = member
    for bad in (zone_269(crs=member), inner):
        zones = read(json.dumps({"features": [bad, OTHER]}).encode())
        assert [zone.zone_id for zone in zones.zones] == ["Z2"]
        assert [one.zone_id for one in zones.set_aside] == ["Z1"]


def test_ed269_that_names_wgs84_is_read() -> None:
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    zones = read(json.dumps({"features": [zone_269(crs=member)], "crs": member}).encode())
    assert (len(zones.zones), zones.set_aside) == (1, ())


@pytest.mark.parametrize(
    ("window", "is_told"),
    [
        ({"schedule": [{"day": ["MON"], "startTime": "08:00", "endTime": "16:00"}]}, True),
        ({"schedule": [{"day": ["MON"], "startTime": "08:00Z", "endTime": "16:00"}]}, True),
        ({"startDateTime": "2026-05-01T08:00:00", "endDateTime": "2026-05-02T08:00:00Z"}, True),
        ({"startDateTime": "2026-05-01T08:00:00Z", "endDateTime": "2026-05-02T08:00:00+02:00"}, False),
        ({"schedule": [{"day": ["MON"], "startTime": "08:00Z", "endTime": "16:00:00.00Z"}]}, False),
    ],
)
def test_times_without_an_offset_are_taken_as_utc_and_told(window: dict[str, Any], *, is_told: bool) -> None:
    row = {"permanent": "NO"} | window
    zones = ed269.read(json.dumps({"features": [zone_269(applicability=[row])]}).encode(), "f")
    assert ("times without an offset: taken as UTC" in whats(zones)) == is_told


@pytest.mark.parametrize(
    ("document", "feature", "told"),
    [
        ({"CRS": ED50}, {}, "'CRS' in the file"),
        ({"properties": {"crs": "EPSG:4230"}}, {}, "'crs' in properties of the file"),
        ({"coordRefSys": "EPSG:4230"}, {}, "'coordRefSys' in the file"),
        ({}, {"Crs": ED50}, "'Crs' in a feature"),
        ({}, {"properties": {"name": "a", "srid": 4230}}, "'srid' in properties of a feature"),
        ({"crs": {"type": "name", "properties": {"name": "EPSG:4326"}}}, {}, None),
        ({"CRS": None}, {"properties": {"name": "crs"}}, None),
    ],
)
def test_a_system_that_is_named_elsewhere_is_told(
    document: dict[str, Any], feature: dict[str, Any], told: str | None
) -> None:
    geometry = json.loads(shapely.to_geojson(RING))
    one = {"type": "Feature", "properties": {"name": "a"}, "geometry": geometry} | feature
    zones = read(json.dumps({"type": "FeatureCollection", "features": [one]} | document).encode())
    assert len(zones.zones) == 1
    assert ("names a coordinate system" in whats(zones)) == (told is not None)
    assert told is None or told in whats(zones)
