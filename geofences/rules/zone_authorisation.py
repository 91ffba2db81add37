"""Zones that need a permission: of their authority, or of military air traffic control.

Rests on: Regulation (EU) 2019/947 article 15(1)(b), the message text of the Dutch zones. Cannot know: a permission
given by telephone, activation by NOTAM, whether the authority of a matching notice is the military one.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Reason
from geofences.rules.case import Case, Finding, without_notice

RULE: Final = "zone_authorisation"
VERSION: Final = "1"


def judge(case: Case) -> Finding:
    """A matching notice is the permission; without it, it is missing."""
    return without_notice(case, forbidden=Reason.PERMISSION_MISSING)
