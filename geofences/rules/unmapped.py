"""Zones whose text nobody has mapped to a rule, and zones that ask nothing.

Rests on: nothing, and says so: undecidable is told, never guessed.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Reason, VerdictValue
from airspace.model.zone import Predicate
from geofences.rules.case import Case, Finding

RULE: Final = "unmapped"
VERSION: Final = "1"


def judge(case: Case) -> Finding:
    """Undecidable for an unknown text, allowed where there is nothing to check."""
    if case.zone is not None and case.zone.predicate is Predicate.NONE:
        return Finding(value=VerdictValue.ALLOWED, reason=Reason.NO_ZONE)
    return Finding(value=VerdictValue.NOT_DECIDABLE, reason=Reason.RULE_UNKNOWN)
