"""Fences that users draw to be told: no law, so no violation.

Rests on: nothing but the user's wish. Form: situation. Cannot know: whether the flight is wanted, unless a notice says
so.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, by_notice

RULE: Final = "fence"
VERSION: Final = "1"
ARTICLE: Final = ""  # no law: a user asked to be told
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.SITUATION})
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """A situation, unless a notice covers the flight."""
    if case.allowed:
        return by_notice(case)
    return Finding(
        value=VerdictValue.SITUATION, reason=Reason.INSIDE_FENCE, evidence={"nearest_notice": case.match.reason.value}
    )
