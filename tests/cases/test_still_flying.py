"""Closed by a person is not over: what is in the air and not allowed stays on the list and in the state.

Situations as shifts meet them, entry by entry into the alert book; none needs a server.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from airspace.model.alert import Alert, AlertState, Condition, Shelf
from airspace.model.detection import OperatorLocation
from airspace.model.log import CommandKind
from airspace.model.sensor import Sensor
from airspace.model.track import TrackState
from airspace.model.verdict import Kind, Reason, VerdictValue
from airspace.model.zone import ZoneRole
from tests.alerting.making import Evening, allowed, fence, row, side, verdict

CLOSE, TAKE, REOPEN, HAND_OVER = (
    CommandKind.CLOSE,
    CommandKind.ACKNOWLEDGE,
    CommandKind.REOPEN,
    CommandKind.HAND_OVER,
)
RING, BOWL = ZoneRole.RING, ZoneRole.BOWL
PILOT: dict[str, Any] = {
    "operator_latitude_deg": 52.3,
    "operator_longitude_deg": 4.95,
    "operator_location_type": int(OperatorLocation.LIVE),
}


@dataclass
class Handled:
    """An evening whose one alert a person has closed at 2 s, with the drone where it was."""

    evening: Evening
    alert_id: str
    closed: Alert
    flying: Any = field(default_factory=row)

    @classmethod
    def start(cls, *before: Any, outcome: str = "false_alarm", height_m: float = 100.0) -> Handled:
        flying = row(airborne=True, height_m=height_m, **PILOT)
        evening = Evening.start(flying)
        (opened,) = evening.say(
            verdict(0.0, value=VerdictValue.SUSPECTED, track=flying, height_agl_m=height_m, height_sigma_m=5.0)
        )
        evening.say(*(each(1.0, flying) for each in before))
        (closed,) = evening.order(CLOSE, opened.alert_id, 2.0, outcome=outcome)
        return cls(evening, opened.alert_id, closed, flying)

    @property
    def shelf(self) -> Shelf:
        told = self.evening.book.latest(self.alert_id)
        assert told is not None
        return told.shelf


def in_ring(at: float, track: Any) -> Any:
    return fence(at, RING, track)


def over_crowd(at: float, track: Any) -> Any:
    return fence(at, BOWL, track)


def test_an_outcome_ends_nothing_that_flies() -> None:
    handled = Handled.start()
    assert (handled.closed.condition, handled.closed.state) == (Condition.THERE, AlertState.CLOSED)
    assert handled.closed.closed_by == "eenheid 12"
    assert handled.evening.ticks(3, 600) == []  # it hovers for ten minutes
    assert handled.shelf is Shelf.HANDLED


@pytest.mark.parametrize(
    ("before", "worse", "why"),
    [
        ((), lambda at, track: verdict(at, track=track), "higher_verdict"),
        ((), in_ring, "entered_ring"),
        ((), over_crowd, "entered_crowd"),
        ((in_ring,), over_crowd, "entered_crowd"),
        (
            (),
            lambda at, track: verdict(
                at, Reason.ALL_FLIGHTS_FORBIDDEN, VerdictValue.SUSPECTED, track, rule="zone_prohibited"
            ),
            "second_rule",
        ),
    ],
)
def test_a_worsening_opens_it_at_once_with_the_reason(before: Any, worse: Any, why: str) -> None:
    handled = Handled.start(*before)
    (opened,) = handled.evening.say(worse(5.0, handled.flying))
    assert (opened.alert_id, opened.state, opened.evidence["worse"]) == (handled.alert_id, AlertState.OPENED, why)
    assert (opened.outcome, opened.closed_by, opened.closed_s, opened.taken_by) == (None, None, None, None)
    assert opened.evidence["was_outcome"] == "false_alarm"
    assert handled.shelf is Shelf.OPEN


def test_what_is_not_right_in_how_it_flies_is_a_second_rule_too() -> None:
    handled = Handled.start()
    handled.evening.say(side(3.0, track=handled.flying))
    (opened,) = handled.evening.tick(4.0)
    assert (opened.evidence["worse"], opened.evidence["also"]) == ("second_rule", ["beyond_sight"])


@pytest.mark.parametrize(
    ("before", "height_m", "why"),
    [
        ((over_crowd,), 85.0, "lower_over_crowd"),
        ((over_crowd,), 86.0, None),
        ((over_crowd,), 140.0, None),  # higher is no worse
        ((in_ring,), 20.0, None),  # there is nobody under it
    ],
)
def test_coming_down_over_the_crowd_is_worse(before: Any, height_m: float, why: str | None) -> None:
    handled = Handled.start(*before)
    handled.evening.live = [handled.flying._replace(height_m=height_m)]
    assert [alert.evidence["worse"] for alert in handled.evening.ticks(3, 20)] == ([why] if why else [])


@pytest.mark.parametrize(
    "same",
    [
        lambda at, track: verdict(at, value=VerdictValue.SUSPECTED, track=track),
        lambda at, track: verdict(at, Reason.SIGNAL_DOUBTFUL, VerdictValue.NOT_DECIDABLE, track),
        lambda at, track: verdict(at, Reason.NOTICE_WRONG_TIME, VerdictValue.SUSPECTED, track),
    ],
)
def test_what_is_no_worse_wakes_nobody(same: Any) -> None:
    handled = Handled.start()
    assert handled.evening.say(same(5.0, handled.flying)) == ()
    assert handled.evening.ticks(6, 60) == []
    assert handled.shelf is Shelf.HANDLED


def test_doubt_in_between_is_no_worsening() -> None:
    """Critical, unknown, critical lost the acknowledgement elsewhere (Icinga/icinga2 4503)."""
    handled = Handled.start(outcome="permit_shown")
    flying = handled.flying
    for at in range(3, 20):
        doubted = at % 2 == 1
        value = VerdictValue.NOT_DECIDABLE if doubted else VerdictValue.SUSPECTED
        reason = Reason.SIGNAL_DOUBTFUL if doubted else Reason.NO_NOTICE
        assert handled.evening.say(verdict(float(at), reason, value, flying)) == ()
    assert handled.shelf is Shelf.HANDLED


def test_opened_again_it_has_nothing_left_of_the_owner_before() -> None:
    """A severity that rose left the old acknowledgement on the alert elsewhere (pgEdge/ai-dba-workbench 64)."""
    flying = row(airborne=True)
    evening = Evening.start(flying)
    (opened,) = evening.say(verdict(0.0, value=VerdictValue.SUSPECTED, track=flying))
    evening.order(TAKE, opened.alert_id, 1.0)
    evening.order(CLOSE, opened.alert_id, 2.0, outcome="warned")
    (worse,) = evening.say(verdict(5.0, track=flying))
    assert (worse.taken_by, worse.taken_s, worse.closed_by, worse.outcome) == (None, None, None, None)
    assert worse.evidence["was_closed_by"] == "eenheid 12"
    assert AlertState.ESCALATED not in [alert.state for alert in evening.ticks(6, 60)]  # not urgent
    (urgent,) = evening.say(fence(61.0, BOWL, flying))
    assert urgent.state is AlertState.UPDATED
    assert [alert.time_s for alert in evening.ticks(62, 130) if alert.state is AlertState.ESCALATED] == [121.0]


def test_the_same_worsening_does_not_come_twice() -> None:
    """Zones of two rules, flown to and fro: each is new once."""
    handled = Handled.start()
    there = verdict(5.0, Reason.ALL_FLIGHTS_FORBIDDEN, VerdictValue.SUSPECTED, handled.flying, rule="zone_prohibited")
    back = verdict(7.0, value=VerdictValue.SUSPECTED, track=handled.flying)
    assert len(handled.evening.say(there)) == 1
    handled.evening.order(CLOSE, handled.alert_id, 6.0, outcome="warned")
    assert handled.evening.say(back) == ()
    assert handled.evening.say(there) == ()


def test_a_mistaken_outcome_is_undone_while_it_flies_and_not_after() -> None:
    handled = Handled.start()
    (opened,) = handled.evening.order(REOPEN, handled.alert_id, 4.0)
    assert (opened.state, opened.outcome, opened.evidence["reopened_by"]) == (AlertState.UPDATED, None, "eenheid 12")
    assert handled.evening.order(REOPEN, handled.alert_id, 5.0) == ()  # it is open
    handled.evening.order(CLOSE, handled.alert_id, 6.0, outcome="warned")
    handled.evening.say(allowed(7.0, Reason.ON_THE_GROUND, handled.flying))
    assert handled.evening.order(REOPEN, handled.alert_id, 8.0) == ()
    assert handled.shelf is Shelf.RECORD


def test_an_undo_gives_it_back_to_whoever_had_it() -> None:
    evening = Evening.start()
    (opened,) = evening.say(verdict(0.0))
    evening.order(TAKE, opened.alert_id, 1.0)
    evening.order(CLOSE, opened.alert_id, 2.0, outcome="warned")
    (again,) = evening.order(REOPEN, opened.alert_id, 3.0)
    assert (again.state, again.taken_by, again.taken_s) == (AlertState.ACKNOWLEDGED, "eenheid 12", 1.0)


@pytest.mark.parametrize(
    ("ends", "how"),
    [
        (lambda evening, flying: evening.say(allowed(5.0, Reason.ON_THE_GROUND, flying)), "landed"),
        (lambda evening, flying: evening.say(allowed(5.0, Reason.TRACK_ENDED, flying)), "lost"),
        (lambda evening, _: replace(evening, live=[row(2)]).tick(5.0), "lost"),
        (lambda evening, flying: evening.say(allowed(5.0, Reason.NOTICE_MATCHES, flying)), None),
    ],
)
@pytest.mark.parametrize("hand", [TAKE, HAND_OVER])
def test_what_somebody_has_in_hand_waits_for_its_outcome(ends: Any, how: str | None, hand: CommandKind) -> None:
    flying = row(**PILOT)
    evening = Evening.start(flying, row(2))
    (opened,) = evening.say(verdict(0.0, track=flying))
    evening.order(hand, opened.alert_id, 1.0, note="to the north team")
    (over,) = [alert for alert in ends(evening, flying) if alert.alert_id == opened.alert_id]
    assert (over.condition, over.state, over.outcome, over.closed_s) == (Condition.GONE, AlertState.UPDATED, None, None)
    assert over.evidence.get("ended") == how
    assert evening.book.has_open(opened.alert_id)
    evening.live = [row(2)]
    assert evening.ticks(6, 3000) == []  # and asks nobody every few seconds
    (record,) = evening.order(CLOSE, opened.alert_id, 3600.0, outcome="fined", note="wrote it up")
    assert (record.shelf, record.outcome, record.note, record.ended_s) == (Shelf.RECORD, "fined", "wrote it up", 5.0)
    assert record.pilot is not None
    assert (record.pilot.latitude_deg, record.pilot.longitude_deg) == (52.3, 4.95)
    assert record.matter_en == opened.sentence_en


def test_the_pilot_s_last_place_is_kept_when_the_last_words_leave_it_out() -> None:
    evening = Evening.start(row(**PILOT))
    (opened,) = evening.say(verdict(0.0, track=row(**PILOT)))
    assert opened.pilot is not None
    (over,) = evening.say(allowed(5.0, Reason.TRACK_ENDED, row()))
    assert over.pilot == opened.pilot


def test_coming_back_is_a_new_record_and_the_old_one_keeps_its_own_outcome() -> None:
    evening = Evening.start()
    (first,) = evening.say(verdict(0.0))
    evening.order(TAKE, first.alert_id, 1.0)
    evening.say(allowed(2.0, Reason.LEFT_ZONE))
    evening.ticks(3, 32)
    (second,) = evening.say(verdict(60.0))
    assert (second.record_id, second.opened_s, second.taken_by) == (f"{first.alert_id}.2", 60.0, None)
    (given,) = evening.order(CLOSE, first.record_id, 70.0, outcome="not_found")
    assert (given.record_id, given.opened_s, given.outcome) == (first.record_id, 0.0, "not_found")
    assert given.revision == second.revision + 1
    (now,) = [alert for alert in evening.book.open_alerts() if alert.alert_id == first.alert_id]
    assert (now.record_id, now.outcome) == (second.record_id, None)
    (by_alert,) = evening.order(CLOSE, first.alert_id, 80.0, outcome="warned")  # without an episode: the latest
    assert by_alert.record_id == second.record_id


def test_a_legal_alert_takes_over_the_owner_of_the_fence_s() -> None:
    evening = Evening.start()
    evening.say(fence(0.2, RING))
    (ring,) = evening.tick(1.0)
    evening.order(TAKE, ring.alert_id, 1.5)
    told = evening.say(verdict(2.0))
    assert [(alert.state.value, alert.taken_by) for alert in told] == [
        ("opened", None),
        ("closed", None),
        ("acknowledged", "eenheid 12"),
    ]
    assert told[2].alert_id == told[0].alert_id


def test_what_nobody_ever_gives_an_outcome_does_not_wait_for_ever() -> None:
    evening = Evening.start(row(), row(2))
    (opened,) = evening.say(verdict(0.0))
    evening.order(TAKE, opened.alert_id, 1.0)
    evening.live = [row(2)]
    evening.tick(2.0)
    (lapsed,) = evening.tick(2.0 + 7 * 86_400 + 1)
    assert (lapsed.state, lapsed.outcome, lapsed.shelf) == (AlertState.CLOSED, "lost", Shelf.RECORD)


# Height is news


def over_bowl(height_m: float) -> Any:
    return row(height_m=height_m)


@pytest.mark.parametrize(
    ("ways", "told"),
    [
        ([(1, 100.0), (4, 80.0), (7, 50.0), (10, 20.0)], [7.0, 10.0]),  # 20 of 100 m is less than a quarter
        ([(1, 100.0), (4, 74.0)], [4.0]),
        ([(1, 40.0), (4, 24.0)], [4.0]),  # 15 m counts where a quarter is less
        ([(1, 40.0), (4, 26.0)], []),
        ([(1, 110.0), (4, 122.0)], [4.0]),  # through 120 m
        ([(1, 119.5), (4, 120.5), (7, 119.5)], []),  # keeping to it
        ([(1, 55.0), (4, 48.0)], [4.0]),  # over a crowd under 50 m
        ([(1, 100.0), (2, 20.0)], [3.0]),  # not sooner than 3 s after the last telling
    ],
)
def test_a_change_of_height_that_matters_is_told_within_three_seconds(
    ways: list[tuple[int, float]], told: list[float]
) -> None:
    start = over_bowl(ways[0][1])
    evening = Evening.start(start)
    evening.say(fence(0.0, BOWL, start), verdict(0.0, track=start, height_agl_m=ways[0][1], height_sigma_m=4.0))
    heights = dict(ways)
    found = []
    for at in range(1, 13):
        evening.live = [over_bowl(heights.get(at, evening.live[0].height_m))]
        found += [alert for alert in evening.tick(float(at)) if alert.state is AlertState.UPDATED]
    assert [alert.time_s for alert in found] == told
    if found:
        assert found[-1].height_agl_m == evening.live[0].height_m


def test_a_lost_drone_s_height_is_no_news() -> None:
    evening = Evening.start(over_bowl(60.0))
    evening.say(verdict(0.0, track=over_bowl(60.0), height_agl_m=60.0, height_sigma_m=4.0))
    evening.live = [over_bowl(60.0)._replace(state=int(TrackState.COASTING))]
    assert [alert.evidence["lost_since"] for alert in evening.ticks(1, 12)] == ["1970-01-01T00:00:00.000Z"]


def test_each_kind_of_alert_keeps_to_it() -> None:
    """A sensor's alert that somebody closed is handled until the sensor is back."""
    evening = Evening.start(sensors=(Sensor(sensor_id="noord", name="Noord", kind="remote_id", silent_after_s=5.0),))
    (silent,) = evening.ticks(1, 7)
    assert silent.kind is Kind.COVERAGE
    evening.order(CLOSE, silent.alert_id, 8.0, outcome="other")
    assert evening.ticks(9, 400) == []
    evening.hear(401.0, "noord")
    (back,) = evening.tick(402.0)
    assert (back.shelf, back.outcome) == (Shelf.RECORD, "other")
