"""Low-flying areas: subcategories A1 and A2 up to 30 m above ground, A3 not at all.

Rests on: the message text of the Dutch zones 2.x. Form: suspected, never more: the subcategory is not on the radio. A
class mark of C3 or C4, which fly in A3 only, is the drone's own word. Margin: two standard deviations of the height.
Cannot know: the subcategory of an unmarked drone, so of those only the height is looked at. An unknown height is no
reason to call anybody: it stays allowed, with the unknown height in the evidence.
"""

from __future__ import annotations

from typing import Final

from airspace.model.track import Booleans
from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.heights.vertical import Heights
from geofences.rules.case import ENTRY_FIXES, SIGMAS, Case, Finding, by_notice, nothing

RULE: Final = "low_flying_30"
VERSION: Final = "2"
ARTICLE: Final = "(EU) 2019/947 art. 15; message of the zone"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.SUSPECTED})
MARGIN: Final = "above the limit by more than two standard deviations of the height"
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0
LIMIT_M: Final = 30.0


def above(heights: Heights) -> Booleans:
    """The condition on the height: where it is above the limit beyond doubt."""
    high: Booleans = heights.agl_m - SIGMAS * heights.sigma_m > LIMIT_M
    return high


def judge(case: Case) -> Finding:
    """Suspected above 30 m beyond doubt, or in A3; without a notice and without a claim of another category."""
    if case.allowed:
        return by_notice(case, limit_m=LIMIT_M)
    if case.above(LIMIT_M) and not case.says_beyond_open:
        return Finding(value=VerdictValue.SUSPECTED, reason=Reason.ABOVE_LIMIT, evidence={"limit_m": LIMIT_M})
    if case.says_a3:
        return Finding(value=VerdictValue.SUSPECTED, reason=Reason.CLASS_NOT_ALLOWED, evidence=case.claims)
    return nothing(limit_m=LIMIT_M)
