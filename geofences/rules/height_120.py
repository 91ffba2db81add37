"""At most 120 m above the ground in the Open category, everywhere.

Rests on: Regulation (EU) 2019/947, UAS.OPEN.010(2) and (3). Cannot know: the 15 m above an obstacle over 105 m that its
owner may ask for, ground that is not at sea level (the standard deviation carries that), a take-off from a roof.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Reason
from geofences.rules.case import Case, Finding, lowered_by_category, without_notice

RULE: Final = "height_120"
VERSION: Final = "1"
LIMIT_M: Final = 120.0
LEAST_S: Final = 5.0  # so long above it without a break (handbook, R5)


def judge(case: Case) -> Finding:
    """Asked once the track has been above 120 m beyond doubt for long enough: a matching notice allows."""
    finding = lowered_by_category(case, without_notice(case, forbidden=Reason.ABOVE_LIMIT))
    return Finding(value=finding.value, reason=finding.reason, evidence=finding.evidence | {"limit_m": LIMIT_M})
