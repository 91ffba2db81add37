"""How serious a matter is, as far as one that somebody has dealt with can become worse.

A handled alert opens again by itself on a worsening, and only on one of these: a higher verdict, the ring or the crowd
entered, one more rule, or ``LOWER_M`` lower over the crowd than when it was handled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from airspace.model.verdict import RANK, VerdictValue
from airspace.model.zone import ROLES, ZoneRole

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from alerting.facts import Facts

LOWER_M: Final = 15.0


@dataclass(frozen=True, slots=True)
class Measure:
    """What counts of an alert's facts. ``rules``: of the alert itself and of what stands beside it."""

    value: VerdictValue
    role: ZoneRole
    height_agl_m: float | None
    rules: frozenset[str]

    @classmethod
    def of(cls, facts: Facts, rules: AbstractSet[str]) -> Measure:
        """As the facts are."""
        return cls(facts.value, facts.zone_role, facts.height_agl_m, frozenset(rules))

    def worse_than(self, before: Measure) -> str | None:
        """Why this is worse, as a stable code; None where it is not."""
        if RANK[self.value] > RANK[before.value]:
            return "higher_verdict"
        if ROLES.index(self.role) > ROLES.index(before.role):
            return "entered_crowd" if self.role is ZoneRole.BOWL else "entered_ring"
        if self.rules - before.rules:
            return "second_rule"
        return "lower_over_crowd" if self._is_lower(before) else None

    def _is_lower(self, before: Measure) -> bool:
        if self.role is not ZoneRole.BOWL or self.height_agl_m is None or before.height_agl_m is None:
            return False
        return before.height_agl_m - self.height_agl_m >= LOWER_M
