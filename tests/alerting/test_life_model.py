"""Drones that come and go and people who act, at random: nobody's alert is lost, and what flies is never out of sight.

Ten thousand by hand: ``AIRSPACE_TEST_EXAMPLES=2000 pytest tests/alerting/test_life_model.py``.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from airspace.model.alert import Alert, Shelf
from airspace.model.log import Command, CommandKind
from airspace.model.track import TrackRow
from airspace.model.verdict import Kind, Reason, Verdict, VerdictValue
from airspace.model.zone import ZoneRole
from airspace.service.alert_list import AlertList, shelf_of
from airspace.service.standings import Standings
from dashboards.api.state import state_line
from tests.alerting.making import Evening, allowed, changes, fence, row, table, verdict

EXAMPLES = int(os.environ.get("AIRSPACE_TEST_EXAMPLES", "60"))
NUMBERS = st.sampled_from([1, 2, 3])
KINDS = st.sampled_from([Kind.ZONE, Kind.HEIGHT])
VALUES = st.sampled_from([VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.NOT_DECIDABLE])
TEAMS = st.sampled_from(["unit 1", "unit 2"])
FENCES = st.sampled_from([ZoneRole.RING, ZoneRole.BOWL])


class Shift(RuleBasedStateMachine):
    """What the world holds, kept apart from what the book makes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.flights = {1: 1, 2: 1, 3: 1}
        self.live: dict[int, TrackRow] = {number: self.fly(number) for number in self.flights}
        self.wrong: dict[tuple[int, Kind], VerdictValue] = {}
        self.fences: dict[int, set[ZoneRole]] = {}
        self.evening = Evening.start(*self.live.values())
        self.shown, self.standings = AlertList(), Standings()
        self.told: dict[str, Alert] = {}
        self.ticked = True

    def fly(self, number: int) -> TrackRow:
        return row(number, flight_id=f"F-{number}-{self.flights[number]}", airborne=True, height_m=60.0)

    def hear(self, alerts: Any) -> None:
        for alert in alerts:
            self.shown.keep(alert)
            before = self.told.get(alert.record_id)
            assert before is None or before.revision < alert.revision
            self.told[alert.record_id] = alert

    def say(self, *verdicts: Verdict) -> None:
        self.ticked = False
        self.standings.take(verdicts)
        self.hear(self.evening.say(*verdicts))

    @rule(number=NUMBERS, kind=KINDS, value=VALUES)
    def enter(self, number: int, kind: Kind, value: VerdictValue) -> None:
        if number in self.live:
            self.wrong[number, kind] = value
            self.say(verdict(self.now_s, value=value, track=self.live[number], kind=kind))

    @rule(number=NUMBERS, kind=KINDS)
    def leave(self, number: int, kind: Kind) -> None:
        if self.wrong.pop((number, kind), None):
            self.say(allowed(self.now_s, Reason.LEFT_ZONE, self.live[number], kind=kind))

    @rule(number=NUMBERS, role=FENCES, inside=st.booleans())
    def approach(self, number: int, role: ZoneRole, *, inside: bool) -> None:
        if number in self.live and inside is not (role in self.fences.get(number, set())):
            self.fences.setdefault(number, set()).symmetric_difference_update({role})
            self.say(fence(self.now_s, role, self.live[number], inside=inside))

    @rule(number=NUMBERS, reason=st.sampled_from([Reason.ON_THE_GROUND, Reason.TRACK_ENDED]))
    def land(self, number: int, reason: Reason) -> None:
        track = self.live.get(number)
        if track is None:
            return
        for role in self.fences.pop(number, set()):
            self.say(replace(fence(self.now_s, role, track, inside=False), reason=reason))
        for kind in (Kind.ZONE, Kind.HEIGHT):
            if self.wrong.pop((number, kind), None):
                self.say(allowed(self.now_s, reason, track, kind=kind))
        if reason is Reason.TRACK_ENDED:
            del self.live[number]
        self.flights[number] += 1

    @rule(number=NUMBERS)
    def take_off(self, number: int) -> None:
        if not any(key[0] == number for key in self.wrong) and not self.fences.get(number):
            self.live[number] = self.fly(number)

    @rule(seconds=st.sampled_from([1, 1, 5, 40, 700]))
    def pass_time(self, seconds: int) -> None:
        self.evening.live = list(self.live.values())
        for _ in range(min(seconds, 40)):
            self.now_s += max(1.0, seconds / 40)
            self.hear(self.evening.tick(self.now_s))
        self.standings.keep(table(self.evening.live))
        self.shown.forget(self.now_s)
        self.ticked = True

    @rule(
        pick=st.integers(0, 50),
        kind=st.sampled_from(list(CommandKind)),
        by=TEAMS,
        over=st.booleans(),
        episode=st.booleans(),
    )
    def act(self, pick: int, kind: CommandKind, by: str, *, over: bool, episode: bool) -> None:
        if not self.told:
            return
        alert = list(self.told.values())[pick % len(self.told)]
        name = alert.record_id if episode else alert.alert_id
        outcome = "warned" if kind is CommandKind.CLOSE else None
        instead_of = alert.taken_by if over else None
        command = Command(kind=kind, alert_id=name, by=by, logged_s=self.now_s, outcome=outcome, instead_of=instead_of)
        told = self.evening.book.step((), changes(), (), (command,))
        if kind is CommandKind.ACKNOWLEDGE and told and told[0].evidence.get("taken_over_from"):
            assert instead_of == told[0].evidence["taken_over_from"], "nobody loses it to one who did not name him"
        self.hear(told)

    # what always holds

    @invariant()
    def a_live_drone_that_is_not_allowed_is_on_the_list_and_in_the_state(self) -> None:
        there = {line["track_id"] for line in self.shown.present() if line["condition"] == "there"}
        not_allowed = {f"T-{number}" for number, _ in self.wrong}
        if self.ticked:
            not_allowed |= {f"T-{number}" for number, roles in self.fences.items() if roles}
        assert not_allowed <= there
        drones = self.standings.against(table(list(self.live.values())))
        assert not_allowed <= {drone.track_id for drone in drones}
        assert not not_allowed or state_line(drones, [{"ok": True}], 0, 0.0) in {"watch", "drone_near", "over_crowd"}

    @invariant()
    def nothing_is_lost_and_the_page_and_the_book_agree(self) -> None:
        on_the_page = {line["record_id"]: line for line in self.shown.lines()}
        assert set(on_the_page) == set(self.told)  # far below 200 records and twelve hours
        in_the_book = {alert.record_id: alert for alert in self.evening.book.recent_alerts()}
        assert in_the_book == self.told
        for record_id, alert in self.told.items():
            assert shelf_of(on_the_page[record_id]) is alert.shelf
            owned = alert.taken_by is not None and alert.outcome is None
            assert alert.shelf is Shelf.OPEN or not owned, "it is in somebody's hands and nobody gave an outcome"


Shift.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
test_a_shift_at_random = Shift.TestCase
