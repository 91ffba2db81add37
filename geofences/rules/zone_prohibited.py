"""Zones where all flights are forbidden, among them those in force on 4 May only.

Rests on: Regulation (EU) 2019/947 article 15(1)(a), AIP NL ENR 5.1. A notice lifts it only if it names the zone among
its exemptions. Cannot know: state flights, which need no notice.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Reason, VerdictValue
from geofences.rules.case import Case, Finding

RULE: Final = "zone_prohibited"
VERSION: Final = "1"


def judge(case: Case) -> Finding:
    """Allowed only by a matching notice that names this zone."""
    notice = case.match.notice
    if case.match.matches and notice is not None and case.zone is not None and case.zone.zone_id in notice.exemptions:
        return Finding(value=VerdictValue.ALLOWED, reason=Reason.NOTICE_MATCHES)
    return Finding(
        value=VerdictValue.VIOLATION,
        reason=Reason.ALL_FLIGHTS_FORBIDDEN,
        evidence={"nearest_notice": case.match.reason.value},
    )
