"""Lists of notices as strangers broke them: no drone flies by another one's row, and none is accused by a slip."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from airspace.app.notice_lists import both
from airspace.model.notice import NoticeState
from airspace.model.units import epoch_s
from geofences.formats.notices import NoticeFile, NoticeFileError, read
from geofences.notices.book import NoticeBook
from geofences.rules.case import Case, without_notice
from tests.geofences import made

ONE, TWO, THREE, OTHER = "9ZZZ8TRU42417", "9ZZZ8TRU42418", "9ZZZ8TRU42499", "9ZZZ8SRV00001"  # made up
HERE, AWAY, NEAR = (52.313, 4.95), (53.3, 4.95), (52.36, 4.95)
TODAY, LATER = "2026-05-01", "2026-05-02"
HEAD = "id,version,state,serial,latitude_deg,longitude_deg,radius_m,start,end"
ALLOWED, UNREADABLE = "notice_matches", "notice_unreadable"
NOBODY = frozenset({ALLOWED, UNREADABLE, "notice_identity_missing"})  # reasons that accuse nobody


def row(serial: str, version: Any = 1, state: str = "approved", place: Any = HERE, day: str = TODAY) -> str:
    latitude, longitude = place
    return f'F,{version},{state},"{serial}",{latitude},{longitude},3000,{day}T10:00:00Z,{day}T18:00:00Z'


def csv_of(*rows: str, head: str = HEAD) -> NoticeFile:
    return read("\n".join([head, *rows, ""]).encode(), "f.csv")


def entry(serials: Any = (ONE,), place: Any = HERE, **more: Any) -> dict[str, Any]:
    latitude, longitude = place
    volume = {
        "volume": {"outline_circle": {"center": {"lat": latitude, "lng": longitude}, "radius": {"value": 3000}}},
        "time_start": "2026-05-01T10:00:00Z",
        "time_end": "2026-05-01T18:00:00Z",
    }
    return {"id": "F", "version": 1, "state": "approved", "uas_serials": serials, "volumes": [volume]} | more


def json_of(*entries: dict[str, Any]) -> NoticeFile:
    return read(json.dumps(entries).encode(), "f.json")


def reason(file: NoticeFile, heard: str = ONE, place: Any = HERE, day: str = TODAY) -> str:
    """What a rule of a zone says of a drone; the reason of a notice that allows it, else of the finding."""
    latitude_deg, longitude_deg = place
    track = made.track_row(uas_id=heard, latitude_deg=latitude_deg, longitude_deg=longitude_deg)
    match = NoticeBook(file.notices, unread=file.unread).nearest(track, 50.0, epoch_s(f"{day}T12:00:00Z"))
    return without_notice(Case(zone=None, match=match)).reason.value


def told(file: NoticeFile) -> str:
    return "\n".join(f"{each.place}: {each.what}" for each in (*file.oddities, *file.remarks))


# 1: a drone flies where its own row lets it


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("elsewhere", "here"),
    [
        (row(ONE, place=AWAY), row(THREE)),
        (row(ONE, place=NEAR), row(THREE)),
        (row(ONE, day=LATER), row(THREE)),
        (row(f"{ONE} {TWO}", place=AWAY), row(f"{TWO} {THREE}")),
        (row("\u200b" + ONE.lower(), place=AWAY), row("9ZZZ-8-TRU42499")),
    ],
)
def test_a_drone_flies_where_its_own_row_lets_it_and_nowhere_else(elsewhere: str, here: str, *, turned: bool) -> None:
    rows = (here, elsewhere) if turned else (elsewhere, here)
    file = csv_of(*rows)
    assert reason(file) not in NOBODY
    assert reason(file, THREE) == ALLOWED
    assert {notice.notice_id for notice in file.notices} == {"F", "F#2"}
    assert "kept as F#2" in told(file)


def test_rows_of_the_same_drones_stay_one_notice_however_they_are_spelled() -> None:
    file = csv_of(row(ONE), row(ONE.lower(), place=AWAY), row("", day=LATER))
    (notice,) = file.notices
    assert len(notice.volumes) == 3
    assert [reason(file), reason(file, place=AWAY), reason(file, day=LATER)] == [ALLOWED] * 3
    assert "serial: none given here" in told(file)


def test_a_row_without_a_drone_is_no_drones_where_others_name_several() -> None:
    file = csv_of(row(ONE, place=AWAY), row(THREE, place=AWAY), row(""))
    assert reason(file) == reason(file, OTHER) == "notice_identity_missing"


def test_an_exemption_holds_for_its_own_row() -> None:
    head = f"{HEAD},exemptions"
    file = csv_of(f"{row(ONE)},7.1", f"{row(ONE, place=AWAY)},7.2", f"{row(ONE, day=LATER)},", head=head)
    assert [notice.exemptions for notice in file.notices] == [("7.1",), ("7.2",)]
    assert [len(notice.volumes) for notice in file.notices] == [2, 1]


def test_a_name_that_is_made_is_nobody_elses_and_a_stored_notice_counts_for_all_parts() -> None:
    file = csv_of(row(ONE), row(TWO), row(THREE).replace("F,", "F#2,", 1))
    assert [notice.notice_id for notice in file.notices] == ["F", "F#3", "F#2"]
    stored = made.notice(notice_id="F", state=NoticeState.CANCELLED)
    assert [notice.notice_id for notice in both(file.notices, [stored])] == ["F", "F#2"]


# 2: the highest version counts whole


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (row(ONE), row(ONE, 2, place=AWAY)),
        (row(ONE), row(ONE, 2, day=LATER)),
        (row(ONE), row(THREE, 2)),
        (row(f"{ONE} {THREE}"), row(THREE, 3)),
        (row(ONE, 9), row(ONE, 10, "cancelled")),
        (row(ONE, "1.0"), row(ONE, "2.0", "geannuleerd")),
        (row(ONE, "v1"), row(ONE, "v2", "ended")),
        (row(ONE, ""), row(THREE, 2)),
    ],
)
def test_of_versions_in_a_csv_the_highest_counts_whole(older: str, newer: str, *, turned: bool) -> None:
    file = csv_of(*((newer, older) if turned else (older, newer)))
    if older.startswith("F,,"):  # nobody knows how old it is
        assert reason(file) == UNREADABLE
    else:
        assert reason(file) not in NOBODY
    assert "version" in told(file)
    assert len(file.notices) == 1


def test_all_rows_of_the_highest_version_count() -> None:
    file = csv_of(row(ONE, 2), row(ONE, 1, place=NEAR), row(ONE, 2, place=AWAY), row(ONE, 2, day=LATER))
    assert [reason(file), reason(file, place=AWAY), reason(file, day=LATER)] == [ALLOWED] * 3
    assert reason(file, place=NEAR) not in NOBODY


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (row(ONE, 2).replace("3000", "many"), UNREADABLE),
        (row(THREE, 2).replace("3000", "many"), UNREADABLE),
        (row(ONE, "two"), UNREADABLE),
        (row(ONE, 2, "pending"), UNREADABLE),
        (row(ONE, 2, "cancelled").replace("3000", ""), "notice_not_approved"),
        (row("", 2, "cancelled").replace("3000", ""), "notice_not_approved"),
        (row(ONE, 1, "cancelled").replace(f"{TODAY}T10:00:00Z", ""), "notice_not_approved"),
        (row(THREE, 1, "cancelled").replace("3000", ""), ALLOWED),
        (row(ONE, 1, place=AWAY).replace("3000", ""), ALLOWED),
    ],
)
def test_a_newer_row_that_cannot_be_read_is_no_reason_to_trust_the_older(
    newer: str, expected: str, *, turned: bool
) -> None:
    file = csv_of(*((newer, row(ONE)) if turned else (row(ONE), newer)))
    assert reason(file) == expected


def test_an_older_row_that_cannot_be_read_is_over() -> None:
    file = csv_of(row(ONE, 1).replace("3000", ""), row(THREE, 2))
    assert reason(file) == "notice_wrong_identity"


# 3: a cancellation is never dropped


ORDER = [NoticeState.ACTIVE, NoticeState.APPROVED, NoticeState.REQUESTED, NoticeState.ENDED, NoticeState.CANCELLED]


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(ORDER, 2)))
def test_at_one_version_the_stricter_state_counts(one: NoticeState, other: NoticeState) -> None:
    strict = max(one, other, key=ORDER.index)
    for file in (
        csv_of(row(ONE, state=one), row(ONE, state=other)),
        csv_of(row(ONE, state=one), row(f"{ONE};{TWO}", state=other, place=(52.315, 4.951))),
        csv_of(row(ONE, "", one), row("", "", other)),
        json_of(entry(state=one), entry(state=other)),
    ):
        assert {notice.state for notice in file.notices} == {strict}
        assert (reason(file) == ALLOWED) is (strict in {NoticeState.ACTIVE, NoticeState.APPROVED})
        assert reason(file) != UNREADABLE
        assert f"of F {strict} counts" in told(file)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("cancelled", [row(ONE, 1, "cancelled", AWAY), row(THREE, 1, "cancelled")])
def test_a_cancellation_of_another_place_or_drone_leaves_it_open(cancelled: str, *, turned: bool) -> None:
    file = csv_of(*((cancelled, row(ONE)) if turned else (row(ONE), cancelled)))
    assert reason(file) == UNREADABLE
    assert "nobody can say what holds here" in told(file)


def test_json_knows_a_newer_entry_that_cannot_be_read() -> None:
    for newer, expected in (
        (entry(version=2, volumes=[]), UNREADABLE),
        (entry(version="x"), UNREADABLE),
        (entry(version=2, state="Cancelled", volumes=[]), "notice_not_approved"),
        (entry([], version=None, state="cancelled", volumes=[]), "notice_not_approved"),
    ):
        assert reason(json_of(entry(), newer)) == reason(json_of(newer, entry())) == expected


# 7, 9: serials in other shapes of JSON


@pytest.mark.parametrize(
    "serials",
    [
        [{"serial": ONE}],
        [[ONE]],
        {"serial": ONE},
        {"serial_number": {"value": ONE}},
        [[[ONE, TWO]], {"serienummer": f"{THREE} en {ONE}"}],
        {ONE: "reserve"},
        [{"model": "M30T", "uasSerial": ONE}],
        [{"drone": {"make": "x", "sn": ONE}}],
    ],
)
def test_a_serial_is_read_out_of_its_wrapping(serials: Any) -> None:
    file = json_of(entry(serials))
    assert (reason(file), file.oddities) == (ALLOWED, ())
    assert reason(file, OTHER) == "notice_wrong_identity"


@pytest.mark.parametrize(
    "serials", [True, [{"x": 1}], [{"from": TWO, "to": THREE}], [[[[[[[[[[ONE]]]]]]]]]], [1.588e13]]
)
def test_what_cannot_be_read_of_serials_accuses_nobody_and_is_told(serials: Any) -> None:
    file = json_of(entry(serials))
    assert reason(file) == reason(file, OTHER) == UNREADABLE
    assert "serial: " in told(file)


@pytest.mark.parametrize(
    ("number", "unread"), [(1.588e13, True), (1.5885e12, True), (15885123456789.0, False), (15885.0, False)]
)
def test_a_number_that_was_rounded_is_no_serial(number: float, *, unread: bool) -> None:
    assert bool(json_of(entry([number])).notices[0].unread_serials) is unread


# 8: cells shifted by a delimiter that is not quoted


@pytest.mark.parametrize(
    "shifted",
    [
        f"F,1,approved,TV, crew 1,{ONE},52.313,4.95,3000,2026-05-01T10:00:00Z,2026-05-01T18:00:00Z",
        f"F,1,approved,A, B, C,{ONE},52.313,4.95,3000,2026-05-01T10:00:00Z,2026-05-01T18:00:00Z",
        f"F,1,approved,TV,{ONE}",
        f"{ONE},F,1,approved,TV,52.313,4.95,3000,2026-05-01T10:00:00Z,2026-05-01T18:00:00Z",
        f'F,1,approved,"TV,{ONE},52.313,4.95,3000,2026-05-01T10:00:00Z,2026-05-01T18:00:00Z',
    ],
)
def test_a_row_that_is_shifted_still_says_whose_it_is(shifted: str) -> None:
    file = csv_of(shifted, head=HEAD.replace("serial", "callsign,serial"))
    assert reason(file) == UNREADABLE
    assert reason(file, OTHER) == "no_notice"


# 10: columns that are not known


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("serial_2", ALLOWED),
        ("Serienummer 2", ALLOWED),
        ("reserve", UNREADABLE),
        ("drone B", UNREADABLE),
        ("conditions", UNREADABLE),
        ("callsign", UNREADABLE),
        ("", UNREADABLE),
    ],
)
def test_a_serial_in_any_column_accuses_nobody(column: str, expected: str) -> None:
    file = csv_of(f"{row(THREE)},{ONE}", head=f"{HEAD},{column}")
    assert reason(file) == expected
    assert reason(file, THREE) == ALLOWED
    assert reason(file, OTHER) == "notice_wrong_identity"


def test_a_column_that_is_not_known_is_told() -> None:
    file = csv_of(f"{row(ONE)},x,y", head=f"{HEAD},Wind speed,reserve")
    assert "columns that are not known: wind_speed, reserve" in told(file)


def test_a_serial_beside_counts_no_more_than_its_row() -> None:
    head = f"{HEAD},reserve"
    assert reason(csv_of(f"{row(THREE)},{ONE}", f"{row(THREE, 2)},", head=head)) == "notice_wrong_identity"
    assert reason(csv_of(f"{row(THREE, 1, 'cancelled')},{ONE}", head=head)) not in NOBODY


@pytest.mark.parametrize("field", ["aircraft", "serialNumber", "drones", "conditions"])
def test_a_serial_in_any_field_of_json_accuses_nobody(field: str) -> None:
    file = json_of(entry([THREE], **{field: ONE}))
    assert (reason(file), reason(file, THREE)) == (UNREADABLE, ALLOWED)


# 11: ranges and signs that stand for others


@pytest.mark.parametrize(
    "cell",
    [
        "9ZZZ8TRU42410-9ZZZ8TRU42420",
        "9ZZZ8TRU42410 - 9ZZZ8TRU42420",
        "9ZZZ8TRU42410 \u2013 9ZZZ8TRU42420",
        "9ZZZ8TRU42410 t/m 9ZZZ8TRU42420",
        "9ZZZ8TRU42410 tot en met 9ZZZ8TRU42420",
        "9ZZZ8TRU42410 tot 9ZZZ8TRU42420",
        "9ZZZ8TRU42410 to 9ZZZ8TRU42420",
        "from 9ZZZ8TRU42410 until 9ZZZ8TRU42420",
        "9ZZZ8TRU42410 t/m 20",
        "9ZZZ8TRU42410-20",
        "9ZZZ8TRU42410..20",
        "9ZZZ8TRU42410 \u2026 9ZZZ8TRU42420",
        "9ZZZ8TRU42410/11/17",
        "9ZZZ8TRU42410, 11, 17",
        "9ZZZ8TRU42410 11 17",
        "9ZZZ8TRU424xx",
        "9ZZZ8TRU424XX",
        "9ZZZ8TRU424*",
        "9ZZZ8TRU*",
        "9ZZZ8TRU424??",
        "9ZZZ8TRU42410 e.v.",
        "9ZZZ8TRU42410 etc.",
        "9ZZZ8TRU42410 en hoger",
    ],
)
def test_a_range_or_a_sign_that_stands_for_others_accuses_nobody_and_is_told(cell: str) -> None:
    for file in (csv_of(row(cell)), json_of(entry([cell])), json_of(entry(cell.split(" ")))):
        assert reason(file) == UNREADABLE
        assert "serial: " in told(file)
    both_rows = csv_of(row(ONE, place=NEAR), row(cell))
    assert reason(both_rows) == UNREADABLE, "not outside its own, for the other may be its as well"


@pytest.mark.parametrize(
    "cell",
    [f"- {TWO}\n- {ONE}", f"{TWO} {ONE}", "9ZZZ8-TRU-42417", f"DJI Mavic 3 {ONE}", f"S/N: {ONE}", "9ZZZ 8TRU 42417"],
)
def test_what_is_no_range_is_read_whole(cell: str) -> None:
    file = csv_of(row(cell))
    assert (reason(file), file.notices[0].unread_serials) == (ALLOWED, 0)


# 13: one number that is none


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
@pytest.mark.parametrize("apart", [",", "\n"])
def test_a_number_that_is_none_is_the_fault_of_its_own_notice(number: str, apart: str) -> None:
    bad = json.dumps(entry([THREE], id="B")).replace('"value": 3000', f'"value": {number}')
    text = apart.join([bad, json.dumps(entry())])
    file = read((f"[{text}]" if apart == "," else text).encode(), "f.json")
    assert [notice.notice_id for notice in file.notices] == ["F"]
    assert (reason(file), reason(file, THREE)) == (ALLOWED, UNREADABLE)
    assert [each.place for each in file.oddities] == ["notice 1"]


def test_what_is_no_json_is_still_none_and_half_letters_go_nowhere() -> None:
    with pytest.raises(NoticeFileError, match="no list of notices"):
        read(b'[{"id": NaN', "f.json")
    text = json.dumps([entry(callsign="x")]).replace('"x"', '"\\ud800x"').replace("3000", "NaN")
    assert repr(read(text.encode(), "f.json")).encode()
