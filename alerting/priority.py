"""How much an alert deserves somebody's time, 0 to 100, as a sum of named factors.

About 99 % of the drone flights over Amsterdam are not allowed (handbook, users 1.1): that a flight is a violation says
little, so a plain violation stays under ``URGENT``, from where an untaken alert escalates. What raises it is danger to
people (handbook, users 4.2: ring = duty officer, over the bowl or under 50 m = top) and the chance that sending
somebody helps: a pilot whose place is known. What lowers it is doubt.

| factor | points | when |
|---|---|---|
| violation, suspected, situation, not_decidable | 40, 30, 20, 15 | the verdict's value |
| all_flights_forbidden, tgb_not_named, over_assembly | 15 | the strength of the restriction, from the reason |
| permission_missing | 10 | likewise |
| ctr_concurrency, contingent | 20, 10 | a control zone that is too full, a plan that is broken for long |
| beyond_sight | -10 | the law names no distance |
| remote_id_missing, remote_id_invalid | -15 | most of these drones are in order |
| over_crowd / in_ring | 40 / 20 | the role of the fence it flies in |
| low_over_crowd | 10 | over the crowd and under 50 m above ground |
| pilot_live / pilot_takeoff | 10 / 5 | the operator's place is said and the signal is not doubted |
| emergency | 80 | the drone declares one |
| sensor_silent, sensor_blind, sensor_clock, sensor_old | 20 | the picture has a hole |
| swarm | 15 | many drones out of one transmitter |
| flood | 20 | more new drones at once than there can be |
| highest_inside | up to the highest | of the alerts that a flood speaks for: none of them is hidden under a lower one |
| signal_doubtful | -40 | the signal is suspect (not in the alert that says just that) |
| notice_nearly_matches | -10 | a notice exists and one thing is missing by little |

The sum is cut to 0-100. Restriction strength beyond the reason, crowd size and time of day are not known here.
"""

from __future__ import annotations

from typing import Final

from airspace.model.alert import Factor, PilotKind
from airspace.model.detection import Status
from airspace.model.verdict import Kind, NoticeGap, Reason, VerdictValue
from airspace.model.zone import ZoneRole
from alerting.facts import Facts

URGENT: Final = 60
LOW_OVER_CROWD_M: Final = 50.0  # handbook, users 4.2
NEARLY_M: Final = 100.0
NEARLY_MINUTES: Final = 15.0

_VALUE: Final = {
    VerdictValue.VIOLATION: 40,
    VerdictValue.SUSPECTED: 30,
    VerdictValue.SITUATION: 20,
    VerdictValue.NOT_DECIDABLE: 15,
    VerdictValue.ALLOWED: 0,
}
_REASON: Final = {
    Reason.ALL_FLIGHTS_FORBIDDEN: 15,
    Reason.TGB_NOT_NAMED: 15,
    Reason.OVER_ASSEMBLY: 15,
    Reason.PERMISSION_MISSING: 10,
    Reason.CTR_CONCURRENCY: 20,
    Reason.CONTINGENT: 10,
    Reason.BEYOND_SIGHT: -10,
    Reason.REMOTE_ID_MISSING: -15,
    Reason.REMOTE_ID_INVALID: -15,
    Reason.SENSOR_SILENT: 20,
    Reason.SENSOR_BLIND: 20,
    Reason.FLOOD: 20,
    Reason.SENSOR_CLOCK: 20,
    Reason.SENSOR_OLD: 20,
}
_PILOT: Final = {PilotKind.LIVE: ("pilot_live", 10), PilotKind.TAKEOFF: ("pilot_takeoff", 5)}


def priority(facts: Facts) -> tuple[int, tuple[Factor, ...]]:
    """The priority and the factors it is the sum of, those of 0 points left out."""
    points = {facts.value.value: _VALUE[facts.value], facts.reason.value: _REASON.get(facts.reason, 0)}
    points |= _place(facts)
    points |= _drone(facts)
    if nearly(facts.notice_gap):
        points["notice_nearly_matches"] = -10
    if "tracks" in facts.evidence and facts.reason is Reason.SPOOF_SIGNS:
        points["swarm"] = 15
    highest = facts.evidence.get("highest_priority") if facts.reason is Reason.FLOOD else None
    if isinstance(highest, int):
        points["highest_inside"] = max(0, highest - sum(points.values()))
    factors = tuple(Factor(name=name, points=value) for name, value in points.items() if value)
    return max(0, min(100, sum(factor.points for factor in factors))), factors


def _place(facts: Facts) -> dict[str, int]:
    if facts.zone_role is ZoneRole.RING:
        return {"in_ring": 20}
    if facts.zone_role is not ZoneRole.BOWL:
        return {}
    low = facts.height_agl_m is not None and facts.height_agl_m < LOW_OVER_CROWD_M
    return {"over_crowd": 40, "low_over_crowd": 10 if low else 0}


def _drone(facts: Facts) -> dict[str, int]:
    track = facts.track
    if track is None or facts.kind is Kind.SPOOFING:
        return {}
    points = {}
    if facts.pilot is not None and facts.pilot.kind in _PILOT:
        name, value = _PILOT[facts.pilot.kind]
        points[name] = value
    if track.status == Status.EMERGENCY or facts.kind is Kind.EMERGENCY:
        points["emergency"] = 80
    if track.suspect:
        points["signal_doubtful"] = -40
    return points


def nearly(gap: NoticeGap | None) -> bool:
    """Whether just one thing kept a notice from matching, and by little."""
    if gap is None:
        return False
    faults = [fault for fault in (gap.metres, gap.minutes, gap.identity, gap.state) if fault is not None]
    if len(faults) != 1:
        return False
    if gap.metres is not None:
        return gap.metres <= NEARLY_M
    if gap.minutes is not None:
        return abs(gap.minutes) <= NEARLY_MINUTES
    return gap.identity in {"missing", "unreadable"}
