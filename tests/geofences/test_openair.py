from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airspace.model.geodesy import WGS84
from airspace.model.units import epoch_s, rfc3339
from airspace.model.zone import Circle, Datum, Polygon, Predicate, Restriction, Zone, ZoneKind
from geofences.catalogue import Catalogue
from geofences.formats import arcs, openair, openair_lines
from geofences.formats.openair_block import MAX_TEXT
from geofences.schedules import schedule
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.geofences import plane

SQUARE = """\
DP 52:10:00 N 004:00:00 E
DP 52:10:00 N 004:10:00 E
DP 52:00:00 N 004:10:00 E
DP 52:00:00 N 004:00:00 E
DP 52:10:00 N 004:00:00 E
"""
# AIP NL AD 2 EHAM 2.17: four corners, then a clockwise arc of 8 NM round the airport back to the first
EHAM_CTR_1 = """\
* Schiphol CTR 1
AC C
AN EHAM SCHIPHOL CTR 1
AL GND
AH 3000ft MSL
DP 52:24:54.39 N 004:38:05.45 E
DP 52:28:21.18 N 004:38:24.39 E
DP 52:28:01.08 N 004:48:12.13 E
DP 52:26:21.48 N 004:48:03.00 E
V D=+
V X=52:18:29.00 N 004:45:51.00 E
DB 52:26:21.48 N 004:48:03.00 E, 52:24:54.39 N 004:38:05.45 E
"""
# as OpenAir files had it in 2022: whole seconds, and the arc's end one second off the first corner
EHAM_CTR_1_SECONDS = """\
AC C
AN SCHIPHOL CTR 1
AL SFC
AH 3000 MSL
DP 52:24:54 N 004:38:05 E
DP 52:28:21 N 004:38:24 E
DP 52:28:01 N 004:48:12 E
V X=52:18:29 N 004:45:51 E
DB 52:26:21 N 004:48:03 E,52:24:55 N 004:38:05 E
DP 52:24:54 N 004:38:05 E
"""


def block(geometry: str = SQUARE, **records: str) -> bytes:
    values = {"AC": "R", "AN": "TEST", "AL": "GND", "AH": "2000ft AMSL"} | records
    lines = [f"{code} {value}" for code, value in values.items()]
    return ("\n".join(lines) + "\n" + geometry).encode()


def one(data: bytes) -> Zone:
    (zone,) = openair.read(data, "test.txt").zones
    return zone


def whats(zones: ZoneSet) -> str:
    return "\n".join(oddity.what for oddity in zones.oddities)


def fixture(real_data: Path, name: str) -> bytes:
    return (real_data / "geofences" / "openair_openaip" / name).read_bytes()


# outside references


@pytest.mark.parametrize(
    ("text", "apart_m", "area_part", "remark"),
    [(EHAM_CTR_1, 1.0, 1e-4, ""), (EHAM_CTR_1_SECONDS, 25.0, 1e-3, "the arc ends 31 m off the point beside it")],
)
def test_the_control_zone_of_schiphol(
    real_data: Path, text: str, apart_m: float, area_part: float, remark: str
) -> None:
    reference = json.loads((real_data / "geofences" / "eham_ctr1_reference.geojson").read_text())
    theirs = shapely.geometry.shape(reference["features"][0]["geometry"])
    zones = openair.read(text.encode(), "eham.txt")
    ours = plane.whole(zones.zones[0])
    assert plane.edges_apart_m(ours, theirs) < apart_m
    assert plane.area_m2(ours) == pytest.approx(plane.area_m2(theirs), rel=area_part)
    assert plane.area_m2(ours) / 1e6 == pytest.approx(733.1, abs=0.8)
    assert len(zones.zones[0].volumes) == 1
    assert remark in whats(zones)


def test_skipping_the_arc_would_make_a_sliver() -> None:
    without = "\n".join(line for line in EHAM_CTR_1.splitlines() if line[:1] != "V" and line[:2] != "DB")
    sliver = plane.area_m2(plane.whole(one(without.encode())))
    assert sliver < 0.1 * plane.area_m2(plane.whole(one(EHAM_CTR_1.encode())))
    other_way = EHAM_CTR_1.replace("D=+", "D=-")
    assert plane.area_m2(plane.whole(one(other_way.encode()))) < 0.2 * 733.1e6


@pytest.mark.parametrize(
    ("place", "inside"),
    [((52.3144, 4.9419), True), ((52.3731, 4.8936), True), ((52.352, 5.003), False), ((52.399, 4.937), False)],
)
def test_places_in_and_out_of_the_control_zone_of_schiphol(place: tuple[float, float], *, inside: bool) -> None:
    catalogue = Catalogue([openair.read(EHAM_CTR_1.encode(), "eham.txt")])
    assert bool(catalogue.at(*place, 50.0, Datum.AGL, 0.0)) is inside


# openAIP draws arcs on a sphere of 6,371 km: up to 0.5 % of the radius off the ellipsoid in one direction or the other,
# and in chords of so many degrees. Corners are rounded to 1e-6 degrees, and corners on a straight line left out.
ARCS = [
    ("arc-cw", 2_765, 3.6),
    ("arc-ccw", 9_258, 3.6),
    ("arc-cw-ccw", 96_322, 1.0),
    ("arc-first", 5_545, 3.6),
    ("arc-angle-cw", 463, 3.6),
    ("arc-angle-ccw", 27_780, 3.6),
    ("arc-angle-single-vx", 9_260, 3.6),
    ("circular", 2_037, 7.2),
    ("airway", 2_315, 11.25),
    ("inline-comments", 0, 0),
    ("polygon", 0, 0),
]


@pytest.mark.parametrize(("name", "radius_m", "chord_deg"), ARCS)
def test_openaip_draws_the_same(real_data: Path, name: str, radius_m: float, chord_deg: float) -> None:
    expected = "awy" if name == "airway" else name
    feature = json.loads(fixture(real_data, f"{expected}-result.json"))["features"][0]
    theirs = shapely.geometry.shape(feature["geometry"])
    zone = one(fixture(real_data, f"{name}.txt"))
    ours = plane.whole(zone)
    tolerance_m = 1.0 + radius_m * (0.005 + 1.0 - math.cos(math.radians(chord_deg / 2)))
    assert plane.edges_apart_m(ours, theirs) < tolerance_m
    assert plane.area_m2(ours) == pytest.approx(plane.area_m2(theirs), rel=0.01)
    assert zone.name == feature["properties"]["name"]
    for limit_m, key in ((zone.volumes[0].lower_m, "lowerCeiling"), (zone.volumes[0].upper_m, "upperCeiling")):
        ceiling = feature["properties"][key]
        assert limit_m == pytest.approx(ceiling["value"] * {"FT": 0.3048, "FL": 30.48}[ceiling["unit"]])


def test_openaip_reads_the_same_activation_times(real_data: Path) -> None:
    feature = json.loads(fixture(real_data, "activation-times-result.json"))["features"][0]
    zone = one(fixture(real_data, "activation-times.txt"))
    expected = [
        (times.get("start") and epoch_s(times["start"]), times.get("end") and epoch_s(times["end"]))
        for times in feature["properties"]["activationTimes"]
    ]
    assert [(each.start_s, each.end_s) for each in zone.applicability] == expected
    assert [name.text for name in zone.authorities[0].name] == [feature["properties"]["frequency"]["name"]]


def test_active_by_notam_is_always_since_no_notam_is_read(real_data: Path) -> None:
    zones = openair.read(fixture(real_data, "activation-times-none.txt"), "f")
    assert "by NOTAM only" in whats(zones)
    assert all(schedule.active(zones.zones[0], time_s) for time_s in (-1.0, 0.0, 1.0, 1.8e9))


READ_WITH = [
    ("skipped-tokens.txt", ""),
    ("start-end-coordinates-not-equal.txt", "not closed"),
    ("coordinate-seconds-60.txt", "60 minutes or seconds"),
    ("coordinate-minutes-60.txt", "60 minutes or seconds"),
    ("self-intersecting.txt", "crosses itself"),
    ("circular-invalid.txt", "crosses itself"),
    ("do-not-split-into-multipolygon.txt", "crosses itself"),
    ("laser-beam.txt", ""),
    ("meter-altitude-unit.txt", "pressure height"),
    ("round-altitude-values.txt", "pressure height"),
    ("check-limits-unit-conversion.txt", "pressure height"),
    ("missing-AY.txt", ""),
    ("single-airspace-ag-but-missing-af.txt", "type TRA"),
    ("transponder-code-invalid.txt", ""),
    ("version-2-commands.txt", ""),
    ("activation-times-invalid.txt", "rows of hours not read (AA 2): taken as always (2025-01-02T14:00Z"),
    ("activation-times-invalid-with-none.txt", "taken as always (NONE stands beside"),
    ("activation-times-invalid-with-none-none.txt", "taken as always (no activation time: 'NONE/NONE'"),
    ("empty-name.txt", "no name (AN): called"),
    ("version-2-warn-if-expired.txt", ""),
    ("expected-output-openair.txt", ""),
    ("in-output-openair.txt", ""),
]
REFUSED_WITH = [
    ("ceiling-definitions-al-greater-ah.txt", "TMP Iwakuni.*: AL, 30450 m, is not below AH, 7315 m"),
    ("ceiling-definitions-duplicate.txt", "NARVA.*: line 4: AL stands twice"),
    ("flight-level-missing-number.txt", "BAHRAIN TMA.*: line 6: A[LH] no limit: 'FL'"),
    ("ignored-only.txt", "no airspace"),
    ("insufficient-coordinates.txt", "CTR TOO-FEW-POINTS.*fewer than 3"),
    ("invalid-coordinates.txt", "TMA MILANO.*: line 14: DP no coordinates"),
    ("missing-ah-al.txt", "LI-R64 Cuneo.*no lower limit"),
    ("without-ac.txt", "no class"),
]


@pytest.mark.parametrize(("name", "remark"), READ_WITH)
def test_what_openaip_has_and_this_reads(real_data: Path, name: str, remark: str) -> None:
    zones = openair.read(fixture(real_data, name), name)
    assert zones.zones
    assert remark in whats(zones)
    Catalogue([zones])


@pytest.mark.parametrize(("name", "message"), REFUSED_WITH)
def test_what_openaip_has_and_this_refuses(real_data: Path, name: str, message: str) -> None:
    with pytest.raises(ZoneFileError, match=message):
        openair.read(fixture(real_data, name), name)


def test_every_fixture_of_openaip_is_read_or_refused(real_data: Path) -> None:
    names = {path.name for path in (real_data / "geofences" / "openair_openaip").glob("*.txt")}
    told = {name for name, _ in READ_WITH} | {name for name, _ in REFUSED_WITH} | {f"{name}.txt" for name, *_ in ARCS}
    assert names - told == {"activation-times.txt", "activation-times-none.txt"}


# records


@pytest.mark.parametrize(
    ("text", "metres", "datum"),
    [
        ("GND", 0.0, Datum.AGL),
        ("SFC", 0.0, Datum.AGL),
        ("1200 MSL", 365.76, Datum.AMSL),
        ("1200ft AMSL", 365.76, Datum.AMSL),
        ("1200 AGL", 365.76, Datum.AGL),
        ("1200FT GND", 365.76, Datum.AGL),
        ("500 SFC", 152.4, Datum.AGL),
        ("300m AGL", 300.0, Datum.AGL),
        ("300 M MSL", 300.0, Datum.AMSL),
        ("1500ft", 457.2, Datum.AMSL),
        ("FL 45", 1371.6, Datum.AMSL),
        ("fl045", 1371.6, Datum.AMSL),
    ],
)
def test_lower_limits(text: str, metres: float, datum: Datum) -> None:
    volume = one(block(AL=text, AH="FL 195")).volumes[0]
    assert volume.lower_m == pytest.approx(metres)
    assert volume.lower_datum is datum
    if metres:
        upper = one(block(AH=text)).volumes[0]
        assert upper.upper_m == pytest.approx(metres)
        assert upper.upper_datum is datum


def test_unlimited_and_what_is_taken_for_granted() -> None:
    assert one(block(AH="UNL")).volumes[0].upper_m is None
    assert "names no datum" in whats(openair.read(block(AH="3000ft"), "f"))
    assert "FL 65 is a pressure height: taken as 1981 m" in whats(openair.read(block(AH="FL 65"), "f"))


@pytest.mark.parametrize(
    "text",
    [
        "52:24:54.39 N 004:38:05.45 E",
        "52:24:54.39N 004:38:05.45E",
        "52:24:54.39N,4:38:05.45E",
        "522454.39N 0043805.45E",
        "52:24.9065 N 004:38.090833 E",
        "52 24 54.39 n\t004 38 05.45 e",
        "52°24'54.39\"N 004°38'05.45\"E",
    ],
)
def test_coordinates(text: str) -> None:
    shape = one(block(f"V X={text}\nDC 2")).volumes[0].shape
    assert isinstance(shape, Circle)
    assert (shape.latitude_deg, shape.longitude_deg) == pytest.approx((52.4151083, 4.6348472), abs=1e-7)
    assert shape.radius_m == 3704.0


def test_south_and_west_are_negative_and_sixty_is_carried() -> None:
    zones = openair.read(block("V X=31:59:60 S 070:60:00 W\nDC 1"), "f")
    shape = zones.zones[0].volumes[0].shape
    assert isinstance(shape, Circle)
    assert (shape.latitude_deg, shape.longitude_deg) == (-32.0, -71.0)
    assert "read as the next degree or minute" in whats(zones)


def test_bytes_line_ends_tabs_and_a_byte_order_mark() -> None:
    latin = block(AN="TMA MÜNCHEN").decode().replace("\n", "\r\n").replace("DP ", "dp\t").encode("iso-8859-1")
    assert one(latin).name == "TMA MÜNCHEN"
    assert one(b"\xef\xbb\xbf" + block(AN="TMA MÜNCHEN")).name == "TMA MÜNCHEN"
    assert one(block().replace(b"\n", b"\r")).name == "TEST"


def test_comments_blank_lines_and_unknown_records() -> None:
    zones = openair.read(b"* first\n\n" + block().replace(b"AN TEST", b"AN TEST * a comment\nAQ what\n   "), "f")
    assert zones.zones[0].name == "TEST"
    assert whats(zones).startswith("1 record(s) AQ passed over")


def test_the_direction_and_centre_are_those_of_one_airspace() -> None:
    arc = "V X=52:00:00 N 004:00:00 E\nDA 5,0,90\nDP 52:00:00 N 004:00:00 E\n"
    quarter, three = (plane.area_m2(plane.whole(one(block(way + arc)))) for way in ("", "V D=-\n"))
    assert quarter == pytest.approx(math.pi / 4 * 9260.0**2, rel=1e-4)
    assert three == pytest.approx(3 * quarter, rel=1e-4)
    first, second = openair.read(block("V D=-\n" + arc) + block(arc), "f").zones
    assert plane.area_m2(plane.whole(first)) == pytest.approx(3 * plane.area_m2(plane.whole(second)), rel=1e-4)
    zones = openair.read(block(arc) + block("DA 5,0,90\nDP 52:00:00 N 004:00:00 E\n"), "f")
    assert [(each.zone_id, each.why) for each in zones.set_aside] == [
        ("TEST #2", "line 12: DA has no centre (V X=) before it")
    ]


@given(
    latitude=st.floats(-80, 80),
    longitude=st.floats(-179, 179),
    radius_m=st.floats(50, 200_000),
    from_deg=st.floats(0, 360),
    turn_deg=st.floats(1, 359),
    clockwise=st.booleans(),
)
@settings(max_examples=60)
def test_arcs_stay_within_a_metre_of_the_circle(
    latitude: float, longitude: float, radius_m: float, from_deg: float, turn_deg: float, *, clockwise: bool
) -> None:
    centre = (longitude, latitude)
    to_deg = from_deg + turn_deg if clockwise else from_deg - turn_deg
    points = arcs.sector(centre, radius_m, from_deg, to_deg, clockwise=clockwise)
    for (x1, y1), (x2, y2) in pairwise(points):
        azimuth, _, length_m = WGS84.inv(x1, y1, x2, y2)
        x, y, _ = WGS84.fwd(x1, y1, azimuth, length_m / 2)
        _, _, middle_m = WGS84.inv(*centre, x, y)
        assert radius_m - 1.0 < middle_m < radius_m + 0.01
    ends = arcs.between(centre, points[0], points[-1], clockwise=clockwise)
    assert len(ends) == pytest.approx(len(points), abs=1)


def test_an_arc_whose_ends_disagree_is_drawn_and_told_up_to_a_tenth_of_its_radius() -> None:
    text = EHAM_CTR_1.replace("DB 52:26:21.48", "DB 52:27:01.48")
    zones = openair.read(text.encode(), "eham.txt")
    assert "line 12: the arc's ends lie 16036 m and 14816 m from its centre: drawn" in whats(zones)
    far = EHAM_CTR_1.replace("DB 52:26:21.48", "DB 52:28:21.48")
    with pytest.raises(ZoneFileError, match="EHAM SCHIPHOL CTR 1: line 12: DB the arc's ends lie 18"):
        openair.read(far.encode(), "eham.txt")


def test_an_arc_back_to_its_start_is_the_full_circle() -> None:
    arc = "V X=52:00:00 N 004:00:00 E\nDB 52:05:00 N 004:00:00 E, 52:05:00 N 004:00:00 E\n"
    assert plane.area_m2(plane.whole(one(block(arc)))) == pytest.approx(math.pi * 9270.0**2, rel=2e-3)


@pytest.mark.parametrize(
    ("records", "restriction", "predicate", "group"),
    [
        ({"AC": "P", "AN": "EHP 25"}, Restriction.PROHIBITED, Predicate.ALL_FORBIDDEN, "openair-ehp-25"),
        ({"AC": "C", "AN": "SCHIPHOL CTR 1"}, Restriction.CONDITIONAL, Predicate.OPEN_FORBIDDEN, "ctr-schiphol"),
        ({"AC": "CTR", "AN": "Rotterdam"}, Restriction.CONDITIONAL, Predicate.OPEN_FORBIDDEN, "ctr-rotterdam"),
        ({"AC": "D", "AY": "CTR", "AN": "EHGG Eelde"}, Restriction.CONDITIONAL, Predicate.OPEN_FORBIDDEN, "ctr-ehgg"),
        ({"AC": "D", "AN": "MCTR DE KOOY"}, Restriction.CONDITIONAL, Predicate.OPEN_FORBIDDEN, "ctr-de-kooy"),
        ({"AC": "D", "AN": "Kontrollzone Bremen"}, Restriction.CONDITIONAL, Predicate.OPEN_FORBIDDEN,
         "ctr-kontrollzone-bremen"),
        ({"AC": "C", "AN": "CTR 2 X", "AL": "1200 MSL"}, Restriction.NO_RESTRICTION, Predicate.NONE, "openair-ctr-2-x"),
        ({"AC": "R", "AN": "CTR NORTH"}, Restriction.CONDITIONAL, Predicate.UNKNOWN, "openair-ctr-north"),
        ({"AC": "A", "AN": "TMA 1", "AY": "TMA"}, Restriction.NO_RESTRICTION, Predicate.NONE, "openair-tma-1"),
        ({"AC": "Q", "AN": "EHD 01"}, Restriction.NO_RESTRICTION, Predicate.NONE, "openair-ehd-01"),
        ({"AC": "W", "AN": "WAVE"}, Restriction.NO_RESTRICTION, Predicate.NONE, "openair-wave"),
        ({"AC": "UNC", "AY": "TSA", "AN": "X"}, Restriction.CONDITIONAL, Predicate.UNKNOWN, "openair-x"),
        ({"AC": "FFVL", "AN": "X"}, Restriction.CONDITIONAL, Predicate.UNKNOWN, "openair-x"),
    ],
)  # fmt: skip
def test_what_a_class_means(
    records: dict[str, str], restriction: Restriction, predicate: Predicate, group: str
) -> None:
    zone = one(block(**records))
    assert (zone.restriction, zone.predicate, zone.group) == (restriction, predicate, group)
    assert zone.kind is ZoneKind.LEGAL
    assert bool(zone.overrides) == (predicate is Predicate.OPEN_FORBIDDEN)
    assert ("nothing is decided" in whats(openair.read(block(**records), "f"))) == (predicate is Predicate.UNKNOWN)


def test_a_control_zone_says_what_it_rests_on_and_how_a_sentence_names_it() -> None:
    zone = one(EHAM_CTR_1_SECONDS.encode())
    assert "2019/947 article 15" in zone.overrides[0]
    assert (zone.group_name_nl, zone.group_name_en) == ("de CTR Schiphol", "the Schiphol CTR")
    assert one(EHAM_CTR_1.encode()).group == "ctr-eham"
    assert zone.volumes[0].upper_m == pytest.approx(914.4)
    assert zone.volumes[0].upper_datum is Datum.AMSL


def test_identifiers_and_repeated_names() -> None:
    assert one(block(AI="abc-1")).zone_id == "abc-1"
    ids = [zone.zone_id for zone in openair.read(block() + block() + block(AN="OTHER"), "f").zones]
    assert ids == ["TEST #1", "TEST #2", "OTHER"]


def test_the_end_of_a_day_may_be_written_24_00() -> None:
    (span,) = one(block(AA="2024-12-17T00:00Z/2024-12-17T24:00Z")).applicability
    assert span.start_s is not None
    assert span.end_s is not None
    assert (rfc3339(span.start_s), rfc3339(span.end_s)) == ("2024-12-17T00:00:00.000Z", "2024-12-18T00:00:00.000Z")


def test_terrain_after_an_outline_is_not_drawn_into_it() -> None:
    terrain = b"TO some hill\nDP 51:00:00 N 003:00:00 E\nDP 51:10:00 N 003:00:00 E\n"
    plain, with_terrain = one(block()), one(block() + terrain)
    assert with_terrain.volumes == plain.volumes


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no airspace"),
        (b"\x00\x01\xff\xfe", "no airspace"),
        (b'{"type": "FeatureCollection"}', "no airspace"),
        (block("DX 1\n" + SQUARE), "DX is not known, and may be geometry"),
        (block("V Q=1\n" + SQUARE), "'Q' = '1' is not known"),
        (block("V X\n" + SQUARE), "has no ="),
        (block(""), "no geometry"),
        (block("V X=52:00:00N 004:00:00E\nDC 0"), "radius of 0 m"),
        (block("V X=52:00:00N 004:00:00E\nDC 1e9"), "'1e9' is no length"),
        (block("V X=52:00:00N 004:00:00E\nDC 1\n" + SQUARE), "DP and DC in one airspace"),
        (block("DC 1"), "has no centre"),
        (block("DP 52:61:00 N 004:00:00 E"), "more than 60"),
        (block("DP 95:00:00 N 004:00:00 E"), "off the globe"),
        (block("DY 52:00:00N 004:00:00E\nDY 52:10:00N 004:00:00E"), "without a width"),
        (block("V W=1\nDY 52:00:00N 004:00:00E"), "two different points"),
        (block("V W=1\n" + "DY 52:00:00N 004:00:00E\n" * 1001), "more than 1000 points of one airway"),
        (block("V X=52:00:00N 004:00:00E\nDA 5,90"), "needs radius, start and end"),
        (block(AH="3000 QNH"), "no limit"),
        (block(AL="3000ft AMSL"), "AL, 914 m, is not below AH, 610 m"),
        (block(AL="UNL"), "AL is unlimited"),
        (block(AH="GND"), "AH is the ground: no ceiling"),
        (block(AL="100ft MSL", AH="GND"), "AH is the ground: no ceiling"),
        (block(AL="100ft MSL", AH="-50ft MSL"), "no limit"),
        (block(AN="ONE\nAN TWO"), "AN stands twice"),
        (block("V X=52:00:00 N 004:00:00 E\nDA 200,0,359\n" * 20), "at most 10000"),
    ],
)  # fmt: skip
def test_a_file_of_which_nothing_can_be_read_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ZoneFileError, match=message):
        openair.read(data, "test.txt")


def test_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, most in (
        (openair, "MAX_BYTES", 100),
        (openair_lines, "MAX_AIRSPACES", 1),
        (openair_lines, "MAX_POINTS", 9),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, most)
            with pytest.raises(ZoneFileError):
                openair.read(block() + block(), "f")


def test_hostile_text_is_cleaned() -> None:
    zone = one(block(AN="EVIL\u202e\x1b[31m<b>" + "x" * 400))
    assert zone.name.isprintable()
    assert "\u202e" not in zone.name
    assert len(zone.name) <= MAX_TEXT


def _read_or_refused(data: bytes) -> None:
    try:
        zones = openair.read(data, "f")
    except ZoneFileError:
        return
    for zone in zones.zones:
        assert all(isinstance(volume.shape, Circle | Polygon) for volume in zone.volumes)


@given(st.binary(max_size=400))
@settings(max_examples=150)
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    _read_or_refused(data)
    _read_or_refused(block() + data)


LINES = [
    *(EHAM_CTR_1 + EHAM_CTR_1_SECONDS).splitlines(), "DC 3", "DA 4,350,20", "V D=-", "V W=2", "DY 52:00:00N 004:00:00E",
    "DY 52:10:00N 004:00:00E", "AA NONE", "AA 2024-12-17T00:00Z/NONE", "AI 7", "AY TMA", "TO x", "AL FL 65", "AH UNL",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=40), st.integers(0, 400), st.characters())
@example(LINES, 0, "x")
@settings(max_examples=200)
def test_shuffled_and_spoilt_lines_are_read_or_refused(lines: list[str], at: int, letter: str) -> None:
    text = "\n".join(["AC C", *lines])
    _read_or_refused(text.encode())
    _read_or_refused((text[:at] + letter + text[at + 1 :]).encode("utf-8", "surrogatepass"))
