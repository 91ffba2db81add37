from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airspace.model.detection import EuCategory, EuClass, OperatorLocation, Source
from airspace.model.track import Changes, Remark, TrackEvent, TrackEventKind, Tracks, TrackState
from airspace.model.units import epoch_s
from airspace.model.verdict import Kind, Reason, Verdict, VerdictValue
from airspace.model.zone import Predicate, Restriction, Variant, ZoneKind
from geofences.catalogue import Catalogue
from geofences.judging.judge import Judge
from geofences.notices.book import NoticeBook
from geofences.rules import WATCHED
from geofences.zone_set import ZoneSet
from tests.geofences import made
from tests.geofences.test_catalogue import CTR, DAM, DAM_PLACE

BOX = made.feature("box", made.box(4.90, 52.30, 4.95, 52.33))
INSIDE = (52.315, 4.925)
OUTSIDE = (52.315, 4.890)
NO_NOTICE = (VerdictValue.VIOLATION, Reason.NO_NOTICE)
LEFT = (VerdictValue.ALLOWED, Reason.LEFT_ZONE)
MATCHES = (VerdictValue.ALLOWED, Reason.NOTICE_MATCHES)


def judge(*features: dict[str, Any], notices: Sequence[Any] = ()) -> Judge:
    return Judge(made.catalogue(*(features or (BOX,))), NoticeBook(notices))


def told(verdicts: Sequence[Verdict]) -> list[tuple[VerdictValue, Reason]]:
    return [(each.value, each.reason) for each in verdicts]


def run(a_judge: Judge, *parts: Changes) -> list[tuple[VerdictValue, Reason]]:
    return told([each for part in parts for each in a_judge.judge(part)])


def rows(points: list[tuple[float, float]], **columns: Any) -> Changes:
    return made.changes(made.tracks(points, **columns))


def test_a_match_day_flight_over_the_arena() -> None:
    flight = made.tracks([made.ARENA] * 30)
    verdicts = judge(CTR).judge(made.changes(flight))
    assert told(verdicts) == [NO_NOTICE]
    one = verdicts[0]
    assert (one.seq, one.group, one.group_name_nl, one.zone_id) == (2, "ctr-eham", "de CTR Schiphol", "7.2")
    assert (one.rule, one.kind, one.height_agl_m, one.track.track_id) == ("ctr_open", Kind.ZONE, 50.0, "T1")
    assert one.evidence["zones"] == ["7.2"]
    assert one.evidence["margin_m"] == pytest.approx(2674, abs=5)
    assert one.evidence["fixes_inside"] == 2


def test_the_same_flight_with_a_matching_notice() -> None:
    verdicts = judge(CTR, notices=[made.notice(callsign="PH-1")]).judge(rows([made.ARENA] * 30))
    assert told(verdicts) == [MATCHES]
    assert verdicts[0].notice_id == "N1"
    assert verdicts[0].evidence["notice_callsign"] == "PH-1"


def test_overlapping_zones_of_one_group_are_one_verdict() -> None:
    other = made.feature(
        "7.1", name=made.CTR_NAME, geometry=[made.geometry(made.box(4.8, 52.2, 5.0, 52.4), upperLimit=914)]
    )
    verdicts = judge(CTR, other).judge(rows([made.ARENA] * 5))
    assert told(verdicts) == [NO_NOTICE]
    assert sorted(verdicts[0].evidence["zones"]) == ["7.1", "7.2"]
    assert verdicts[0].zone_id == "7.1"


def test_jitter_at_the_edge_raises_one_and_not_many() -> None:
    rng = np.random.default_rng(3)
    east = 4.95 + rng.normal(scale=2.0, size=300) / 68_200.0  # 2 m about the eastern edge, accuracy 10 m
    assert run(judge(), rows([(52.315, each) for each in east])) == []
    walk = [INSIDE] * 5 + [(52.315, each) for each in east]
    assert run(judge(), rows(walk)) == [NO_NOTICE]


def test_leaving_takes_two_fixes_outside() -> None:
    a_judge = judge()
    assert run(a_judge, rows([INSIDE] * 3 + [OUTSIDE] + [INSIDE] * 3)) == [NO_NOTICE]
    assert run(a_judge, rows([OUTSIDE] * 2)) == [LEFT]
    assert run(a_judge, rows([OUTSIDE] * 5)) == []


@pytest.mark.parametrize(
    "columns",
    [
        {"airborne": False},
        {"fix": False},
        {"state": TrackState.TENTATIVE},
        {"uas_id": None, "uas_id_type": 0, "first_seen_s": made.NOON_S},
        {"height_m": 130.0, "vertical_accuracy_m": 40.0},  # over the zone's 120 m, not beyond doubt over the law's
    ],
)
def test_what_is_not_judged(columns: dict[str, Any]) -> None:
    assert run(judge(), rows([INSIDE] * 4, **columns)) == []


def test_a_single_fix_inside_is_no_entry() -> None:
    assert run(judge(), rows([OUTSIDE, INSIDE, OUTSIDE, INSIDE, OUTSIDE], gap_s=np.nan)) == []


def test_a_coarse_position_near_the_edge_is_no_entry() -> None:
    near = (52.315, 4.9490)  # 68 m inside
    assert run(judge(), rows([near] * 5, horizontal_accuracy_m=300.0)) == []
    assert run(judge(), rows([near] * 5, horizontal_accuracy_m=np.nan)) == [NO_NOTICE]


def test_a_drone_without_a_name_is_judged_after_five_seconds() -> None:
    flight = made.tracks([INSIDE] * 10, uas_id=None, uas_id_type=0, first_seen_s=made.NOON_S)
    verdicts = judge().judge(made.changes(flight))
    assert told(verdicts) == [NO_NOTICE]
    assert verdicts[0].logged_s == made.NOON_S + 6


def test_an_unknown_height_counts_as_inside_from_the_ground_only() -> None:
    high = made.feature("high", made.box(4.90, 52.30, 4.95, 52.33), geometry=[
        made.geometry(made.box(4.90, 52.30, 4.95, 52.33), lowerLimit=300, upperLimit=600)
    ])  # fmt: skip
    verdicts = judge(BOX, high).judge(rows([INSIDE] * 3, height_m=np.nan))
    assert [each.zone_id for each in verdicts] == ["box"]
    assert verdicts[0].evidence["height"] == "unknown"
    assert verdicts[0].height_agl_m is None


def test_landing_ends_it() -> None:
    a_judge = judge()
    assert run(a_judge, rows([INSIDE] * 3)) == [NO_NOTICE]
    assert run(a_judge, rows([INSIDE], airborne=False)) == []
    assert run(a_judge, rows([INSIDE], airborne=False)) == [(VerdictValue.ALLOWED, Reason.ON_THE_GROUND)]
    assert run(a_judge, rows([INSIDE] * 3)) == [NO_NOTICE]


def test_a_fast_way_across_a_thin_zone_is_suspected_once() -> None:
    thin = made.feature("thin", made.box(4.9200, 52.30, 4.9202, 52.33))
    way = [(52.31, 4.9190), (52.31, 4.9194), (52.31, 4.9206), (52.31, 4.9194), (52.31, 4.9180), (52.31, 4.9170)]
    a_judge = judge(thin)
    verdicts = a_judge.judge(made.changes(made.tracks(way, gap_s=2.0)))
    assert told(verdicts) == [(VerdictValue.SUSPECTED, Reason.CROSSED_BETWEEN_FIXES), LEFT]
    assert verdicts[0].seq == 3
    assert run(judge(thin), rows(way, gap_s=11.0)) == []  # too long ago
    assert run(judge(thin), rows(way, gap_s=0.5)) == []  # too fast to be true
    assert run(judge(thin), rows(way, gap_s=2.0, horizontal_accuracy_m=60.0)) == []  # within the accuracy of its ends


def test_the_dam_is_silent_all_year_and_forbidden_on_the_fourth_of_may() -> None:
    for moment, expected in (
        ("2026-05-03T12:00:00Z", ["ctr-eham"]),
        ("2026-05-04T12:00:00Z", ["4-may-amsterdam/dam", "ctr-eham"]),
    ):
        logged_s = epoch_s(moment) + np.arange(5)
        verdicts = judge(CTR, DAM).judge(rows([DAM_PLACE] * 5, logged_s=logged_s))
        assert [each.group for each in verdicts] == expected


def test_hours_end_and_begin_while_a_drone_is_inside() -> None:
    hours = [{"day": ["ANY"], "startTime": "11:00Z", "endTime": "12:00Z"}]
    feature = BOX | {"applicability": [{"schedule": hours}]}
    before = made.tracks([INSIDE] * 3, logged_s=made.NOON_S - 10 + np.arange(3))
    a_judge = judge(feature)
    assert run(a_judge, made.changes(before)) == [NO_NOTICE]
    assert run(a_judge, made.tick(before, 7.0)) == []
    assert run(a_judge, rows([INSIDE])) == []
    assert run(a_judge, made.tick(before, 9.0)) == [(VerdictValue.ALLOWED, Reason.ZONE_ENDED)]
    assert run(a_judge, rows([INSIDE] * 3)) == []


def test_at_a_tick_all_that_may_change_is_weighed_anew() -> None:
    notice = made.notice(volumes=(made.window(INSIDE, start_s=made.NOON_S + 5, end_s=made.NOON_S + 10),))
    flight = made.tracks([INSIDE] * 3)
    a_judge = judge(notices=[notice])
    assert run(a_judge, made.changes(flight)) == [(VerdictValue.VIOLATION, Reason.NOTICE_WRONG_TIME)]
    assert run(a_judge, made.tick(flight, 1.0)) == []
    assert run(a_judge, made.tick(flight, 4.0)) == [MATCHES]
    assert run(a_judge, made.tick(flight, 5.0)) == []
    assert run(a_judge, made.tick(flight, 9.0)) == [(VerdictValue.ALLOWED, Reason.NOTICE_GRACE)]
    a_judge.replace_notices(NoticeBook())
    assert run(a_judge, made.tick(flight, 10.0)) == [NO_NOTICE]
    specific = np.array([EuCategory.SPECIFIC], dtype=np.int8)
    assert run(a_judge, made.tick(flight, 11.0, eu_category=specific)) == [(VerdictValue.SUSPECTED, Reason.NO_NOTICE)]
    assert run(a_judge, made.tick(flight, 12.0, skew_s=np.array([9.0]))) == [
        (VerdictValue.NOT_DECIDABLE, Reason.TIME_IMPLAUSIBLE)
    ]
    a_judge.replace_zones(made.catalogue(CTR))
    assert run(a_judge, made.tick(flight, 13.0)) == [(VerdictValue.ALLOWED, Reason.ZONE_ENDED)]


def test_a_doubted_signal_lowers_a_violation_and_keeps_its_reason() -> None:
    verdicts = judge().judge(rows([INSIDE] * 3, suspect=True, remarks=int(Remark.IDENTITY_CONFLICT)))
    assert told(verdicts) == [(VerdictValue.SUSPECTED, Reason.NO_NOTICE)]
    assert verdicts[0].evidence["remarks"] == ["identity_conflict"]
    assert verdicts[0].evidence["doubt"] == "signal_doubtful"


def test_what_has_no_identity_is_never_more_than_suspected() -> None:
    """A radio that moves over a zone may be something else than a drone."""
    verdicts = judge().judge(rows([INSIDE] * 3, confidence=0.8, uas_id=None, first_seen_s=0.0))
    assert [verdict.value for verdict in verdicts] == [VerdictValue.SUSPECTED]
    assert verdicts[0].evidence["detection_confidence"] == 0.8


def test_a_fence_is_a_situation() -> None:
    fence = BOX | {"extendedProperties": {"kind": "alert_only", "role": "bowl", "airspaceGroup": "arena"}}
    verdicts = judge(fence).judge(rows([INSIDE] * 3))
    assert told(verdicts) == [(VerdictValue.SITUATION, Reason.INSIDE_FENCE)]
    assert (verdicts[0].zone_kind, verdicts[0].zone_role.value) == (ZoneKind.ALERT_ONLY, "bowl")


def test_over_120_m_for_five_seconds() -> None:
    a_judge = judge()
    high = made.tracks([OUTSIDE] * 8, height_m=[165.0] * 4 + [100.0] + [165.0] * 3)
    assert run(a_judge, made.changes(high)) == []
    higher = made.tracks([OUTSIDE] * 8, height_m=165.0, logged_s=made.NOON_S + 8 + np.arange(8), seq=8 + np.arange(8))
    verdicts = a_judge.judge(made.changes(higher))
    assert told(verdicts) == [(VerdictValue.VIOLATION, Reason.ABOVE_LIMIT)]
    assert (verdicts[0].kind, verdicts[0].group, verdicts[0].zone_id) == (Kind.HEIGHT, "height-120", None)
    assert run(a_judge, rows([OUTSIDE] * 2, height_m=100.0)) == [(VerdictValue.ALLOWED, Reason.BACK_WITHIN_LIMIT)]
    assert run(judge(), rows([OUTSIDE] * 8, height_m=130.0, vertical_accuracy_m=20.0)) == []


def test_low_flying_says_nothing_until_it_is_too_high() -> None:
    low = BOX | {"message": made.MAX_30}
    flight = made.tracks([INSIDE] * 3, height_m=20.0)
    a_judge = judge(low)
    assert run(a_judge, made.changes(flight)) == []
    higher = np.array([60.0])
    assert run(a_judge, made.tick(flight, 1.0, height_m=higher)) == [(VerdictValue.SUSPECTED, Reason.ABOVE_LIMIT)]
    assert run(a_judge, made.tick(flight, 2.0)) == [(VerdictValue.ALLOWED, Reason.NO_ZONE)]


# a zone that comes into force over a drone


def test_a_zone_that_opens_over_a_drone_is_told_as_that() -> None:
    hours = [{"day": ["ANY"], "startTime": "12:00:02Z", "endTime": "13:00Z"}]
    a_judge = judge(BOX | {"applicability": [{"schedule": hours}]})
    (one,) = a_judge.judge(rows([INSIDE] * 6))
    assert (one.value, one.reason) == NO_NOTICE
    assert one.logged_s == made.NOON_S + 3
    assert one.evidence["zone_activated"] is True
    (entered,) = a_judge.judge(
        rows([OUTSIDE] * 2 + [INSIDE] * 2, flight_id="F2", logged_s=made.NOON_S + 60 + np.arange(4))
    )
    assert "zone_activated" not in entered.evidence
    (seen_first,) = judge(BOX).judge(rows([INSIDE] * 2))
    assert "zone_activated" not in seen_first.evidence


def test_a_zone_that_is_added_over_a_drone_is_told_as_that() -> None:
    a_judge = judge(CTR)
    assert run(a_judge, rows([INSIDE] * 3)) == [NO_NOTICE]
    a_judge.replace_zones(made.catalogue(CTR, BOX))
    later = {"logged_s": made.NOON_S + 3 + np.arange(3), "seq": 4 + np.arange(3)}
    before = {"previous_latitude_deg": INSIDE[0], "previous_longitude_deg": INSIDE[1], "gap_s": 1.0}
    (one,) = a_judge.judge(rows([INSIDE] * 3, **later, **before))
    assert (one.group, one.evidence["zone_activated"]) == (made.catalogue(BOX).groups[0], True)


def test_a_stronger_zone_of_the_group_that_opens_speaks_for_it() -> None:
    hours = [{"day": ["ANY"], "startTime": "12:00:05Z", "endTime": "13:00Z"}]
    strong = made.feature(
        "strong",
        made.box(4.90, 52.30, 4.95, 52.33),
        restriction="PROHIBITED",
        message=made.ALL_FORBIDDEN,
        applicability=[{"schedule": hours}],
        extendedProperties={"airspaceGroup": "one"},
    )
    weak = BOX | {"extendedProperties": {"airspaceGroup": "one"}}
    flight = made.tracks([INSIDE] * 3)
    a_judge = judge(weak, strong)
    assert run(a_judge, made.changes(flight), made.tick(flight, 1.0)) == [NO_NOTICE]
    (one,) = a_judge.judge(made.tick(flight, 4.0))
    assert (one.reason, one.zone_id, one.evidence["zone_activated"]) == (Reason.ALL_FLIGHTS_FORBIDDEN, "strong", True)


# zones that lift, areas that are lifted by nothing else


def club(**changes: Any) -> Catalogue:
    """A control zone with a model club in it."""
    zones = made.zone_set(CTR, made.feature("club", made.circle(made.ARENA[1], made.ARENA[0], 800))).zones
    values = {"predicate": Predicate.NONE, "variant": Variant.CUSTOMIZED, "exempts": ("model_club",)} | changes
    lifted = replace(zones[1], group="club", restriction=Restriction.NO_RESTRICTION, **values)
    return Catalogue([ZoneSet(source="test", version="0", zones=(zones[0], lifted))])


def test_a_model_club_lowers_what_the_control_zone_says() -> None:
    (one,) = Judge(club(), NoticeBook()).judge(rows([made.ARENA] * 3))
    assert (one.value, one.reason) == (VerdictValue.SUSPECTED, Reason.NO_NOTICE)
    assert (one.evidence["exempting_zones"], one.evidence["exempts"]) == (["club"], ["model_club"])
    assert run(Judge(club(exempts=()), NoticeBook()), rows([made.ARENA] * 3)) == [NO_NOTICE]
    assert run(Judge(club(), NoticeBook()), rows([(52.33, 4.94)] * 3)) == [NO_NOTICE]
    named = made.notice(mission_type="model_club")
    assert run(Judge(club(), NoticeBook([named])), rows([made.ARENA] * 3)) == [MATCHES]


def test_a_model_club_lowers_nothing_of_a_temporary_area() -> None:
    zones = club().zones
    area = replace(zones[0], group="tgb", restriction=Restriction.TEMPORARY, predicate=Predicate.TEMPORARY)
    catalogue = Catalogue([ZoneSet(source="test", version="0", zones=(area, zones[1]))])
    named = made.notice(mission_type="model_club")
    flight = rows([made.ARENA] * 3)
    assert run(Judge(catalogue, NoticeBook()), flight) == [(VerdictValue.VIOLATION, Reason.ALL_FLIGHTS_FORBIDDEN)]
    assert run(Judge(catalogue, NoticeBook([named])), flight) == [(VerdictValue.VIOLATION, Reason.TGB_NOT_NAMED)]


def test_leaving_the_club_raises_it_again_at_the_tick() -> None:
    flight = made.tracks([made.ARENA] * 3)
    a_judge = Judge(club(), NoticeBook())
    assert run(a_judge, made.changes(flight), made.tick(flight)) == [(VerdictValue.SUSPECTED, Reason.NO_NOTICE)]
    aside: dict[str, Any] = {"latitude_deg": np.array([52.33]), "longitude_deg": np.array([4.94])}
    assert run(a_judge, made.tick(flight, 2.0, **aside)) == [NO_NOTICE]


@pytest.mark.parametrize(
    ("notices", "exempts", "expected"),
    [
        ([], (), (VerdictValue.VIOLATION, Reason.ALL_FLIGHTS_FORBIDDEN)),
        ([{}], (), (VerdictValue.VIOLATION, Reason.TGB_NOT_NAMED)),
        ([{"exemptions": ("tgb",)}], (), MATCHES),
        ([{}], ("N1",), MATCHES),
        ([{"callsign": "POL 1"}], ("POL 1",), MATCHES),
        ([{"mission_type": "police"}], ("police",), MATCHES),
        ([{"mission_type": "police"}], ("medical",), (VerdictValue.VIOLATION, Reason.TGB_NOT_NAMED)),
    ],
)
def test_a_temporary_area_beats_a_notice_that_does_not_name_it(
    notices: list[dict[str, Any]], exempts: tuple[str, ...], expected: tuple[VerdictValue, Reason]
) -> None:
    zones = made.zone_set(CTR, made.feature("tgb", made.circle(made.ARENA[1], made.ARENA[0], 800))).zones
    area = replace(
        zones[1], group="tgb", restriction=Restriction.TEMPORARY, predicate=Predicate.TEMPORARY, exempts=exempts
    )
    catalogue = Catalogue([ZoneSet(source="test", version="0", zones=(zones[0], area))])
    verdicts = Judge(catalogue, NoticeBook([made.notice(**each) for each in notices])).judge(rows([made.ARENA] * 3))
    by_group = {each.group: (each.value, each.reason) for each in verdicts}
    assert by_group == {"ctr-eham": MATCHES if notices else NO_NOTICE, "tgb": expected}


@pytest.mark.parametrize(
    ("uspace", "columns", "expected"),
    [
        (False, {"eu_class": EuClass.C2}, []),
        (True, {}, [(VerdictValue.SUSPECTED, Reason.NO_NOTICE)]),
        (True, {"eu_class": EuClass.C0}, [(VerdictValue.SUSPECTED, Reason.NO_NOTICE)]),
        (True, {"eu_class": EuClass.C2}, [NO_NOTICE]),
        (True, {"eu_category": EuCategory.SPECIFIC}, [NO_NOTICE]),
    ],
)
def test_u_space_is_off_unless_it_is_designated(
    *, uspace: bool, columns: dict[str, Any], expected: list[tuple[VerdictValue, Reason]]
) -> None:
    zone = made.zone(predicate=Predicate.USPACE)
    a_judge = Judge(Catalogue([ZoneSet(source="t", version="0", zones=(zone,))]), NoticeBook(), uspace=uspace)
    assert run(a_judge, rows([INSIDE] * 3, **columns)) == expected


def test_a_gap_that_only_grows_is_not_told_again_and_one_that_turns_is() -> None:
    here = made.window(INSIDE, start_s=made.NOON_S + 60, end_s=made.NOON_S + 120)
    flight = made.tracks([INSIDE] * 3)
    a_judge = judge(notices=[made.notice(volumes=(here,))])
    late = (VerdictValue.VIOLATION, Reason.NOTICE_WRONG_TIME)
    assert run(a_judge, made.changes(flight)) == [late]
    assert run(a_judge, *(made.tick(flight, float(after)) for after in range(1, 50))) == []
    (over,) = a_judge.judge(made.tick(flight, 200.0))
    assert (over.value, over.reason) == late
    assert over.notice_gap is not None
    assert over.notice_gap.minutes is not None
    assert over.notice_gap.minutes < 0


def test_by_night_a_verdict_says_so() -> None:
    (one,) = judge().judge(rows([INSIDE] * 3, logged_s=epoch_s("2026-05-01T23:00:00Z") + np.arange(3)))
    assert one.evidence["night"] is True
    (day,) = judge().judge(rows([INSIDE] * 3))
    assert "night" not in day.evidence


@pytest.mark.parametrize(
    ("kind", "into", "reason"),
    [(TrackEventKind.ENDED, None, Reason.TRACK_ENDED), (TrackEventKind.MERGED, 7, Reason.TRACK_MERGED)],
)
def test_a_track_that_ends_ends_what_was_told_of_it(kind: TrackEventKind, into: int | None, reason: Reason) -> None:
    a_judge = judge()
    flight = made.tracks([INSIDE] * 3)
    a_judge.judge(made.changes(flight))
    event = TrackEvent(kind=kind, seq=9, logged_s=made.NOON_S + 9, track=flight.row(2), into=into)
    verdicts = a_judge.judge(made.changes(events=(event,)))
    assert told(verdicts) == [(VerdictValue.ALLOWED, reason)]
    assert verdicts[0].seq == 9
    assert verdicts[0].evidence.get("into") == into
    assert a_judge.judge(made.changes(events=(event,))) == ()
    assert a_judge._standings.steady == {}


def test_another_flight_of_the_track_starts_from_outside() -> None:
    a_judge = judge()
    assert run(a_judge, rows([INSIDE] * 3)) == [NO_NOTICE]
    assert run(a_judge, rows([INSIDE] * 3, flight_id="F2")) == [NO_NOTICE]


# any batching


NOTICES = [
    made.notice(uas_serials=("S1",), volumes=(made.window(INSIDE, 1500.0, made.NOON_S + 20, made.NOON_S + 60),)),
    made.notice(notice_id="N2", uas_serials=("S2",), volumes=(made.window(INSIDE, 400.0),)),
]
CITY = (
    BOX,
    made.feature("half", made.box(4.92, 52.31, 4.97, 52.36), message=made.MILITARY),
    made.feature("thin", made.box(4.9300, 52.28, 4.9302, 52.35)),
    made.feature("low", made.circle(4.93, 52.32, 900), message=made.MAX_30),
    made.feature("hours", made.circle(4.94, 52.31, 1200), applicability=[
        {"schedule": [{"day": ["ANY"], "startTime": "12:00:30Z", "endTime": "12:01:10Z"}]}
    ]),
)  # fmt: skip


def city_log(seed: int, n: int) -> Tracks:
    """Five drones on random walks through the zones, mingled; some land, name themselves, change flight."""
    rng = np.random.default_rng(seed)
    number = rng.integers(0, 5, n)
    places, heights = rng.uniform((52.29, 4.89), (52.34, 4.96), (5, 2)), rng.uniform(10, 150, 5)
    points, height = [], []
    for drone in number.tolist():
        places[drone] += rng.normal(scale=(6e-4, 1e-3))
        heights[drone] += rng.normal(scale=8.0)
        points.append(tuple(places[drone].tolist()))
        height.append(heights[drone])
    latitude, longitude = (np.array(each) for each in zip(*points, strict=True))
    before = [next((k for k in range(row - 1, -1, -1) if number[k] == number[row]), -1) for row in range(n)]
    known = np.array(before) >= 0
    logged_s = made.NOON_S + np.sort(rng.uniform(0, 90, n))
    return made.tracks(
        points,
        number=number,
        track_id=[f"T{each}" for each in number],
        flight_id=[f"F{each}-{late}" for each, late in zip(number, logged_s > made.NOON_S + 70, strict=True)],
        uas_id=[None if each == 4 else f"S{each}" for each in number],
        logged_s=logged_s,
        previous_latitude_deg=np.where(known, latitude[before], np.nan),
        previous_longitude_deg=np.where(known, longitude[before], np.nan),
        gap_s=np.where(known, rng.uniform(1, 4, n), np.nan),
        height_m=np.where(rng.uniform(size=n) < 0.05, np.nan, height),
        horizontal_accuracy_m=rng.choice([3.0, 30.0, np.nan], n),
        airborne=rng.uniform(size=n) > 0.08,
        last_seen_s=logged_s,
        source=Source.REMOTE_ID,
        operator_location_type=OperatorLocation.LIVE,
        operator_latitude_deg=52.315 + 0.008 * (number % 3),
        operator_longitude_deg=4.92,
        fix=rng.uniform(size=n) > 0.03,
    )


def cut_log(log: Tracks, cuts: Sequence[int]) -> list[Changes]:
    """The log in batches; each second's tick closes a batch, and drone 3 ends with the tick at 50 s."""
    parts: list[Changes] = []
    second = np.floor(log.logged_s).astype(int)
    for now in range(int(made.NOON_S), int(made.NOON_S) + 91):
        within = np.flatnonzero(second == now)
        edges = [0, *(cut for cut in cuts if cut < len(within)), len(within)]
        groups = [within[a:b] for a, b in pairwise(edges)]
        seen = np.flatnonzero(second <= now)
        last = sorted({int(log.number[row]): int(row) for row in seen}.values())
        live = log.take(np.array(last, dtype=np.intp))
        live = Tracks(
            **{name: getattr(live, name) for name in live.__dataclass_fields__}
            | {"logged_s": np.full(len(live), now + 1.0)}
        )
        ended = [row for row in last if log.number[row] == 3 and now == int(made.NOON_S) + 50]
        events = tuple(
            TrackEvent(kind=TrackEventKind.ENDED, seq=int(log.seq[row]), logged_s=now + 1.0, track=log.row(row))
            for row in ended
        )
        parts.extend(made.changes(log.take(group)) for group in groups[:-1])
        parts.append(replace(made.changes(log.take(groups[-1])), live=live, tick_s=now + 1.0, events=events))
    return parts


def everything(log: Tracks, cuts: Sequence[int]) -> list[str]:
    """Every verdict in full, as text: unknown numbers are not equal to themselves."""
    a_judge = Judge(made.catalogue(*CITY), NoticeBook(NOTICES))
    return [repr(verdict) for part in cut_log(log, cuts) for verdict in a_judge.judge(part)]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 20), max_size=4).map(sorted))
def test_any_batching_gives_the_same_verdicts(seed: int, cuts: list[int]) -> None:
    log = city_log(seed, 250)
    one_by_one = everything(log, range(1, 250))
    assert len(one_by_one) > 5
    assert everything(log, []) == one_by_one
    assert everything(log, [7, 14]) == one_by_one
    assert everything(log, cuts) == one_by_one


def test_nothing_stays_of_tracks_that_ended() -> None:
    a_judge = Judge(Catalogue([made.zone_set(*CITY)]), NoticeBook())
    log = city_log(1, 300)
    for part in cut_log(log, []):
        a_judge.judge(part)
    events = tuple(
        TrackEvent(
            kind=TrackEventKind.ENDED, seq=999, logged_s=made.NOON_S + 99, track=log.row(0)._replace(number=number)
        )
        for number in range(5)
    )
    a_judge.judge(made.changes(events=events))
    standings = a_judge._standings
    kept = (standings._of, standings._count, standings._flight, standings._crossed, standings.steady)
    assert kept == ({}, {}, {}, {}, {})
    assert a_judge._watch._of == ({},) * len(WATCHED)
