"""Temporarily restricted areas (tijdelijk gebied met beperkingen): an event, a visit, a disaster.

Rests on: the decision that made the area, published as NOTAM and in the Staatscourant; Regeling tijdelijke sluiting
luchtruim and (EU) 2019/947 article 15(1)(a). Beats every notice that does not name it: one that is good for the control
zone is no leave here. Lifted by a matching notice that names the area among its exemptions, or that the area names by
its id, callsign or kind of mission. Form: violation; undecidable where such a notice covers place and time and the
drone gives no serial. Cannot know: a NOTAM replaced or cancelled since its import, leave given by telephone.
"""

from __future__ import annotations

from typing import Final

from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import ENTRY_FIXES, ENTRY_MARGIN, Case, Finding, unless_named

RULE: Final = "tgb"
VERSION: Final = "1"
ARTICLE: Final = "the area's own decision (NOTAM, Staatscourant); (EU) 2019/947 art. 15(1)(a)"
KIND: Final = Kind.ZONE
VALUES: Final = frozenset({VerdictValue.ALLOWED, VerdictValue.VIOLATION, VerdictValue.NOT_DECIDABLE})
MARGIN: Final = ENTRY_MARGIN
LEAST_FIXES: Final = ENTRY_FIXES
LEAST_S: Final = 0.0


def judge(case: Case) -> Finding:
    """As a prohibited zone; a notice that does not name the area is said to be just that."""
    return unless_named(case, unnamed=Reason.TGB_NOT_NAMED)
