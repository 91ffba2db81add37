"""Serial numbers as people type and spreadsheets bend them: an approved flight is never accused because of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from airspace.app.notice_records import alias, changes, notice_of, record_of
from airspace.model.notice import Notice
from airspace.model.privacy import Mode, Privacy
from airspace.model.verdict import Reason, VerdictValue
from geofences.formats import notice_serials
from geofences.formats.notice_words import registration
from geofences.formats.notices import NoticeFile, read, read_entered
from geofences.notices.book import NoticeBook
from geofences.notices.serials import key, may_be
from geofences.rules.case import Case, without_notice
from tests.geofences import made

ONE, TWO = "9ZZZ8TRU42417", "9ZZZ8TRU42418"  # made up, in the form of CTA-2063-A
VOLUME = {
    "volume": {"outline_circle": {"center": {"lat": 52.3144, "lng": 4.9419}, "radius": {"value": 3000, "units": "M"}}},
    "time_start": "2026-05-01T10:00:00Z",
    "time_end": "2026-05-01T18:00:00Z",
}


def csv_of(serial: str, **more: str) -> bytes:
    cells = {"id": "n1", "state": "approved", "serial": serial, "latitude_deg": "52.3144", "longitude_deg": "4.9419"}
    cells |= {"radius_m": "3000", "start": "2026-05-01T10:00:00Z", "end": "2026-05-01T18:00:00Z"} | more
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells.values())
    return f"{','.join(cells)}\n{','.join(quoted)}\n".encode()


def json_of(serials: Any, **more: Any) -> bytes:
    return json.dumps([{"id": "n1", "state": "approved", "uas_serials": serials, "volumes": [VOLUME]} | more]).encode()


def verdict(file: NoticeFile, heard: str) -> tuple[VerdictValue, Reason]:
    """What a rule of a zone says of a drone in the middle of the notice."""
    book = NoticeBook(file.notices, unread=file.unread)
    match = book.nearest(made.track_row(uas_id=heard), 50.0, made.NOON_S)
    finding = without_notice(Case(zone=None, match=match))
    return finding.value, finding.reason


CELLS = [
    f"{ONE}, {TWO}",
    f"{ONE}/{TWO}",
    f"{ONE} {TWO}",
    f"{ONE}\n{TWO}",
    f"{ONE}\r\n{TWO}\r\n",
    f"{ONE};{TWO};",
    f"{ONE} + {TWO}",
    f"{ONE} & {TWO}",
    f"{ONE} en {TWO}",
    f"{ONE}\t|\t{TWO}",
    f"1. {ONE}\n2. {TWO}",
    f"SN: {ONE} / SN: {TWO}",
    f"S/N {ONE}, s/n:{TWO}",
    f"serienummers: {ONE.lower()} en {TWO.lower()}",
    f"Serial No. {ONE}; Serial No. {TWO}",
    f"'{ONE}, '{TWO}",
    f'="{ONE}" ="{TWO}"',
    f"\u201c{ONE}\u201d \u201c{TWO}\u201d",
    "9ZZZ-8-TRU42417, 9ZZZ.8.TRU42418",
    "9ZZZ 8 TRU42417, 9ZZZ 8TRU 42418",
    f"\u200b9ZZZ8TRU\u200b42417\ufeff,\u00a0{TWO}",
    f"9\u0396\u0396\u03968\u0422RU42417 {TWO}",  # Greek zeta, Cyrillic te
    f"\uff19ZZZ\uff18TRU42417 {TWO}",  # full width
    f"{ONE}{TWO}",
    f"DJI Matrice 30T {ONE}, DJI Matrice 30T {TWO}",
    f"[{ONE}] ({TWO})",
]


@pytest.mark.parametrize("cell", CELLS)
def test_several_serials_in_one_cell_or_text(cell: str) -> None:
    for file in (read(csv_of(cell), "f.csv"), read(json_of(cell), "f.json"), read(json_of([cell]), "f.json")):
        (notice,) = file.notices
        assert notice.uas_serials == (ONE, TWO)
        assert (notice.unread_serials, file.oddities) == (0, ())
        for heard in (ONE, TWO):
            assert verdict(file, heard) == (VerdictValue.ALLOWED, Reason.NOTICE_MATCHES)


@pytest.mark.parametrize(
    ("cell", "serials", "told"),
    [
        ("1581F4XFC223I00CN00I", ("1581F4XFC223100CN001",), "no serial holds an O or an I"),
        ("9ZZZ8TRUO2417", ("9ZZZ8TRU02417",), "no serial holds an O or an I"),
        ("9ZZZ8 TRU 42417", (ONE,), "the blanks"),
        (f"Mavic {ONE}", (ONE,), "'MAVIC' is none"),
        (f"{ONE} NLD87astrdge12k8-xyz", (ONE,), "'NLD87astrdge12k8' is an operator's number"),
    ],
)
def test_what_was_taken_is_told(cell: str, serials: tuple[str, ...], told: str) -> None:
    file = read(csv_of(cell), "f.csv")
    assert file.notices[0].uas_serials == serials
    assert any(told in each.what and each.place == "line 2" for each in file.remarks)
    assert "xyz" not in str(file)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("1.588E+13", "a spreadsheet made of a serial"),
        ("1,588E+13", "a spreadsheet made of a serial"),
        ("1588E+17", "a spreadsheet made of a serial"),
        (f"{ONE}; 8.96529E+19", "a spreadsheet made of a serial"),
        ("9ZZZ8TRU4241799999999999999", "at most 20"),
        ("Mavic", "cannot be one"),
        ("\u7121\u4eba\u6a5f", "letters that no serial has"),
    ],
)
def test_what_cannot_be_a_serial_is_told_and_accuses_nobody(cell: str, told: str) -> None:
    for file in (read(csv_of(cell), "f.csv"), read(json_of([cell]), "f.json")):
        assert file.notices[0].unread_serials >= 1
        assert any(told in each.what for each in file.remarks)
        assert verdict(file, "9ZZZ8SRV00001") == (VerdictValue.NOT_DECIDABLE, Reason.NOTICE_UNREADABLE)


def test_numbers_in_json_are_serials_as_far_as_their_digits_go() -> None:
    file = read(json_of([15885123456789, 15885.0, 1.588e13, 1.5885e25]), "f.json")
    assert "15885123456789" in file.notices[0].uas_serials
    assert "15880000000000" not in file.notices[0].uas_serials, "as the text 1.588E+13"
    assert file.notices[0].unread_serials == 2


@pytest.mark.parametrize(
    ("cell", "heard"),
    [
        ("0ASUE7N0020033", "0ASUE7N0020033"),  # the form of makers before CTA-2063-A
        ("163CG9AR0A50B5.0", "163CG9AR0A50B50"),
        ("PH-1AB", "ph1ab"),
        ("158851234567890.0", "158851234567890"),
    ],
)
def test_another_form_is_kept_told_and_matches_what_says_just_that(cell: str, heard: str) -> None:
    file = read(csv_of(cell), "f.csv")
    assert any("none of CTA-2063-A" in each.what for each in file.remarks)
    assert verdict(file, heard) == (VerdictValue.ALLOWED, Reason.NOTICE_MATCHES)


@pytest.mark.parametrize(
    "cell",
    ["9ZZZ8TRU4241", "9ZZZ8TRU424177", "ZZZ8TRU42417", "9ZZZTRU42417", "9ZZZ8TRU4241?7_1"],
)
def test_a_slip_that_leaves_no_serial_makes_it_undecidable_for_the_like_of_it_alone(cell: str) -> None:
    file = read(csv_of(cell), "f.csv")
    assert verdict(file, ONE) == (VerdictValue.NOT_DECIDABLE, Reason.NOTICE_UNREADABLE)
    assert verdict(file, "1581F5FHD23890K00201")[0] is VerdictValue.VIOLATION


def test_lost_zeros_are_likely_the_drone_that_has_them() -> None:
    file = read(csv_of("158851234"), "f.csv")
    assert may_be("158851234", "00158851234")
    assert any("dropped zeros" in each.what for each in file.remarks)


@pytest.mark.parametrize("cell", ["", "-", "n/a", "N.v.t.", "geen", "onbekend", "unknown", "NONE", "0000000", "tbd"])
def test_a_word_for_nobody_is_no_serial_and_no_drone_has_it(cell: str) -> None:
    file = read(csv_of(cell), "f.csv")
    assert file.notices[0].uas_serials == ()
    assert not NoticeBook(file.notices).own(made.track_row(uas_id=cell or "NONE"), made.NOON_S)
    assert verdict(file, ONE) == (VerdictValue.NOT_DECIDABLE, Reason.NOTICE_IDENTITY_MISSING)


@pytest.mark.parametrize("heard", [ONE, ONE.lower(), "9ZZZ8-TRU42417", "9zzz8tru42417 ", "9\u0396ZZ8TRU42417"])
@pytest.mark.parametrize("written", [ONE, "9zzz 8tru 42417", "9ZZZ8TRU4.2417"])
def test_both_sides_are_compared_in_one_spelling(written: str, heard: str) -> None:
    assert verdict(read(csv_of(written), "f.csv"), heard)[0] is VerdictValue.ALLOWED
    assert key(written) == key(heard)


def test_pseudonyms_of_the_spelling_and_of_what_was_stored_before_it() -> None:
    aliases = {ONE: "e1:beef", "PH-1AB": "e1:cafe"}
    for pseudonym, heard in (("e1:beef", ONE.lower()), ("e1:cafe", "ph-1ab")):
        notice = made.notice(uas_serials=(pseudonym,))
        assert NoticeBook([notice], aliases.get).nearest(made.track_row(uas_id=heard), 50.0, made.NOON_S).matches


def test_a_row_that_cannot_be_read_still_says_whose_it_is() -> None:
    file = read(csv_of(f"{ONE}, {TWO}", start="1-5-2026 12:00"), "f.csv")
    assert file.notices == ()
    assert file.unread[0].uas_serials == (ONE, TWO)
    for heard, value in ((ONE, VerdictValue.NOT_DECIDABLE), (TWO, VerdictValue.NOT_DECIDABLE)):
        assert verdict(file, heard) == (value, Reason.NOTICE_UNREADABLE)
    assert verdict(file, "9ZZZ8SRV00001")[0] is VerdictValue.VIOLATION
    entry = read(json_of([ONE], volumes=[]), "f.json")
    assert verdict(entry, ONE) == (VerdictValue.NOT_DECIDABLE, Reason.NOTICE_UNREADABLE)


def test_who_sends_one_serial_that_cannot_be_read_is_told_at_once() -> None:
    sent = {"id": "n1", "state": "approved", "volumes": [VOLUME]}
    with pytest.raises(ValueError, match=r"serial: '1.588E\+13' is a number"):
        read_entered(sent | {"uas_serials": ["1.588E+13"]}, "entered", lambda _: None)
    remarks: list[str] = []
    taken = read_entered(sent | {"uas_serials": f"{ONE} {TWO}, 0ASUE7N0020033"}, "entered", remarks.append)
    assert taken.uas_serials == (ONE, TWO, "0ASUE7N0020033")
    assert any("none of CTA-2063-A" in each for each in remarks)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("NLD87astrdge12k8-xyz", "NLD87astrdge12k8"),
        ("NLD87astrdge12k8 - xyz", "NLD87astrdge12k8"),
        ("NLD87astrdge12k8\u2013xyz", "NLD87astrdge12k8"),
        ("NLD87astrdge12k8xyz", "NLD87astrdge12k8"),
        ("NLD-87astrdge12k8-xyz", "NLD87astrdge12k8"),
        ("nld 87astrdge12k8 xyz", "NLD87astrdge12k8"),
        ("Exploitantnummer: NLD87astrdge12k8/xyz", "NLD87astrdge12k8"),
        ("\u200bFIN87astrdge12k8\u2011xyz", "FIN87astrdge12k8"),
    ],
)
def test_the_secret_part_of_an_operator_number_goes_nowhere(written: str, kept: str) -> None:
    assert registration(written) == kept
    more = {
        **dict.fromkeys(("operator_registration", "callsign", "conditions", "clearance_ref", "authority"), written),
        **dict.fromkeys(("mission_type", "exemptions"), written),
    }
    for file in (read(csv_of(f"{ONE}, {written}", **more), "f.csv"), read(json_of([ONE, written], **more), "f.json")):
        (notice,) = file.notices
        assert notice.operator_registration == kept
        assert notice.uas_serials == (ONE,)
        assert "xyz" not in repr(file)
    broken = read(csv_of(written, state=written), "f.csv")
    assert broken.oddities
    assert "xyz" not in repr(broken)


def test_every_list_of_a_notice_is_parted() -> None:
    for file in (
        read(csv_of(ONE, exemptions="TGB-1, TGB-2;EHP 26A\n7.1"), "f.csv"),
        read(json_of(ONE, exemptions="TGB-1, TGB-2;EHP 26A\n7.1"), "f.json"),
        read(json_of(ONE, exemptions=["TGB-1, TGB-2", "EHP 26A", "7.1"]), "f.json"),
    ):
        assert file.notices[0].exemptions == ("TGB-1", "TGB-2", "EHP 26A", "7.1")


def test_a_serial_of_one_maker_is_no_other_ones() -> None:
    assert not may_be(ONE, TWO), "a sound serial is taken at its word"
    notices: list[Notice] = [replace(made.notice(), uas_serials=(ONE,))]
    match = NoticeBook(notices).nearest(made.track_row(uas_id=TWO), 50.0, made.NOON_S)
    assert match.reason is Reason.NOTICE_WRONG_IDENTITY


def test_a_text_of_any_length_is_read_in_time() -> None:
    notes: list[str] = []
    found = notice_serials.read([" ".join(f"9ZZZ8{number:08d}" for number in range(1000))], notes.append)
    assert len(found.found) == 1000


@pytest.mark.parametrize("mode", list(Mode))
def test_what_is_stored_names_the_drone_and_says_that_another_could_not_be_read(mode: Mode) -> None:
    privacy = Privacy(mode=mode, key=b"a key of the tests, 32 bytes long")
    (notice,) = read(csv_of(f"{ONE.lower()}; 1.588E+13; PH-1AB"), "f.csv").notices
    stored = notice_of(record_of(notice, privacy))
    assert stored.unread_serials == 1
    assert changes(notice, replace(notice, unread_serials=0)) == {"unread_serials": [1, None]}
    book = NoticeBook([stored], alias(privacy))
    for heard in (ONE, "9zzz8-tru42417", "ph1ab"):
        assert book.nearest(made.track_row(uas_id=heard), 50.0, made.NOON_S).matches
    other = book.nearest(made.track_row(uas_id="9ZZZ8SRV00001"), 50.0, made.NOON_S)
    assert other.reason is Reason.NOTICE_UNREADABLE
    if mode is Mode.STATISTICS:
        assert ONE not in repr(record_of(notice, privacy))
