"""What the law and the fences say of each live track: which fences it is in, and which groups it is allowed in.

An alert-only fence (the ring and the bowl of a stadium) tells where a drone is, not that it may not be there. Over an
open alert of the same drone it raises the role and with it the priority; only without one, and without a matching
notice, does it become an alert of its own, and that waits for the tick: the legal verdict may come with the same row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from airspace.model.verdict import BY_NOTICE, Kind, Verdict, VerdictValue
from airspace.model.zone import ROLES, ZoneRole
from alerting.facts import SIDE_KINDS


@dataclass(slots=True)
class Flyer:
    """What stands of one track, whatever people did about it."""

    fences: dict[str, Verdict] = field(default_factory=dict)  # by group
    sides: dict[str, Verdict] = field(default_factory=dict)  # by group: what is not right in how it flies
    beside: bool = False  # these stand in the evidence of its open alert
    cleared: set[tuple[str, Kind]] = field(default_factory=set)  # where a notice matches

    def take_in(self, verdict: Verdict, *, fence: bool) -> None:
        """Note what the verdict says about fences and notices."""
        allowed = verdict.value is VerdictValue.ALLOWED
        if fence:
            self.fences.pop(verdict.group, None)
            if not allowed:
                self.fences[verdict.group] = verdict
        elif verdict.kind in SIDE_KINDS:
            self.sides.pop(verdict.group, None)
            if not allowed and verdict.value is not VerdictValue.NOT_DECIDABLE:  # which is nothing to call anybody for
                self.sides[verdict.group] = verdict
        elif allowed and verdict.reason in BY_NOTICE:
            self.cleared.add((verdict.group, verdict.kind))
        else:
            self.cleared.discard((verdict.group, verdict.kind))

    @property
    def role(self) -> ZoneRole:
        """The strongest role of the fences it is in."""
        return max((verdict.zone_role for verdict in self.fences.values()), key=ROLES.index, default=ZoneRole.NONE)

    def untold(self) -> Verdict | None:
        """The fence that deserves an alert of its own, the strongest first; None if there is none."""
        if self.cleared:
            return None
        return max(self.fences.values(), key=lambda verdict: ROLES.index(verdict.zone_role), default=None)
