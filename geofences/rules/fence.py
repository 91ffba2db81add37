"""Fences that users draw to be told: no law, so no violation.

Rests on: nothing but the user's wish. Cannot know: whether the flight is wanted, unless a notice says so.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Reason, VerdictValue
from geofences.rules.case import Case, Finding

RULE: Final = "fence"
VERSION: Final = "1"


def judge(case: Case) -> Finding:
    """A situation, unless a notice covers the flight."""
    if case.match.matches:
        return Finding(value=VerdictValue.ALLOWED, reason=Reason.NOTICE_MATCHES)
    return Finding(
        value=VerdictValue.SITUATION, reason=Reason.INSIDE_FENCE, evidence={"nearest_notice": case.match.reason.value}
    )
