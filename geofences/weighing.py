"""A rule's answer for one flight, with the doubts that no rule knows of, as a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

from airspace.model.lines import number, remark_names
from airspace.model.track import TrackRow
from airspace.model.verdict import Kind, Reason, Verdict, VerdictValue
from airspace.model.zone import Zone, ZoneKind, ZoneRole
from geofences.notice_book import HEIGHT_SIGMA_M, NO_NOTICE, NoticeBook, NoticeMatch
from geofences.rules import UNMAPPED, Rule, rule_of
from geofences.rules.case import Case, Finding
from geofences.vertical import HeightSource

HEIGHT_GROUP: Final = "height-120"
MOST_SKEW_S: Final = 5.0  # a message farther from its reception says nothing about now (handbook, trap 14)
_HEIGHT_NAMES: Final = ("de hoogtegrens van 120 m", "the 120 m height limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Height:
    """Above ground, with its standard deviation and source; NaN is unknown."""

    agl_m: float
    sigma_m: float
    source: int  # HeightSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What is told of one track in one group."""

    rule: Rule
    finding: Finding
    match: NoticeMatch

    @property
    def told(self) -> tuple[VerdictValue, Reason, str | None]:
        """What must change for it to be told again."""
        return self.finding.value, self.finding.reason, self.match.notice_id

    def crossed(self) -> Weighed:
        """The same for a zone that was only cut between two fixes: inferred, so never more than suspected."""
        situation = self.finding.value is VerdictValue.SITUATION
        value = VerdictValue.SITUATION if situation else VerdictValue.SUSPECTED
        return replace(self, finding=replace(self.finding, value=value, reason=Reason.CROSSED_BETWEEN_FIXES))


def skewed(skew_s: float) -> bool:
    """Whether the message's time is too far from its reception to judge by."""
    return abs(skew_s) > MOST_SKEW_S


def weigh(zone: Zone | None, track: TrackRow, height: Height, book: NoticeBook, time_s: float) -> Weighed:
    """Ask the zone's rule, then lower what the signal itself makes doubtful."""
    rule = rule_of(zone)
    match = NO_NOTICE
    if rule is not UNMAPPED:
        sigma_m = HEIGHT_SIGMA_M if math.isnan(height.sigma_m) else height.sigma_m
        match = book.nearest(track, height.agl_m, time_s, sigma_m)
    case = Case(zone=zone, match=match, agl_m=height.agl_m, sigma_m=height.sigma_m, eu_category=track.eu_category)
    return Weighed(rule=rule, finding=_doubted(rule.judge(case), track), match=match)


def _doubted(finding: Finding, track: TrackRow) -> Finding:
    if finding.reason is Reason.NO_ZONE:
        return finding
    if skewed(track.skew_s) and finding.value is not VerdictValue.SITUATION:
        evidence = finding.evidence | {"skew_s": number(track.skew_s, 1), "otherwise": finding.reason.value}
        return Finding(value=VerdictValue.NOT_DECIDABLE, reason=Reason.TIME_IMPLAUSIBLE, evidence=evidence)
    if not track.suspect:
        return finding
    evidence = finding.evidence | {"doubt": Reason.SIGNAL_DOUBTFUL.value, "remarks": remark_names(track.remarks)}
    lowered = VerdictValue.SUSPECTED if finding.value is VerdictValue.VIOLATION else finding.value
    return Finding(value=lowered, reason=finding.reason, evidence=evidence)


def verdict(
    weighed: Weighed,
    group: str,
    zone: Zone | None,
    track: TrackRow,
    height: Height,
    logged_s: float,
    evidence: dict[str, Any],
) -> Verdict:
    """The verdict as it is told."""
    names = (zone.group_name_nl, zone.group_name_en) if zone else _HEIGHT_NAMES
    match = weighed.match
    return Verdict(
        seq=track.seq,
        logged_s=logged_s,
        track=track,
        kind=Kind.HEIGHT if group == HEIGHT_GROUP else Kind.ZONE,
        value=weighed.finding.value,
        reason=weighed.finding.reason,
        rule=weighed.rule.name,
        rule_version=weighed.rule.version,
        group=group,
        group_name_nl=names[0],
        group_name_en=names[1],
        zone_id=zone.zone_id if zone else None,
        zone_name=zone.name if zone else None,
        zone_version=zone.version if zone else None,
        zone_kind=zone.kind if zone else ZoneKind.LEGAL,
        zone_role=zone.role if zone else ZoneRole.NONE,
        notice_id=match.notice_id,
        notice_gap=match.gap,
        notice_starts_s=match.starts_s,
        height_agl_m=number(height.agl_m, 1),
        height_sigma_m=number(height.sigma_m, 1),
        evidence=_zone_words(zone) | evidence | _height_words(height) | _notice_words(match) | weighed.finding.evidence,
    )


def over(
    group: str,
    zone: Zone | None,
    track: TrackRow,
    logged_s: float,
    reason: Reason,
    evidence: dict[str, Any],
    seq: int | None = None,
) -> Verdict:
    """The verdict that ends what was told: allowed, because it is no longer so."""
    weighed = Weighed(rule=rule_of(zone), finding=Finding(value=VerdictValue.ALLOWED, reason=reason), match=NO_NOTICE)
    height = Height(agl_m=float("nan"), sigma_m=float("nan"), source=HeightSource.UNKNOWN)
    ended = verdict(weighed, group, zone, track, height, logged_s, evidence)
    return ended if seq is None else replace(ended, seq=seq)


def _zone_words(zone: Zone | None) -> dict[str, Any]:
    if zone is None:
        return {}
    words: dict[str, Any] = {"restriction": zone.restriction.name.lower(), "predicate": zone.predicate.value}
    if zone.legal_basis:
        words["legal_basis"] = zone.legal_basis
    if zone.overrides:
        words["overrides"] = list(zone.overrides)
    return words


def _height_words(height: Height) -> dict[str, Any]:
    source = HeightSource(height.source)
    if source is HeightSource.UNKNOWN:
        return {"height": "unknown"}
    return {
        "height": source.name.lower(),
        "height_agl_m": number(height.agl_m, 1),
        "height_sigma_m": number(height.sigma_m, 1),
    }


def _notice_words(match: NoticeMatch) -> dict[str, Any]:
    notice = match.notice
    if notice is None:
        return {}
    words = {
        "notice_state": notice.state.value,
        "notice_callsign": notice.callsign,
        "notice_mission": notice.mission_type,
        "notice_authority": notice.authority,
    }
    return {name: value for name, value in words.items() if value is not None}
