"""Why: the conditions with their figures, and the sentence."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from airspace.model.detection import HeightReference
from airspace.model.units import epoch_s
from airspace.model.verdict import NOTHING_STANDS, Reason
from airspace.model.zone import Datum
from geofences.catalogue import Catalogue
from geofences.explanation import at_point, explain, sentence
from geofences.notices.book import NoticeBook
from tests.geofences import made
from tests.geofences.verdicts.flying import book_of, catalogue_of, rows_of
from tests.geofences.verdicts.table import Case, cases

OF_ITS_END = {Reason.SERVICE_RESTARTED, Reason.SENSOR_BACK, Reason.SENSOR_CLOSED}  # told by the alert book alone
ELSEWHERE = {
    Reason.SENSOR_SILENT,
    Reason.SENSOR_BLIND,
    Reason.SENSOR_CLOCK,
    Reason.SENSOR_OLD,
    Reason.EMERGENCY_DECLARED,
    Reason.SPOOF_SIGNS,
    Reason.CTR_CONCURRENCY,
}


def told(name: str, row: int = -1, **columns: Any) -> dict[str, Any]:
    case = next(each for each in cases() if each.id == name)
    return told_of(case, row, **columns)


def told_of(case: Case, row: int = -1, **columns: Any) -> dict[str, Any]:
    rows = rows_of(case)
    track = rows.row(row % len(rows))._replace(**columns)
    return explain(catalogue_of(case), book_of(case), track, track.logged_s, uspace=case.uspace)


def rule(line: dict[str, Any], name: str, zone_id: str | None = None) -> dict[str, Any]:
    (found,) = [each for each in line["rules"] if each["rule"] == name and each["zone_id"] == zone_id]
    return dict(found)


def condition(line: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(each) for each in line["conditions"] if each["name"] == name)


def test_how_far_inside_and_how_far_below_the_top() -> None:
    ctr = rule(told("ctr-arena"), "ctr_open", "7.2")
    place, ceiling = condition(ctr, "place"), condition(ctr, "ceiling")
    assert (place["passed"], place["unit"], place["sigma"]) == (True, "m", 5.0)
    assert place["by"] == pytest.approx(2674, abs=5)  # handbook 2.3: 2.67 km
    assert (ceiling["by"], ceiling["sigma"]) == (864.0, 1.5)
    assert (ctr["applies"], ctr["needs"]["fixes"], ctr["zone_version"]) == (True, 2, "0123456789ab")


@pytest.mark.parametrize(
    ("name", "metres"), [("ctr-east-in", 1.0), ("ctr-east-out", -1.0), ("ctr-buikslotermeer", -700)]
)
def test_a_zone_that_is_near_is_explained_too(name: str, metres: float) -> None:
    zone = rule(told(name), "ctr_open", "7.2")
    assert condition(zone, "place")["by"] == pytest.approx(metres, abs=1 if abs(metres) > 1 else 0.05, rel=0.1)
    assert condition(zone, "place")["passed"] is (metres > 0)
    assert (zone["verdict"] is None) is (metres < 0)


@pytest.mark.parametrize(
    ("name", "zone_id", "passed", "minutes"),
    [
        ("night-last", "night", True, 1 / 60),
        ("night-end", "night", False, -16 * 60),
        ("march-last", "night", True, 1 / 60),
        ("october-end", "night", False, -16 * 60),
        ("saturday-early", "saturday", False, -19 * 60),
    ],
)
def test_how_many_minutes_to_the_change_of_hours(name: str, zone_id: str, passed: object, minutes: float) -> None:
    hours = condition(rule(told(name, row=0), "zone_conditional", zone_id), "hours")
    assert (hours["passed"], hours["unit"]) == (passed, "min")
    assert hours["by"] == pytest.approx(minutes, abs=0.05)


@pytest.mark.parametrize(
    ("name", "reason", "metres", "minutes", "identity", "state"),
    [
        ("n-tomorrow", "notice_wrong_time", None, 23 * 60, None, None),
        ("n-ended-before", "notice_wrong_time", None, -120, None, None),
        ("n-place-dam", "notice_wrong_place", 6_800, None, None, None),
        ("n-w84-drone-high", "notice_wrong_height", 12, None, None, None),
        ("n-nameless", "notice_identity_missing", None, None, "missing", None),
        ("n-other-serial", "notice_wrong_identity", None, None, "different", None),
        ("n-cancelled", "notice_not_approved", None, None, None, "cancelled"),
        ("n-approved", "notice_matches", None, None, None, None),
    ],
)
def test_the_nearest_notice_and_what_was_missing(
    name: str, reason: str, metres: float | None, minutes: float | None, identity: str | None, state: str | None
) -> None:
    line = told(name, row=0)
    nearest = line["notice"]
    assert (nearest["notice_id"], nearest["reason"]) == ("N0", reason)
    assert nearest["matches"] is (reason == "notice_matches")
    assert nearest["metres"] == (None if metres is None else pytest.approx(metres, rel=0.1))
    assert nearest["minutes"] == (None if minutes is None else pytest.approx(minutes, abs=0.1))
    assert (nearest["identity"], nearest["missing_state"]) == (identity, state)


def test_the_height_limit_with_its_doubt() -> None:
    above = condition(rule(told("h-wgs84-164"), "height_120"), "above_limit")
    assert (above["passed"], above["unit"]) == (False, "m")  # 121 m, but not beyond doubt
    assert above["by"] == pytest.approx(1, abs=0.2)
    assert above["sigma"] == pytest.approx(10.1, abs=0.1)
    assert condition(rule(told("h-none"), "height_120"), "above_limit")["passed"] is None


def test_every_rule_that_holds_everywhere_is_looked_at() -> None:
    names = {each["rule"] for each in told("vlos-1041")["rules"]}
    assert {"height_120", "vlos", "remote_id_missing", "remote_id_invalid", "conformance"} <= names
    measured = condition(rule(told("vlos-1041"), "vlos"), "measured")
    assert measured["by"] == pytest.approx(1041, abs=1)


@pytest.mark.parametrize(
    ("name", "nl", "en"),
    [
        (
            "n-tomorrow",
            "de melding geldt niet op dit moment (begint over 23 uur).",
            "its notice is not for this time (it starts in 23 hours).",
        ),
        (
            "n-ended-before",
            "de melding geldt niet op dit moment (2 uur geleden afgelopen).",
            "its notice is not for this time (it ended 2 hours ago).",
        ),
        (
            "n-place-dam",
            "de melding geldt niet op deze plaats (6,8 km ernaast).",
            "its notice is not for this place (6.8 km off).",
        ),
        (
            "h-122",
            "de drone vliegt te hoog, op 122 m hoogte.",
            "the drone flies too high, at 122 m above ground.",
        ),
        (
            "ctr-buikslotermeer",
            "Geen regel die dit systeem kent verbiedt deze vlucht; de CTR Schiphol is 711 m verderop.",
            "No rule that this system knows forbids this flight; the Schiphol CTR is 711 m away.",
        ),
    ],
)
def test_why_in_one_sentence(name: str, nl: str, en: str) -> None:
    line = told(name, row=0)
    assert (line["sentence_nl"].rpartition(": ")[2], line["sentence_en"].rpartition(": ")[2]) == (nl, en)


def test_the_whole_sentence() -> None:
    line = told("n-other-serial")
    nl = "Niet toegestaan in de CTR Schiphol, 2,7 km binnen de grens, op 50 m hoogte: de melding hier is van een "
    en = "Not allowed in the Schiphol CTR, 2.7 km inside the edge, at 50 m above ground: the notice here is another "
    assert (line["sentence_nl"], line["sentence_en"]) == (nl + "andere drone.", en + "drone's.")


def test_the_temporary_area_is_said_first() -> None:
    line = told("tgb-over-notice")
    assert [each["rule"] for each in line["rules"][:1]] == ["tgb"]
    assert rule(line, "ctr_open", "7.2")["reason"] == "notice_matches"
    assert condition(line["rules"][0], "named")["passed"] is False


@pytest.mark.parametrize("reason", [each for each in Reason if each not in NOTHING_STANDS | OF_ITS_END | ELSEWHERE])
def test_every_reason_has_its_words(reason: Reason) -> None:
    assert all(len(words) > 10 for words in sentence._WHY[reason])


@pytest.mark.parametrize(
    "columns",
    [
        {"latitude_deg": math.nan, "longitude_deg": math.nan},
        {"height_m": math.nan, "vertical_accuracy_m": math.nan},
        {"horizontal_accuracy_m": math.nan, "fix_time_s": math.nan, "skew_s": math.nan},
        {"latitude_deg": 48.0, "longitude_deg": 2.0, "height_reference": HeightReference.UNKNOWN},
        {"airborne": False},
        {"uas_id": None},
    ],
)
def test_what_is_unknown_is_null_and_never_a_fault(columns: dict[str, Any]) -> None:
    line = told("n-tomorrow", **columns)
    text = json.dumps(line, allow_nan=False)
    assert made.SERIAL not in text
    if "latitude_deg" in columns or "airborne" in columns:
        assert all(each["verdict"] is None for each in line["rules"] if each["zone_id"])


def test_a_drone_that_was_heard_once_is_not_judged() -> None:
    line = told("ctr-tentative")
    assert rule(line, "ctr_open", "7.2")["applies"] is True
    assert {each["verdict"] for each in line["rules"]} == {None}
    assert next(each for each in line["signal"] if each["name"] == "confirmed")["passed"] is False


def test_no_zones_at_all() -> None:
    track = made.track_row()
    line = explain(Catalogue([]), NoticeBook(), track, track.logged_s)
    assert line["rules"]
    assert line["sentence_en"] == "Cannot be decided: no airspace zones are loaded."
    assert [each["reason"] for each in line["cannot_say"]] == ["no_zones"]


def test_a_place_has_the_same_conditions() -> None:
    case = next(each for each in cases() if each.id == "agl-wgs84-102")
    told = at_point(catalogue_of(case), *case.at, 102.0, Datum.WGS84, epoch_s("2026-05-01T12:00:00Z"))
    (zone,) = told["zones"]
    assert [each["name"] for each in zone["conditions"]] == ["place", "floor", "ceiling", "hours"]
    place, floor, ceiling, _ = zone["conditions"]
    assert (place["by"], floor["by"], ceiling["by"]) == (2000.0, pytest.approx(1, abs=0.2), pytest.approx(29, abs=0.2))
    assert (zone["rule"], zone["source"], zone["version"]) == ("ctr_open", "table", "0123456789ab")
    json.dumps(told, allow_nan=False)


def test_a_place_with_a_height_of_unknown_datum() -> None:
    case = next(each for each in cases() if each.id == "agl-unknown-70")
    told = at_point(catalogue_of(case), *case.at, 70.0, Datum.UNKNOWN, made.NOON_S)
    floor = next(each for each in told["zones"][0]["conditions"] if each["name"] == "floor")
    assert floor["passed"] is None  # 10 m above the floor, or 31 m below it
    assert floor["by"] == pytest.approx(-31, abs=0.2)
