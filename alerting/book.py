"""The alert book: verdicts, heartbeats and commands in, tellings of alerts out (port ``Alerter``).

One flight has one alert in an airspace group; each time it comes back is an episode and a record of its own. What
people do (acts.py) and whether the thing is still so are two dimensions (lifecycle.py): an outcome ends nothing that
flies, and a landing ends nothing that a person has in hand.

A verdict acts at once, in the order of the log, with the track of its moment. Everything periodic (lingering, fences,
signals, silence, updates, escalation) is decided at ticks, from the table of live tracks. Heartbeats only move a
sensor's latest time on. So any cutting of the log's rows into batches gives the same tellings, byte for byte. No clock:
every time is a log time.

Left out: a claim does not follow a track that is merged into another: it waits for its outcome, and the surviving
drone's alert must be taken anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from airspace.model.alert import Alert
from airspace.model.log import Command, Heartbeat
from airspace.model.sensor import Sensor
from airspace.model.track import Changes, TrackRow
from airspace.model.verdict import BY_NOTICE, NOBODY, Reason, Verdict, VerdictValue
from airspace.model.zone import ROLES, ZoneKind, ZoneRole
from alerting.acts import obey, open_if_worse
from alerting.aside import open_fences, open_sides, speaks_the_swarm
from alerting.case import Case
from alerting.coverage import Coverage
from alerting.facts import PLACE_KINDS, SIDE_KINDS, Facts, facts_of, moved
from alerting.flood import Flood
from alerting.flyers import Flyer
from alerting.groups import hold_group
from alerting.lifecycle import Event
from alerting.register import Register
from alerting.signals import Signals
from alerting.updates import Settings, retell

_LINGERING: Final = frozenset({Reason.LEFT_ZONE, Reason.NO_ZONE, Reason.PILOT_FAR, Reason.BACK_WITHIN_LIMIT})
_OUTCOMES: Final = {
    Reason.ON_THE_GROUND: "landed",
    Reason.TRACK_ENDED: "lost",
    Reason.TRACK_MERGED: "merged",
}


class AlertBook:
    """Deterministic; one instance for one log."""

    def __init__(self, sensors: Sequence[Sensor] = (), settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._flood = Flood()
        self._register = Register(self._flood)
        self._coverage = Coverage(sensors)
        self._signals = Signals()
        self._flyers: dict[str, Flyer] = {}  # by track id

    def step(
        self,
        verdicts: Sequence[Verdict],
        changes: Changes,
        heartbeats: Sequence[Heartbeat],
        commands: Sequence[Command],
    ) -> tuple[Alert, ...]:
        """Alerts to tell, in log order: heartbeats, commands, rows, tick."""
        self._coverage.hear(heartbeats)
        for command in commands:
            obey(self._register, command)
        for verdict in verdicts:
            self._take_in(verdict, changes)
        if changes.tick_s is not None:
            self._tick(changes, changes.tick_s)
        return self._register.drain()

    def has_open(self, alert_id: str) -> bool:
        """Whether somebody has yet to do something about this alert."""
        case = self._register.get(alert_id)
        return case is not None and case.is_open

    def latest(self, alert_id: str) -> Alert | None:
        """The last telling of an alert's last episode, or of a record, as long as it is remembered."""
        case = self._register.get(alert_id)
        return case.told if case else None

    def open_alerts(self) -> tuple[Alert, ...]:
        """The last telling of every open alert, in the order in which they opened."""
        return tuple(case.told for case in self._register.remembered() if case.told and case.is_open)

    def recent_alerts(self) -> tuple[Alert, ...]:
        """The last telling of every remembered record."""
        return tuple(case.told for case in self._register.remembered() if case.told)

    def sensor_health(self) -> tuple[tuple[str, bool, float | None], ...]:
        """(sensor id, heard lately, last heard) of every known sensor, as of the last tick."""
        return self._coverage.health()

    # Verdicts

    def _take_in(self, verdict: Verdict, changes: Changes) -> None:
        if verdict.track.number == NOBODY.number:
            hold_group(self._register, facts_of(verdict, (), ZoneRole.NONE), verdict.logged_s)
            return
        flyer = self._flyers.setdefault(verdict.track.track_id, Flyer())
        fence, side = verdict.zone_kind is ZoneKind.ALERT_ONLY, verdict.kind in SIDE_KINDS
        flyer.take_in(verdict, fence=fence)
        facts = facts_of(verdict, changes.sensors_of(verdict.track.sensors), flyer.role)
        if verdict.value is VerdictValue.ALLOWED:
            self._allow(facts, verdict.logged_s)
        elif fence or side:
            self._renew(self._register.find(facts), facts, verdict.logged_s)
        else:
            self._object(facts, verdict.logged_s)
        if fence and verdict.reason not in _OUTCOMES:  # landed or gone: the legal verdict closes the alert anyway
            self._retell_role(facts, verdict.logged_s)

    def _object(self, facts: Facts, now_s: float) -> None:
        """Something is not right, or cannot be said: one open alert says so."""
        track = facts.track
        case = self._register.find(facts)
        if case is not None and case.is_there:
            self._renew(case, facts, now_s)
        elif track is not None and not speaks_the_swarm(facts, track):
            self._end_last_flight(facts, track, now_s)
            case = self._register.begin(facts, now_s)
            self._replace(track, case, now_s)

    def _renew(self, case: Case | None, facts: Facts, now_s: float) -> None:
        """New facts for an alert that is there; told at once when the judgement is another, or worse than handled."""
        if case is None or not case.is_there:
            return
        case.left_s = None
        before = case.facts
        self._register.take_in(case, facts)
        if case.is_handled:
            open_if_worse(self._register, case, now_s)
        elif before.meaning != facts.meaning:
            self._register.tell(case, Event.UPDATE, now_s)

    def _end_last_flight(self, facts: Facts, track: TrackRow, now_s: float) -> None:
        """An alert of this track's flight before this one, that nothing has closed yet."""
        for case in self._register.of_track(track.track_id):
            if (case.facts.group, case.facts.kind) == (facts.group, facts.kind):
                self._register.end(case, now_s, reason=Reason.ON_THE_GROUND, outcome="landed")

    def _replace(self, track: TrackRow, legal: Case, now_s: float) -> None:
        """The alerts of fences and of how it flies go on in the legal one."""
        for case in self._register.of_track(track.track_id):
            if case.fence or case.facts.kind in SIDE_KINDS:
                self._register.replace(case, legal, now_s)

    def _allow(self, facts: Facts, now_s: float) -> None:
        """Nothing is wrong (any more)."""
        if facts.reason in BY_NOTICE and facts.track is not None:
            for fence in self._register.of_track(facts.track.track_id):
                if fence.fence:
                    self._register.end(fence, now_s, reason=facts.reason)
        case = self._standing(facts)
        if case is None or not case.is_there or facts.track is None or _is_of_another_track(case, facts):
            return
        if facts.reason in _LINGERING:
            if case.left_s is None:
                case.left_s, case.left_reason = now_s, facts.reason
            return
        last = moved(case.facts, facts.track, facts.sensors)
        if facts.reason in BY_NOTICE:
            last = replace(last, notice_id=facts.notice_id, notice_gap=None)
        self._register.take_in(case, last)
        self._register.end(case, now_s, reason=facts.reason, outcome=_OUTCOMES.get(facts.reason))

    def _standing(self, facts: Facts) -> Case | None:
        """The present case of this track in the group, even of a flight that has just ended; else the last one."""
        track_id = facts.track.track_id if facts.track else ""
        for case in self._register.of_track(track_id):
            if (case.facts.group, case.facts.kind) == (facts.group, facts.kind):
                return case
        return self._register.find(facts)

    def _retell_role(self, facts: Facts, now_s: float) -> None:
        """The fences it is in have changed: every alert about this drone in the air that is there says so at once."""
        track = facts.track
        for case in self._register.of_track(track.track_id if track else ""):
            before = case.facts.zone_role
            rises = ROLES.index(facts.zone_role) > ROLES.index(before)
            if track is None or case.facts.kind not in PLACE_KINDS or before is facts.zone_role:
                continue
            if case.left_s is not None and not rises:
                continue
            case.facts = replace(moved(case.facts, track, facts.sensors), zone_role=facts.zone_role)
            if case.is_handled:
                open_if_worse(self._register, case, now_s)
            else:
                self._register.tell(case, Event.UPDATE, now_s)

    # Ticks

    def _tick(self, changes: Changes, now_s: float) -> None:
        live = changes.live
        if live is None:
            return
        rows: dict[str, int] = dict(zip(live.track_id.tolist(), range(len(live)), strict=True))
        self._coverage.tick(self._register, now_s, len(rows))
        self._end(rows, now_s)
        open_fences(self._register, self._flyers, changes, rows, now_s)
        open_sides(self._register, self._flyers, changes, rows, now_s)
        self._signals.tick(self._register, changes, now_s)
        retell(self._register, changes, rows, now_s, self._settings)
        self._flood.tick(self._register, now_s)
        self._escalate(now_s)
        self._register.forget(now_s, rows.keys())
        for track_id in [track_id for track_id in self._flyers if track_id not in rows]:
            del self._flyers[track_id]

    def _end(self, rows: dict[str, int], now_s: float) -> None:
        """End what has lingered long enough, and what is about a track that has gone without a word."""
        for case in list(self._register.there.values()):
            if case.track is not None and case.track.track_id not in rows:
                self._register.end(case, now_s, reason=Reason.TRACK_ENDED, outcome=_OUTCOMES[Reason.TRACK_ENDED])
            elif case.left_s is not None and now_s - case.left_s >= self._settings.linger_s:
                self._register.end(case, now_s, reason=case.left_reason)

    def _escalate(self, now_s: float) -> None:
        for case in self._register.there.values():
            since_s = case.urgent_since_s  # set only while it waits
            if since_s is None or case.left_s is not None:
                continue
            if now_s - since_s >= self._settings.escalate_after_s:
                self._register.tell(case, Event.ESCALATE, now_s)


def _is_of_another_track(case: Case, facts: Facts) -> bool:
    """The flight goes on under another track: that one ended or was merged does not end the alert."""
    return case.track is not None and facts.track is not None and case.track.track_id != facts.track.track_id
