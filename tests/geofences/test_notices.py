from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from airspace.model.detection import IdType, texts
from airspace.model.notice import NoticeState
from airspace.model.verdict import NoticeGap, Reason
from airspace.model.zone import Circle, Datum, Polygon
from geofences.formats.notices import NoticeFileError, read
from geofences.notice_book import NoticeBook
from tests.geofences import made

NEAR = (made.ARENA[0] + 0.0058, made.ARENA[1])  # 645 m north of the ArenA, 145 m outside its notice
FAR = (made.ARENA[0] + 0.2, made.ARENA[1])


def own(**changes: Any) -> Any:
    return made.notice(**changes)


def at_time(start_s: float, end_s: float) -> Any:
    return (made.window(start_s=made.NOON_S + start_s, end_s=made.NOON_S + end_s),)


@pytest.mark.parametrize(
    ("notices", "track", "reason", "gap"),
    [
        ([], {}, Reason.NO_NOTICE, None),
        ([own()], {}, Reason.NOTICE_MATCHES, None),
        ([own(state=NoticeState.ACTIVE)], {}, Reason.NOTICE_MATCHES, None),
        ([own()], {"uas_id": made.SERIAL.lower()}, Reason.NOTICE_MATCHES, None),
        ([own(state=NoticeState.REQUESTED)], {}, Reason.NOTICE_NOT_APPROVED, NoticeGap(state="requested")),
        ([own(state=NoticeState.CANCELLED)], {}, Reason.NOTICE_NOT_APPROVED, NoticeGap(state="cancelled")),
        ([own(volumes=at_time(1800, 3600))], {}, Reason.NOTICE_WRONG_TIME, NoticeGap(minutes=30.0)),
        ([own(volumes=at_time(-3600, -600))], {}, Reason.NOTICE_WRONG_TIME, NoticeGap(minutes=-10.0)),
        ([own(volumes=at_time(100_000, 110_000))], {}, Reason.NO_NOTICE, None),
        ([own()], {"height_m": 165.0}, Reason.NOTICE_WRONG_HEIGHT, NoticeGap(metres=65.0)),
        ([own()], {"height_m": 105.0}, Reason.NOTICE_MATCHES, None),  # within its standard deviation
        ([own()], {"height_m": np.nan}, Reason.NOTICE_MATCHES, None),
        ([own(volumes=(made.window(FAR),))], {}, Reason.NO_NOTICE, None),
        ([own()], {"uas_id": None, "uas_id_type": 0}, Reason.NOTICE_IDENTITY_MISSING, NoticeGap(identity="missing")),
        (
            [own()],
            {"uas_id": "beef", "uas_id_type": IdType.SESSION},
            Reason.NOTICE_IDENTITY_MISSING,
            NoticeGap(identity="missing"),
        ),
        ([own(uas_serials=())], {}, Reason.NOTICE_IDENTITY_MISSING, NoticeGap(identity="missing")),
        ([own(uas_serials=("TEST4ZZZZ",))], {}, Reason.NOTICE_WRONG_IDENTITY, NoticeGap(identity="different")),
        ([own(uas_serials=("TEST4ZZZZ",), volumes=(made.window(FAR),))], {}, Reason.NO_NOTICE, None),
        ([own(uas_serials=("TEST4ZZZZ",), state=NoticeState.REQUESTED)], {}, Reason.NO_NOTICE, None),
    ],
)
def test_the_nearest_notice(notices: list[Any], track: dict[str, Any], reason: Reason, gap: NoticeGap | None) -> None:
    row = made.track_row(**track)
    match = NoticeBook(notices).nearest(row, row.height_m, made.NOON_S)
    assert match.reason is reason
    assert match.gap == gap


def test_outside_the_area_is_told_in_metres() -> None:
    row = made.track_row()._replace(latitude_deg=NEAR[0])
    match = NoticeBook([own()]).nearest(row, 50.0, made.NOON_S)
    assert match.reason is Reason.NOTICE_WRONG_PLACE
    assert match.gap is not None
    assert match.gap.metres == pytest.approx(145, abs=2)
    close = row._replace(horizontal_accuracy_m=300.0)
    assert NoticeBook([own()]).nearest(close, 50.0, made.NOON_S).matches


def test_own_notices_come_first_and_the_least_failure_counts() -> None:
    others = own(notice_id="other", uas_serials=("TEST4ZZZZ",))
    late = own(notice_id="late", volumes=at_time(600, 3600))
    later_and_requested = own(notice_id="later", volumes=at_time(300, 3600), state=NoticeState.REQUESTED)
    row = made.track_row()
    match = NoticeBook([others, later_and_requested, late]).nearest(row, 50.0, made.NOON_S)
    assert (match.notice_id, match.reason, match.starts_s) == ("late", Reason.NOTICE_WRONG_TIME, made.NOON_S + 600)
    assert NoticeBook([others, late, own()]).nearest(row, 50.0, made.NOON_S).notice_id == "N1"


def test_an_ellipsoid_limit_is_compared_with_the_ellipsoid_height() -> None:
    window = made.window()
    volume = replace(window.volume, upper_m=143.0, upper_datum=Datum.WGS84)
    book = NoticeBook([own(volumes=(replace(window, volume=volume),))])
    inside = made.track_row(altitude_wgs84_m=140.0, height_m=50.0)
    over = made.track_row(altitude_wgs84_m=190.0, height_m=50.0)
    assert book.nearest(inside, 50.0, made.NOON_S).matches
    assert book.nearest(over, 50.0, made.NOON_S).reason is Reason.NOTICE_WRONG_HEIGHT


def test_which_tracks_a_notice_could_concern() -> None:
    book = NoticeBook([own()])
    latitude, longitude = np.array([made.ARENA[0], FAR[0], FAR[0]]), np.full(3, made.ARENA[1])
    assert book.touches(latitude, longitude, texts(["X", made.SERIAL, None])).tolist() == [True, True, False]
    assert NoticeBook().touches(latitude, longitude, texts(["X", "Y", None])).tolist() == [False] * 3


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
