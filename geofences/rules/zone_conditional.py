"""Other zones where the Open category is forbidden: aerodromes, hazardous industry, secured sites.

Rests on: Regulation (EU) 2019/947 article 15 and the message text of the zone in the ministry's file. Cannot know: the
operator's privilege for such zones, which stands in the operational authorisation, on no radio; many zones are coarse
circles of 150-500 m round a site.
"""

from __future__ import annotations

from typing import Final

from geofences.rules.case import Case, Finding, lowered_by_category, without_notice

RULE: Final = "zone_conditional"
VERSION: Final = "1"


def judge(case: Case) -> Finding:
    """As in a control zone: a matching notice allows; a claim of another category lowers."""
    return lowered_by_category(case, without_notice(case))
