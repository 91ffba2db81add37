"""What a rule is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from airspace.model.detection import EuCategory, EuClass, IdType
from airspace.model.verdict import BY_NOTICE, Reason, VerdictValue
from airspace.model.zone import Zone
from geofences.notices.book import NO_NOTICE, NoticeMatch

SIGMAS: Final = 2.0  # a height counts as above a limit when it is so by two standard deviations (handbook, R5)
ENTRY_MARGIN: Final = "inside by more than one standard deviation of the position"
ENTRY_FIXES: Final = 2  # fixes in a row inside a zone before anything is said of it (handbook, trap 10)
MAY_BE_ITS: Final = frozenset({Reason.NOTICE_IDENTITY_MISSING, Reason.NOTICE_UNREADABLE})
"""A notice covers the flight, but for whose it is; or it names the drone, and cannot be read."""
_BEYOND_OPEN: Final = frozenset({EuCategory.SPECIFIC, EuCategory.CERTIFIED})
_A3_ONLY: Final = frozenset({EuClass.C3, EuClass.C4})  # Delegated Regulation (EU) 2019/945, parts 4 and 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was counted of a rule over one flight, one sample a tick at which the drone was heard anew."""

    samples: int = 0
    within: int = 0
    departures: int = 0
    since_s: float | None = None  # of the present departure


NO_TALLY: Final = Tally()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flights:
    """What is in the air in one control zone: announced flights by kind, and the rest."""

    commercial: int = 0
    emergency: int = 0
    unknown: int = 0


NO_FLIGHTS: Final = Flights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One flight in one airspace group. ``zone`` is None for a rule that holds everywhere; NaN heights are unknown.

    ``level`` and ``metres`` are what the condition of such a rule measured. ``uspace``: whether U-space rules are on.
    ``flights`` and ``room`` (commercial, emergency) are of a group as a whole.
    """

    zone: Zone | None
    match: NoticeMatch = NO_NOTICE
    agl_m: float = float("nan")
    sigma_m: float = float("nan")
    eu_category: int = EuCategory.UNKNOWN
    eu_class: int = EuClass.UNKNOWN
    uas_id: str | None = None
    uas_id_type: int = IdType.UNKNOWN
    operator_id: str | None = None
    uspace: bool = False
    confidence: float = float("nan")  # that there is something: of a track without identity
    level: int = 1
    metres: float = float("nan")
    now_s: float = float("nan")
    tally: Tally = NO_TALLY
    flights: Flights = NO_FLIGHTS
    room: tuple[int, int] | None = None

    @property
    def allowed(self) -> bool:
        """A notice matches, or did until just now."""
        return self.match.reason in BY_NOTICE

    @property
    def says_beyond_open(self) -> bool:
        """The drone itself says that it flies in the Specific or Certified category: a claim, no proof."""
        return self.eu_category in _BEYOND_OPEN

    @property
    def says_a3(self) -> bool:
        """It bears, by its own word, a class mark that flies in subcategory A3 only."""
        return self.eu_class in _A3_ONLY and not self.says_beyond_open

    @property
    def claims(self) -> dict[str, str]:
        """What it says of its category and class: evidence, never a proof."""
        claims = {}
        if self.eu_category != EuCategory.UNKNOWN:
            claims["says_category"] = EuCategory(self.eu_category).name.lower()
        if self.eu_class != EuClass.UNKNOWN:
            claims["says_class"] = EuClass(self.eu_class).name
        return claims

    def above(self, limit_m: float) -> bool:
        """Above a limit beyond doubt; never with an unknown height."""
        return self.agl_m - SIGMAS * self.sigma_m > limit_m

    def names_zone(self) -> bool:
        """The nearest notice names this zone among its exemptions, or the zone names the notice or its kind."""
        notice, zone = self.match.notice, self.zone
        if notice is None or zone is None:
            return False
        named = (notice.notice_id, notice.callsign, notice.mission_type)
        return zone.zone_id in notice.exemptions or any(each is not None and each in zone.exempts for each in named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's answer with what it rests on."""

    value: VerdictValue
    reason: Reason
    evidence: dict[str, Any] = field(default_factory=dict)


def by_notice(case: Case, **evidence: Any) -> Finding:
    """Allowed by the notice that matches."""
    return Finding(value=VerdictValue.ALLOWED, reason=case.match.reason, evidence=evidence)


def nothing(**evidence: Any) -> Finding:
    """Allowed, and not worth a word."""
    return Finding(value=VerdictValue.ALLOWED, reason=Reason.NO_ZONE, evidence=evidence)


def without_notice(case: Case, forbidden: Reason | None = None) -> Finding:
    """Allowed with a matching notice, undecidable where one may be this drone's (``MAY_BE_ITS``), else a violation.

    The violation's reason is the nearest notice's, or ``forbidden`` where the rule has a word of its own.
    """
    if case.allowed:
        return by_notice(case)
    if case.match.reason in MAY_BE_ITS:
        return Finding(value=VerdictValue.NOT_DECIDABLE, reason=case.match.reason)
    evidence = {"nearest_notice": case.match.reason.value} if forbidden else {}
    return Finding(value=VerdictValue.VIOLATION, reason=forbidden or case.match.reason, evidence=evidence)


def unless_named(case: Case, unnamed: Reason) -> Finding:
    """All flights are forbidden but those that the area or their notice names; ``unnamed``: a notice, but not for here.

    Where such a notice covers place and time and only the serial is missing or cannot be read, it may be that flight:
    undecidable, as is a notice of this drone of which nothing else can be read.
    """
    if case.names_zone():
        if case.allowed:
            return by_notice(case)
        if case.match.reason in MAY_BE_ITS:
            return Finding(value=VerdictValue.NOT_DECIDABLE, reason=case.match.reason)
    elif case.match.reason is Reason.NOTICE_UNREADABLE and case.match.notice is None:
        return Finding(value=VerdictValue.NOT_DECIDABLE, reason=Reason.NOTICE_UNREADABLE)  # it may name this area
    return Finding(
        value=VerdictValue.VIOLATION,
        reason=unnamed if case.allowed else Reason.ALL_FLIGHTS_FORBIDDEN,
        evidence={"nearest_notice": case.match.reason.value},
    )


def lowered_by_category(case: Case, finding: Finding) -> Finding:
    """A violation of an Open-category rule is only suspected when the drone says that it flies in another."""
    if finding.value is not VerdictValue.VIOLATION or not case.says_beyond_open:
        return finding
    claim = {"says_category": EuCategory(case.eu_category).name.lower()}
    return Finding(value=VerdictValue.SUSPECTED, reason=finding.reason, evidence=finding.evidence | claim)
