"""Zones where all flights are forbidden, among them those in force on 4 May only.

Rests on: Regulation (EU) 2019/947 article 15(1)(a), AIP NL ENR 5.1. A notice lifts it only if it names the zone among
its exemptions. Form: violation; undecidable where such a notice covers place and time and the drone gives no serial.
Cannot know: state flights, which need no notice.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, unless_named

RULE: Final = "zone_prohibited"
VERSION: Final = "2"
ARTICLE: Final = "(EU) 2019/947 art. 15(1)(a); AIP NL ENR 5.1"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.NOT_DECIDABLE})
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """Allowed only by a matching notice that names this zone."""
    return unless_named(case, unnamed=Reason.ALL_FLIGHTS_FORBIDDEN)
