"""Natura 2000: information, never an alarm.

Rests on: Omgevingswet (a provincial permit where a flight may disturb nature) and the rules of each province, which
differ; the areas come from PDOK (RVO, 209 areas). Form: allowed, with a reason of its own. Cannot know: what the
province asks at this place and in this season, whether there is a permit.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding

RULE: Final = "natura2000"
VERSION: Final = "1"
ARTICLE: Final = "Omgevingswet; the rules of the province"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED})
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(_: Case) -> Finding:
    """Said for the record and for the explanation."""
    return Finding(value=VerdictValue.ALLOWED, reason=Reason.NATURE_AREA)
