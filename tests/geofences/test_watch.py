"""Rules that hold everywhere: sight, Remote ID, conformance, tick by tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from airspace.model.detection import EuCategory, IdType, OperatorLocation, Source
from airspace.model.geodesy import WGS84
from airspace.model.track import Changes, Remark, TrackEvent, TrackEventKind, Tracks
from airspace.model.verdict import Kind, Reason, Verdict, VerdictValue
from geofences.judging.judge import Judge
from geofences.notices.book import NoticeBook
from tests.geofences import made

HERE = (52.10, 5.60)
FAR_ZONE = made.feature("far", made.box(6.0, 53.0, 6.1, 53.1))
FAR = (VerdictValue.ALLOWED, Reason.PILOT_FAR)
UNSEEN = (VerdictValue.SUSPECTED, Reason.BEYOND_SIGHT)
BACK = (VerdictValue.ALLOWED, Reason.BACK_WITHIN_LIMIT)
OUT = (VerdictValue.SITUATION, Reason.OUTSIDE_NOTICE)
CONTINGENT = (VerdictValue.SITUATION, Reason.CONTINGENT)


def tick(second: int, at: tuple[float, float] = HERE, **columns: Any) -> Changes:
    """The live table at a second, heard just then."""
    now_s = made.NOON_S + second
    values = {"logged_s": now_s, "last_seen_s": now_s, "seq": second, "sightings": 10 + second, "gap_s": 1.0} | columns
    return made.changes(live=made.tracks([at], **values), tick_s=now_s)


def pilot(metres: float, kind: OperatorLocation = OperatorLocation.LIVE) -> dict[str, Any]:
    longitude, latitude, _ = WGS84.fwd(HERE[1], HERE[0], 70.0, metres)
    return {"operator_latitude_deg": latitude, "operator_longitude_deg": longitude, "operator_location_type": kind}


def a_judge(*notices: Any) -> Judge:
    return Judge(made.catalogue(FAR_ZONE), NoticeBook(notices))


def told(judge: Judge, parts: Sequence[Changes]) -> list[tuple[int, VerdictValue, Reason]]:
    verdicts = [each for part in parts for each in judge.judge(part)]
    return [(round(each.logged_s - made.NOON_S), each.value, each.reason) for each in verdicts]


def last(judge: Judge, parts: Sequence[Changes]) -> Verdict:
    return [each for part in parts for each in judge.judge(part)][-1]


# sight: 40 m are taken off for the two positions


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (pilot(530), []),
        (pilot(550), [FAR]),
        (pilot(1030), [FAR]),
        (pilot(1050), [UNSEEN]),
        (pilot(1050) | {"horizontal_accuracy_m": 30.0}, [FAR]),
        (pilot(1050) | {"horizontal_accuracy_m": np.nan}, [FAR]),
        (pilot(1070) | {"horizontal_accuracy_m": np.nan}, [UNSEEN]),
        (pilot(5000, OperatorLocation.TAKEOFF), []),
        (pilot(5000, OperatorLocation.FIXED), []),
        (pilot(5000) | {"remarks": int(Remark.OPERATOR_FAR)}, []),
        (pilot(5000) | {"airborne": False}, []),
        (pilot(5000) | {"eu_category": EuCategory.SPECIFIC}, [FAR]),
        (pilot(5000) | {"skew_s": 9.0}, [(VerdictValue.NOT_DECIDABLE, Reason.TIME_IMPLAUSIBLE)]),
    ],
)
def test_how_far_the_pilot_is(columns: dict[str, Any], expected: list[tuple[VerdictValue, Reason]]) -> None:
    verdicts = told(a_judge(), [tick(second, **columns) for second in range(8)])
    assert verdicts == [(5, *each) for each in expected]


def test_it_takes_five_seconds_to_be_far_and_five_to_be_near_again() -> None:
    near, far = pilot(100), pilot(2000)
    way = [far] * 5 + [near] + [far] * 6 + [near] * 3 + [far] + [near] * 6
    judge = a_judge()
    parts = [tick(second, **where) for second, where in enumerate(way)]
    assert told(judge, parts) == [(11, *UNSEEN), (21, *BACK)]
    one = last(a_judge(), parts[:12])
    assert (one.kind, one.group, one.rule, one.zone_id) == (Kind.SIGHT, "vlos", "vlos", None)
    assert one.evidence["pilot_distance_m"] == pytest.approx(2000, abs=1)


def test_a_silent_drone_counts_no_seconds() -> None:
    silent = [tick(0, **pilot(2000))] + [tick(s, **pilot(2000), last_seen_s=made.NOON_S) for s in range(1, 60)]
    assert told(a_judge(), silent) == []


def test_a_flight_with_a_notice_may_be_one_out_of_sight() -> None:
    notice = made.notice(volumes=(made.window(HERE),))
    assert told(a_judge(notice), [tick(s, **pilot(2000)) for s in range(8)]) == [
        (5, VerdictValue.ALLOWED, Reason.NOTICE_MATCHES)
    ]


# Remote ID


def test_no_identity_on_the_radio_is_suspected_with_little_confidence() -> None:
    nameless: dict[str, Any] = {"uas_id": None, "uas_id_type": 0, "source": Source.RF, "confidence": 0.8}
    parts = [tick(second, **nameless) for second in range(15)]
    assert told(a_judge(), parts) == [(10, VerdictValue.SUSPECTED, Reason.REMOTE_ID_MISSING)]
    one = last(a_judge(), parts)
    assert (one.kind, one.evidence["confidence"]) == (Kind.REMOTE_ID, "low")
    assert one.evidence["detection_confidence"] == 0.8
    assert "below_250_g" in one.evidence["may_be_exempt"]
    assert told(a_judge(), [tick(s, uas_id=None, uas_id_type=0, source=Source.REMOTE_ID) for s in range(15)]) == []
    named = [*parts, tick(15, source=Source.REMOTE_ID)]
    assert told(a_judge(), named)[1:] == [(15, *BACK)]
    still = [tick(second, **nameless, airborne=False) for second in range(15)]
    assert told(a_judge(), still) == [(10, VerdictValue.SUSPECTED, Reason.REMOTE_ID_MISSING)]
    sector = [tick(second, **nameless, latitude_deg=np.nan, longitude_deg=np.nan, fix=False) for second in range(15)]
    assert told(a_judge(), sector) == [(10, VerdictValue.SUSPECTED, Reason.REMOTE_ID_MISSING)]


@pytest.mark.parametrize(
    ("columns", "failed"),
    [
        ({"uas_id": "1588E012345678901CD"}, None),
        ({"uas_id": "1588E012345678901C"}, ["serial_length"]),
        ({"uas_id": "15880ABC"}, ["serial_length_code"]),
        ({"uas_id": "1588GABC"}, ["serial_length_code"]),
        ({"uas_id": "15883ABO"}, ["serial_alphabet"]),
        ({"uas_id": "1588"}, ["serial_length_code"]),
        ({"uas_id": "not a serial", "uas_id_type": IdType.CAA}, None),
        ({"uas_id": "0QRDG3K00100K4", "source": Source.DJI}, None),
        ({"operator_id": "NLDabcdefghijklm"}, None),
        ({"operator_id": "NLDabcdefghij"}, ["operator_id_form"]),
        ({"operator_id": "FA-3TP4MXYZ"}, ["operator_id_form"]),
        ({"operator_id": "FA-3TP4MXYZ", "skew_s": 900.0}, ["operator_id_form"]),  # what it is called has no time
    ],
)
def test_the_form_of_an_identity(columns: dict[str, Any], failed: list[str] | None) -> None:
    values = {"source": Source.REMOTE_ID} | columns
    verdicts = [each for second in range(12) for each in a_judge_of(values, second)]
    assert [(each.reason, each.evidence["failed"]) for each in verdicts] == (
        [] if failed is None else [(Reason.REMOTE_ID_INVALID, failed)]
    )


_JUDGES: dict[str, Judge] = {}


def a_judge_of(values: dict[str, Any], second: int) -> tuple[Verdict, ...]:
    if second == 0:
        _JUDGES["one"] = a_judge()
    return _JUDGES["one"].judge(tick(second, **values))


def test_one_misheard_operator_number_is_no_reason() -> None:
    bad: dict[str, Any] = {"source": Source.REMOTE_ID, "operator_id": "NLD#"}
    good = bad | {"operator_id": "NLDabcdefghijklm"}
    parts = [tick(second, **(bad if second < 4 else good)) for second in range(30)]
    assert told(a_judge(), parts) == []
    few = [tick(second, **bad, sightings=5) for second in range(30)]
    assert told(a_judge(), few) == []


# conformance


def test_a_flight_that_leaves_its_own_notice() -> None:
    notice = made.notice(volumes=(made.window(HERE, radius_m=200.0),))
    out = (HERE[0] + 0.005, HERE[1])  # 556 m north
    way = [HERE] * 20 + [out] * 5 + [HERE] * 5 + [out] * 75 + [HERE] * 3
    judge = a_judge(notice)
    parts = [tick(second, where) for second, where in enumerate(way)]
    assert told(judge, parts) == [(40, *OUT), (100, *CONTINGENT), (105, *BACK)]
    one = last(a_judge(notice), parts[:41])
    assert (one.kind, one.notice_id) == (Kind.CONFORMANCE, "N1")
    assert one.evidence["outside_m"] == pytest.approx(356, abs=2)
    assert one.evidence["excursion_s"] == 10
    assert one.evidence["excursions"] == 2
    assert one.evidence["share_inside"] == pytest.approx(25 / 41, abs=1e-3)
    assert one.evidence["share_inside_kept"] is False


def test_while_it_is_silent_nothing_is_counted() -> None:
    notice = made.notice(volumes=(made.window(HERE, radius_m=200.0),))
    out = (HERE[0] + 0.005, HERE[1])
    silent = [tick(second, last_seen_s=made.NOON_S + 9) for second in range(10, 40)]
    away = [tick(second, out) for second in range(40, 51)]
    one = last(a_judge(notice), [tick(second) for second in range(10)] + silent + away)
    assert (one.reason, one.evidence["share_inside"]) == (Reason.OUTSIDE_NOTICE, pytest.approx(10 / 21, abs=1e-3))


@pytest.mark.parametrize(
    ("notice", "columns"),
    [
        (made.notice(volumes=(made.window(HERE, radius_m=552.0),)), {}),  # 4 m: within the accuracy
        (made.notice(uas_serials=("OTHER",), volumes=(made.window(HERE, radius_m=200.0),)), {}),
        (made.notice(volumes=(made.window(HERE, radius_m=200.0, end_s=made.NOON_S - 1),)), {}),
        (made.notice(volumes=(made.window(HERE, radius_m=200.0),)), {"airborne": False}),
    ],
)
def test_what_is_no_excursion(notice: Any, columns: dict[str, Any]) -> None:
    out = (HERE[0] + 0.005, HERE[1])
    assert told(a_judge(notice), [tick(second, out, **columns) for second in range(90)]) == []


def test_above_its_notice_is_outside_too() -> None:
    notice = made.notice(volumes=(made.window(HERE),))
    verdicts = told(a_judge(notice), [tick(second, height_m=118.0) for second in range(12)])
    assert verdicts == [(10, *OUT)]


# ends


def test_landing_ending_and_merging_end_it() -> None:
    far = [tick(second, **pilot(2000)) for second in range(8)]
    assert told(a_judge(), [*far, tick(8, **pilot(2000), airborne=False)])[1:] == [
        (8, VerdictValue.ALLOWED, Reason.ON_THE_GROUND)
    ]
    judge = a_judge()
    told(judge, far)
    row = _live(far[-1]).row(0)
    event = TrackEvent(kind=TrackEventKind.MERGED, seq=9, logged_s=made.NOON_S + 9, track=row, into=4)
    (ended,) = judge.judge(made.changes(events=(event,)))
    assert (ended.reason, ended.group, ended.seq, ended.evidence) == (
        Reason.TRACK_MERGED, "vlos", 9, ended.evidence | {"into": 4, "was": "beyond_sight"}
    )  # fmt: skip
    assert judge.judge(made.changes(events=(event,))) == ()


def test_another_flight_begins_anew() -> None:
    parts = [tick(s, **pilot(2000)) for s in range(6)] + [tick(s, **pilot(2000), flight_id="F2") for s in range(6, 14)]
    assert told(a_judge(), parts) == [(5, *UNSEEN), (11, *UNSEEN)]


def _live(changes: Changes) -> Tracks:
    assert changes.live is not None
    return changes.live
