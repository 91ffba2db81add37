"""What a rule is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from airspace.model.detection import EuCategory
from airspace.model.verdict import Reason, VerdictValue
from airspace.model.zone import Zone
from geofences.notice_book import NO_NOTICE, NoticeMatch

SIGMAS: Final = 2.0  # a height counts as above a limit when it is so by two standard deviations (handbook, R5)
_BEYOND_OPEN: Final = frozenset({EuCategory.SPECIFIC, EuCategory.CERTIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One flight in one airspace group. ``zone`` is None for a rule that holds everywhere; NaN heights are unknown."""

    zone: Zone | None
    match: NoticeMatch = NO_NOTICE
    agl_m: float = float("nan")
    sigma_m: float = float("nan")
    eu_category: int = EuCategory.UNKNOWN

    @property
    def says_beyond_open(self) -> bool:
        """The drone itself says that it flies in the Specific or Certified category: a claim, no proof."""
        return self.eu_category in _BEYOND_OPEN

    def above(self, limit_m: float) -> bool:
        """Above a limit beyond doubt; never with an unknown height."""
        return self.agl_m - SIGMAS * self.sigma_m > limit_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's answer with what it rests on."""

    value: VerdictValue
    reason: Reason
    evidence: dict[str, Any] = field(default_factory=dict)


def without_notice(case: Case, forbidden: Reason | None = None) -> Finding:
    """Allowed with a matching notice, undecidable where only the identity is missing, else a violation.

    The violation's reason is the nearest notice's, or ``forbidden`` where the rule has a word of its own.
    """
    if case.match.matches:
        return Finding(value=VerdictValue.ALLOWED, reason=Reason.NOTICE_MATCHES)
    if case.match.reason is Reason.NOTICE_IDENTITY_MISSING:
        return Finding(value=VerdictValue.NOT_DECIDABLE, reason=Reason.NOTICE_IDENTITY_MISSING)
    evidence = {"nearest_notice": case.match.reason.value} if forbidden else {}
    return Finding(value=VerdictValue.VIOLATION, reason=forbidden or case.match.reason, evidence=evidence)


def lowered_by_category(case: Case, finding: Finding) -> Finding:
    """A violation of an Open-category rule is only suspected when the drone says that it flies in another."""
    if finding.value is not VerdictValue.VIOLATION or not case.says_beyond_open:
        return finding
    claim = {"says_category": EuCategory(case.eu_category).name.lower()}
    return Finding(value=VerdictValue.SUSPECTED, reason=finding.reason, evidence=finding.evidence | claim)
