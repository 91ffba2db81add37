"""The outcome of one rule for one track: value, reason and the numbers behind it. No bare yes or no leaves a stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from airspace.model.track import TrackRow
from airspace.model.zone import ZoneKind, ZoneRole


class VerdictValue(StrEnum):
    """The word "illegal" is for courts."""

    ALLOWED = "allowed"
    VIOLATION = "violation"
    SUSPECTED = "suspected"
    SITUATION = "situation"
    NOT_DECIDABLE = "not_decidable"


class Kind(StrEnum):
    """What an alert is about."""

    ZONE = "zone"
    HEIGHT = "height"
    CAPACITY = "capacity"
    CONFORMANCE = "conformance"
    CONFLICT = "conflict"
    SPOOFING = "spoofing"
    EMERGENCY = "emergency"
    COVERAGE = "coverage"


class Reason(StrEnum):
    """Why. Stable codes: others rely on them."""

    # violation, suspected
    NO_NOTICE = "no_notice"
    NOTICE_WRONG_TIME = "notice_wrong_time"
    NOTICE_WRONG_PLACE = "notice_wrong_place"
    NOTICE_WRONG_HEIGHT = "notice_wrong_height"
    NOTICE_WRONG_IDENTITY = "notice_wrong_identity"
    NOTICE_NOT_APPROVED = "notice_not_approved"
    ALL_FLIGHTS_FORBIDDEN = "all_flights_forbidden"
    PERMISSION_MISSING = "permission_missing"
    ABOVE_LIMIT = "above_limit"
    CROSSED_BETWEEN_FIXES = "crossed_between_fixes"
    # not decidable
    NOTICE_IDENTITY_MISSING = "notice_identity_missing"  # a notice covers place and time; the drone names no serial
    TIME_IMPLAUSIBLE = "time_implausible"
    SIGNAL_DOUBTFUL = "signal_doubtful"
    RULE_UNKNOWN = "rule_unknown"
    HEIGHT_UNKNOWN = "height_unknown"
    # situation
    INSIDE_FENCE = "inside_fence"
    SENSOR_SILENT = "sensor_silent"
    EMERGENCY_DECLARED = "emergency_declared"
    SPOOF_SIGNS = "spoof_signs"
    # allowed, or over
    NOTICE_MATCHES = "notice_matches"
    NO_ZONE = "no_zone"
    ON_THE_GROUND = "on_the_ground"
    LEFT_ZONE = "left_zone"
    ZONE_ENDED = "zone_ended"
    TRACK_ENDED = "track_ended"
    TRACK_MERGED = "track_merged"
    SENSOR_BACK = "sensor_back"
    SERVICE_RESTARTED = "service_restarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGap:
    """What kept the nearest notice from matching; None where that part matched or cannot be said."""

    metres: float | None = None  # outside its area, or above or below its band
    minutes: float | None = None  # positive: it starts later; negative: it ended before
    identity: str | None = None  # "missing" or "different"
    state: str | None = None  # the notice's state where that was the fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One rule's judgement of one track in one airspace group, told when it changes.

    ``track`` is the track as it was just then; height is above ground level with one standard deviation.
    """

    seq: int
    logged_s: float
    track: TrackRow
    kind: Kind
    value: VerdictValue
    reason: Reason
    rule: str
    rule_version: str
    group: str
    group_name_nl: str = ""
    group_name_en: str = ""
    zone_id: str | None = None
    zone_name: str | None = None
    zone_version: str | None = None
    zone_kind: ZoneKind = ZoneKind.LEGAL
    zone_role: ZoneRole = ZoneRole.NONE
    notice_id: str | None = None
    notice_gap: NoticeGap | None = None
    notice_starts_s: float | None = None  # of the nearest notice, for the sentence
    height_agl_m: float | None = None
    height_sigma_m: float | None = None
    evidence: dict[str, Any] = field(default_factory=dict)  # numbers and names only, JSON-ready
