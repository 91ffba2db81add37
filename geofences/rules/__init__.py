"""One rule a file: pure functions that return a reason. This table says which rule a zone's predicate asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from airspace.model.zone import Predicate, Zone, ZoneKind
from geofences.rules import (
    ctr_open,
    fence,
    height_120,
    low_flying_30,
    unmapped,
    zone_authorisation,
    zone_conditional,
    zone_prohibited,
)
from geofences.rules.case import Case, Finding

_CONTROL_ZONE_GROUP: Final = "ctr-"  # how dutch.py names the groups of control zones


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule with its name and version, as verdicts carry them."""

    name: str
    version: str
    judge: Callable[[Case], Finding]


CTR_OPEN: Final = Rule(name=ctr_open.RULE, version=ctr_open.VERSION, judge=ctr_open.judge)
FENCE: Final = Rule(name=fence.RULE, version=fence.VERSION, judge=fence.judge)
HEIGHT_120: Final = Rule(name=height_120.RULE, version=height_120.VERSION, judge=height_120.judge)
LOW_FLYING_30: Final = Rule(name=low_flying_30.RULE, version=low_flying_30.VERSION, judge=low_flying_30.judge)
UNMAPPED: Final = Rule(name=unmapped.RULE, version=unmapped.VERSION, judge=unmapped.judge)
ZONE_AUTHORISATION: Final = Rule(
    name=zone_authorisation.RULE, version=zone_authorisation.VERSION, judge=zone_authorisation.judge
)
ZONE_CONDITIONAL: Final = Rule(
    name=zone_conditional.RULE, version=zone_conditional.VERSION, judge=zone_conditional.judge
)
ZONE_PROHIBITED: Final = Rule(name=zone_prohibited.RULE, version=zone_prohibited.VERSION, judge=zone_prohibited.judge)

RULES: Final[dict[Predicate, Rule]] = {
    Predicate.OPEN_FORBIDDEN: ZONE_CONDITIONAL,
    Predicate.OPEN_MAX_30_M: LOW_FLYING_30,
    Predicate.MILITARY_PERMISSION: ZONE_AUTHORISATION,
    Predicate.FOURTH_OF_MAY: ZONE_PROHIBITED,
    Predicate.ALL_FORBIDDEN: ZONE_PROHIBITED,
    Predicate.AUTHORISATION: ZONE_AUTHORISATION,
    Predicate.INDUSTRY: ZONE_CONDITIONAL,
    Predicate.TEMPORARY: ZONE_PROHIBITED,
    Predicate.USPACE: UNMAPPED,
    Predicate.ASSEMBLY: FENCE,
    Predicate.RESIDENTIAL: UNMAPPED,
    Predicate.NATURE: UNMAPPED,
    Predicate.UNKNOWN: UNMAPPED,
    Predicate.NONE: UNMAPPED,
}


def rule_of(zone: Zone | None) -> Rule:
    """The rule of a zone; without a zone, the height that holds everywhere."""
    if zone is None:
        return HEIGHT_120
    if zone.kind is ZoneKind.ALERT_ONLY:
        return FENCE
    if zone.predicate is Predicate.OPEN_FORBIDDEN and zone.group.startswith(_CONTROL_ZONE_GROUP):
        return CTR_OPEN
    return RULES[zone.predicate]
