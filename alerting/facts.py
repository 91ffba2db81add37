"""What an alert says, apart from its life: the matter, the drone as last seen, where, and why.

Sentences and priority are made from these facts alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Final

from airspace.model.alert import Pilot
from airspace.model.pilot import pilot_of
from airspace.model.track import TrackRow
from airspace.model.verdict import NOBODY, Kind, NoticeGap, Reason, Verdict, VerdictValue
from airspace.model.zone import ZoneRole

PLACE_KINDS: Final = frozenset({Kind.ZONE, Kind.HEIGHT})  # about where it flies
SIDE_KINDS: Final = frozenset({Kind.SIGHT, Kind.REMOTE_ID, Kind.CONFORMANCE})  # about how it flies, see aside.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One state of affairs. ``name_nl``, ``name_en``: the group as a sentence says it, or the sensor's name."""

    kind: Kind
    value: VerdictValue
    reason: Reason
    rule: str
    rule_version: str
    group: str
    name_nl: str = ""
    name_en: str = ""
    track: TrackRow | None = None
    sensors: tuple[str, ...] = ()
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    height_agl_m: float | None = None
    height_sigma_m: float | None = None
    zone_id: str | None = None
    zone_name: str | None = None
    zone_version: str | None = None
    zone_role: ZoneRole = ZoneRole.NONE
    notice_id: str | None = None
    notice_gap: NoticeGap | None = None
    notice_starts_s: float | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def pilot(self) -> Pilot | None:
        """The operator's place as the drone says it; what a doubted signal says is only a claim."""
        return None if self.track is None else pilot_of(self.track)

    @property
    def meaning(self) -> tuple[Any, ...]:
        """What of the judgement must change for it to be told at once."""
        gap = None if self.notice_gap is None else self.notice_gap.meaning
        return self.value, self.reason, self.notice_id, gap

    def because(self, reason: Reason) -> Facts:
        """The same facts with another reason."""
        return replace(self, reason=reason)

    def without_metres(self) -> Facts:
        """The same facts after the drone has moved: how far it is outside the notified area is no longer known."""
        gap = self.notice_gap
        return self if gap is None or gap.metres is None else replace(self, notice_gap=replace(gap, metres=None))


def facts_of(verdict: Verdict, sensors: tuple[str, ...], zone_role: ZoneRole) -> Facts:
    """The facts at the moment of a verdict; the role of a fence it is in is told of place and height only."""
    track = verdict.track
    about = None if track.number == NOBODY.number else track
    return Facts(
        kind=verdict.kind,
        value=verdict.value,
        reason=verdict.reason,
        rule=verdict.rule,
        rule_version=verdict.rule_version,
        group=verdict.group,
        name_nl=verdict.group_name_nl,
        name_en=verdict.group_name_en,
        track=about,
        sensors=sensors,
        latitude_deg=known(track.latitude_deg),
        longitude_deg=known(track.longitude_deg),
        height_agl_m=verdict.height_agl_m,
        height_sigma_m=verdict.height_sigma_m,
        zone_id=verdict.zone_id,
        zone_name=verdict.zone_name,
        zone_version=verdict.zone_version,
        zone_role=zone_role if verdict.kind in PLACE_KINDS else ZoneRole.NONE,
        notice_id=verdict.notice_id,
        notice_gap=verdict.notice_gap,
        notice_starts_s=verdict.notice_starts_s,
        evidence=dict(verdict.evidence),
    )


def moved(facts: Facts, track: TrackRow, sensors: tuple[str, ...]) -> Facts:
    """The same matter with the drone as it is now.

    Height above ground is the verdict's, carried on by the climb since then in whichever height the drone reports.
    """
    return replace(
        facts,
        track=track,
        sensors=sensors,
        latitude_deg=known(track.latitude_deg),
        longitude_deg=known(track.longitude_deg),
        height_agl_m=carried(facts, track.height_m, track.altitude_wgs84_m, track.altitude_pressure_m),
    )


def carried(facts: Facts, *heights_m: float) -> float | None:
    """The height above ground now, from the heights that the drone reports: over take-off, geodetic, by pressure."""
    height_agl_m, before = facts.height_agl_m, facts.track
    if height_agl_m is None or before is None:
        return height_agl_m
    told = (before.height_m, before.altitude_wgs84_m, before.altitude_pressure_m)
    climbs = (now_m - before_m for now_m, before_m in zip(heights_m, told, strict=True))
    return height_agl_m + next((climb for climb in climbs if not math.isnan(climb)), 0.0)


def known(value: float) -> float | None:
    """NaN is None."""
    return None if math.isnan(value) else value
