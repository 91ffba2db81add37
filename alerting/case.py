"""One alert over time: its facts, the stage of its life, and the last telling.

``alert_id`` follows from whom and what it is about, with no counter: the same log gives the same ids on every machine,
and a drone that comes back in the same flight is the same alert in its next episode.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from airspace.model.alert import Alert
from airspace.model.track import TrackRow
from airspace.model.verdict import Kind, Reason
from alerting.facts import Facts, known
from alerting.lifecycle import OPEN_STAGES, TOLD, Event, Stage, step
from alerting.priority import URGENT, priority
from alerting.sentences import sentences

Key = tuple[str, str, Kind]  # subject, airspace group, kind

ID_CHARACTERS: Final = 12  # 60 bits of the hash


def alert_id_of(key: Key) -> str:
    """``A-`` and twelve characters of the hash of subject (flight, track, sensor), group and kind."""
    digest = hashlib.blake2b("\0".join(key).encode(), digest_size=8).digest()
    return "A-" + base64.b32encode(digest).decode().lower()[:ID_CHARACTERS]


@dataclass(slots=True, kw_only=True)
class Case:
    """``left_s`` is set while it is over but lingers; ``quiet`` once a person closed it, until the matter ends."""

    alert_id: str
    facts: Facts
    fence: bool = False  # about an alert-only fence
    flight_id: str | None = None
    keys: set[Key] = field(default_factory=set)
    stage: Stage = Stage.UNTOLD
    revision: int = 0
    episode: int = 0
    opened_s: float = 0.0
    taken_by: str | None = None
    outcome: str | None = None
    extras: dict[str, Any] = field(default_factory=dict)  # evidence of the alert's own life
    left_s: float | None = None
    left_reason: Reason = Reason.LEFT_ZONE
    urgent_since_s: float | None = None
    looked_s: float = 0.0  # when it was last asked whether there is news
    quiet: bool = False
    told: Alert | None = None

    @property
    def is_open(self) -> bool:
        """Whether people still have it before them."""
        return self.stage in OPEN_STAGES

    @property
    def track(self) -> TrackRow | None:
        """The drone as last taken in."""
        return self.facts.track

    @property
    def evidence(self) -> dict[str, Any]:
        """The judge's numbers and those of the alert's own life."""
        return {**self.facts.evidence, **self.extras}

    def tell(self, event: Event, now_s: float) -> Alert:
        """Take the step and make its telling; ``StepRefused`` changes nothing."""
        self.stage = step(self.stage, event)
        self.revision += 1
        if event is Event.OPEN:
            self._begin(now_s)
        self.told = self._telling(event, now_s)
        self._count_waiting(event, now_s)
        return self.told

    def _begin(self, now_s: float) -> None:
        self.episode += 1
        self.opened_s = now_s
        self.taken_by = self.outcome = self.left_s = None
        self.quiet = False
        self.extras = {"episode": self.episode} if self.episode > 1 else {}

    def _count_waiting(self, event: Event, now_s: float) -> None:
        """Since when it is urgent and in nobody's hands."""
        if self.stage is not Stage.WAITING or self.told is None or self.told.priority < URGENT:
            self.urgent_since_s = None
        elif self.urgent_since_s is None or event is Event.HAND_OVER:
            self.urgent_since_s = now_s

    def _telling(self, event: Event, now_s: float) -> Alert:
        facts, track = self.facts, self.facts.track
        points, factors = priority(facts)
        nl, en = sentences(facts, now_s, outcome=self.outcome, closed=event is Event.CLOSE)
        return Alert(
            alert_id=self.alert_id,
            revision=self.revision,
            time_s=now_s,
            state=TOLD[event],
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
            pilot=facts.pilot,
            first_seen_s=known(track.first_seen_s) if track else None,
            last_seen_s=known(track.last_seen_s) if track else None,
            opened_s=self.opened_s,
            sensors=facts.sensors,
            taken_by=self.taken_by,
            outcome=self.outcome,
            evidence=self.evidence,
        )
