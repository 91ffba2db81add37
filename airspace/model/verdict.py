"""The outcome of one rule for one track: value, reason and the numbers behind it. No bare yes or no leaves a stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from airspace.model.track import TrackRow, unknown_tracks
from airspace.model.zone import ZoneKind, ZoneRole


class VerdictValue(StrEnum):
    """The word "illegal" is for courts."""

    ALLOWED = "allowed"
    VIOLATION = "violation"
    SUSPECTED = "suspected"
    SITUATION = "situation"
    NOT_DECIDABLE = "not_decidable"


RANK: Final = {
    VerdictValue.ALLOWED: 0,
    VerdictValue.SITUATION: 1,
    VerdictValue.NOT_DECIDABLE: 2,
    VerdictValue.SUSPECTED: 3,
    VerdictValue.VIOLATION: 4,
}
"""Which of several counts where one must."""


class Kind(StrEnum):
    """What an alert is about."""

    ZONE = "zone"
    HEIGHT = "height"
    CAPACITY = "capacity"
    CONFORMANCE = "conformance"
    SIGHT = "sight"  # how far the pilot is
    REMOTE_ID = "remote_id"  # an identity that is missing or malformed
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
    TGB_NOT_NAMED = "tgb_not_named"  # a notice matches, but does not name this temporary area
    OVER_ASSEMBLY = "over_assembly"
    NEAR_HOMES = "near_homes"
    CLASS_NOT_ALLOWED = "class_not_allowed"
    BEYOND_SIGHT = "beyond_sight"
    REMOTE_ID_MISSING = "remote_id_missing"
    REMOTE_ID_INVALID = "remote_id_invalid"
    NOTICES_UNKNOWN = "notices_unknown"  # no notice is known, and no list of them that one can rely on
    # not decidable
    NOTICE_IDENTITY_MISSING = "notice_identity_missing"  # a notice covers place and time; the drone names no serial
    NOTICE_UNREADABLE = "notice_unreadable"  # a notice that may be this drone's, of which something cannot be read
    TIME_IMPLAUSIBLE = "time_implausible"
    SIGNAL_DOUBTFUL = "signal_doubtful"
    RULE_UNKNOWN = "rule_unknown"
    HEIGHT_UNKNOWN = "height_unknown"
    # situation
    INSIDE_FENCE = "inside_fence"
    OUTSIDE_NOTICE = "outside_notice"  # nonconforming, may still come back
    CONTINGENT = "contingent"  # nonconforming for too long
    CTR_CONCURRENCY = "ctr_concurrency"
    SENSOR_SILENT = "sensor_silent"
    SENSOR_BLIND = "sensor_blind"  # heard, and says itself that it hears nothing, or that it is not there
    SENSOR_CLOCK = "sensor_clock"  # its clock is wrong: what it hears is taken as heard when it comes
    SENSOR_OLD = "sensor_old"  # it brings nothing but what is older than the present picture
    EMERGENCY_DECLARED = "emergency_declared"
    SPOOF_SIGNS = "spoof_signs"
    FLOOD = "flood"  # more new drones at once than there can be
    # allowed, or over
    NOTICE_MATCHES = "notice_matches"
    NOTICE_GRACE = "notice_grace"  # the notice that allowed it ended or was cancelled just now: time to land
    NO_ZONE = "no_zone"
    NATURE_AREA = "nature_area"
    PILOT_FAR = "pilot_far"
    BACK_WITHIN_LIMIT = "back_within_limit"
    ON_THE_GROUND = "on_the_ground"
    LEFT_ZONE = "left_zone"
    ZONE_ENDED = "zone_ended"
    TRACK_ENDED = "track_ended"
    TRACK_MERGED = "track_merged"
    SENSOR_BACK = "sensor_back"
    SENSOR_CLOSED = "sensor_closed"  # outside its hours, paused, or at its end: meant to be silent
    SERVICE_RESTARTED = "service_restarted"


BY_NOTICE: Final = frozenset({Reason.NOTICE_MATCHES, Reason.NOTICE_GRACE})
"""Allowed, because of a notice."""

NOTHING_STANDS: Final = frozenset(
    {
        Reason.NO_ZONE,
        Reason.NATURE_AREA,
        Reason.PILOT_FAR,
        Reason.BACK_WITHIN_LIMIT,
        Reason.ON_THE_GROUND,
        Reason.LEFT_ZONE,
        Reason.ZONE_ENDED,
        Reason.TRACK_ENDED,
        Reason.TRACK_MERGED,
    }
)
"""Reasons after which nothing stands in a group: neither an objection nor a notice that allows."""

NOBODY: Final[TrackRow] = unknown_tracks(1).row(0)._replace(number=-1, track_id="")
"""The track of a verdict that is about no drone: a situation in an airspace group as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGap:
    """What kept the nearest notice from matching; None where that part matched or cannot be said."""

    metres: float | None = None  # outside its area, or above or below its band
    minutes: float | None = None  # positive: it starts later; negative: it ended before
    identity: str | None = None  # "missing", "different", or "unreadable" in the notice
    state: str | None = None  # the notice's state where that was the fault

    @property
    def meaning(self) -> tuple[bool | None, str | None, str | None]:
        """What of it must change for it to be told again: a gap that only grows says nothing new."""
        return None if self.minutes is None else self.minutes > 0, self.identity, self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One rule's judgement of one track in one airspace group, told when it changes.

    ``track`` is the track as it was just then, ``NOBODY`` where it is about the group as a whole. Height is above
    ground level with one standard deviation.
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
