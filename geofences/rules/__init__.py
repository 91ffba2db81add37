"""One rule a file. Two tables: which rule a zone's predicate asks for, and which rules hold everywhere.

A rule of a zone is a pure function of a case (case.py), asked for the few rows at which something changes; that a track
is in the zone is one question for all of them, asked of whole tables (judging/sight.py). A rule that holds everywhere
brings its own condition over the columns of a table, and its thresholds.

Every file says what the rule rests on, its verdict form, margin, least number of fixes or seconds, and what it
cannot know. What the handbook calls undecidable (distance to people) has no file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from airspace.model.zone import Predicate, Zone, ZoneKind
from geofences.rules import (
    a3_150,
    assembly,
    capacity,
    conformance,
    ctr_open,
    fence,
    height_120,
    industry,
    low_flying_30,
    natura2000,
    remote_id_invalid,
    remote_id_missing,
    tgb,
    unmapped,
    uspace,
    vlos,
    zone_authorisation,
    zone_conditional,
    zone_prohibited,
)
from geofences.rules.rule import Rule, rule_from
from geofences.rules.scene import Measured, Scene

__all__ = ["CAPACITY", "CONTROL_ZONE_GROUP", "HEIGHT_120", "RULES", "UNMAPPED", "WATCHED", "Rule", "Watched", "rule_of"]

CONTROL_ZONE_GROUP: Final = "ctr-"  # how the Dutch pack names the groups of control zones

CAPACITY: Final = rule_from(capacity)
_CTR_OPEN: Final = rule_from(ctr_open)
_FENCE: Final = rule_from(fence)
HEIGHT_120: Final = rule_from(height_120)
UNMAPPED: Final = rule_from(unmapped)

RULES: Final[dict[Predicate, Rule]] = {
    Predicate.OPEN_FORBIDDEN: rule_from(zone_conditional),
    Predicate.OPEN_MAX_30_M: rule_from(low_flying_30),
    Predicate.MILITARY_PERMISSION: rule_from(zone_authorisation),
    Predicate.FOURTH_OF_MAY: rule_from(zone_prohibited),
    Predicate.ALL_FORBIDDEN: rule_from(zone_prohibited),
    Predicate.AUTHORISATION: rule_from(zone_authorisation),
    Predicate.INDUSTRY: rule_from(industry),
    Predicate.TEMPORARY: rule_from(tgb),
    Predicate.USPACE: rule_from(uspace),
    Predicate.ASSEMBLY: rule_from(assembly),
    Predicate.RESIDENTIAL: rule_from(a3_150),
    Predicate.NATURE: rule_from(natura2000),
    Predicate.UNKNOWN: UNMAPPED,
    Predicate.NONE: UNMAPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A rule that holds everywhere and is looked at tick by tick (judging/watch.py).

    It comes to level 1 (2) when what it measures was at least 1 (2) for ``on_s[0]`` (``on_s[1]``) seconds and over
    ``rule.least_fixes`` sightings, and goes back when it was less for ``off_s`` seconds.
    """

    rule: Rule
    group: str
    names: tuple[str, str]  # Dutch, English
    measure: Callable[[Scene], Measured]
    on_s: tuple[float, float]
    off_s: float
    counts: bool = False  # keeps a tally of the whole flight
    in_the_air: bool = True  # asked of what flies, else also of what only sends


WATCHED: Final = (
    Watched(
        rule=rule_from(conformance),
        group=conformance.GROUP,
        names=conformance.NAMES,
        measure=conformance.measure,
        on_s=(conformance.LEAST_S, conformance.LEAST_S + conformance.RECOVERABLE_S),
        off_s=0.0,
        counts=True,
    ),
    Watched(
        rule=rule_from(vlos),
        group=vlos.GROUP,
        names=vlos.NAMES,
        measure=vlos.measure,
        on_s=(vlos.LEAST_S, vlos.LEAST_S),
        off_s=vlos.LEAST_S,
    ),
    Watched(
        rule=rule_from(remote_id_missing),
        group=remote_id_missing.GROUP,
        names=remote_id_missing.NAMES,
        measure=remote_id_missing.measure,
        on_s=(remote_id_missing.LEAST_S, remote_id_missing.LEAST_S),
        off_s=0.0,
        in_the_air=False,
    ),
    Watched(
        rule=rule_from(remote_id_invalid),
        group=remote_id_invalid.GROUP,
        names=remote_id_invalid.NAMES,
        measure=remote_id_invalid.measure,
        on_s=(remote_id_invalid.LEAST_S, remote_id_invalid.LEAST_S),
        off_s=remote_id_invalid.LEAST_S,
    ),
)


# Whoever drew them: the law asks it of every crowd and all built-up land, and nature is information anyway.
_NEEDS_NO_ZONE: Final = frozenset({Predicate.ASSEMBLY, Predicate.RESIDENTIAL, Predicate.NATURE})


def rule_of(zone: Zone | None) -> Rule:
    """The rule of a zone; without a zone, the height that holds everywhere."""
    if zone is None:
        return HEIGHT_120
    if zone.kind is ZoneKind.ALERT_ONLY and zone.predicate not in _NEEDS_NO_ZONE:
        return _FENCE
    if zone.predicate is Predicate.OPEN_FORBIDDEN and zone.group.startswith(CONTROL_ZONE_GROUP):
        return _CTR_OPEN
    return RULES[zone.predicate]
