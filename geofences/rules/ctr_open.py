"""Control zones: no flights in the Open category without leave.

Rests on: Regulation (EU) 2019/947 article 15 and the Dutch designation of UAS zones (Regeling zonering onbemande
luchtvaartuigen); LVNL allows Specific flights on a request in GoDrone. Cannot know: police and fire flights without a
notice, a flight indoors, whether a claim of the Specific category is true (it only lowers the verdict).
"""

from __future__ import annotations

from typing import Final

from geofences.rules.case import Case, Finding, lowered_by_category, without_notice

RULE: Final = "ctr_open"
VERSION: Final = "1"


def judge(case: Case) -> Finding:
    """A matching notice allows; otherwise the nearest notice's gap is the reason."""
    return lowered_by_category(case, without_notice(case))
