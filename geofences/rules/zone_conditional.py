"""Other zones where the Open category is forbidden: aerodromes, helicopter sites, secured places.

Rests on: Regulation (EU) 2019/947 article 15 and the message text of the zone in the ministry's file. Form: as in a
control zone. Cannot know: the operator's privilege for such zones, which stands in the operational authorisation, on no
radio.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, lowered_by_category, without_notice

RULE: Final = "zone_conditional"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/947 art. 15; message of the zone"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset(
    {VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.NOT_DECIDABLE}
)
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """As in a control zone: a matching notice allows; a claim of another category lowers."""
    return lowered_by_category(case, without_notice(case))
