"""A rule's answer for one flight, with the doubts that no rule knows of, as a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from airspace.model.lines import number, remark_names
from airspace.model.track import TrackRow
from airspace.model.verdict import Kind, Reason, Verdict, VerdictValue
from airspace.model.zone import Restriction, Zone, ZoneKind, ZoneRole
from geofences.heights.vertical import HeightSource
from geofences.judging.in_force import InForce
from geofences.judging.standing import Told
from geofences.notices.book import HEIGHT_SIGMA_M, NO_NOTICE, Doubt, NoticeMatch
from geofences.rules import HEIGHT_120, UNMAPPED, Rule, height_120, night, rule_of
from geofences.rules.case import NO_TALLY, Case, Finding, Tally, by_notice

HEIGHT_GROUP: Final = height_120.GROUP
NOTICES_EVIDENCE: Final = "notices"  # a ``Doubt``: why it is open whether there is a notice
MOST_SKEW_S: Final = 5.0  # a message farther from its reception says nothing about now (handbook, trap 14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Height:
    """Above ground, with its standard deviation and source; NaN is unknown."""

    agl_m: float = math.nan
    sigma_m: float = math.nan
    source: int = HeightSource.UNKNOWN


NO_HEIGHT: Final = Height()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What is judged: a rule in an airspace group, with the zone that asks for it if one does."""

    group: str
    rule: Rule
    names: tuple[str, str]  # Dutch, English
    zone: Zone | None = None

    @classmethod
    def of(cls, group: str, zone: Zone | None) -> Matter:
        """A zone in its group; without a zone, the height that holds everywhere."""
        if zone is None:
            return cls(group=group, rule=HEIGHT_120, names=height_120.NAMES)
        return cls(group=group, rule=rule_of(zone), names=(zone.group_name_nl, zone.group_name_en), zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the condition of a rule that holds everywhere measured."""

    level: int = 1
    metres: float = math.nan
    tally: Tally = NO_TALLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What is told of one track in one matter."""

    finding: Finding
    match: NoticeMatch = NO_NOTICE

    @property
    def told(self) -> Told:
        """What must change for it to be told again."""
        meaning = None if self.match.gap is None else self.match.gap.meaning
        return self.finding.value, self.finding.reason, self.match.notice_id, meaning

    def crossed(self) -> Weighed:
        """The same for a zone that was only cut between two fixes: inferred, so never more than suspected."""
        situation = self.finding.value is VerdictValue.SITUATION
        value = VerdictValue.SITUATION if situation else VerdictValue.SUSPECTED
        return replace(self, finding=replace(self.finding, value=value, reason=Reason.CROSSED_BETWEEN_FIXES))


def skewed(skew_s: float) -> bool:
    """Whether the message's time is too far from its reception to judge by."""
    return abs(skew_s) > MOST_SKEW_S


def weigh(
    in_force: InForce,
    matter: Matter,
    track: TrackRow,
    height: Height,
    time_s: float,
    *,
    exempting: Sequence[Zone] = (),
    allowed_by: str | None = None,
    measure: Measure | None = None,
) -> Weighed:
    """Ask the rule, then lower what an exempting zone or the signal itself makes doubtful.

    ``exempting`` are the zones here that lift what others ask of some kinds of flight; ``allowed_by`` is the notice
    that allowed this flight so far.
    """
    match = NO_NOTICE
    if matter.rule is not UNMAPPED:
        sigma_m = HEIGHT_SIGMA_M if math.isnan(height.sigma_m) else height.sigma_m
        match = in_force.book.nearest(track, height.agl_m, time_s, sigma_m, allowed_by=allowed_by)
    measure = measure or Measure()
    case = Case(
        zone=matter.zone,
        match=match,
        agl_m=height.agl_m,
        sigma_m=height.sigma_m,
        eu_category=track.eu_category,
        eu_class=track.eu_class,
        uas_id=track.uas_id,
        uas_id_type=track.uas_id_type,
        operator_id=track.operator_id,
        uspace=in_force.uspace,
        confidence=track.confidence,
        level=measure.level,
        metres=measure.metres,
        now_s=track.last_seen_s,
        tally=measure.tally,
    )
    finding = _unlisted(_exempted(matter.rule.judge(case), case, exempting), in_force.book.doubt(time_s))
    return Weighed(finding=_doubted(finding, matter.rule, track), match=match)


def _exempted(finding: Finding, case: Case, exempting: Sequence[Zone]) -> Finding:
    """What a zone for one kind of flight does to a violation here: lowers it, as no broadcast tells the kind.

    A matching notice tells it, and lifts it. A temporary area is lifted by nothing but what it names itself.
    """
    if finding.value is not VerdictValue.VIOLATION or not exempting or case.zone is None:
        return finding
    if case.zone.restriction is Restriction.TEMPORARY:
        return finding
    evidence = {
        "exempting_zones": [zone.zone_id for zone in exempting],
        "exempts": sorted({kind for zone in exempting for kind in zone.exempts}),
    }
    notice = case.match.notice
    if case.allowed and notice is not None and notice.mission_type in evidence["exempts"]:
        return by_notice(case, **evidence)
    return Finding(value=VerdictValue.SUSPECTED, reason=finding.reason, evidence=finding.evidence | evidence)


def _unlisted(finding: Finding, doubt: Doubt | None) -> Finding:
    """Lowered where the notices of this time are not known: whatever is forbidden without one may be allowed.

    The flight is told of all the same: most are not allowed, and nobody has said that this one is.
    """
    if doubt is None or finding.value not in {VerdictValue.VIOLATION, VerdictValue.SUSPECTED}:
        return finding
    reason = Reason.NOTICES_UNKNOWN if finding.reason is Reason.NO_NOTICE else finding.reason
    return Finding(
        value=VerdictValue.SUSPECTED, reason=reason, evidence=finding.evidence | {NOTICES_EVIDENCE: doubt.value}
    )


def _doubted(finding: Finding, rule: Rule, track: TrackRow) -> Finding:
    """Lowered where the message's time is not now's (which matters to no identity), or the signal is doubted.

    What is followed without an identity may be something else on the air than a drone: never more than suspected.
    """
    if finding.value is VerdictValue.ALLOWED and finding.reason in {Reason.NO_ZONE, Reason.NATURE_AREA}:
        return finding
    timely = finding.value is VerdictValue.SITUATION or rule.kind is Kind.REMOTE_ID
    if skewed(track.skew_s) and not timely:
        evidence = finding.evidence | {"skew_s": number(track.skew_s, 1), "otherwise": finding.reason.value}
        return Finding(value=VerdictValue.NOT_DECIDABLE, reason=Reason.TIME_IMPLAUSIBLE, evidence=evidence)
    nameless = not math.isnan(track.confidence)
    if not track.suspect and not nameless:
        return finding
    lowered = VerdictValue.SUSPECTED if finding.value is VerdictValue.VIOLATION else finding.value
    if nameless:
        evidence = finding.evidence | {"detection_confidence": number(track.confidence, 2)}
        return Finding(value=lowered, reason=finding.reason, evidence=evidence)
    evidence = finding.evidence | {"doubt": Reason.SIGNAL_DOUBTFUL.value, "remarks": remark_names(track.remarks)}
    return Finding(value=lowered, reason=finding.reason, evidence=evidence)


def verdict(
    weighed: Weighed, matter: Matter, track: TrackRow, height: Height, logged_s: float, evidence: dict[str, Any]
) -> Verdict:
    """The verdict as it is told."""
    zone, match = matter.zone, weighed.match
    return Verdict(
        seq=track.seq,
        logged_s=logged_s,
        track=track,
        kind=matter.rule.kind,
        value=weighed.finding.value,
        reason=weighed.finding.reason,
        rule=matter.rule.name,
        rule_version=matter.rule.version,
        group=matter.group,
        group_name_nl=matter.names[0],
        group_name_en=matter.names[1],
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
        evidence=_zone_words(zone)
        | evidence
        | _height_words(height)
        | _notice_words(match)
        | _night_words(track)
        | weighed.finding.evidence,
    )


def over(
    matter: Matter,
    track: TrackRow,
    logged_s: float,
    reason: Reason,
    evidence: dict[str, Any],
    seq: int | None = None,
) -> Verdict:
    """The verdict that ends what was told: allowed, because it is no longer so."""
    weighed = Weighed(finding=Finding(value=VerdictValue.ALLOWED, reason=reason))
    ended = verdict(weighed, matter, track, NO_HEIGHT, logged_s, evidence)
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
    if match.unread is not None:
        return {"notice_unread": f"{match.unread.source}: {match.unread.place}"}
    if notice is None:
        return {}
    words = {
        "notice_state": notice.state.value,
        "notice_callsign": notice.callsign,
        "notice_mission": notice.mission_type,
        "notice_authority": notice.authority,
    }
    return {name: value for name, value in words.items() if value is not None}


def _night_words(track: TrackRow) -> dict[str, Any]:
    time_s = track.logged_s if math.isnan(track.fix_time_s) else track.fix_time_s
    if math.isnan(track.latitude_deg) or math.isnan(time_s):
        return {}
    return night.evidence(track.latitude_deg, track.longitude_deg, time_s)
