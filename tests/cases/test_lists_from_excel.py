"""Lists of notices as spreadsheets of several countries save them: read where it can be told, else named by row."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import pytest

from airspace.model.zone import Circle, Polygon
from geofences.formats.notices import NoticeFile, NoticeFileError, read

SERIAL = "9ZZZ8TRU42417"
HEAD = "id,state,serial,latitude_deg,longitude_deg,radius_m,polygon,lower_m,upper_m,start,end,callsign,conditions"
START, END = "2026-05-01T17:30:00Z", "2026-05-02T00:30:00Z"
ROWS = [
    f"FT-1,approved,{SERIAL},52.3144,4.9453,150.5,,0,120,{START},{END},Café René,Tower bellen",
    f"FT-2,requested,{SERIAL},52.3150,4.9460,1500,,10,60,{START},{END},TV 1,",
]
PLAIN = "\r\n".join([HEAD, *ROWS, ""])


def dutch(text: str) -> str:
    """What a Dutch Excel makes of it: semicolons, decimal commas."""
    cells = (line.replace(",", ";").replace(".", ",") for line in text.split("\r\n"))
    return "\r\n".join(cells)


def quoted(text: str) -> str:
    """Each cell in quotation marks, line breaks in the last one."""
    lines = [",".join(f'"{cell}"' for cell in line.split(",")) for line in text.split("\r\n")[:-1]]
    return "\r\n".join(lines).replace("Tower bellen", "Tower\r\nbellen").replace("Café René", 'Café ""René""')


FORMS: dict[str, tuple[bytes, str | None]] = {
    "as documented": (PLAIN.encode(), None),
    "Dutch, CSV UTF-8": (codecs.BOM_UTF8 + dutch(PLAIN).encode(), "semicolons"),
    "Dutch, CSV": (dutch(PLAIN).encode("cp1252"), "Windows-1252"),
    "Dutch, decimal points": (PLAIN.replace(",", ";").encode(), "semicolons"),
    "Unicode text": (codecs.BOM_UTF16_LE + dutch(PLAIN).replace(";", "\t").encode("utf-16-le"), "utf-16-le"),
    "UTF-16 without its mark": (PLAIN.encode("utf-16-le"), "no mark"),
    "UTF-16, the other way round": (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), "utf-16-be"),
    "text, tabs": (PLAIN.replace(",", "\t").encode(), "tabs"),
    "bars": (PLAIN.replace(",", "|").encode(), "bars"),
    "CSV (Macintosh)": (PLAIN.replace("\r\n", "\r").encode("mac-roman"), "Mac Roman"),
    "CSV (Macintosh), Dutch": (dutch(PLAIN).replace("\r\n", "\r").encode(), "CR"),
    "Unix": (PLAIN.replace("\r\n", "\n").encode(), None),
    "sep=;": (b"sep=;\r\n" + dutch(PLAIN).encode(), "sep=;"),
    'quoted "sep=,"': (b'"sep=,"\r\n' + PLAIN.encode(), "sep=,"),
    "SEP= and a mark": (codecs.BOM_UTF8 + b"SEP=\t\r\n" + PLAIN.replace(",", "\t").encode(), "sep="),
    "capitals": (PLAIN.replace(HEAD, HEAD.upper()).encode(), "names of columns"),
    "blanks and units in names": (
        PLAIN.replace("latitude_deg", " Latitude (deg) ").replace("radius_m", "Radius [m]").encode(),
        "names of columns",
    ),
    "names in quotes": (PLAIN.replace("latitude_deg", '"Latitude-deg"').encode(), "names of columns"),
    "serial number": (PLAIN.replace("serial", "Serienummer").encode(), "names of columns"),
    "empty columns and rows": (
        "\r\n".join([f"{HEAD},,", *(f"{row},," for row in ROWS), ",,,,,,,,,,,,,,", ";;;", "", ""]).encode(),
        None,
    ),
    "an empty cell behind each row": ("\r\n".join([HEAD, *(f"{row}," for row in ROWS)]).encode(), None),
    "a title before the names": (f"Meldingen ArenA\r\n\r\n{PLAIN}".encode(), "taken from line 3"),
    "all quoted": (quoted(PLAIN).encode(), None),
}


@pytest.mark.parametrize(("data", "told"), FORMS.values(), ids=FORMS)
def test_the_same_list_in_every_form(data: bytes, told: str | None) -> None:
    file = read(data, "lijst.csv")
    assert not file.oddities
    first, second = file.notices
    assert (first.notice_id, second.notice_id) == ("FT-1", "FT-2")
    assert first.uas_serials == (SERIAL,)
    assert first.volumes[0].volume.shape == Circle(latitude_deg=52.3144, longitude_deg=4.9453, radius_m=150.5)
    assert second.volumes[0].volume.shape == Circle(latitude_deg=52.3150, longitude_deg=4.9460, radius_m=1500.0)
    assert (second.volumes[0].volume.lower_m, second.volumes[0].volume.upper_m) == (10.0, 60.0)
    assert (first.callsign or "").replace('"', "") == "Café René"
    assert first.conditions == "Tower bellen"
    assert told is None or any(told in each.what for each in file.remarks), file.remarks


def rows(*cells: tuple[str, str, str], sep: str = ";") -> NoticeFile:
    """Notices of these latitudes, longitudes and radii."""
    head = sep.join(("id", "state", "serial", "latitude_deg", "longitude_deg", "radius_m", "start", "end"))
    lines = [sep.join((f"n{number}", "approved", SERIAL, *each, START, END)) for number, each in enumerate(cells)]
    return read("\n".join([head, *lines]).encode(), "f.csv")


@pytest.mark.parametrize(
    ("radius", "metres"),
    [
        ("150,0", 150.0),
        ("1.500,5", 1500.5),
        ("12.500,0", 12500.0),
        ("1 500", 1500.0),
        ("1\u00a0500,5", 1500.5),
        ("1'500", 1500.0),
        ("150 m", 150.0),
        ("150m", 150.0),
        ("1,5E+02", 150.0),
        ("1.500", None),  # a thousand and a half, or one and a half
    ],
)
def test_numbers_of_a_list_with_decimal_commas(radius: str, metres: float | None) -> None:
    file = rows(("52,3144", "4,945", radius), ("52,314", "4,9453", "200"))
    assert file.notices[-1].volumes[0].volume.shape == Circle(latitude_deg=52.314, longitude_deg=4.9453, radius_m=200.0)
    if metres is None:
        (oddity,) = file.oddities
        assert oddity.place == "line 2"
        assert "radius_m: '1.500' can be 1500 or 1,500" in oddity.what
        return
    shape = file.notices[0].volumes[0].volume.shape
    assert isinstance(shape, Circle)
    assert (shape.longitude_deg, shape.radius_m) == (4.945, metres)


def test_a_comma_before_three_digits_where_the_list_has_decimal_points() -> None:
    file = rows(("52.3144", "4.9453", "1,500"), ("52.3144", "4.9453", "1500.0"))
    assert [each.place for each in file.oddities] == ["line 2"]
    assert rows(("52,3144", "4,9453", "1,500")).notices[0].volumes[0].volume.shape == Circle(
        latitude_deg=52.3144, longitude_deg=4.9453, radius_m=1.5
    )


def test_a_decimal_comma_between_commas_is_named_and_not_guessed() -> None:
    file = rows(('"52,3144"', "4.9453", "150"), ("52.3144", "4.9453", "150"), sep=",")
    assert [each.place for each in file.oddities] == ["line 2"]
    assert "latitude_deg: '52,3144' is no number: write a decimal point" in file.oddities[0].what


def test_corners_with_decimal_commas() -> None:
    head = "id;state;serial;polygon;start;end"
    row = f'n1;approved;{SERIAL};"52,30 4,90; 52,30 4,95; 52,35 4,95";{START};{END}'
    (notice,) = read(f"{head}\n{row}\n".encode(), "f.csv").notices
    shape = notice.volumes[0].volume.shape
    assert isinstance(shape, Polygon)
    assert shape.rings[0][:3] == ((4.90, 52.30), (4.95, 52.30), (4.95, 52.35))


@pytest.mark.parametrize(
    ("start", "example"),
    [
        ("30-11-2026 19:00", "write it as 2026-11-30T19:00:00+01:00, if it is Amsterdam time"),
        ("1-7-2026 9:05", "write it as 2026-07-01T09:05:00+02:00"),
        ("30/11/2026 19:00:30", "write it as 2026-11-30T19:00:30+01:00"),
        ("30.11.2026", "write it as 2026-11-30T00:00:00+01:00"),
        ("2026-11-30 19:00", "write it as 2026-11-30T19:00:00+01:00"),
        ("2026-11-30T19:00:00", "write it as 2026-11-30T19:00:00+01:00"),
        ("46356,791667", "write it as 2026-11-30T19:00:00+01:00"),
        ("31-2-2026 12:00", "write it as 2026-11-30T19:00:00+01:00"),
        ("morgen", "write it as 2026-11-30T19:00:00+01:00"),
        ("", "write it as 2026-11-30T19:00:00+01:00"),
    ],
)
def test_a_time_without_its_offset_is_named_with_its_row_column_and_an_example(start: str, example: str) -> None:
    text = dutch(PLAIN).replace(START.replace(".", ","), start, 1)
    file = read(text.encode(), "lijst.csv")
    (oddity,) = file.oddities
    assert oddity.place == "line 2"
    assert f"start: '{start}' is no RFC 3339 time with its offset" in oddity.what
    assert example in oddity.what
    assert [notice.notice_id for notice in file.notices] == ["FT-2"]


@pytest.mark.parametrize(
    "broken",
    [
        f'FT-9,approved,"{SERIAL},52.3144,4.9453,150,,0,120,{START},{END},,',  # a quotation mark that is never closed
        f'FT-9,approved,"{SERIAL}" x,52.3144,4.9453,150,,0,120,{START},{END},,',
        f"FT-9,approved,{SERIAL},52.3144,4.9453,150,,0,120,{START},{END},,Tower, always",
        f"FT-9,approved,{SERIAL},52.3144,4.9453,150,,0,120,{START},{END},,Tower,",  # shifted, and empty behind
        "FT-9",
        f"FT-9,approved,{SERIAL},52.3144,4.9453,150,,0,120,{START},{END},," + "x" * 200_000,
    ],
)
def test_one_broken_row_refuses_no_other_and_is_named(broken: str) -> None:
    file = read("\n".join([HEAD, ROWS[0], broken, ROWS[1], ""]).encode(), "f.csv")
    assert [notice.notice_id for notice in file.notices] == ["FT-1", "FT-2"]
    assert [oddity.place for oddity in file.oddities] == ["line 3"]
    assert [one.place for one in file.unread] == ["line 3"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04" + b"\0" * 100, "save it as"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old Excel"),
        (b"<html><table><tr><td>id</td></tr></table></html>", "save it as"),
        (b"%PDF-1.7", "PDF"),
        (b"{\\rtf1 }", "rtf"),
        (b"\x00\x01\x02\xff\xfe" * 9, "neither text nor a workbook"),
        (b"", "empty"),
        (b"sep=;\r\n", "empty"),
        (b"id;serial;start\r\nFT-1;x;y\r\n", "no column end, latitude_deg, longitude_deg, radius_m, state (cells are"),
    ],
)
def test_what_is_no_list_says_what_it_is_or_lacks(data: bytes, told: str) -> None:
    with pytest.raises(NoticeFileError, match=r"^f: ") as caught:
        read(data, "f")
    assert told in str(caught.value)


@pytest.mark.parametrize("encode", [str.encode, lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le")])
def test_json_in_other_letters(encode: Callable[[str], bytes]) -> None:
    assert read(encode('\n [{"id": "x"}]'), "f.json").oddities[0].place == "notice 1"


def test_a_column_that_stands_twice_is_read_twice() -> None:
    head = "id,state,serial,serial,latitude_deg,longitude_deg,radius_m,start,end"
    row = f"n1,approved,{SERIAL},9ZZZ8TRU42418,52.3,4.9,9,{START},{END}"
    file = read(f"{head}\n{row}".encode(), "f.csv")
    assert file.notices[0].uas_serials == (SERIAL, "9ZZZ8TRU42418")
    assert any("column serial stands 2 times" in each.what for each in file.remarks)
