"""Built-up land: subcategory A3 keeps 150 m from residential, commercial, industrial and recreational areas.

Rests on: Regulation (EU) 2019/947 UAS.OPEN.040(2); the 150 m are in the zone's volume already. Form: suspected, never
more: a class mark of C3 or C4, which fly in A3 only, is the drone's own word. An unknown class is never guessed at:
nothing is said. Cannot know: a privately built or unmarked drone, what the land is used for today.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, by_notice, nothing

RULE: Final = "a3_150"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/947 UAS.OPEN.040(2)"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.SUSPECTED})
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """Suspected only for a known class that flies in A3, without a notice and without a claim of another category."""
    if case.allowed:
        return by_notice(case)
    if case.says_a3:
        return Finding(value=VerdictValue.SUSPECTED, reason=Reason.NEAR_HOMES, evidence=case.claims)
    return nothing(**(case.claims or {"class": "unknown"}))
