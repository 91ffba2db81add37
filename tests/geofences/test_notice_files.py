"""Notices as files write them."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.demo import examples, facts
from airspace.model.notice import NoticeState
from airspace.model.notice_document import notice_document
from airspace.model.zone import Circle, Datum, Polygon
from geofences.formats.notices import NoticeFileError, read, read_one
from tests.conftest import ROOT
from tests.geofences import made


def volume_4d(**outline: Any) -> dict[str, Any]:
    return {
        "volume": outline
        | {
            "altitude_lower": {"value": 43.0, "reference": "W84", "units": "M"},
            "altitude_upper": {"value": 163.0, "reference": "W84", "units": "M"},
        },
        "time_start": {"value": "2026-05-01T10:00:00Z", "format": "RFC3339"},
        "time_end": {"value": "2026-05-01T12:00:00+02:00", "format": "RFC3339"},
    }


CIRCLE = {"outline_circle": {"center": {"lng": 4.94, "lat": 52.31}, "radius": {"value": 300, "units": "M"}}}
VERTICES = [{"lng": 4.94, "lat": 52.31}, {"lng": 4.95, "lat": 52.31}, {"lng": 4.95, "lat": 52.32}]


def test_json_in_the_shape_of_f3548() -> None:
    late = volume_4d(**CIRCLE) | {"time_end": {"value": "2026-05-01T12:00:00Z"}}
    entries = [
        {
            "id": "a",
            "version": 2,
            "state": "Activated",
            "uas_serials": ["test4abcd"],
            "volumes": [late],
            "callsign": "PH-1",
        },
        {"id": "b", "state": "approved", "volumes": [late | {"volume": {"outline_polygon": {"vertices": VERTICES}}}]},
        {"id": "c", "state": "approved", "volumes": [volume_4d(**CIRCLE)]},  # ends when it starts
        {"id": "d", "state": "perhaps", "volumes": [late]},
        {"id": "e", "state": "approved", "volumes": [late | {"volume": {}}]},
        {"id": "f"},
    ]
    for document in (entries, {"notices": entries}):
        file = read(json.dumps(document).encode(), "f.json")
        assert [(each.notice_id, each.state) for each in file.notices] == [
            ("a", NoticeState.ACTIVE),
            ("b", NoticeState.APPROVED),
        ]
        assert [oddity.place for oddity in file.oddities] == ["notice 3", "notice 4", "notice 5", "notice 6"]
    first, second = file.notices
    assert first.uas_serials == (made.SERIAL,)
    assert first.volumes[0].volume.shape == Circle(latitude_deg=52.31, longitude_deg=4.94, radius_m=300.0)
    assert (first.volumes[0].volume.upper_m, first.volumes[0].volume.upper_datum) == (163.0, Datum.WGS84)
    assert isinstance(second.volumes[0].volume.shape, Polygon)


def test_csv_names_its_broken_rows_by_line() -> None:
    head = (
        "id,state,serial,latitude_deg,longitude_deg,"
        "radius_m,lower_m,upper_m,height_reference,start,end,callsign,mission_type\n"
    )
    good = "n1,approved,test4abcd,52.31,4.94,300,0,120,agl,2026-05-01T10:00:00Z,2026-05-01T12:00:00Z,PH-1,photo\n"
    rows = [
        good,
        good.replace("52.31", "north"),
        good.replace("52.31,4.94", "52.32,4.95"),
        good.replace("n1", "n2").replace("300", "-1"),
        good.replace("n1", "n3").replace("2026-05-01T12", "2026-05-01T09"),
        "n4,approved\n",
    ]
    file = read(("\ufeff" + head + "".join(rows)).encode(), "f.csv")
    assert [oddity.place for oddity in file.oddities] == ["line 3", "line 5", "line 6", "line 7"]
    assert len(file.notices) == 1
    assert len(file.notices[0].volumes) == 2
    assert file.notices[0].uas_serials == (made.SERIAL,)


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": 1}'])
def test_what_is_no_notice_file_is_refused(data: bytes) -> None:
    with pytest.raises(NoticeFileError):
        read(data, "f")


HEAD = "id,state,serial,latitude_deg,longitude_deg,radius_m,polygon,start,end,category,class,exemptions,version"
ROW = {
    "id": "n1",
    "state": "approved",
    "serial": "TEST4ABCD",
    "latitude_deg": "52.31",
    "longitude_deg": "4.94",
    "radius_m": "300",
    "start": "2026-05-01T10:00:00Z",
    "end": "2026-05-01T12:00:00Z",
}


def csv_of(*rows: dict[str, str]) -> bytes:
    names = HEAD.split(",")
    lines = [",".join(row.get(name, "") for name in names) for row in rows]
    return "\n".join([HEAD, *lines]).encode()


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"id": ""}, "id: empty"),
        ({"state": "perhaps"}, "state: unknown value 'perhaps'"),
        ({"latitude_deg": "north"}, "latitude_deg: 'north'"),
        ({"latitude_deg": "99"}, "latitude 99"),
        ({"radius_m": "inf"}, "radius_m: inf"),
        ({"radius_m": "300000"}, "radius: 300000 m"),
        ({"start": "2026-05-01T12:00:00"}, "start: '2026-05-01T12:00:00' is no RFC 3339 time"),  # whose noon?
        ({"end": "2026-05-01T10:00:00Z"}, "time_end: not after"),
        ({"category": "opne"}, "category: 'opne'"),
        ({"class": "C7"}, "class: 'C7'"),
        ({"version": "one"}, "version: 'one'"),
        ({"version": "0"}, "version: 0"),
        ({"polygon": "52 4; 52 5; 53 5"}, "polygon: a row has a circle or a polygon"),
        ({"radius_m": "", "polygon": "52 4; 52"}, "polygon: '52'"),
        ({"radius_m": "", "polygon": "52 4; 53 5; 53 4; 52 5"}, "polygon: crosses itself"),
        ({"radius_m": "", "polygon": "52 4; 52 5"}, "polygon: coordinates: a ring of fewer than 3"),
        ({"radius_m": "", "polygon": "40 4; 60 4; 60 30"}, "polygon: 2"),
        ({"radius_m": "", "polygon": "1 -179; 2 179; 1 179"}, "polygon: crosses the antimeridian"),
        ({"exemptions": "a,b"}, "more values than columns"),
    ],
)
def test_a_broken_row_is_named_with_line_and_field_and_stops_nobody(changes: dict[str, str], names: str) -> None:
    file = read(csv_of(ROW | {"id": "n0"}, ROW | changes, ROW | {"id": "n2"}), "f.csv")
    assert [notice.notice_id for notice in file.notices] == ["n0", "n2"]
    (oddity,) = file.oddities
    assert oddity.place == "line 3"
    assert names in oddity.what


def test_all_that_a_row_can_say() -> None:
    (notice,) = read(examples.godrone().encode(), "godrone.csv").notices[2:3]
    assert notice.uas_serials == examples.SURVEY_SERIALS
    assert (notice.category, notice.uas_class, notice.authority) == ("open", "C2", "LVNL")
    assert notice.operator_registration == "NLDx1y2z3a4b5c6d"
    assert isinstance(notice.volumes[0].volume.shape, Polygon)
    assert notice.volumes[0].upper_reference == "AGL"
    assert notice.approved_s == facts.EVENING_S - 6 * 3600
    (police,) = read(examples.godrone().encode(), "godrone.csv").notices[1:2]
    assert police.exemptions == ("DAM4MEI",)


def test_the_examples_are_those_of_the_facts_and_can_be_read() -> None:
    folder = ROOT / "deploy" / "examples"
    again = "run: python -m airspace.demo.examples deploy/examples"
    assert (folder / "notices-godrone.csv").read_text(encoding="utf-8") == examples.godrone(), again
    assert (folder / "notices.json").read_bytes() == facts.notices(facts.EVENING_S), again
    states = []
    for name in ("notices-godrone.csv", "notices.json"):
        file = read((folder / name).read_bytes(), name)
        assert file.oddities == ()
        states += [notice.state.value for notice in file.notices]
    assert states == ["approved"] * 3 + ["cancelled"] + ["approved"] * 2


def test_an_operational_intent_as_f3548_tells_it() -> None:
    intent = {
        "reference": {"id": "b2", "manager": "uss1", "version": 3, "state": "Accepted", "ovn": "x"},
        "details": {"priority": 0, "off_nominal_volumes": [], "volumes": [volume_4d(**CIRCLE) | LATE]},
        "uas_serials": ["TEST4ABCD"],
    }
    (notice,) = read(json.dumps([intent]).encode(), "f.json").notices
    assert (notice.notice_id, notice.version, notice.state) == ("b2", 3, NoticeState.APPROVED)
    assert (notice.authority, notice.uas_serials) == ("uss1", (made.SERIAL,))
    volume = notice.volumes[0].volume
    assert (volume.lower_datum, volume.lower_m, volume.upper_m) == (Datum.WGS84, 43.0, 163.0)


LATE = {"time_end": {"value": "2026-05-01T12:00:00Z"}}


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        ({"volumes": [{"volume": {}} | LATE]}, "time_start"),
        ({"volumes": [volume_4d(**CIRCLE)]}, "volumes[0].time_end: not after"),
        ({"volumes": [volume_4d(**CIRCLE) | LATE, volume_4d() | LATE]}, "volumes[1].volume: exactly one"),
        ({"volumes": []}, "volumes: none given"),
        ({"id": "ok"}, "id: ok stands twice"),
        ({"version": 0}, "version: 0"),
    ],
)
def test_a_broken_entry_is_named_with_its_field(entry: dict[str, Any], names: str) -> None:
    good = {"id": "ok", "state": "approved", "volumes": [volume_4d(**CIRCLE) | LATE]}
    file = read(json.dumps([good, good | {"id": "b"} | entry]).encode(), "f.json")
    assert [notice.notice_id for notice in file.notices] == ["ok"]
    assert file.oddities[0].place == "notice 2"
    assert names in file.oddities[0].what


def test_secrets_and_hostile_text_stay_outside() -> None:
    good = {"id": "a\u202eb", "state": "approved", "volumes": [volume_4d(**CIRCLE) | LATE]}
    texts = {"operator_registration": "NLDx1y2z3a4b5c6d-s3c", "callsign": "TV\x1b[31m\n1", "conditions": "x" * 9999}
    (notice,) = read(json.dumps([good | texts]).encode(), "f.json").notices
    assert notice.notice_id == "ab"
    assert notice.operator_registration == "NLDx1y2z3a4b5c6d"
    assert notice.callsign == "TV[31m 1"
    assert len(notice.conditions or "") == 500


def test_what_a_person_sends_has_no_unknown_field() -> None:
    sent = {"id": "a", "state": "approved", "volumes": [volume_4d(**CIRCLE) | LATE]}
    assert read_one(sent, "desk").source == "desk"
    with pytest.raises(ValueError, match="exemptoins"):
        read_one(sent | {"exemptoins": ["7.1"]}, "desk")


circles = st.builds(
    Circle,
    latitude_deg=st.floats(-80, 80),
    longitude_deg=st.floats(-179, 179),
    radius_m=st.floats(1, 100_000),
)
boxes = st.tuples(st.floats(3, 7), st.floats(50, 53), st.floats(0.01, 1), st.floats(0.01, 1)).map(
    lambda box: Polygon(
        rings=(
            (
                (box[0], box[1]),
                (box[0] + box[2], box[1]),
                (box[0] + box[2], box[1] + box[3]),
                (box[0], box[1]),
            ),
        )
    )
)
moments = st.integers(0, 4_000_000_000).map(float)
words = st.none() | st.sampled_from(["LVNL", "ambtenaar 3, ä"])


@st.composite
def notices(draw: st.DrawFn) -> Any:
    volume = made.window().volume
    windows = []
    for _ in range(draw(st.integers(1, 3))):
        start_s = draw(moments)
        datum, reference = draw(st.sampled_from([(Datum.WGS84, "W84"), (Datum.AMSL, "AMSL"), (Datum.UNKNOWN, "QFE")]))
        lower = draw(st.none() | st.floats(-100, 100))
        shape = draw(circles | boxes)
        windows.append(
            replace(
                made.window(start_s=start_s, end_s=start_s + draw(st.integers(1, 10_000))),
                volume=replace(
                    volume,
                    shape=shape,
                    lower_m=lower,
                    lower_datum=Datum.UNKNOWN if lower is None else datum,
                    upper_datum=datum,
                    upper_m=150.0,
                ),
                lower_reference=None if lower is None else reference,
                upper_reference=reference,
            )
        )
    return made.notice(
        version=draw(st.integers(1, 99)),
        state=draw(st.sampled_from(list(NoticeState))),
        volumes=tuple(windows),
        authority=draw(words),
        conditions=draw(words),
        category=draw(st.sampled_from([None, "open", "specific"])),
        uas_class=draw(st.sampled_from([None, "C0", "C6"])),
        exemptions=tuple(draw(st.lists(st.sampled_from(["7.1", "TGB 2026/3"]), unique=True))),
        created_s=draw(st.none() | moments),
        cancelled_s=draw(st.none() | moments),
    )


@settings(max_examples=60)
@given(notices())
def test_a_document_reads_back_as_the_notice_that_it_is(notice: Any) -> None:
    document = json.loads(json.dumps(notice_document(notice)))
    assert read_one(document, "elsewhere") == notice
    file = read(json.dumps([document]).encode(), "elsewhere")
    refused = ("axis order", "at a pole", "across the antimeridian")
    assert file.notices == (notice,) or any(word in file.oddities[0].what for word in refused)


@settings(max_examples=60)
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"{HEAD}\n{text}".encode()))
def test_no_bytes_do_harm(data: bytes) -> None:
    with contextlib.suppress(NoticeFileError):
        read(data, "f")
