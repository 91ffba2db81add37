"""OpenAir files as people publish them: what is read, how, and what sets an airspace aside.

Forms are those of published files (France, Canada, Australia, South Africa, Malawi, Czechia, Slovakia, Poland, Belgium,
Germany, the Netherlands, Switzerland, Slovenia, of contests, and of other programs' issues); names and places are ours.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.geodesy import WGS84
from airspace.model.zone import Circle, Datum, Polygon, Predicate, Zone
from geofences.catalogue import Catalogue
from geofences.formats import arcs, detect, openair_lines
from geofences.zone_set import ZoneFileError, ZoneSet
from tests.geofences import plane

SQUARE = "DP 52:00:00 N 005:00:00 E\nDP 52:00:00 N 005:10:00 E\nDP 52:05:00 N 005:10:00 E\nDP 52:05:00 N 005:00:00 E\n"
SOUND = "AC P\nAN Sound\nAL GND\nAH 1500ft AMSL\n" + SQUARE
HEAD = "AC R\nAN Odd\nAL GND\nAH 2000ft AMSL\n"


def read(text: str | bytes) -> ZoneSet:
    return detect.read(text.encode() if isinstance(text, str) else text, "test.txt")


def odd(text: str) -> Zone:
    """The airspace called Odd, read beside a sound one."""
    zones = read(SOUND + text + "\n" + SOUND.replace("Sound", "Last"))
    assert zones.set_aside == ()
    assert [zone.name for zone in zones.zones] == ["Sound", "Odd", "Last"]
    return zones.zones[1]


def why(text: str) -> str:
    """Why the airspace called Odd is set aside; the sound ones before and behind it are in force."""
    zones = read(SOUND + text + "\n" + SOUND.replace("Sound", "Last"))
    assert [zone.name for zone in zones.zones] == ["Sound", "Last"]
    (one,) = zones.set_aside
    assert (one.zone_id, one.name) == ("Odd", "Odd")
    return one.why


def told(zones: ZoneSet) -> str:
    return "\n".join(f"{each.place}: {each.what}" for each in zones.oddities)


# places


@pytest.mark.parametrize(
    "text",
    [
        "52:08:31. N 005:01:17. E",
        "52:08:31.N 005:01:17.E",
        "52:08:31,0 N 005:01:17,0 E",
        "N52:08:31 E005:01:17",
        "N 52:08:31, E 5:01:17",
        "005:01:17 E 52:08:31 N",
        "52:08:31N,5:01:17E",
        "52:08:31N005:01:17E",
        "52:08:31 N 005:01:17 E.",
        "520831N 0050117E",
        "520831.0N 0050117.00E",
        "52:08.516667N 005:01.283333E",
        "52 08 31 N 005 01 17 E",
        "52 08.516667 N 5 01.283333 E",
        "5208.516667N 00501.283333E",
        "52.1419444 N 5.0213889 E",
        "N52.1419444 E005.0213889",
        "52°08'31\"N 005°01'17\"E",
        "52°08′31″ N 5°01′17″ E",
        "52º08'31'' N 005º01'17'' E",
        "52:08:31 n\t005:01:17 e",
        "52:08:31 N 005:01:17 E ; the mast",
        "52:08:31 N 005:01:17 E * the mast",
        "52:08:31 N 005:01:17 E c12",
        "52:08:31 N, 005:01:17 E, 9.9M",
    ],
)
def test_one_place_in_many_forms(text: str) -> None:
    shape = odd(f"{HEAD}V X={text}\nDC 5").volumes[0].shape
    assert isinstance(shape, Circle)
    assert (shape.latitude_deg, shape.longitude_deg) == pytest.approx((52.141944, 5.021389), abs=1e-6)
    assert shape.radius_m == 9260.0


@pytest.mark.parametrize(
    "text",
    [
        "52:08:31 N 005:01:17 O",  # Ost or ouest
        "52:08:31 E 005:01:17 E",
        "52:08:31 005:01:17",
        "52:08:N 005:01:E",
        "52:08.5:31 N 005:01:17 E",
        "52:08:31 N 005:01:17 E 52:09:00 N 005:02:00 E",
        "52:08:31 N",
        "the church",
        "",
        "52:61:00 N 005:01:17 E",
        "91:00:00 N 005:01:17 E",
        "52081 N 0050117 E",
        "52:08:31 N 185:01:17 E",
    ],
)
def test_what_is_no_place_sets_the_airspace_aside(text: str) -> None:
    assert "line 13: DP " in why(f"{HEAD}DP {text}\n{SQUARE}")


@given(
    latitude=st.floats(-84, 84),
    longitude=st.floats(-179, 179),
    form=st.sampled_from(["dms", "dm", "d"]),
    first=st.booleans(),
)
@settings(max_examples=150)
def test_any_place_is_read_as_it_was_written(latitude: float, longitude: float, form: str, *, first: bool) -> None:
    def written(value: float, letters: str) -> str:
        letter = letters[value < 0]
        whole = abs(value)
        degrees, minutes = int(whole), whole % 1 * 60
        text = {
            "dms": f"{degrees:02d}:{int(minutes):02d}:{minutes % 1 * 60:09.6f}",
            "dm": f"{degrees:02d}:{minutes:010.7f}",
            "d": f"{whole:.9f}",
        }[form]
        return f"{letter}{text}" if first else f"{text} {letter}"

    shape = odd(f"{HEAD}V X={written(latitude, 'NS')} {written(longitude, 'EW')}\nDC 0.1").volumes[0].shape
    assert isinstance(shape, Circle)
    assert (shape.latitude_deg, shape.longitude_deg) == pytest.approx((latitude, longitude), abs=1e-7)


# limits


@pytest.mark.parametrize(
    ("text", "metres", "datum"),
    [
        ("1500", 457.2, Datum.AMSL),
        ("1500 ft", 457.2, Datum.AMSL),
        ("1500FtAMSL", 457.2, Datum.AMSL),
        ("1,500ft AGL", 457.2, Datum.AGL),
        ("1500AMSL FT", 457.2, Datum.AMSL),
        ("1500' MSL", 457.2, Datum.AMSL),
        ("1500F ASFC", 457.2, Datum.AGL),
        ("1500 Agl", 457.2, Datum.AGL),
        ("1500 feet agl", 457.2, Datum.AGL),
        ("1500ft (Mo-Fri)", 457.2, Datum.AMSL),
        ("500m GND", 500.0, Datum.AGL),
        ("500 metres AMSL", 500.0, Datum.AMSL),
        ("50 FL", 1524.0, Datum.AMSL),
        ("FL050", 1524.0, Datum.AMSL),
        ("5000ft STD", 1524.0, Datum.AMSL),
        ("UNL FT", None, Datum.AMSL),
        ("UNLD", None, Datum.AMSL),
        ("UNLIM (Mon-Fri)", None, Datum.AMSL),
    ],
)
def test_ceilings(text: str, metres: float | None, datum: Datum) -> None:
    volume = odd(f"AC R\nAN Odd\nAL GND\nAH {text}\n{SQUARE}").volumes[0]
    assert volume.upper_m == (None if metres is None else pytest.approx(metres))
    assert volume.upper_datum is datum


@pytest.mark.parametrize("text", ["GND", "SFC", "sfc", "Surface", "GND AGL", "0", "0 AGL", "0ft AMSL", "MSL"])
def test_floors_at_the_ground(text: str) -> None:
    assert odd(f"AC R\nAN Odd\nAL {text}\nAH 500ft AGL\n{SQUARE}").volumes[0].lower_m == 0.0


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ("AL GND\nAH NOTAM\n", "AH is given by NOTAM only"),
        ("AL GND\nAH FL115 3300F ASFC\n", "AH no limit: 'FL115 3300F ASFC'"),
        ("AL GND\nAH 100m AGL/423m AMSL\n", "AH no limit"),
        ("AL GND\nAH Ask on 122.8\n", "AH no limit"),
        ("AL GND\nAH BCTA FT\n", "AH no limit"),
        ("AL GND\nAH 1.500 ft\n", "AH no limit"),
        ("AL GND\nAH\n", "AH no limit"),
        ("AL GND\nAH GND\n", "AH is the ground: no ceiling"),
        ("AL FL195\nAH 1700F AMSL\n", "AL, 5944 m, is not below AH, 518 m"),
        ("AL UNL\nAH UNL\n", "AL is unlimited"),
        ("AH FL 95\n", "no lower limit (AL)"),
        ("AL GND\n", "no upper limit (AH)"),
        ("AL GND\nAH 3000ft AMSL\nAH 4000ft AMSL\n", "AH stands twice"),
    ],
)
def test_limits_that_set_an_airspace_aside(records: str, reason: str) -> None:
    assert reason in why(f"AC R\nAN Odd\n{records}{SQUARE}")


def test_a_limit_that_stands_twice_alike_is_one() -> None:
    assert odd(HEAD + "AH 2000ft AMSL\n" + SQUARE).volumes[0].upper_m == pytest.approx(609.6)


# shapes


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ("DP 52:12:00 N 004:59:00 E\nDP 52:15:00 N 005:02:00 E\n", "fewer than 3 different points"),
        ("DP 52:12:00 N 004:59:00 E\n" * 5, "fewer than 3 different points"),
        ("DP 52:00:00 N 005:00:00 E\nDP 52:06:00 N 005:00:00 E\nDP 52:03:00 N 005:00:00 E\n", "has no area"),
        ("V X=52:00:00 N 005:00:00 E\nDB 52:06:34 N 005:00:00 E,52:00:00 N 005:16:00 E\n", "the arc's ends lie 12"),
        ("V X=52:00:00 N 005:00:00 E\nDC 0\n", "a radius of 0 m"),
        ("V X=52:00:00 N 005:00:00 E\nDC -5\n", "DC '-5' is no length"),
        ("V X=52:00:00 N 005:00:00 E\nDC 5 M\n", "DC '5 M' is no length"),
        ("V X=52:00:00 N 005:00:00 E\nDC 5\nDC 6\n", "DC stands twice"),
        ("V X=52:00:00 N 005:00:00 E\nDC 5\n" + SQUARE, "DP and DC in one airspace"),
        ("V D=-5\n" + SQUARE, "'D' = '-5' is not known"),
        ("V X=52:00:00 N 005:00:00 E\nDA 5,0\n", "DA needs radius, start and end"),
        ("V X=52:00:00 N 005:00:00 E\nDA 5,zero,90\n", "DA 'ZERO' is no bearing"),
        ("V W=-2\nDY 52:00:00N 005:00:00E\nDY 52:10:00N 005:00:00E\n", "V '-2' is no length"),
        ("DC 5\n", "DC has no centre (V X=) before it"),
        ("DE 52:00:00 N 005:00:00 E\n" + SQUARE, "DE is not known, and may be geometry"),
        ("PD 52:00:00 N 005:00:00 E\n" + SQUARE, "PD is not known, and may be geometry"),
        ("52:00:00 N 005:00:00 E\n" + SQUARE, "may be geometry"),
        ("then along the river to 52:00:00 N 005:00:00 E\n" + SQUARE, "may be geometry"),
    ],
)
def test_geometry_that_cannot_be_read_is_never_drawn_without_it(geometry: str, reason: str) -> None:
    assert reason.casefold() in why(HEAD + geometry).casefold()


@pytest.mark.parametrize("part", [0.0, 0.02, 0.058, 0.09, -0.06])
def test_an_arc_meets_both_its_ends_and_lies_between_its_radii(part: float) -> None:
    centre = (5.0, 52.0)
    (x1, y1, _), (x2, y2, _) = WGS84.fwd(*centre, 10.0, 5000.0), WGS84.fwd(*centre, 100.0, 5000.0 * (1 + part))
    points = arcs.between(centre, (x1, y1), (x2, y2), clockwise=True)
    assert (points[0], points[-1]) == ((x1, y1), (x2, y2))
    far = [WGS84.inv(*centre, *point)[2] for point in points]
    assert far == sorted(far, reverse=part < 0) or math.isclose(part, 0.0)
    assert min(far) >= 5000.0 * min(1, 1 + part) - 0.01
    assert max(far) <= 5000.0 * max(1, 1 + part) + 0.01


@pytest.mark.parametrize(
    ("geometry", "area_km2"),
    [
        ("VX=52:00:00 N 005:00:00 E\nDC2,5", math.pi * 4.63**2),
        ("V  X = 52:00:00 N 005:00:00 E\ndc 2.5 *NM", math.pi * 4.63**2),
        ("V X=52:00:00 N 005:00:00 E\nDC 2.5 nm", math.pi * 4.63**2),
        ("V X=52:00:00 N 005:00:00 E\nDC 2 km", math.pi * 4.0),
        ("V X=52:00:00 N 005:00:00 E\nDC .5", math.pi * 0.926**2),
        ("V X=52:00:00 N 005:00:00 E\nV D=+\nDA  5 , 0 , 180\n", math.pi * 9.26**2 / 2),
        ("V X=52:00:00 N 005:00:00 E\nV D=-\nDA 5,180,-180\nDP 52:00:00 N 005:00:00 E", math.pi * 9.26**2),
        ("V W=.5\nDY 52:00:00 N 005:00:00 E\nDY 52:10:00 N 005:00:00 E", 18.55 * 0.926 + math.pi * 0.463**2),
    ],
)
def test_circles_arcs_and_corridors(geometry: str, area_km2: float) -> None:
    assert plane.area_m2(plane.whole(odd(f"{HEAD}{geometry}"))) / 1e6 == pytest.approx(area_km2, rel=0.01)


def test_a_long_thin_airspace_is_measured_by_its_area_not_by_the_box_round_it() -> None:
    airway = (
        "DP 24:00:00 S 016:00:00 E\nDP 34:00:00 S 032:00:00 E\nDP 34:06:00 S 032:00:00 E\nDP 24:06:00 S 016:00:00 E\n"
    )
    zone = odd(HEAD + airway)
    catalogue = Catalogue([ZoneSet(source="s", version="v", zones=(zone,))])
    held = [bool(catalogue.at(*place, 50.0, Datum.AGL, 0.0)) for place in ((-29.05, 24.0), (-25.0, 31.0))]
    assert held == [True, False]


def test_a_continent_is_set_aside_and_the_rest_in_force() -> None:
    continent = (
        "DP 10:00:00 S 113:00:00 E\nDP 10:00:00 S 153:00:00 E\nDP 39:00:00 S 153:00:00 E\nDP 39:00:00 S 113:00:00 E\n"
    )
    assert "km2, at most" in why(HEAD + continent)


# records and remarks


def test_what_is_neither_geometry_nor_a_limit_is_passed_over_with_its_count() -> None:
    text = HEAD + "AZ one\nAZ two\nXX three\nCopyright of nobody\nAX 7000\nAT 52:02:00 N 005:05:00 E\n" + SQUARE
    zones = read(SOUND + text)
    assert len(zones.zones) == 2
    assert {"file: 2 record(s) AZ passed over", "file: 1 record(s) XX passed over"} <= set(told(zones).splitlines())
    assert "file: 1 record(s) Copyright passed over" in told(zones)
    assert "AX" not in told(zones)


def test_kinds_of_unknown_records_are_told_up_to_a_number() -> None:
    unknown = "".join(f"word{nth} of text\n" for nth in range(100))
    zones = read(SOUND + unknown)
    assert f"file: {100 - openair_lines.MAX_CODES} record(s) other passed over" in told(zones)


@pytest.mark.parametrize(
    "line", ["#DP 51:00:00 N 005:00:00 E", "// DP 51:00:00 N 005:00:00 E", ";DP 51:00:00", "*DP", "; "]
)
def test_a_line_that_is_a_remark_is_no_corner(line: str) -> None:
    assert odd(HEAD + SQUARE + line).volumes == odd(HEAD + SQUARE).volumes


def test_a_name_keeps_its_semicolon_but_not_its_remark() -> None:
    zones = read(SOUND.replace("Sound", "R 1;2") + SOUND.replace("Sound", "R 3 ; (military) * see AIP"))
    assert [zone.name for zone in zones.zones] == ["R 1;2", "R 3"]


@pytest.mark.parametrize(
    "style",
    [
        "AC Q\nSP 0,2,127,0,127\nSB -1,-1,-1\n",
        "AC CTR\nSB 102,102,102\n",
        "AC R\nSP 0,2,255,128,0\nV X=51:30:00N 003:00:00 E\nDC 0.05\n",
        "AC R\nSP 0,2,255,128,0\nDC 0.05\n",
        "AC\nSP 5\n",
    ],
)
def test_a_class_that_is_given_a_style_is_no_airspace(style: str) -> None:
    zones = read(style + SOUND + style)
    assert [zone.name for zone in zones.zones] == ["Sound"]
    assert zones.set_aside == ()
    assert "2 class(es) that are only given a style" in told(zones)


def test_an_airspace_without_a_name_is_in_force_and_told_by_its_line() -> None:
    zones = read("AC P\nAL GND\nAH 2000ft AMSL\n" + SQUARE + SOUND)
    assert [(zone.name, zone.predicate) for zone in zones.zones] == [
        ("P of line 1", Predicate.ALL_FORBIDDEN),
        ("Sound", Predicate.ALL_FORBIDDEN),
    ]
    assert "no name (AN): called 'P of line 1'" in told(zones)


def test_an_airspace_whose_class_is_empty_is_never_decided() -> None:
    for records in ("AC\n", "AC   \n", "AC ; Austria\n"):
        zone = odd(records + "AN Odd\nAL GND\nAH 2000ft AMSL\n" + SQUARE)
        assert zone.predicate is Predicate.UNKNOWN


def test_names_before_classes() -> None:
    first = "AN One\nAC P\nAL GND\nAH 1000ft AGL\n" + SQUARE
    zones = read("* areas\n\n" + first + "\n" + first.replace("One", "Two").replace("AC P", "AC R\nSB 0,0,255"))
    assert [(zone.name, zone.predicate) for zone in zones.zones] == [
        ("One", Predicate.ALL_FORBIDDEN),
        ("Two", Predicate.UNKNOWN),
    ]
    assert zones.set_aside == ()


def test_a_second_name_behind_an_outline_leaves_open_where_it_ends() -> None:
    zones = read(SOUND + HEAD + SQUARE + "AN Which\nDP 52:10:00 N 005:00:00 E\n" + SOUND.replace("Sound", "Last"))
    assert [zone.name for zone in zones.zones] == ["Sound", "Last"]
    assert {one.name: one.why for one in zones.set_aside} == {
        "Odd": "line 17: AN without AC: where the airspace before it ends is not known",
        "Which": "no class (AC)",
    }


def test_the_centre_and_direction_of_one_airspace_are_not_those_of_the_next() -> None:
    before = HEAD.replace("Odd", "Before") + "V X=52:00:00 N 005:00:00 E\nV D=-\nDC 5\n"
    zones = read(SOUND + before + HEAD + "DC 5\n")
    assert [one.why for one in zones.set_aside] == ["line 20: DC has no centre (V X=) before it"]


# bytes


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-15"])
def test_line_ends_and_encodings(ends: str, encoding: str) -> None:
    text = (SOUND.replace("Sound", "TMA MÜNCHEN – Süd" if encoding != "iso-8859-15" else "TMA MÜNCHEN")).replace(
        "\n", ends
    )
    (zone,) = read(text.encode(encoding)).zones
    assert zone.name.startswith("TMA MÜNCHEN")


def test_tabs_small_letters_and_no_space_behind_the_code() -> None:
    text = "ac p\nan Odd\nal\tgnd\nah\t500 ft agl\n" + SQUARE.replace("DP ", "dp\t") + "DP52:02:00 N 004:55:00 E\n"
    assert len(odd(text).volumes[0].shape.rings[0]) == 6  # type: ignore[union-attr]


def test_a_file_of_which_nothing_can_be_read_is_refused_with_names() -> None:
    with pytest.raises(
        ZoneFileError, match=r"none of its airspaces can be read: A: no geometry; B: no geometry.* and 1 more"
    ):
        read("".join(f"AC R\nAN {name}\nAL GND\nAH FL 95\nV Z=1\n" for name in "ABCD"))


def test_one_bad_airspace_among_many_takes_none_with_it() -> None:
    texts = [SOUND.replace("Sound", f"S{nth}") for nth in range(300)]
    texts[150] = HEAD + "DP nowhere\n" + SQUARE
    zones = read("\n".join(texts))
    assert len(zones.zones) == 299
    assert [one.name for one in zones.set_aside] == ["Odd"]


LINES = [
    *(SOUND + HEAD).splitlines(), "DC 3", "DA 4,350,20", "V D=-", "V W=2", "V X=52:00:00 N 005:00:00 E", "TW x", "SP 1",
    "AW MON.08:00L-09:00L", "AP! x", "DB 52:05:00 N 005:00:00 E,52:00:00 N 005:08:00 E", "AN", "AC",
    "DY 52:00:00N 005:00:00E",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=60))
@settings(max_examples=200)
def test_whatever_stands_between_two_sound_airspaces_leaves_both_in_force(lines: list[str]) -> None:
    first, last = SOUND.replace("Sound", "First"), SOUND.replace("Sound", "Final")
    zones = read("\n".join([first, "AC R", *lines, last]))
    names = [zone.name for zone in zones.zones]
    assert names[-1] == "Final"
    assert "First" in names
    for zone in zones.zones:
        assert all(isinstance(volume.shape, Circle | Polygon) for volume in zone.volumes)


@pytest.mark.parametrize(
    "line", ["AH (" + "(" * 100_000, "XX " + "1:1N" * 50_000, "DP " + "52:" * 50_000, "AA " + "9" * 100_000]
)
def test_lines_without_an_end_take_no_time(line: str) -> None:
    zones = read(f"{SOUND}{HEAD}{line}\n{SQUARE}{SOUND.replace('Sound', 'Last')}")
    assert {"Sound", "Last"} <= {zone.name for zone in zones.zones}


def test_an_outline_that_crosses_itself_thousands_of_times_is_set_aside() -> None:
    zigzag = "".join(
        f"DP 52:{nth * 17 % 60:02d}:{nth * 7919 % 59:02d} N 005:{nth * 3571 % 59:02d}:{nth * 31 % 53:02d} E\n"
        for nth in range(300)
    )
    assert "the ring crosses itself into" in why(HEAD + zigzag)
