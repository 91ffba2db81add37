"""A flood: more new drones at once than there can be. One alert speaks for all of theirs; none of theirs is held back.

When alerts about more than ``FLOOD_ABOVE`` drones open within ``WINDOW_S``, each first heard within that time, the
flood's alert opens. Theirs carry its id (``part_of``) and are told and stored like any other: single ones may be real,
and the flood ranks as high as the highest of them. While more than ``STAYS_ABOVE`` go on opening in that time, new ones
belong to it too; what opens about one of its drones belongs to it for as long as it is there, the swarm of its signals
also.

Never part of a flood is a drone that was heard before, one that a notice names, and one with signs of its own: found by
radio without a name (nobody invents that with a message), in an emergency, or under the name of one that is known
already. One that a person takes is no longer part of it.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from typing import Final

from airspace.model.detection import Status
from airspace.model.track import Remark, TrackRow
from airspace.model.units import rfc3339
from airspace.model.verdict import Kind, Reason, VerdictValue
from alerting.case import Case
from alerting.facts import Facts
from alerting.lifecycle import Event
from alerting.register import Register

GROUP: Final = "flood"
RULE: Final = "flood"
RULE_VERSION: Final = "1"
FLOOD_ABOVE: Final = 20
STAYS_ABOVE: Final = 5
WINDOW_S: Final = 10.0
TOLD_EVERY_S: Final = 5.0
_MINUTE_S: Final = 60.0


class Flood:
    """Which flood is there, and what opened lately."""

    def __init__(self) -> None:
        self._case: Case | None = None
        self._fresh: deque[tuple[float, str, Case]] = deque()  # time, track, alert
        self._drones: Counter[str] = Counter()  # of these, how many each track has
        self._members: dict[str, Case] = {}  # by record id, those that are there
        self._tracks: set[str] = set()  # of all its drones so far
        self._since_s = 0.0

    def consider(self, register: Register, case: Case, now_s: float) -> None:
        """Before an opening is told: whether it belongs to the flood, or makes one."""
        if case.facts.kind is Kind.SPOOFING:
            if self._is_there and case.facts.reason is Reason.SPOOF_SIGNS and self._speaks_for(case):
                self._fold(case)
            return
        track = case.track
        if track is None or _has_signs_of_its_own(case.facts, track):
            return
        drones = 0
        if now_s - track.first_seen_s <= WINDOW_S:  # not known counts as heard before
            drones = self._opened(case, track.track_id, now_s)
        if self._is_there and (drones > STAYS_ABOVE or track.track_id in self._tracks):
            self._fold(case)
        elif drones > FLOOD_ABOVE:
            self._begin(register, case, now_s)

    def tick(self, register: Register, now_s: float) -> None:
        """Count on, in its own time; over when none of its alerts is there any more."""
        case = self._case
        if case is None or not self._is_there:
            return
        self._members = {name: member for name, member in self._members.items() if member.is_there}
        if self._members:
            case.left_s = None
        elif case.left_s is None:
            case.left_s, case.left_reason = now_s, case.facts.reason
        if case.told is None or now_s - case.told.time_s < TOLD_EVERY_S or case.left_s is not None:
            return
        facts = self._facts()
        if facts.evidence != case.facts.evidence:
            case.facts = facts
            if case.is_open:
                register.tell(case, Event.UPDATE, now_s)

    @property
    def _is_there(self) -> bool:
        return self._case is not None and self._case.is_there

    def _speaks_for(self, case: Case) -> bool:
        """Of the spoofing alerts: the swarm's, and those of its own drones."""
        return case.track is None or case.track.track_id in self._tracks

    def _opened(self, case: Case, track_id: str, now_s: float) -> int:
        """How many new drones alerts have opened about lately, this one among them."""
        while self._fresh and now_s - self._fresh[0][0] > WINDOW_S:
            _, gone, _ = self._fresh.popleft()
            self._drones[gone] -= 1
            if not self._drones[gone]:
                del self._drones[gone]
        self._fresh.append((now_s, track_id, case))
        self._drones[track_id] += 1
        return len(self._drones)

    def _begin(self, register: Register, newest: Case, now_s: float) -> None:
        self._since_s = self._fresh[0][0]
        self._members, self._tracks = {}, set()
        for _, _, case in self._fresh:
            self._count(case)
        subject = f"flood-{rfc3339(now_s // _MINUTE_S * _MINUTE_S)}"
        self._case = register.begin(self._facts(), now_s, subject=subject)
        for case in list(register.there.values()):
            spoofing = case.facts.reason is Reason.SPOOF_SIGNS and case.opened_s >= self._since_s - WINDOW_S
            if case.record_id in self._members or (spoofing and self._speaks_for(case)):
                self._fold_late(register, case, now_s)
        newest.part_of = self._case.alert_id

    def _fold_late(self, register: Register, case: Case, now_s: float) -> None:
        """It was told before it was known to be part of this; what a person has in hand stays by itself."""
        if case.is_open and case.taken_by is None:
            self._fold(case)
            register.tell(case, Event.UPDATE, now_s)

    def _fold(self, case: Case) -> None:
        if self._case is not None:
            case.part_of = self._case.alert_id
            self._count(case)

    def _count(self, case: Case) -> None:
        self._members[case.record_id] = case
        if case.track is not None:
            self._tracks.add(case.track.track_id)

    def _facts(self) -> Facts:
        """About no single drone: the middle of their places, whoever hears one of them, the highest of their ranks."""
        members = [case for case in self._members.values() if case.track is not None]
        places = [
            (case.facts.latitude_deg, case.facts.longitude_deg)
            for case in members
            if case.facts.latitude_deg is not None and case.facts.longitude_deg is not None
        ]
        ranks = [case.told.priority for case in members if case.told is not None]
        return Facts(
            kind=Kind.SPOOFING,
            value=VerdictValue.SITUATION,
            reason=Reason.FLOOD,
            rule=RULE,
            rule_version=RULE_VERSION,
            group=GROUP,
            sensors=tuple(sorted({sensor for case in members for sensor in case.facts.sensors})),
            latitude_deg=sum(place[0] for place in places) / len(places) if places else None,
            longitude_deg=sum(place[1] for place in places) / len(places) if places else None,
            evidence={
                "tracks": len(self._tracks),
                "since": rfc3339(self._since_s),
                "highest_priority": max(ranks, default=0),
            },
        )


def _has_signs_of_its_own(facts: Facts, track: TrackRow) -> bool:
    gap = facts.notice_gap
    named_in_a_notice = facts.notice_id is not None and (gap is None or gap.identity is None)
    return (
        named_in_a_notice
        or not math.isnan(track.confidence)  # which only what radio found by itself has
        or track.status == Status.EMERGENCY
        or bool(track.remarks & Remark.IDENTITY_CONFLICT)
    )
