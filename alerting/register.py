"""All alerts of a log, open and lately closed, and the tellings of the present step.

A case is found under its flight, and under its track as long as it is that track's latest: verdicts about a drone on
the ground name no flight any more. Closed cases are remembered until their track has been gone for ten minutes, twice
the gap that ends a flight (definition v1): after that the same flight cannot come back, so a revision is never reused.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from airspace.model.alert import Alert
from airspace.model.units import rfc3339
from airspace.model.verdict import Kind, Reason
from alerting.case import Case, Key, alert_id_of
from alerting.facts import Facts
from alerting.lifecycle import Event

REMEMBER_S: Final = 600.0


class Register:
    """Keeps cases in the order of the log."""

    def __init__(self) -> None:
        self.open: dict[str, Case] = {}
        self._cases: dict[str, Case] = {}
        self._keys: dict[Key, Case] = {}
        self._tracks: dict[str, dict[str, Case]] = {}  # open cases of each track
        self._told: list[Alert] = []

    def drain(self) -> tuple[Alert, ...]:
        """The tellings since the last call."""
        told, self._told = tuple(self._told), []
        return told

    def get(self, alert_id: str) -> Case | None:
        """A remembered case."""
        return self._cases.get(alert_id)

    def of_subject(self, key: Key) -> Case | None:
        """The case that is about no track."""
        return self._keys.get(key)

    def of_track(self, track_id: str) -> tuple[Case, ...]:
        """Open cases of a track, oldest first."""
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
        """Open the alert, or open it again.

        ``dated``: the subject is one for ever (a sensor, a control zone), so its alert is named by when it began too.
        """
        case = self._keys.get((subject, facts.group, facts.kind)) if subject else self.find(facts)
        if case is None:
            track = facts.track
            name = subject or (track.flight_id or track.track_id if track else "")
            told = f"{name} {rfc3339(now_s)}" if dated else name
            alert_id = alert_id_of((told, facts.group, facts.kind))
            case = self._cases.setdefault(alert_id, Case(alert_id=alert_id, facts=facts, fence=fence))
            self._enter((name, facts.group, facts.kind), case)
        self.take_in(case, facts)
        self.open[case.alert_id] = case
        self.tell(case, Event.UPDATE if case.is_open else Event.OPEN, now_s)  # two tracks may name one flight
        return case

    def take_in(self, case: Case, facts: Facts) -> None:
        """New facts for a case, told with its next telling."""
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

    def close(self, case: Case, now_s: float, *, reason: Reason | None = None, outcome: str | None = None) -> None:
        """Close an open case; without a reason the matter's own stays."""
        if reason is not None:
            case.facts = case.facts.because(reason)
        case.outcome = outcome
        self.tell(case, Event.CLOSE, now_s)
        del self.open[case.alert_id]
        if case.track is not None:
            self._tracks.get(case.track.track_id, {}).pop(case.alert_id, None)

    def forget(self, now_s: float, live: AbstractSet[str]) -> None:
        """Drop closed cases whose flight cannot come back, and the empty places of tracks that are gone."""
        for case in [case for case in self._cases.values() if _is_past(case, now_s, live)]:
            del self._cases[case.alert_id]
            for key in case.keys:
                if self._keys.get(key) is case:
                    del self._keys[key]
        for track_id in [track_id for track_id, cases in self._tracks.items() if not cases and track_id not in live]:
            del self._tracks[track_id]

    def remembered(self) -> tuple[Case, ...]:
        """Every case, open or not yet forgotten."""
        return tuple(self._cases.values())

    def _enter(self, key: Key, case: Case) -> None:
        self._keys[key] = case
        case.keys.add(key)

    def _enter_flight(self, case: Case, flight_id: str) -> None:
        """A flight that turns out to be one of another alert stays that alert's."""
        key = (flight_id, case.facts.group, case.facts.kind)
        if self._keys.setdefault(key, case) is case:
            case.flight_id = flight_id
            case.keys.add(key)


def _is_past(case: Case, now_s: float, live: AbstractSet[str]) -> bool:
    if case.is_open or case.told is None or now_s - case.told.time_s < REMEMBER_S:
        return False
    return case.track is None or case.track.track_id not in live
