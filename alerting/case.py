"""One episode of an alert over time: its facts, its life, who did what, and the last telling.

``alert_id`` follows from whom and what it is about, with no counter: the same log gives the same ids on every machine,
and a drone that comes back in the same flight is the same alert in its next episode.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from airspace.model.alert import Alert, Condition, Pilot, Shelf
from airspace.model.track import TrackRow
from airspace.model.verdict import Kind, Reason
from alerting.facts import Facts, known
from alerting.lifecycle import HANDED_OVER, NEW, Event, Life, step, word
from alerting.measure import Measure
from alerting.outcomes import handled
from alerting.priority import URGENT, priority
from alerting.sentences import past_coverage, sentences
from alerting.wording import Pair

Key = tuple[str, str, Kind]  # subject, airspace group, kind

ALSO: Final = "also"  # what else is not right, see aside.py
_ANEW: Final = frozenset({Event.HAND_OVER, Event.REOPEN, Event.WORSEN})  # waiting starts over
ID_CHARACTERS: Final = 12  # 60 bits of the hash


def alert_id_of(key: Key) -> str:
    """``A-`` and twelve characters of the hash of subject (flight, track, sensor), group and kind."""
    digest = hashlib.blake2b("\0".join(key).encode(), digest_size=8).digest()
    return "A-" + base64.b32encode(digest).decode().lower()[:ID_CHARACTERS]


@dataclass(slots=True)
class Revisions:
    """Counts the tellings of an alert over all its episodes, so that none has the number of another."""

    last: int = 0

    def next(self) -> int:
        """One more."""
        self.last += 1
        return self.last


@dataclass(slots=True, kw_only=True)
class Case:
    """One episode. ``left_s`` is set while it is over but lingers; ``handled_as``: how it was when it was closed."""

    alert_id: str
    facts: Facts
    fence: bool = False  # about an alert-only fence
    flight_id: str | None = None
    keys: set[Key] = field(default_factory=set)
    life: Life | None = None
    revisions: Revisions = field(default_factory=Revisions)
    episode: int = 1
    opened_s: float = 0.0
    closed_s: float | None = None
    ended_s: float | None = None
    taken_by: str | None = None
    taken_s: float | None = None
    handed_over_by: str | None = None
    handed_over_to: str | None = None
    closed_by: str | None = None
    outcome: str | None = None
    note: str | None = None
    part_of: str | None = None  # the flood's alert
    extras: dict[str, Any] = field(default_factory=dict)  # evidence of the alert's own life
    left_s: float | None = None
    left_reason: Reason = Reason.LEFT_ZONE
    escalated: bool = False
    urgent_since_s: float | None = None
    looked_s: float = 0.0  # when it was last asked whether there is news
    handled_as: Measure | None = None
    matter: Pair = ("", "")
    pilot: Pilot | None = None  # as last known
    told: Alert | None = None

    @property
    def record_id(self) -> str:
        """Names this episode."""
        return f"{self.alert_id}.{self.episode}"

    @property
    def is_open(self) -> bool:
        """Whether somebody has yet to do something."""
        return self.life is not None and self.life.shelf is Shelf.OPEN

    @property
    def is_there(self) -> bool:
        """Whether it is still so, or was a moment ago."""
        return self.life is not None and self.life.condition is Condition.THERE

    @property
    def is_handled(self) -> bool:
        """Whether it is still so and somebody has dealt with it."""
        return self.life is not None and self.life.shelf is Shelf.HANDLED

    @property
    def waits(self) -> bool:
        """Whether it is over, and in somebody's hands."""
        return self.is_open and not self.is_there

    @property
    def track(self) -> TrackRow | None:
        """The drone as last taken in."""
        return self.facts.track

    @property
    def evidence(self) -> dict[str, Any]:
        """The judge's numbers and those of the alert's own life."""
        return {**self.facts.evidence, **self.extras}

    @property
    def measure(self) -> Measure:
        """How serious it is now; rules that it was once handled with are not new."""
        rules = {self.facts.rule, *self.extras.get(ALSO, ())}
        return Measure.of(self.facts, rules | (self.handled_as.rules if self.handled_as else set()))

    def tell(self, event: Event, now_s: float) -> Alert:
        """Take the step and make its telling; ``StepRefused`` changes nothing."""
        self.life = step(self.life, event)
        if event is Event.OPEN:
            self.opened_s = now_s
            self.extras = {"episode": self.episode} if self.episode > 1 else {}
        self._date(self.life, now_s)
        self.told = self._telling(event, self.life, now_s)
        self._count_waiting(event, self.told, now_s)
        return self.told

    def _date(self, life: Life, now_s: float) -> None:
        """When it was over and when nothing was left to do; what is open again has no outcome."""
        if life.condition is Condition.GONE and self.ended_s is None:
            self.ended_s = now_s
        if life.shelf is Shelf.OPEN:
            self.closed_s = self.closed_by = self.outcome = None
        elif self.closed_s is None:
            self.closed_s = now_s

    def _count_waiting(self, event: Event, told: Alert, now_s: float) -> None:
        """Since when it is urgent and in nobody's hands; it escalates once until it is in other hands."""
        anew = event in _ANEW
        self.escalated = event is Event.ESCALATE or (self.escalated and not anew)
        if self.life not in {NEW, HANDED_OVER} or self.escalated or told.priority < URGENT:
            self.urgent_since_s = None
        elif self.urgent_since_s is None or anew:
            self.urgent_since_s = now_s

    def _matter(self, told: Pair) -> Pair:
        """What it is about: as now said while it is there, then as last said; a sensor's silence is then past."""
        if self.is_there:
            return told
        past = past_coverage(self.facts)
        return self.matter if past is None else (f"{past[0]}.", f"{past[1]}.")

    def _telling(self, event: Event, life: Life, now_s: float) -> Alert:
        facts, track, there = self.facts, self.facts.track, life.condition is Condition.THERE
        points, factors = priority(facts)
        nl, en = sentences(facts, now_s, outcome=self.outcome, closed=not there)
        self.matter = self._matter((nl, en))
        if there and life.shelf is Shelf.HANDLED:
            nl, en = handled(self.matter, facts, self.outcome, self.closed_by)
        self.pilot = facts.pilot or self.pilot
        tracks = facts.evidence.get("tracks")
        return Alert(
            alert_id=self.alert_id,
            revision=self.revisions.next(),
            time_s=now_s,
            state=word(event, life),
            kind=facts.kind,
            verdict=facts.value,
            reason=facts.reason.value,
            sentence_nl=nl,
            sentence_en=en,
            priority=points,
            priority_factors=factors,
            track_id=track.track_id if track else None,
            flight_id=self.flight_id,
            uas_id=track.uas_id if track else None,
            group=facts.group,
            zone_id=facts.zone_id,
            zone_name=facts.zone_name,
            zone_version=facts.zone_version,
            zone_role=facts.zone_role,
            rule=facts.rule,
            rule_version=facts.rule_version,
            notice_id=facts.notice_id,
            notice_gap=facts.notice_gap,
            latitude_deg=facts.latitude_deg,
            longitude_deg=facts.longitude_deg,
            height_agl_m=facts.height_agl_m,
            height_sigma_m=facts.height_sigma_m,
            pilot=facts.pilot if there else self.pilot,
            first_seen_s=known(track.first_seen_s) if track else None,
            last_seen_s=known(track.last_seen_s) if track else None,
            opened_s=self.opened_s,
            sensors=facts.sensors,
            condition=life.condition,
            acknowledgement=life.acknowledgement,
            episode=self.episode,
            matter_nl=self.matter[0],
            matter_en=self.matter[1],
            part_of=self.part_of,
            count=tracks if track is None and isinstance(tracks, int) else None,
            taken_by=self.taken_by,
            taken_s=self.taken_s,
            handed_over_by=self.handed_over_by,
            handed_over_to=self.handed_over_to,
            closed_by=self.closed_by,
            closed_s=self.closed_s,
            ended_s=self.ended_s,
            outcome=self.outcome,
            note=self.note,
            evidence=self.evidence,
        )
