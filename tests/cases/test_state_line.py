"""The state line by what flies: standings from verdicts, the view's status, the age of the last tick."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airspace import app
from airspace.app import rules
from airspace.app.assembly import gate_of, view_of
from airspace.demo import facts as demo_facts
from airspace.model.detection import Detections, Source, Status
from airspace.model.log import Batch, Command, CommandKind
from airspace.model.privacy import Mode, Privacy
from airspace.model.sensor import Sensor
from airspace.model.track import TrackState
from airspace.model.unfollowed import Unfollowed
from airspace.model.verdict import Kind, Reason, Verdict, VerdictValue
from airspace.model.zone import ZoneRole
from airspace.service import config
from airspace.service.alert_list import RECORDS_SHOWN, RECORDS_SHOWN_S, AlertList
from airspace.service.health import Health
from airspace.service.inbox import Inbox
from airspace.service.line import Outcome
from airspace.service.metrics import Metrics
from airspace.service.refusals import refusal
from airspace.service.standings import Standings
from airspace.service.view import LiveView
from alerting.book import AlertBook
from dashboards.api.state import state_line
from tests.alerting.making import SPOOF, Evening, allowed, changes, fence, row, side, table, verdict

ZONES = Path(demo_facts.__file__).with_name("zones.json")
RING, BOWL = ZoneRole.RING, ZoneRole.BOWL
FLYING = row(airborne=True)
GHOST = row(airborne=True, suspect=True, remarks=SPOOF)
UNDECIDED = (Reason.HEIGHT_UNKNOWN, VerdictValue.NOT_DECIDABLE)
DOUBTED = (Reason.SIGNAL_DOUBTFUL, VerdictValue.NOT_DECIDABLE)


@pytest.mark.parametrize(
    ("track", "verdicts", "state"),
    [
        (FLYING, [], "clear"),
        (FLYING, [verdict(0.0)], "watch"),
        (FLYING, [verdict(0.0, value=VerdictValue.SUSPECTED)], "watch"),
        (FLYING, [verdict(0.0, *UNDECIDED)], "watch"),
        (FLYING, [verdict(0.0), fence(0.0, RING)], "drone_near"),
        (FLYING, [verdict(0.0, *UNDECIDED), fence(0.0, BOWL)], "over_crowd"),
        (FLYING, [fence(0.0, RING), fence(0.0, BOWL)], "over_crowd"),
        (FLYING, [fence(0.0, BOWL), fence(1.0, BOWL, inside=False)], "clear"),
        (GHOST, [], "watch"),  # a signal that is not what it says, and nothing else known
        (GHOST, [verdict(0.0, *DOUBTED), fence(0.0, BOWL)], "watch"),  # its place is only said
        (GHOST, [verdict(0.0, value=VerdictValue.SUSPECTED), fence(0.0, BOWL)], "over_crowd"),
        (row(suspect=True, state=int(TrackState.TENTATIVE)), [verdict(0.0)], "clear"),  # one sighting is no drone
        # what a notice allows
        (FLYING, [allowed(0.0, Reason.NOTICE_MATCHES)], "clear"),
        (FLYING, [allowed(0.0, Reason.NOTICE_MATCHES), fence(0.0, BOWL)], "clear"),
        (FLYING, [allowed(0.0, Reason.NOTICE_GRACE), fence(0.0, RING)], "clear"),
        (FLYING, [allowed(0.0, Reason.NOTICE_MATCHES), verdict(0.0, group="brzo"), fence(0.0, RING)], "drone_near"),
        (FLYING, [allowed(0.0, Reason.NOTICE_MATCHES), verdict(0.0, kind=Kind.HEIGHT)], "watch"),
        (FLYING, [allowed(0.0, Reason.NOTICE_MATCHES), side(0.0)], "clear"),  # it may be one to fly out of sight
        (FLYING, [verdict(0.0), allowed(1.0, Reason.NOTICE_MATCHES)], "clear"),
        # how it flies
        (FLYING, [side(0.0)], "watch"),
        (row(), [side(0.0)], "clear"),  # on the ground
        (FLYING, [side(0.0, Reason.CONTINGENT, VerdictValue.SITUATION, Kind.CONFORMANCE)], "watch"),
        (FLYING, [side(0.0, Reason.TIME_IMPLAUSIBLE, VerdictValue.NOT_DECIDABLE)], "clear"),
        # what is over
        (FLYING, [verdict(0.0), allowed(1.0, Reason.ON_THE_GROUND)], "clear"),
        (FLYING, [verdict(0.0), allowed(1.0, Reason.LEFT_ZONE)], "clear"),
        (FLYING, [verdict(0.0), verdict(0.0, kind=Kind.HEIGHT), allowed(1.0, Reason.LEFT_ZONE)], "watch"),
        # who else flies
        (row(status=int(Status.EMERGENCY)), [], "watch"),
        (row(source=int(Source.ADSB), status=int(Status.EMERGENCY)), [], "clear"),  # calls its own controller
    ],
)
def test_what_stands_against_a_live_drone(track: Any, verdicts: list[Verdict], state: str) -> None:
    standings, live = Standings(), table([track])
    standings.take(replace(each, track=track) for each in verdicts)
    standings.keep(live)
    drones = standings.against(live)
    assert state_line(drones, [{"ok": True}], 0, 0.4) == state
    assert state_line(drones, [{"ok": False}], 0, 0.4) == ("coverage_reduced" if state == "clear" else state)


def test_the_most_serious_of_many_drones_counts() -> None:
    standings, live = Standings(), table([row(1), row(2), row(3)])
    standings.take([verdict(0.0, track=row(1)), fence(0.0, RING, row(2)), verdict(0.0, *DOUBTED, row(3))])
    assert [drone.track_id for drone in standings.against(live)] == ["T-1", "T-2", "T-3"]
    assert state_line(standings.against(live), [], 0, 0.4) == "drone_near"


# The view


class Wall:
    """A view over a book, on clocks that the test moves."""

    def __init__(self) -> None:
        self.now_s, self.steady_s = 0.0, 0.0
        self.evening = Evening.start(FLYING)
        self.evening.book = AlertBook((Sensor(sensor_id="noord", name="Noord", kind="remote_id"),))
        assembly = app.Assembly(
            url="",
            privacy=Privacy(mode=Mode.ENFORCEMENT, key=b"k"),
            rulebook=rules.Rulebook([ZONES], []),
            sensors=(),
            sources=[],
            channels=[],
            settings=config.Settings(),
            clock=lambda: self.now_s,
            steady=lambda: self.steady_s,
        )
        gate = gate_of(assembly)
        self.view: LiveView = view_of(assembly, self.evening.book, Inbox(), Metrics(), gate, Health(assembly.clock))

    def say(self, *verdicts: Verdict) -> None:
        self._take(self.evening.say(*verdicts), verdicts, changes())

    def order(self, kind: CommandKind, alert_id: str, at: float, **more: Any) -> None:
        self._take(self.evening.order(kind, alert_id, at, **more), (), changes())

    def tick(self, at: float) -> None:
        self.now_s = self.steady_s = at
        self.evening.hear(at, "noord")
        self._take(self.evening.tick(at), (), changes(self.evening.live, at))

    def _take(self, alerts: Any, verdicts: Any, changed: Any) -> None:
        batch = Batch(detections=Detections.empty())
        self.view.take(
            Outcome(batch=batch, changes=changed, verdicts=verdicts, alerts=tuple(alerts), unfollowed=Unfollowed())
        )

    def status(self, *names: str) -> list[Any]:
        status = self.view.status()
        return [status[name] for name in names]


def test_a_closed_alert_still_counts_until_its_drone_is_down() -> None:
    wall = Wall()
    wall.tick(1.0)
    assert wall.status("state", "drones", "handled", "open_alerts") == ["clear", 0, 0, 0]
    wall.say(verdict(1.5, track=FLYING), fence(1.5, BOWL, FLYING))
    wall.tick(2.0)
    assert wall.status("state", "drones", "handled", "open_alerts") == ["over_crowd", 1, 0, 1]
    (line,) = wall.view.alerts()
    wall.order(CommandKind.CLOSE, line["alert_id"], 2.5, outcome="false_alarm")
    wall.tick(3.0)
    assert wall.status("state", "drones", "handled", "open_alerts") == ["over_crowd", 1, 1, 0]
    assert [line["acknowledgement"] for line in wall.view.alerts()] == ["done"]
    landed = [
        replace(fence(4.0, BOWL, FLYING, inside=False), reason=Reason.ON_THE_GROUND),
        allowed(4.0, Reason.ON_THE_GROUND, FLYING),
    ]
    wall.say(*landed)
    wall.evening.live = [row(airborne=False)]
    wall.tick(5.0)
    assert wall.status("state", "drones", "handled", "open_alerts") == ["clear", 0, 0, 0]
    (record,) = wall.view.alerts()
    assert (record["condition"], record["outcome"]) == ("gone", "false_alarm")


def test_a_taken_alert_of_a_drone_that_is_gone_is_counted_and_does_not_make_the_state() -> None:
    wall = Wall()
    wall.say(verdict(0.5, track=FLYING))
    wall.tick(1.0)
    (line,) = wall.view.alerts()
    wall.order(CommandKind.ACKNOWLEDGE, line["alert_id"], 1.5)
    wall.say(allowed(2.0, Reason.TRACK_ENDED, FLYING))
    wall.evening.live = []
    wall.tick(3.0)
    assert wall.status("state", "drones", "waiting_outcome", "open_alerts") == ["clear", 0, 1, 1]


def test_what_lingers_is_on_the_page_and_in_the_state() -> None:
    wall = Wall()
    wall.say(verdict(0.5, track=FLYING))
    wall.tick(1.0)
    wall.say(allowed(2.0, Reason.LEFT_ZONE, FLYING))
    wall.tick(3.0)
    assert wall.status("state", "drones", "open_alerts") == ["watch", 1, 1]
    for at in range(4, 34):
        wall.tick(float(at))
    assert wall.status("state", "drones", "open_alerts") == ["clear", 0, 0]


@pytest.mark.parametrize(
    ("clock_s", "steady_s", "age_s", "state"),
    [
        (3.0, 3.0, 2.0, "watch"),
        (6.0, 6.0, 5.0, "watch"),
        (6.2, 6.2, 5.2, "no_live_data"),
        (-3599.0, 7.0, 6.0, "no_live_data"),  # set back an hour, and no tick since
        (7.0, 1.5, 6.0, "no_live_data"),  # the machine slept, its steady clock with it
    ],
)
def test_the_age_of_the_last_tick_is_reckoned_when_asked(
    clock_s: float, steady_s: float, age_s: float, state: str
) -> None:
    wall = Wall()
    assert wall.status("state", "seq", "tick_age_s") == ["no_live_data", 0, None]
    wall.say(verdict(0.5, track=FLYING))
    wall.tick(1.0)
    assert wall.status("state", "seq", "tick_age_s") == ["watch", 1, 0.0]
    wall.now_s, wall.steady_s = clock_s, steady_s
    assert wall.status("state", "seq", "tick_age_s") == [state, 1, age_s]
    wall.tick(30.0)
    assert wall.status("state", "seq", "tick_age_s") == ["watch", 2, 0.0]


async def test_the_stream_tells_the_growing_age_of_a_pipeline_that_stands_still() -> None:
    wall = Wall()
    wall.tick(1.0)
    wall.view._hub._status_every_s = 0.0
    stream = wall.view.subscribe()
    told = [await anext(stream) for _ in range(5)]
    ages = []
    for late_s in (2.0, 6.0, 7.0):
        wall.now_s = wall.steady_s = 1.0 + late_s
        name, status = await anext(stream)
        ages.append((name, status["tick_age_s"], status["state"]))
    assert told[0][0] == "status"
    assert ages == [
        ("status", 2.0, "clear"),
        ("status", 6.0, "no_live_data"),
        ("status", 7.0, "no_live_data"),
    ]


def test_records_are_bounded_and_those_of_a_flood_go_first() -> None:
    wall = Wall()
    (alert,) = wall.evening.say(verdict(0.0, track=FLYING))
    (over,) = wall.evening.say(allowed(1.0, Reason.ON_THE_GROUND, FLYING))
    shown = AlertList()
    for number in range(RECORDS_SHOWN + 50):
        folded = "A-flood" if number % 2 else None
        shown.keep(replace(over, alert_id=f"A-{number}", time_s=float(number), part_of=folded))
    shown.keep(replace(alert, alert_id="A-open", time_s=0.0))
    shown.forget(300.0)
    lines = shown.lines()
    assert (len(lines), lines[0]["alert_id"], lines[1]["alert_id"]) == (RECORDS_SHOWN + 1, "A-open", "A-249")
    assert sum(line["part_of"] is None for line in lines) == 126  # every one of its own
    shown.forget(300.0 + RECORDS_SHOWN_S)
    assert [line["alert_id"] for line in shown.lines()] == ["A-open"]


def test_records_of_an_earlier_run_can_be_read_and_not_changed() -> None:
    wall = Wall()
    old = {"alert_id": "A-old", "time": "2026-05-01T18:00:00.000Z", "state": "closed", "priority": 40}
    old |= {"opened": "2026-05-01T17:00:00.000Z", "kind": "zone", "track_id": "T-1", "taken_by": None}
    wall.view.restore([old])
    (line,) = wall.view.alerts()
    assert (line["record_id"], line["condition"], line["closed_by"]) == ("A-old.1", "gone", None)
    assert wall.view.status()["open_alerts"] == 0
    late = Command(kind=CommandKind.CLOSE, alert_id="A-old", by="unit 7", logged_s=1.0, outcome="warned")
    assert "earlier run" in refusal(late, line).detail
