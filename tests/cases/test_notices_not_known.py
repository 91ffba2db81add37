"""Where the notices are not known, nobody can say that a flight has none: it is told, as what is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from airspace.app.doctor import files
from airspace.app.doctor.finding import State
from airspace.app.rules import Rulebook
from airspace.demo import facts
from airspace.model.lines import detection_lines
from airspace.model.notice import UnreadNotice
from airspace.model.verdict import Reason, VerdictValue
from airspace.model.zone import ZoneRole
from airspace.service import config
from alerting.facts import facts_of
from alerting.sentences import sentences
from geofences.explanation import explain
from geofences.judging.judge import Judge
from geofences.notices.book import NoticeBook
from geofences.notices.lists import KNOWN, OVER_S, Doubt, Lists, lists_of
from tests.airspace.rows import flight, rows
from tests.cases import given
from tests.geofences import made
from tests.geofences.test_catalogue import CTR

NOT_CONNECTED = Lists(doubt=Doubt.NOT_CONNECTED)
SERIAL = "1ZZZ5AAAAA"
MILITARY = made.feature("m", made.box(4.90, 52.30, 4.95, 52.33), restriction="REQ_AUTHORISATION")
FORBIDDEN = made.feature("f", made.box(4.90, 52.30, 4.95, 52.33), restriction="PROHIBITED")


def told(book: NoticeBook, *features: dict[str, Any]) -> list[Any]:
    flown = made.tracks([made.ARENA] * 4)
    return list(Judge(made.catalogue(*(features or (CTR,))), book).judge(made.changes(flown)))


@pytest.mark.parametrize("doubt", list(Doubt))
@pytest.mark.parametrize("zone", [CTR, MILITARY, FORBIDDEN], ids=["control zone", "permission", "forbidden"])
def test_what_only_a_notice_lifts_is_no_violation_where_notices_are_not_known(doubt: Doubt, zone: Any) -> None:
    known, unknown = told(NoticeBook(lists=KNOWN), zone), told(NoticeBook(lists=Lists(doubt=doubt)), zone)
    assert [each.value for each in known] == [VerdictValue.VIOLATION]
    assert [each.value for each in unknown] == [VerdictValue.SUSPECTED], "it is told all the same"
    assert unknown[0].evidence["notices"] == doubt.value
    assert "notices" not in known[0].evidence
    assert unknown[0].reason is not Reason.NO_NOTICE


def test_a_list_that_is_empty_is_known() -> None:
    assert lists_of([]) is KNOWN
    assert [each.reason for each in told(NoticeBook(lists=lists_of([])))] == [Reason.NO_NOTICE]


def test_who_has_a_notice_is_allowed_whatever_else_is_not_known() -> None:
    for doubt in Doubt:
        book = NoticeBook([made.notice()], lists=Lists(doubt=doubt))
        assert [each.reason for each in told(book)] == [Reason.NOTICE_MATCHES]


def test_a_list_is_out_of_date_a_day_after_its_last_notice() -> None:
    notice = made.notice()
    lists = lists_of([notice])
    assert lists.doubt_at(notice.end_s + OVER_S - 1) is None
    assert lists.doubt_at(notice.end_s + OVER_S) is Doubt.OVER


def test_it_is_told_when_the_list_goes_out_of_date_over_a_drone() -> None:
    start_s = float(made.tracks([made.ARENA]).logged_s[0])
    book = NoticeBook(lists=Lists(over_from_s=start_s + 30))
    judge = Judge(made.catalogue(CTR), book)
    flown = made.tracks([made.ARENA] * 4)
    before = judge.judge(made.changes(flown))
    later = replace(flown, logged_s=flown.logged_s + 60, last_seen_s=flown.logged_s + 60).take(slice(3, 4))
    assert judge.judge(made.changes(None, live=flown.take(slice(3, 4)), tick_s=start_s + 4)) == ()
    after = judge.judge(made.changes(None, live=later, tick_s=start_s + 64))
    assert [(each.value, each.reason) for each in (*before, *after)] == [
        (VerdictValue.VIOLATION, Reason.NO_NOTICE),
        (VerdictValue.SUSPECTED, Reason.NOTICES_UNKNOWN),
    ]


def test_the_sentence_says_what_is_not_known() -> None:
    (verdict,) = told(NoticeBook(lists=NOT_CONNECTED))
    for reason, nl, en in (
        (
            Reason.NOTICES_UNKNOWN,
            "of er een melding is, is hier niet bekend",
            "whether it has a notice is not known here",
        ),
        (
            Reason.PERMISSION_MISSING,
            "of er toestemming is, is hier niet bekend",
            "whether there is permission is not known here",
        ),
    ):
        said = sentences(facts_of(replace(verdict, reason=reason), (), ZoneRole.NONE), made.NOON_S)
        assert nl in said[0]
        assert en in said[1]
        assert said[0].startswith("Waarschijnlijk niet toegestaan")


@pytest.mark.parametrize(
    ("doubt", "words"),
    [
        (Doubt.NOT_CONNECTED, "no list of notices is connected"),
        (Doubt.UNREADABLE, "cannot be read"),
        (Doubt.OVER, "out of date"),
    ],
)
def test_why_says_it_too(doubt: Doubt, words: str) -> None:
    track = made.track_row()
    line = explain(made.catalogue(CTR), NoticeBook(lists=Lists(doubt=doubt)), track, made.NOON_S)
    (notice,) = {
        (each["passed"], each["text_en"])
        for rule in line["rules"]
        for each in rule["conditions"]
        if each["name"] == "notice"
    }
    assert notice[0] is None
    assert words in notice[1]
    assert "not known here" in line["sentence_en"]


# the service, its files and its store


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_bytes(facts.zones())
    return path


async def test_without_a_file_and_before_anything_was_entered_notices_are_not_known(zones: Path) -> None:
    book = Rulebook([zones], [])
    assert book.book.doubt(made.NOON_S) is Doubt.NOT_CONNECTED
    assert book.health["notices"] == "ok", "nothing is broken"
    await book.use_stored([], used=False)
    assert book.book.doubt(made.NOON_S) is Doubt.NOT_CONNECTED
    await book.use_stored([], used=True)
    assert book.book.doubt(made.NOON_S) is None, "people enter notices here, and there is none now"


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04", None])
async def test_a_file_that_cannot_be_read_at_the_start_stops_no_service(zones: Path, broken: bytes | None) -> None:
    good, bad = zones.with_name("good.json"), zones.with_name("bad.csv")
    good.write_bytes(facts.notices(facts.EVENING_S))
    if broken is not None:
        bad.write_bytes(broken)
    book = Rulebook([zones], [bad, good], clock=lambda: facts.EVENING_S)
    assert book.health["notices"].startswith("its notices are not known: ")
    assert "bad.csv" in book.health["notices"]
    assert len(book.book.notices) == 2
    assert book.book.doubt(facts.EVENING_S) is Doubt.UNREADABLE
    bad.write_bytes(b"[]")
    await book.reload(lambda: None)
    assert book.health["notices"] == "ok"
    assert book.book.doubt(facts.EVENING_S) is None


async def test_one_file_that_breaks_takes_no_change_of_another(zones: Path) -> None:
    one, other = zones.with_name("one.json"), zones.with_name("other.json")
    one.write_bytes(facts.notices(facts.EVENING_S))
    other.write_bytes(b"[]")
    book = Rulebook([zones], [one, other], clock=lambda: facts.EVENING_S)
    one.write_bytes(facts.notices(facts.EVENING_S).replace(b"INSPECT 7", b"INSPECT 8"))
    other.write_bytes(b"{")
    await book.reload(lambda: None)
    assert book.health["notices"].startswith("last good set in force: other.json: ")
    assert "INSPECT 8" in {notice.callsign for notice in book.book.notices}


async def test_passed_over_rows_stale_lists_and_stored_ones_show_in_health(zones: Path) -> None:
    path = zones.with_name("list.json")
    entries = json.loads(facts.notices(facts.EVENING_S))
    listed = entries["notices"] if isinstance(entries, dict) else entries
    path.write_text(json.dumps([*listed, {"id": "x", "uas_serials": [SERIAL]}]))
    book = Rulebook([zones], [path], clock=lambda: facts.EVENING_S)
    assert f"1 entry passed over, the first in {path} notice 3" in book.health["notices"]
    assert SERIAL not in book.health["notices"], "anybody may read /readyz"
    path.write_bytes(facts.notices(facts.EVENING_S))
    late = Rulebook([zones], [path], clock=lambda: facts.EVENING_S + 10 * OVER_S)
    assert "over a day ago" in late.health["notices"]
    unread = [UnreadNotice(source="store", place="notice S-1", notice_id="S-1", uas_serials=(SERIAL,))]
    await book.use_stored([], unread)
    await book.reload(lambda: None)
    assert "1 stored cannot be read: notice S-1" in book.health["notices"]
    match = book.book.nearest(made.track_row(uas_id=SERIAL), 50.0, made.NOON_S)
    assert (match.reason, match.notice_id) == (Reason.NOTICE_UNREADABLE, "S-1")


# a replay, and the doctor


@pytest.fixture
def heard(tmp_path: Path, zones: Path) -> Path:
    path = tmp_path / "heard.jsonl"
    lines = detection_lines(rows(*flight(SERIAL, 20)))
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return path


def verdicts(heard: Path, zones: Path, *notices: Path) -> set[tuple[str, str]]:
    words = [word for each in notices for word in ("--notices", str(each))]
    answer = given.airspace("replay", heard, "--zones", zones, *words, "--mode", "enforcement")
    assert answer.code == 0, answer.err
    return {(line["verdict"], line["reason"]) for line in answer.lines() if line["state"] == "opened"}


def test_a_replay_without_notices_with_none_and_with_old_ones(heard: Path, zones: Path) -> None:
    empty, old = zones.with_name("none.csv"), zones.with_name("old.json")
    empty.write_text("id,state,serial,latitude_deg,longitude_deg,radius_m,start,end\n")
    old.write_bytes(facts.notices(facts.EVENING_S - 30 * OVER_S))
    assert verdicts(heard, zones) == {("suspected", "notices_unknown")}
    assert verdicts(heard, zones, empty) == {("violation", "no_notice")}
    assert verdicts(heard, zones, old) == {("suspected", "notices_unknown")}
    assert verdicts(heard, zones, old, empty) == {("suspected", "notices_unknown")}


def test_a_replay_with_a_list_that_cannot_be_read_is_refused(heard: Path, zones: Path) -> None:
    bad = zones.with_name("bad.csv")
    bad.write_bytes(b"PK\x03\x04")
    answer = given.airspace("replay", heard, "--zones", zones, "--notices", bad)
    assert answer.code == 1
    assert "save it as" in answer.err


def test_the_doctor_warns_of_no_list() -> None:
    (finding,) = files.notices(config.Settings(), made.NOON_S)
    assert finding.state is State.WARN
    assert "no notice file" in finding.text
