"""All alerts of a log, open, handled and over, and the tellings of the present step.

A case is found under its flight, and under its track as long as it is that track's latest: verdicts about a drone on
the ground name no flight any more. What is over is found so until its track has been gone for ten minutes, twice the
gap that ends a flight (definition v1): after that the same flight cannot come back. As a record, to be read and given
its outcome, it is kept for twelve hours, 200 at most; one that waits for its outcome in somebody's hands, for a week.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final, Protocol

from airspace.model.alert import Acknowledgement, Alert
from airspace.model.units import rfc3339
from airspace.model.verdict import Kind, Reason
from alerting.case import Case, Key, alert_id_of
from alerting.facts import Facts
from alerting.lifecycle import Event

REMEMBER_S: Final = 600.0
RECORDS: Final = 200
RECORDS_S: Final = 43_200.0
WAIT_S: Final = 7 * 86_400.0


class Beginning(Protocol):
    """Who looks at an alert before its opening is told."""

    def consider(self, register: Register, case: Case, now_s: float) -> None:
        """It may be part of something larger."""


class Register:
    """Keeps cases in the order of the log."""

    def __init__(self, beginning: Beginning | None = None) -> None:
        self._beginning = beginning
        self.there: dict[str, Case] = {}  # by alert id: open or handled, and still so
        self._cases: dict[str, Case] = {}  # by record id
        self._latest: dict[str, Case] = {}  # by alert id
        self._keys: dict[Key, Case] = {}
        self._tracks: dict[str, dict[str, Case]] = {}  # those that are there, of each track
        self._told: list[Alert] = []

    def drain(self) -> tuple[Alert, ...]:
        """The tellings since the last call."""
        told, self._told = tuple(self._told), []
        return told

    def get(self, name: str) -> Case | None:
        """By record id, or by alert id: then its last episode."""
        return self._latest.get(name) or self._cases.get(name)

    def of_subject(self, key: Key) -> Case | None:
        """The case that is about no track."""
        return self._keys.get(key)

    def of_track(self, track_id: str) -> tuple[Case, ...]:
        """Cases of a track that are there, oldest first."""
        return tuple(self._tracks.get(track_id, {}).values())

    def find(self, facts: Facts) -> Case | None:
        """The case of this flight (or else of this track) in this group and of this kind."""
        track = facts.track
        return None if track is None else self.of_flight(track.flight_id, track.track_id, facts.group, facts.kind)

    def of_flight(self, flight_id: str | None, track_id: str, group: str, kind: Kind) -> Case | None:
        """The case of a flight (or else of its track) in a group and of a kind."""
        if flight_id is not None and (case := self._keys.get((flight_id, group, kind))):
            return case
        case = self._keys.get((track_id, group, kind))
        if case is None or flight_id is None or case.flight_id is None:
            return case
        return None  # the track's last flight was another one

    def begin(
        self, facts: Facts, now_s: float, *, subject: str | None = None, dated: bool = False, fence: bool = False
    ) -> Case:
        """Open the alert, or its next episode.

        ``dated``: the subject is one for ever (a sensor, a control zone), so its alert is named by when it began too.
        """
        before = self._keys.get((subject, facts.group, facts.kind)) if subject else self.find(facts)
        track = facts.track
        name = subject or (track.flight_id or track.track_id if track else "")
        if before is None:
            told = f"{name} {rfc3339(now_s)}" if dated else name
            alert_id = alert_id_of((told, facts.group, facts.kind))
            case = self._episode(self._latest.get(alert_id), alert_id, facts, fence=fence)
            self._enter((name, facts.group, facts.kind), case)
        else:
            case = self._episode(before, before.alert_id, facts, fence=before.fence)
        self.take_in(case, facts)
        if not case.is_there:
            self.there[case.alert_id] = self._cases[case.record_id] = self._latest[case.alert_id] = case
            if self._beginning is not None:
                self._beginning.consider(self, case, now_s)
            self.tell(case, Event.OPEN, now_s)
        elif case.is_open:
            self.tell(case, Event.UPDATE, now_s)  # two tracks may name one flight
        return case

    def _episode(self, before: Case | None, alert_id: str, facts: Facts, *, fence: bool) -> Case:
        """The episode that is there, or a new one that is found wherever the last one was."""
        if before is None:
            return Case(alert_id=alert_id, facts=facts, fence=fence)
        if before.is_there:
            return before
        case = Case(
            alert_id=alert_id,
            facts=facts,
            fence=fence,
            flight_id=before.flight_id,
            revisions=before.revisions,
            episode=before.episode + 1,
        )
        for key in before.keys:
            if self._keys.get(key) is before:
                self._enter(key, case)
        return case

    def take_in(self, case: Case, facts: Facts) -> None:
        """New facts for a case that is there, told with its next telling."""
        before, track = case.track, facts.track
        case.facts = facts
        if track is None:
            return
        if before is not None and before.track_id != track.track_id:
            self._tracks.get(before.track_id, {}).pop(case.alert_id, None)
        self._tracks.setdefault(track.track_id, {})[case.alert_id] = case
        self._enter((track.track_id, facts.group, facts.kind), case)
        if track.flight_id is not None and case.flight_id is None:
            self._enter_flight(case, track.flight_id)

    def tell(self, case: Case, event: Event, now_s: float) -> None:
        """Take the step and keep its telling."""
        self._told.append(case.tell(event, now_s))

    def end(self, case: Case, now_s: float, *, reason: Reason | None = None, outcome: str | None = None) -> None:
        """It is over; without a reason the matter's own stays. What is in somebody's hands waits for his outcome."""
        if reason is not None:
            case.facts = case.facts.because(reason)
        if case.life is not None and case.life.acknowledgement is Acknowledgement.NOBODY:
            case.outcome = outcome
        elif outcome is not None:
            case.extras["ended"] = outcome
        self.tell(case, Event.END, now_s)
        self._leave(case)

    def replace(self, case: Case, other: Case, now_s: float) -> None:
        """It goes on in another alert; whoever had it has that one."""
        owner, owned_s = case.taken_by, case.taken_s
        taken = case.life is not None and case.life.acknowledgement is Acknowledgement.TAKEN
        case.extras["into"] = other.alert_id
        if not case.is_handled:
            case.outcome = "replaced"
            case.taken_by = case.taken_s = None
        self.tell(case, Event.REPLACE, now_s)
        self._leave(case)
        if taken and other.life is not None and other.life.acknowledgement is Acknowledgement.NOBODY:
            other.taken_by, other.taken_s = owner, owned_s
            other.extras["taken_with"] = case.alert_id
            self.tell(other, Event.ACKNOWLEDGE, now_s)

    def _leave(self, case: Case) -> None:
        del self.there[case.alert_id]
        if case.track is not None:
            self._tracks.get(case.track.track_id, {}).pop(case.alert_id, None)

    def forget(self, now_s: float, live: AbstractSet[str]) -> None:
        """Drop the keys of flights that cannot come back, records that are old or too many, and empty places."""
        over = [case for case in self._cases.values() if not case.is_there]
        kept = _kept([case for case in over if not case.waits], now_s)
        for case in over:
            if case.waits:
                self._lapse(case, now_s)
            if not _is_past(case, now_s, live):
                continue
            for key in case.keys:
                if self._keys.get(key) is case:
                    del self._keys[key]
            case.keys.clear()
            if not case.waits and case.record_id not in kept:
                self._drop(case)
        for track_id in [track_id for track_id, cases in self._tracks.items() if not cases and track_id not in live]:
            del self._tracks[track_id]

    def remembered(self) -> tuple[Case, ...]:
        """Every case that is there, waits or is a record."""
        return tuple(self._cases.values())

    def _lapse(self, case: Case, now_s: float) -> None:
        if case.ended_s is not None and now_s - case.ended_s > WAIT_S:
            case.outcome = case.extras.get("ended")
            case.taken_by = case.taken_s = None
            self.tell(case, Event.LAPSE, now_s)

    def _drop(self, case: Case) -> None:
        del self._cases[case.record_id]
        if self._latest.get(case.alert_id) is case:
            del self._latest[case.alert_id]

    def _enter(self, key: Key, case: Case) -> None:
        self._keys[key] = case
        case.keys.add(key)

    def _enter_flight(self, case: Case, flight_id: str) -> None:
        """A flight that turns out to be one of another alert stays that alert's."""
        key = (flight_id, case.facts.group, case.facts.kind)
        if self._keys.setdefault(key, case) is case:
            case.flight_id = flight_id
            case.keys.add(key)


def _kept(records: list[Case], now_s: float) -> set[str]:
    """The newest, those that a flood speaks for last."""
    newest = [case for case in records if case.ended_s is not None and now_s - case.ended_s <= RECORDS_S]
    if len(newest) > RECORDS:
        newest.sort(key=lambda case: (case.part_of is not None, -(case.ended_s or 0.0)))
    return {case.record_id for case in newest[:RECORDS]}


def _is_past(case: Case, now_s: float, live: AbstractSet[str]) -> bool:
    if case.ended_s is None or now_s - case.ended_s < REMEMBER_S:
        return False
    return case.track is None or case.track.track_id not in live
