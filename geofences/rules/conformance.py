"""A flight with a notice that leaves the volume it was given.

Rests on: ASTM F3548-21 as Regulation (EU) 2021/664 article 6 and 10(2)(d) asks: 95 % of a flight inside, one
excursion at most 10 s, then nonconforming, recoverable for 60 s, then contingent; 18 excursions a flight hour.
Form: situation: it is the flight's own promise; what the zone says of it is the zone's rule. Margin: one standard
deviation of position and height (notices/book.py). Counted at ticks, one sample a tick at which the drone was heard
anew. Cannot know: a change of plan that was agreed by radio; an AGL height against a W84 volume is as good as its
conversion.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from airspace.model.lines import number
from airspace.model.verdict import Kind, Reason, VerdictValue
from geofences.rules.case import Case, Finding
from geofences.rules.scene import CANNOT_SAY, Measured, Scene, measured

RULE: Final = "conformance"
VERSION: Final = "1"
ARTICLE: Final = "ASTM F3548-21; (EU) 2021/664 art. 6, 10(2)(d)"
KIND: Final = Kind.CONFORMANCE
VALUES: Final = frozenset({VerdictValue.SITUATION})
MARGIN: Final = "outside by more than one standard deviation of position and height"
LEAST_FIXES: Final = 2
LEAST_S: Final = 10.0  # one excursion
RECOVERABLE_S: Final = 60.0
MOST_OUTSIDE: Final = 0.05
MOST_EXCURSIONS: Final = 18  # in a flight hour
GROUP: Final = "conformance"
NAMES: Final = ("het gemelde gebied", "the notified area")
_CONTINGENT: Final = 2  # the level


def measure(scene: Scene) -> Measured:
    """The condition: outside its own notice that is in force."""
    found = measured(len(scene.tracks))
    found.metres[:] = scene.outside_m
    with np.errstate(invalid="ignore"):
        found.level[:] = np.where(np.isnan(scene.outside_m), CANNOT_SAY, np.where(scene.outside_m > 0, _CONTINGENT, 0))
    return found


def judge(case: Case) -> Finding:
    """Nonconforming, or contingent when it went on for too long; with what was counted of the flight."""
    tally = case.tally
    inside = tally.within / tally.samples if tally.samples else 1.0
    evidence = {
        "outside_m": number(case.metres, 0),
        "excursion_s": None if tally.since_s is None else number(case.now_s - tally.since_s, 0),
        "share_inside": round(inside, 3),
        "share_inside_kept": inside >= 1.0 - MOST_OUTSIDE,
        "excursions": tally.departures,
    }
    reason = Reason.CONTINGENT if case.level >= _CONTINGENT else Reason.OUTSIDE_NOTICE
    return Finding(value=VerdictValue.SITUATION, reason=reason, evidence=evidence)
