"""Zones whose text nobody has mapped to a rule, and zones that ask nothing.

Rests on: nothing, and says so: undecidable is told, never guessed. Form: undecidable, or allowed.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from airspace.model.zone import Predicate
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, nothing

RULE: Final = "unmapped"
VERSION: Final = "1"
ARTICLE: Final = ""  # which law it is, is not known
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.NOT_DECIDABLE})
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """Undecidable for an unknown text, allowed where there is nothing to check."""
    if case.zone is not None and case.zone.predicate is Predicate.NONE:
        return nothing()
    return Finding(value=VerdictValue.NOT_DECIDABLE, reason=Reason.RULE_UNKNOWN)
