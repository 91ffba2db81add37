"""Hazardous industry, drinking water, prisons: no flights in the Open category up to 120 m above ground.

Rests on: Regulation (EU) 2019/947 article 15 and the message text of the Dutch zones 5 and 6.x. Form: as in a control
zone. Cannot know: where the site itself ends; most of these zones are circles of 150 to 500 m round one point, so the
evidence says that a circle was judged, and how wide. Nor a privilege in an operational authorisation.
"""

from __future__ import annotations

from typing import Any, Final

from airspace.model.verdict import Kind, VerdictValue
from airspace.model.zone import Circle
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, lowered_by_category, without_notice

RULE: Final = "industry"
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
    """As in a control zone, with the width of the circle that stands for the site."""
    finding = lowered_by_category(case, without_notice(case))
    return Finding(value=finding.value, reason=finding.reason, evidence=finding.evidence | _circle(case))


def _circle(case: Case) -> dict[str, Any]:
    shapes = [] if case.zone is None else [volume.shape for volume in case.zone.volumes]
    radii = [shape.radius_m for shape in shapes if isinstance(shape, Circle)]
    return {"circle_radius_m": max(radii)} if radii else {}
