"""Events: no flight in the Open category over an assembly of people.

Rests on: Regulation (EU) 2019/947 article 4(1)(c); article 2(3) says what an assembly is: people who cannot move away
for their density. Form: suspected, never more: whether there is a crowd now, and just under the
drone, is on no radio. A claim of the Specific category, which may fly over a crowd with leave, changes nothing while no
notice shows that leave: it is added to the evidence. Cannot know: where the crowd ends, whether it has come already.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, by_notice

RULE: Final = "assembly"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/947 art. 4(1)(c), 2(3)"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.SUSPECTED})
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """Suspected inside the event's area in its hours, unless a notice covers the flight."""
    if case.allowed:
        return by_notice(case)
    evidence = {"nearest_notice": case.match.reason.value} | case.claims
    return Finding(value=VerdictValue.SUSPECTED, reason=Reason.OVER_ASSEMBLY, evidence=evidence)
