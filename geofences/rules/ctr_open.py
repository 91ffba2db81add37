"""Control zones: no flights in the Open category without leave.

Rests on: Regulation (EU) 2019/947 article 15 and the Dutch designation of UAS zones (Regeling zonering onbemande
luchtvaartuigen); LVNL allows Specific flights on a request in GoDrone. Form: violation; suspected where the drone says
that it flies Specific (its own word); undecidable where only the serial is missing. Cannot know: police and fire
flights without a notice, a flight indoors, whether a claim is true.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, lowered_by_category, without_notice

RULE: Final = "ctr_open"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/947 art. 15; Regeling zonering onbemande luchtvaartuigen"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset(
    {VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.NOT_DECIDABLE}
)
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """A matching notice allows; otherwise the nearest notice's gap is the reason."""
    return lowered_by_category(case, without_notice(case))
