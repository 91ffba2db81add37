"""Zones that need a permission: of their authority, or of military air traffic control.

Rests on: Regulation (EU) 2019/947 article 15(1)(b), the message text of the Dutch zones. Form: violation, whatever the
drone says of its category; undecidable where only the serial is missing. Cannot know: a permission given by telephone,
activation by NOTAM, whether the authority of a matching notice is the military one.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, without_notice

RULE: Final = "zone_authorisation"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/947 art. 15(1)(b); message of the zone"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.NOT_DECIDABLE})
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """A matching notice is the permission; without it, it is missing."""
    return without_notice(case, forbidden=Reason.PERMISSION_MISSING)
