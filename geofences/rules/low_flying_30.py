"""Low-flying areas: subcategories A1 and A2 up to 30 m above ground, A3 not at all.

Rests on: the message text of the Dutch zones 2.x. Cannot know: the subcategory (a class mark on the air is a claim), so
only the height is looked at, and only suspected. An unknown height is no reason to call anybody: it stays allowed, with
the unknown height in the evidence.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Reason, VerdictValue
from geofences.rules.case import Case, Finding

RULE: Final = "low_flying_30"
VERSION: Final = "1"
LIMIT_M: Final = 30.0


def judge(case: Case) -> Finding:
    """Suspected only above 30 m beyond doubt, without a notice and without a claim of another category."""
    limit = {"limit_m": LIMIT_M}
    if case.match.matches:
        return Finding(value=VerdictValue.ALLOWED, reason=Reason.NOTICE_MATCHES, evidence=limit)
    if case.above(LIMIT_M) and not case.says_beyond_open:
        return Finding(value=VerdictValue.SUSPECTED, reason=Reason.ABOVE_LIMIT, evidence=limit)
    return Finding(value=VerdictValue.ALLOWED, reason=Reason.NO_ZONE, evidence=limit)
