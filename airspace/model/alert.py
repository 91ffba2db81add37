"""An alert: what a person is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from airspace.model.verdict import Kind, NoticeGap, VerdictValue
from airspace.model.zone import ZoneRole


class AlertState(StrEnum):
    """Each told alert is one of these; the table of what may follow what is alerting/lifecycle.py."""

    OPENED = "opened"
    UPDATED = "updated"
    ACKNOWLEDGED = "acknowledged"
    HANDED_OVER = "handed_over"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Condition(StrEnum):
    """What the world does, whatever people do: the first of an alert's two dimensions (IEC 62682)."""

    THERE = "there"  # still in the air and still not right, or over for less than the linger time
    GONE = "gone"


class Acknowledgement(StrEnum):
    """What people did, whatever the world does: the second dimension."""

    NOBODY = "nobody"
    TAKEN = "taken"
    HANDED_OVER = "handed_over"  # offered by the one who had it, taken by nobody yet
    DONE = "done"  # somebody gave an outcome or closed it


class Shelf(IntEnum):
    """Where an alert lies, in the order in which people see it; follows from its two dimensions."""

    OPEN = 0  # somebody has yet to do something: it is there, or it is in somebody's hands and waits for its outcome
    HANDLED = 1  # somebody has dealt with it, and it is still there
    RECORD = 2  # over


def shelf(condition: Condition, acknowledgement: Acknowledgement) -> Shelf:
    """The table of both dimensions."""
    if acknowledgement is Acknowledgement.DONE:
        return Shelf.HANDLED if condition is Condition.THERE else Shelf.RECORD
    over = condition is Condition.GONE and acknowledgement is Acknowledgement.NOBODY
    return Shelf.RECORD if over else Shelf.OPEN


class PilotKind(StrEnum):
    """Where a pilot's place comes from; a take-off point is never shown as a pilot."""

    LIVE = "live"
    TAKEOFF = "takeoff"
    BEARING = "bearing"
    CLAIMED = "claimed"  # said by a signal that is doubted


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """The operator's place as far as it is known."""

    latitude_deg: float
    longitude_deg: float
    kind: PilotKind
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One part of a priority."""

    name: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One telling of one alert. ``revision`` counts tellings from 1; (alert_id, revision) is unique for ever.

    A drone that left and came back is the same alert in its next ``episode``; each episode is a record of its own.
    """

    alert_id: str
    revision: int
    time_s: float  # log time of this telling
    state: AlertState
    kind: Kind
    verdict: VerdictValue
    reason: str
    sentence_nl: str
    sentence_en: str
    priority: int
    priority_factors: tuple[Factor, ...]
    track_id: str | None
    flight_id: str | None
    uas_id: str | None
    group: str
    zone_id: str | None
    zone_name: str | None
    zone_version: str | None
    zone_role: ZoneRole
    rule: str
    rule_version: str
    notice_id: str | None
    notice_gap: NoticeGap | None
    latitude_deg: float | None
    longitude_deg: float | None
    height_agl_m: float | None
    height_sigma_m: float | None
    pilot: Pilot | None
    first_seen_s: float | None
    last_seen_s: float | None
    opened_s: float
    sensors: tuple[str, ...]
    condition: Condition = Condition.THERE
    acknowledgement: Acknowledgement = Acknowledgement.NOBODY
    episode: int = 1
    matter_nl: str = ""  # the sentence of what it is about, which its end does not replace
    matter_en: str = ""
    part_of: str | None = None  # id of the flood's alert
    count: int | None = None  # of a flood or a swarm: the drones that it speaks for
    taken_by: str | None = None
    taken_s: float | None = None
    handed_over_by: str | None = None
    handed_over_to: str | None = None
    closed_by: str | None = None
    closed_s: float | None = None  # nothing was left to do
    ended_s: float | None = None  # the condition was gone
    outcome: str | None = None
    note: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def record_id(self) -> str:
        """Names this episode of this alert."""
        return f"{self.alert_id}.{self.episode}"

    @property
    def shelf(self) -> Shelf:
        """Open, handled or over."""
        return shelf(self.condition, self.acknowledgement)


def same_person(one: str | None, other: str | None) -> bool:
    """Whether two texts that people typed name the same team: a phone writes the first letter large."""
    return one is not None and other is not None and one.strip().casefold() == other.strip().casefold()
