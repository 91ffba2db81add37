"""At most 120 m above the ground in the Open category, everywhere.

Rests on: Regulation (EU) 2019/947 article 4(1)(e), UAS.OPEN.010(2), (3). Form: violation; suspected where the drone
says that it flies Specific. Margin: two standard deviations of the height. Cannot know: the 15 m above an obstacle over
105 m that its owner may ask for, ground that is not at sea level (the standard deviation carries that), a take-off from
a roof.
"""

from __future__ import annotations

from typing import Final

from airspace.model.track import Booleans
from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.heights.vertical import Heights
from geofences.rules.case import SIGMAS, Case, Finding, lowered_by_category, without_notice

RULE: Final = "height_120"
VERSION: Final = "1"
ARTICLE: Final = "(EU) 2019/947 art. 4(1)(e), UAS.OPEN.010(2), (3)"
KIND: Final = Kind.HEIGHT
VALUES: Final = frozenset(
    {VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.SUSPECTED, VerdictValue.NOT_DECIDABLE}
)
MARGIN: Final = "above the limit by more than two standard deviations of the height"
LEAST_FIXES: Final = 2
LEAST_S: Final = 5.0  # so long above it without a break (handbook, R5)
LIMIT_M: Final = 120.0
GROUP: Final = "height-120"
NAMES: Final = ("de hoogtegrens van 120 m", "the 120 m height limit")


def above(heights: Heights) -> Booleans:
    """The condition: where a height is above the limit beyond doubt."""
    high: Booleans = heights.agl_m - SIGMAS * heights.sigma_m > LIMIT_M
    return high


def judge(case: Case) -> Finding:
    """Asked once the track has been above 120 m beyond doubt for long enough: a matching notice allows."""
    finding = lowered_by_category(case, without_notice(case, forbidden=Reason.ABOVE_LIMIT))
    return Finding(value=finding.value, reason=finding.reason, evidence=finding.evidence | {"limit_m": LIMIT_M})
