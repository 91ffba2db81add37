from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from airspace.model.alert import Alert, AlertState, Condition, PilotKind
from airspace.model.detection import OperatorLocation, Status
from airspace.model.log import CommandKind
from airspace.model.sensor import Pause, Sensor
from airspace.model.track import TrackState
from airspace.model.verdict import Kind, NoticeGap, Reason, VerdictValue
from airspace.model.zone import ZoneRole
from alerting.case import alert_id_of
from tests.alerting.making import SPOOF, Evening, allowed, fence, row, verdict

OPENED, UPDATED, CLOSED = AlertState.OPENED, AlertState.UPDATED, AlertState.CLOSED
RING, BOWL = ZoneRole.RING, ZoneRole.BOWL


def states(alerts: Any) -> list[AlertState]:
    return [alert.state for alert in alerts]


def only(alerts: Any) -> Alert:
    (alert,) = alerts
    assert isinstance(alert, Alert)
    return alert


# One flight, one group, one alert


def test_the_id_is_a_function_of_flight_group_and_kind() -> None:
    alert = only(Evening.start().say(verdict(10.0)))
    assert alert.alert_id == alert_id_of(("F-1", "ctr", Kind.ZONE))
    assert alert.alert_id.startswith("A-")
    assert len(alert.alert_id) == 14
    assert (alert.revision, alert.state, alert.opened_s, alert.priority) == (1, OPENED, 10.0, 40)
    other = {
        alert_id_of(key) for key in (("F-2", "ctr", Kind.ZONE), ("F-1", "x", Kind.ZONE), ("F-1", "ctr", Kind.HEIGHT))
    }
    assert len(other | {alert.alert_id}) == 4


def test_overlapping_zones_of_a_group_are_one_alert() -> None:
    evening = Evening.start()
    told = evening.say(verdict(1.0), verdict(2.0, zone_id="7.2"), verdict(3.0, zone_id="7.1"))
    assert states(told) == [OPENED]
    assert len(evening.book.open_alerts()) == 1


def test_two_groups_and_two_flights_are_four_alerts() -> None:
    evening = Evening.start(row(1), row(2))
    told = evening.say(*(verdict(1.0, track=row(n), group=group) for n in (1, 2) for group in ("ctr", "brzo")))
    assert len({alert.alert_id for alert in told}) == len(told) == 4


def test_a_changed_judgement_is_told_at_once_and_an_unchanged_one_is_not() -> None:
    evening = Evening.start()
    evening.say(verdict(1.0))
    gap = NoticeGap(metres=140.0)
    told = evening.say(verdict(1.2, Reason.NOTICE_WRONG_PLACE, notice_id="N1", notice_gap=gap))
    assert (only(told).state, only(told).revision, only(told).notice_gap) == (UPDATED, 2, gap)
    assert evening.say(verdict(1.4, Reason.NOTICE_WRONG_PLACE, notice_id="N1", notice_gap=gap)) == ()


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (Reason.NOTICE_MATCHES, None),
        (Reason.ON_THE_GROUND, "landed"),
        (Reason.TRACK_ENDED, "lost"),
        (Reason.TRACK_MERGED, "merged"),
        (Reason.ZONE_ENDED, None),
        (Reason.SERVICE_RESTARTED, None),
    ],
)
def test_these_reasons_close_at_once(reason: Reason, outcome: str | None) -> None:
    evening = Evening.start()
    opened = only(evening.say(verdict(1.0)))
    landed = row(flight_id=None)
    closed = only(evening.say(allowed(5.0, reason, landed)))
    assert (closed.alert_id, closed.state, closed.reason, closed.outcome) == (opened.alert_id, CLOSED, reason, outcome)
    assert closed.flight_id == "F-1"
    assert closed.verdict is VerdictValue.VIOLATION
    assert not evening.book.has_open(opened.alert_id)
    assert evening.book.latest(opened.alert_id) == closed


def test_an_allowed_flight_makes_no_alert() -> None:
    evening = Evening.start()
    assert evening.say(allowed(1.0, Reason.NOTICE_MATCHES), allowed(2.0, Reason.LEFT_ZONE)) == ()
    assert evening.ticks(3, 60) == []


def test_a_border_flyer_is_one_alert_and_lingers_for_thirty_seconds() -> None:
    evening = Evening.start()
    assert states(evening.say(verdict(0.0))) == [OPENED]
    assert evening.say(allowed(10.0, Reason.LEFT_ZONE)) == ()
    assert evening.ticks(11, 39) == []
    assert evening.say(verdict(39.5)) == ()
    assert evening.say(allowed(50.0, Reason.LEFT_ZONE)) == ()
    assert evening.ticks(51, 79) == []
    closed = only(evening.tick(80.0))
    assert (closed.state, closed.reason, closed.outcome) == (CLOSED, "left_zone", None)


def test_being_told_twice_that_it_left_does_not_prolong_the_lingering() -> None:
    evening = Evening.start()
    evening.say(verdict(0.0))
    evening.say(allowed(10.0, Reason.LEFT_ZONE), allowed(20.0, Reason.LEFT_ZONE))
    assert [alert.time_s for alert in evening.ticks(21, 60)] == [40.0]


def test_coming_back_after_the_end_is_the_same_alert_in_its_second_episode() -> None:
    evening = Evening.start()
    first = only(evening.say(verdict(0.0)))
    evening.say(allowed(1.0, Reason.LEFT_ZONE))
    evening.ticks(2, 31)
    again = only(evening.say(verdict(60.0)))
    assert (again.alert_id, again.state, again.revision) == (first.alert_id, OPENED, 3)
    assert (again.evidence["episode"], again.opened_s) == (2, 60.0)


def test_a_new_flight_of_the_same_drone_is_a_new_alert() -> None:
    evening = Evening.start()
    first = only(evening.say(verdict(0.0)))
    evening.say(allowed(9.0, Reason.ON_THE_GROUND, row(flight_id=None)))
    second = only(evening.say(verdict(20.0, track=row(flight_id="F-9"))))
    assert second.alert_id != first.alert_id
    assert second.revision == 1


def test_a_new_flight_ends_the_alert_of_the_last_one_that_nothing_had_closed() -> None:
    evening = Evening.start()
    evening.say(verdict(0.0))
    told = evening.say(verdict(20.0, track=row(flight_id="F-9")))
    assert [(alert.flight_id, alert.state) for alert in told] == [("F-1", CLOSED), ("F-9", OPENED)]


def test_a_flight_that_gets_its_name_late_keeps_its_alert() -> None:
    evening = Evening.start()
    first = only(evening.say(verdict(0.0, track=row(flight_id=None))))
    named = only(evening.say(verdict(1.0, Reason.NOTICE_WRONG_IDENTITY)))
    assert (named.alert_id, named.flight_id) == (first.alert_id, "F-1")


def test_a_flight_that_goes_on_under_another_track_keeps_its_alert() -> None:
    evening = Evening.start(row(1), row(2))
    evening.say(verdict(0.0, track=row(1)))
    same = row(2, flight_id="F-1")
    assert evening.say(verdict(1.0, track=same)) == ()
    assert evening.say(allowed(2.0, Reason.TRACK_MERGED, row(1))) == ()
    evening.live = [same]
    assert evening.tick(3.0) == ()
    assert len(evening.book.open_alerts()) == 1


def test_an_alert_whose_track_is_gone_without_a_word_is_closed() -> None:
    evening = Evening.start(row(1), row(2))
    evening.say(verdict(0.0))
    evening.live = [row(2)]
    closed = only(evening.tick(1.0))
    assert (closed.reason, closed.outcome) == ("track_ended", "lost")


def test_what_is_over_is_a_record_for_twelve_hours() -> None:
    evening = Evening.start(row(1), row(2))
    alert_id = only(evening.say(verdict(0.0))).alert_id
    evening.live = [row(2)]
    evening.tick(1.0)
    evening.tick(43_200.0)
    assert evening.book.latest(alert_id) is not None
    evening.tick(43_202.0)
    assert evening.book.latest(alert_id) is None
    assert evening.book.recent_alerts() == ()


def test_a_flight_that_cannot_come_back_is_another_alert_though_its_record_is_kept() -> None:
    evening = Evening.start(row(1), row(2))
    first = only(evening.say(verdict(0.0, track=row(1, flight_id=None))))
    evening.live = [row(2)]
    evening.ticks(1, 2)
    evening.tick(700.0)
    again = only(evening.say(verdict(701.0, track=row(1, flight_id=None))))
    assert (again.alert_id, again.episode, again.revision) == (first.alert_id, 2, 3)  # never a revision twice


# Fences


def test_a_fence_raises_the_open_legal_alert_and_makes_none_of_its_own() -> None:
    evening = Evening.start()
    opened = only(evening.say(verdict(0.0)))
    ring = only(evening.say(fence(1.0, RING)))
    bowl = only(evening.say(fence(2.0, BOWL)))
    back = only(evening.say(fence(3.0, BOWL, inside=False)))
    assert {alert.alert_id for alert in (ring, bowl, back)} == {opened.alert_id}
    assert [(a.state, a.zone_role, a.priority) for a in (ring, bowl, back)] == [
        (UPDATED, RING, 60),
        (UPDATED, BOWL, 80),
        (UPDATED, RING, 60),
    ]
    assert evening.tick(4.0) == ()


def test_a_legal_alert_that_opens_inside_a_fence_has_its_role_from_the_start() -> None:
    evening = Evening.start()
    evening.say(fence(0.0, BOWL))
    assert only(evening.say(verdict(0.0))).zone_role is BOWL


def test_a_fence_alone_is_a_situation_at_the_next_tick_until_the_legal_alert_takes_over() -> None:
    evening = Evening.start()
    assert evening.say(fence(0.2, RING)) == ()
    ring = only(evening.tick(1.0))
    assert (ring.state, ring.verdict, ring.zone_role) == (OPENED, VerdictValue.SITUATION, RING)
    raised = only(evening.say(fence(1.5, BOWL)))
    assert (raised.alert_id, raised.zone_role) == (ring.alert_id, BOWL)
    legal, closed = sorted(evening.say(verdict(2.0)), key=lambda alert: alert.state, reverse=True)
    assert (legal.state, legal.zone_role) == (OPENED, BOWL)
    assert (closed.alert_id, closed.outcome) == (ring.alert_id, "replaced")
    assert closed.evidence["into"] == legal.alert_id


def test_an_authorised_drone_in_the_ring_is_no_alert_whichever_verdict_comes_first() -> None:
    for order in (0, 1):
        evening = Evening.start()
        pair = [fence(0.2, RING), allowed(0.2, Reason.NOTICE_MATCHES)]
        assert evening.say(*(pair if order else reversed(pair))) == ()
        assert evening.ticks(1, 20) == []


def test_a_notice_that_turns_up_closes_the_fence_s_alert() -> None:
    evening = Evening.start()
    evening.say(fence(0.2, RING))
    evening.tick(1.0)
    closed = only(evening.say(allowed(2.0, Reason.NOTICE_MATCHES)))
    assert (closed.state, closed.reason) == (CLOSED, "notice_matches")


def test_what_a_person_closed_is_handled_until_the_drone_has_left_and_opens_by_itself_when_it_is_worse() -> None:
    evening = Evening.start()
    alert_id = only(evening.say(verdict(0.0))).alert_id
    evening.say(fence(0.5, RING))
    closed = only(evening.order(CommandKind.CLOSE, alert_id, 1.0, outcome="permit_shown"))
    assert (closed.state, closed.outcome, closed.condition) == (CLOSED, "permit_shown", Condition.THERE)
    assert evening.say(verdict(2.0, value=VerdictValue.SUSPECTED)) == ()
    assert evening.ticks(2, 5) == []
    worse = only(evening.say(fence(6.0, BOWL)))
    assert (worse.alert_id, worse.state, worse.zone_role, worse.outcome) == (alert_id, OPENED, BOWL, None)
    assert (worse.evidence["worse"], worse.evidence["was_outcome"]) == ("entered_crowd", "permit_shown")
    assert worse.opened_s == 0.0  # of its episode
    evening.order(CommandKind.CLOSE, alert_id, 7.0, outcome="warned")
    evening.say(allowed(8.0, Reason.LEFT_ZONE), fence(8.0, BOWL, inside=False), fence(8.0, RING, inside=False))
    assert evening.say(verdict(9.0, value=VerdictValue.SUSPECTED)) == ()  # a border flyer is one alert, handled or not
    evening.say(allowed(10.0, Reason.LEFT_ZONE))
    over = only(evening.ticks(11, 40))
    assert (over.state, over.condition, over.outcome) == (CLOSED, Condition.GONE, "warned")
    assert states(evening.say(verdict(41.0))) == [OPENED]


def test_landing_inside_a_fence_is_one_telling() -> None:
    evening = Evening.start()
    evening.say(fence(0.0, RING), verdict(0.0))
    landed = fence(9.0, RING, inside=False)
    told = evening.say(replace(landed, reason=Reason.ON_THE_GROUND), allowed(9.0, Reason.ON_THE_GROUND))
    assert (only(told).state, only(told).outcome) == (CLOSED, "landed")


# Commands and escalation


def test_an_acknowledged_alert_says_who_has_it_and_keeps_it_over_updates() -> None:
    evening = Evening.start()
    alert_id = only(evening.say(verdict(0.0))).alert_id
    taken = only(evening.order(CommandKind.ACKNOWLEDGE, alert_id, 3.0))
    assert (taken.state, taken.taken_by) == (AlertState.ACKNOWLEDGED, "eenheid 12")
    assert only(evening.say(fence(4.0, BOWL))).taken_by == "eenheid 12"
    assert AlertState.ESCALATED not in states(evening.ticks(5, 200))


def test_a_hand_over_frees_the_claim_and_escalates_if_nobody_takes_it() -> None:
    evening = Evening.start()
    alert_id = only(evening.say(fence(0.0, BOWL), verdict(0.0))).alert_id
    evening.order(CommandKind.ACKNOWLEDGE, alert_id, 3.0)
    handed = only(evening.order(CommandKind.HAND_OVER, alert_id, 100.0, note="naar eenheid 7"))
    assert (handed.state, handed.taken_by) == (AlertState.HANDED_OVER, None)
    assert handed.evidence == {"handed_over_by": "eenheid 12", "note": "naar eenheid 7"}
    assert [a.time_s for a in evening.ticks(101, 200) if a.state is AlertState.ESCALATED] == [160.0]


@pytest.mark.parametrize("kind", CommandKind)
def test_a_command_for_an_unknown_alert_changes_nothing(kind: CommandKind) -> None:
    assert Evening.start().order(kind, "A-unknown", 1.0) == ()


@pytest.mark.parametrize("kind", [CommandKind.ACKNOWLEDGE, CommandKind.HAND_OVER, CommandKind.REOPEN])
def test_a_record_can_be_given_its_outcome_and_nothing_else(kind: CommandKind) -> None:
    evening = Evening.start()
    alert_id = only(evening.say(verdict(0.0))).alert_id
    closed = evening.say(allowed(1.0, Reason.ON_THE_GROUND))
    assert evening.order(kind, alert_id, 2.0) == ()
    assert evening.book.latest(alert_id) == only(closed)
    given = only(evening.order(CommandKind.CLOSE, alert_id, 3.0, outcome="fined", note="by officer 7"))
    assert (given.state, given.outcome, given.evidence["ended"], given.note) == (
        CLOSED,
        "fined",
        "landed",
        "by officer 7",
    )
    assert evening.order(CommandKind.CLOSE, alert_id, 4.0, outcome="warned") == ()  # the second would overwrite it


def test_an_urgent_alert_that_nobody_takes_escalates_once_after_a_minute() -> None:
    evening = Evening.start()
    evening.say(verdict(0.0))
    assert evening.ticks(1, 90) == []
    evening.say(fence(90.0, BOWL))
    told = [alert for alert in evening.ticks(91, 400) if alert.state is AlertState.ESCALATED]
    assert [alert.time_s for alert in told] == [150.0]


def test_tellings_in_between_do_not_put_the_escalation_off() -> None:
    evening = Evening.start()
    evening.say(fence(0.0, BOWL), verdict(0.0))
    evening.say(verdict(30.0, Reason.PERMISSION_MISSING))
    assert [alert.time_s for alert in evening.ticks(31, 100)] == [60.0]


# Updates at ticks


def test_an_unchanged_drone_is_not_told_again() -> None:
    evening = Evening.start()
    evening.say(verdict(0.0))
    assert evening.ticks(1, 120) == []


LIVE_PILOT: dict[str, Any] = {"operator_location_type": int(OperatorLocation.LIVE), "operator_longitude_deg": 4.95}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"latitude_deg": 52.3150}, True),  # 67 m
        ({}, {"latitude_deg": 52.3145}, False),  # 11 m: a hovering drone
        ({}, {"sensors": 3}, True),
        ({**LIVE_PILOT, "operator_latitude_deg": 52.3}, {**LIVE_PILOT, "operator_latitude_deg": 52.3006}, True),
        ({**LIVE_PILOT, "operator_latitude_deg": 52.3}, {**LIVE_PILOT, "operator_latitude_deg": 52.3003}, False),
        ({}, {**LIVE_PILOT, "operator_latitude_deg": 52.3}, True),
    ],
)
def test_a_change_is_told_fifteen_seconds_after_the_last_telling(
    before: dict[str, Any], after: dict[str, Any], *, told: bool
) -> None:
    evening = Evening.start(row(**after))
    evening.say(verdict(0.0, track=row(**before)))
    assert evening.ticks(1, 14) == []
    assert states(evening.ticks(15, 60)) == ([UPDATED] if told else [])


def test_a_drone_on_its_way_is_told_every_fifteen_seconds() -> None:
    evening = Evening.start()
    evening.say(verdict(0.0))
    told: list[Alert] = []
    for second in range(1, 61):
        evening.live = [row(latitude_deg=52.3144 + second * 1e-4, height_m=float(second))]
        told += evening.tick(float(second))
    assert [alert.time_s for alert in told] == [15.0, 30.0, 45.0, 60.0]


def test_a_distance_that_was_true_at_the_verdict_is_not_said_of_another_place() -> None:
    evening = Evening.start()
    gap = NoticeGap(metres=12.0)
    opened = only(evening.say(verdict(0.0, Reason.NOTICE_WRONG_PLACE, notice_gap=gap)))
    assert opened.sentence_en == "Flying 10 m outside the notified area."
    evening.live = [row(latitude_deg=52.3160)]
    assert only(evening.tick(15.0)).sentence_en == "Flying outside the notified area."


def test_height_above_ground_is_carried_on_by_the_climb() -> None:
    start = row(height_m=60.0)
    evening = Evening.start(row(height_m=80.0, latitude_deg=52.316))
    evening.say(verdict(0.0, track=start, height_agl_m=62.0, height_sigma_m=4.0))
    assert only(evening.tick(15.0)).height_agl_m == 82.0


def test_a_lost_drone_is_told_once_and_at_once() -> None:
    evening = Evening.start()
    evening.say(verdict(0.0))
    evening.live = [row(state=int(TrackState.COASTING), last_seen_s=1.0)]
    lost = only(evening.tick(2.0))
    assert lost.evidence == {"lost_since": "1970-01-01T00:00:01.000Z"}
    assert evening.ticks(3, 60) == []
    evening.live = [row()]
    assert only(evening.tick(61.0)).evidence == {}


def test_a_pilot_that_a_doubted_signal_names_is_only_claimed() -> None:
    honest = row(**LIVE_PILOT, operator_latitude_deg=52.3)
    evening = Evening.start(honest)
    opened = only(evening.say(verdict(0.0, track=honest)))
    assert opened.pilot is not None
    assert opened.pilot.kind is PilotKind.LIVE
    evening.live = [honest._replace(suspect=True, remarks=SPOOF)]
    told = {alert.kind: alert for alert in evening.tick(1.0)}
    zone = told[Kind.ZONE]
    assert (zone.state, zone.priority) == (UPDATED, 0)  # it keeps, at the bottom of the list
    assert zone.pilot is not None
    assert zone.pilot.kind is PilotKind.CLAIMED


# Signals


def test_a_suspect_track_is_a_spoofing_alert_with_its_signs_until_the_doubt_is_gone() -> None:
    evening = Evening.start(row(suspect=True, remarks=SPOOF))
    opened = only(evening.tick(1.0))
    assert (opened.kind, opened.reason, opened.group) == (Kind.SPOOFING, "spoof_signs", "signal")
    assert opened.evidence == {"remarks": ["frozen_time", "shared_transmitter"]}
    assert evening.ticks(2, 20) == []
    evening.live = [row()]
    closed = [alert for alert in evening.ticks(21, 80) if alert.state is CLOSED]
    assert only(closed).time_s == 51.0
    assert only(closed).sentence_en == "The unreliable signal is gone."


def test_a_tentative_track_is_told_to_nobody() -> None:
    evening = Evening.start(row(suspect=True, status=int(Status.EMERGENCY), state=int(TrackState.TENTATIVE)))
    assert evening.tick(1.0) == ()


def ghosts(count: int, **values: Any) -> list[Any]:
    return [row(n, **{"suspect": True, "remarks": SPOOF, "sensors": 1 << n % 2, **values}) for n in range(1, count + 1)]


def test_fifteen_ghosts_of_one_transmitter_are_one_alert() -> None:
    evening = Evening.start(*ghosts(15))
    swarm = only(evening.tick(61.0))
    assert swarm.evidence == {"tracks": 15, "remarks": ["frozen_time", "shared_transmitter"]}
    assert (swarm.track_id, swarm.sensors) == (None, ("noord", "zuid"))
    assert swarm.latitude_deg == pytest.approx(52.3144)
    assert swarm.alert_id == alert_id_of(("swarm-1970-01-01T00:01:00.000Z", "signal", Kind.SPOOFING))
    assert evening.ticks(62, 120) == []


def test_five_ghosts_have_alerts_of_their_own_until_a_sixth_makes_a_swarm() -> None:
    evening = Evening.start(*ghosts(5))
    assert len(evening.tick(1.0)) == 5
    evening.live = ghosts(6)
    told = evening.tick(2.0)
    assert sorted(states(told)) == [CLOSED] * 5 + [OPENED]
    assert {alert.outcome for alert in told} == {None, "replaced"}
    assert len(evening.book.open_alerts()) == 1


def test_a_swarm_that_stops_is_closed_and_the_next_one_is_another_alert() -> None:
    evening = Evening.start(*ghosts(10))
    first = only(evening.tick(1.0))
    evening.live = [row(99)]
    assert only(evening.ticks(2, 60)).state is CLOSED
    evening.live = ghosts(10)
    second = only(evening.tick(3600.0))
    assert (second.state, second.alert_id != first.alert_id) == (OPENED, True)


def test_a_swarm_that_shrinks_stays_one_alert() -> None:
    evening = Evening.start(*ghosts(15))
    evening.tick(1.0)
    evening.live = ghosts(3)
    assert [alert.evidence["tracks"] for alert in evening.ticks(2, 60)] == [3]


def test_ghosts_that_are_no_longer_heard_end_with_their_signal() -> None:
    evening = Evening.start(*ghosts(15))
    evening.tick(1.0)
    evening.live = ghosts(15, state=int(TrackState.COASTING))
    assert [alert.state for alert in evening.ticks(2, 60)] == [CLOSED]


def test_a_flood_of_any_suspects_is_one_alert() -> None:
    evening = Evening.start(*ghosts(300, remarks=3))
    assert only(evening.tick(1.0)).evidence["tracks"] == 300


def test_an_undecided_ghost_of_a_shared_transmitter_opens_no_zone_alert() -> None:
    evening = Evening.start()
    ghost = row(suspect=True, remarks=SPOOF)
    assert evening.say(verdict(0.0, Reason.SIGNAL_DOUBTFUL, VerdictValue.NOT_DECIDABLE, ghost)) == ()
    evening.live = [ghost]
    evening.say(fence(0.5, BOWL, ghost))
    assert {alert.kind for alert in evening.tick(1.0)} == {Kind.SPOOFING}
    assert states(evening.say(verdict(1.0, track=ghost))) == [OPENED]  # a decided one does


def test_an_emergency_stands_on_top() -> None:
    evening = Evening.start(row(status=int(Status.EMERGENCY)))
    alert = only(evening.tick(1.0))
    assert (alert.kind, alert.verdict, alert.priority) == (Kind.EMERGENCY, VerdictValue.SITUATION, 100)
    evening.live = [row()]
    assert "no longer" in evening.ticks(2, 60)[-1].sentence_en


# Coverage

NOORD = Sensor(sensor_id="noord", name="Noord", kind="remote_id", latitude_deg=52.32, silent_after_s=15.0)
ZUID = Sensor(sensor_id="zuid", name="Zuid", kind="remote_id", silent_after_s=60.0)


def test_a_sensor_that_falls_silent_is_an_alert_until_it_is_back() -> None:
    evening = Evening.start(sensors=(NOORD,))
    evening.hear(0.5, "noord", "somebody else's")
    assert evening.ticks(1, 15) == []
    assert evening.book.sensor_health() == (("noord", True, 0.5),)
    opened = only(evening.tick(16.0))
    assert (opened.kind, opened.verdict, opened.group) == (Kind.COVERAGE, VerdictValue.SITUATION, "sensor-noord")
    assert (opened.priority, opened.latitude_deg, opened.track_id) == (40, 52.32, None)
    assert opened.sentence_nl == "Sensor Noord zwijgt 16 seconden: zicht beperkt."
    assert evening.book.sensor_health() == (("noord", False, 0.5),)
    evening.hear(20.2, "noord")
    closed = only(evening.tick(21.0))
    assert (closed.state, closed.reason) == (CLOSED, "sensor_back")
    assert closed.sentence_en == "Sensor Noord was silent for 20 seconds. It is back."
    assert evening.book.sensor_health() == (("noord", True, 20.2),)


def test_a_sensor_that_was_never_heard_counts_from_the_first_tick() -> None:
    evening = Evening.start(sensors=(NOORD, ZUID))
    told = evening.ticks(100, 200)
    assert [(alert.group, alert.time_s) for alert in told if alert.state is OPENED] == [
        ("sensor-noord", 116.0),
        ("sensor-zuid", 161.0),
    ]
    assert told[0].sentence_en == "Sensor Noord has not been heard yet: coverage reduced."
    assert evening.book.sensor_health() == (("noord", False, None), ("zuid", False, None))


def test_a_sensor_that_is_meant_to_be_silent_is_no_alert() -> None:
    """Paused from 10 s to 40 s of the evening: silence counts from the end of the pause on."""
    paused = replace(NOORD, pauses=(Pause(start_s=10.0, end_s=40.0, by="chief", why="demonstration"),))
    evening = Evening.start(sensors=(paused,))
    evening.hear(0.0, "noord")
    assert [alert.time_s for alert in evening.ticks(1, 60)] == [55.0]


def test_a_silent_sensor_whose_hours_end_is_not_said_to_be_back() -> None:
    paused = replace(NOORD, pauses=(Pause(start_s=20.0, end_s=40.0, by="chief", why="demonstration"),))
    evening = Evening.start(sensors=(paused,))
    evening.hear(0.0, "noord")
    opened, closed = evening.ticks(1, 30)
    assert (opened.time_s, closed.time_s, closed.reason) == (16.0, 20.0, "sensor_closed")
    assert closed.sentence_en == "Sensor Noord was silent for 20 seconds. It is not meant to listen now."


def test_a_long_silence_is_told_again_now_and_then() -> None:
    evening = Evening.start(sensors=(NOORD,))
    evening.hear(0.0, "noord")
    assert [alert.time_s for alert in evening.ticks(1, 7300)] == [16.0, 60.0, 300.0, 900.0, 3600.0, 7200.0]


def test_two_tracks_that_name_one_flight_never_break_the_book() -> None:
    evening = Evening.start(row(1), row(2), row(3))
    own = only(evening.say(verdict(0.0, track=row(1, flight_id="F-s"))))
    evening.say(verdict(0.1, track=row(2, flight_id=None)))
    evening.live = [row(1, flight_id="F-s"), row(2, flight_id="F-s", latitude_deg=52.33), row(3)]
    evening.ticks(1, 16)  # the second track takes the name of the first one's flight
    evening.say(allowed(17.0, Reason.ON_THE_GROUND, row(2, flight_id="F-s")))
    assert evening.say(verdict(18.0, track=row(3, flight_id="F-s"))) == ()
    assert evening.book.has_open(own.alert_id)
