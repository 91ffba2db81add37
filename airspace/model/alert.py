"""An alert: what a person is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
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
    """One telling of one alert. ``revision`` counts tellings from 1; (alert_id, revision) is unique for ever."""

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
    taken_by: str | None = None
    outcome: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
