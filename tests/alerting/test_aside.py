"""Matters that stand alone or not at all, and matters of a whole control zone."""

from __future__ import annotations

from typing import Any

import pytest

from airspace.model.alert import Alert, AlertState
from airspace.model.log import CommandKind
from airspace.model.verdict import NOBODY, Kind, NoticeGap, Reason, Verdict, VerdictValue
from airspace.model.zone import ZoneRole
from tests.alerting.making import SPOOF, Evening, allowed, fence, row, side, verdict

FLYING = row(airborne=True)
INVALID = (Reason.REMOTE_ID_INVALID, VerdictValue.SUSPECTED, Kind.REMOTE_ID)


def said(alerts: tuple[Alert, ...] | list[Alert]) -> list[tuple[str, str, str]]:
    return [(alert.state.value, alert.kind.value, alert.reason) for alert in alerts]


def test_alone_it_is_an_alert_of_its_own_at_the_tick() -> None:
    evening = Evening.start(FLYING)
    assert evening.say(side(0.5)) == ()
    (alert,) = evening.tick(1.0)
    assert (alert.state, alert.kind, alert.verdict) == (AlertState.OPENED, Kind.SIGHT, VerdictValue.SUSPECTED)
    assert said(evening.say(side(1.5, Reason.BACK_WITHIN_LIMIT, VerdictValue.ALLOWED))) == []
    closed = evening.ticks(2, 40)[-1]
    assert (closed.state, closed.reason) == (AlertState.CLOSED, "back_within_limit")


def test_beside_the_law_it_is_evidence() -> None:
    evening = Evening.start(FLYING)
    evening.say(verdict(0.4, track=FLYING), side(0.5), side(0.6, *INVALID))
    assert evening.tick(1.0) == ()
    told = evening.ticks(2, 20)
    assert said(told) == [("updated", "zone", "no_notice")]
    assert told[0].evidence["also"] == ["beyond_sight", "remote_id_invalid"]
    evening.say(side(20.5, Reason.BACK_WITHIN_LIMIT, VerdictValue.ALLOWED))
    assert evening.ticks(21, 40)[0].evidence["also"] == ["remote_id_invalid"]
    evening.say(side(40.5, Reason.BACK_WITHIN_LIMIT, VerdictValue.ALLOWED, Kind.REMOTE_ID))
    assert "also" not in evening.ticks(41, 60)[0].evidence


def test_the_law_takes_its_alert_over_and_gives_it_back() -> None:
    evening = Evening.start(FLYING)
    evening.say(side(0.5))
    evening.tick(1.0)
    told = evening.say(verdict(1.5, track=FLYING))
    assert said(told) == [("opened", "zone", "no_notice"), ("closed", "sight", "beyond_sight")]
    assert told[1].outcome == "replaced"
    evening.say(allowed(5.0, Reason.LEFT_ZONE, FLYING))
    after = said(evening.ticks(6, 40))
    assert after[-2:] == [("closed", "zone", "left_zone"), ("opened", "sight", "beyond_sight")]


def test_on_the_ground_and_with_a_notice_it_is_none() -> None:
    landed = Evening.start(row(airborne=False))
    landed.say(side(0.5))
    assert landed.tick(1.0) == ()
    noticed = Evening.start(FLYING)
    noticed.say(allowed(0.4, Reason.NOTICE_MATCHES, FLYING), side(0.5))
    assert noticed.tick(1.0) == ()
    noticed.say(side(1.5, *INVALID))
    assert said(noticed.tick(2.0)) == [("opened", "remote_id", "remote_id_invalid")]


def test_a_person_who_closed_the_drone_s_alert_hears_no_more_of_it() -> None:
    evening = Evening.start(FLYING)
    (main,) = evening.say(verdict(0.4, track=FLYING))
    evening.say(side(0.5))
    evening.tick(1.0)
    evening.order(CommandKind.CLOSE, main.alert_id, 2.0, outcome="warned")
    assert evening.ticks(3, 60) == []


def test_what_cannot_be_decided_calls_nobody() -> None:
    evening = Evening.start(FLYING)
    evening.say(side(0.5, Reason.TIME_IMPLAUSIBLE, VerdictValue.NOT_DECIDABLE))
    assert evening.ticks(1, 20) == []


def test_it_takes_no_role_of_a_fence_and_does_not_close_it() -> None:
    evening = Evening.start(FLYING)
    evening.say(fence(0.4, ZoneRole.RING, FLYING), side(0.5))
    assert said(evening.tick(1.0)) == [("opened", "zone", "inside_fence")]
    assert evening.ticks(2, 20)[0].evidence["also"] == ["beyond_sight"]


@pytest.mark.parametrize("kind", [Kind.SIGHT, Kind.REMOTE_ID, Kind.CONFORMANCE])
def test_a_swarm_speaks_for_its_ghosts(kind: Kind) -> None:
    ghost = row(airborne=True, suspect=True, remarks=SPOOF)
    evening = Evening.start(ghost)
    evening.say(side(0.5, kind=kind, track=ghost))
    assert [alert.kind for alert in evening.tick(1.0)] == [Kind.SPOOFING]


# a whole control zone


def crowded(at: float, commercial: int) -> Verdict:
    full = commercial > 2
    return verdict(
        at,
        Reason.CTR_CONCURRENCY if full else Reason.BACK_WITHIN_LIMIT,
        VerdictValue.SITUATION if full else VerdictValue.ALLOWED,
        NOBODY,
        kind=Kind.CAPACITY,
        evidence={"commercial": commercial, "commercial_room": 2, "emergency": 0, "emergency_room": 1, "unknown": 1},
    )


def test_too_many_flights_are_a_situation_of_the_zone_and_of_nobody() -> None:
    evening = Evening.start(FLYING)
    (opened,) = evening.say(crowded(1.0, 3))
    assert (opened.kind, opened.verdict, opened.group) == (Kind.CAPACITY, VerdictValue.SITUATION, "ctr")
    assert (opened.track_id, opened.flight_id, opened.uas_id, opened.latitude_deg) == (None, None, None, None)
    assert opened.sentence_nl.startswith("Drie aangemelde vluchten tegelijk; er is plaats voor twee.")
    assert opened.evidence["unknown"] == 1
    (more,) = evening.say(crowded(2.0, 4))
    assert (more.alert_id, more.revision, more.state) == (opened.alert_id, 2, AlertState.UPDATED)
    assert evening.say(crowded(3.0, 2)) == ()
    (closed,) = evening.ticks(4, 40)
    assert (closed.state, closed.time_s) == (AlertState.CLOSED, 33.0)
    assert closed.sentence_en == "There is room for all notified flights again."
    (again,) = evening.say(crowded(50.0, 3))
    assert (again.alert_id, again.evidence["episode"]) == (opened.alert_id, 2)


def test_long_after_it_is_another_alert() -> None:
    evening = Evening.start(FLYING)
    (first,) = evening.say(crowded(1.0, 3))
    evening.say(crowded(3.0, 2))
    evening.ticks(4, 700)
    (second,) = evening.say(crowded(701.0, 3))
    assert (second.revision, second.alert_id == first.alert_id) == (1, False)


# what is told at once


def test_a_gap_that_means_something_else_is_told_at_once_and_one_that_grows_is_not() -> None:
    evening = Evening.start(FLYING)
    late: dict[str, Any] = {"reason": Reason.NOTICE_WRONG_TIME, "track": FLYING, "notice_id": "N1"}
    assert len(evening.say(verdict(0.5, **late, notice_gap=NoticeGap(minutes=10.0)))) == 1
    assert evening.say(verdict(1.5, **late, notice_gap=NoticeGap(minutes=9.0))) == ()
    (told,) = evening.say(verdict(2.5, **late, notice_gap=NoticeGap(minutes=-1.0)))
    assert told.sentence_en == "A notice exists, but it ended 60 seconds ago."
