"""Until when the zones of a file are in force, and since when: a set that is over answers "allowed" to everything.

What is asked of a zone is not whether it is in force now (a season's hours mostly are not) but whether it can be, ever
again or already: by its validity, by the dates of its rows. Hours without an end never end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from airspace.model.units import rfc3339
from airspace.model.zone import Oddity, Zone

MAX_NAMED: Final = 20
_MILLISECONDS: Final = ".000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """The time within which anything of a file can be in force, in epoch seconds; infinite where it is open."""

    valid_from_s: float  # as the file's own validity has it
    start_s: float  # as the dates of its zones have it too
    end_s: float

    def fault(self, time_s: float) -> str | None:
        """One sentence for people; None where some of it can be in force, or dates to come are a part of it."""
        if self.end_s <= time_s:
            return f"valid until {_told(self.end_s)}: past; nothing in it is in force"
        if time_s < self.valid_from_s:
            return f"valid from {_told(self.valid_from_s)}: not yet; nothing in it is in force"
        return None

    def coming(self, time_s: float) -> str | None:
        """One sentence where all its dates are to come, which is no fault: a season's matches."""
        return f"nothing in it is in force before {_told(self.start_s)}" if time_s < self.start_s else None


def of(zones: Sequence[Zone]) -> Validity:
    """The validity of a file's zones together; of no zones it is open."""
    spans = [span(zone) for zone in zones]
    valid = [-math.inf if zone.valid_from_s is None else zone.valid_from_s for zone in zones]
    return Validity(
        valid_from_s=min(valid, default=-math.inf),
        start_s=min((start_s for start_s, _ in spans), default=-math.inf),
        end_s=max((end_s for _, end_s in spans), default=math.inf),
    )


def span(zone: Zone) -> tuple[float, float]:
    """From when and until when (epoch seconds) a zone can be in force; infinite where it is open."""
    rules = zone.applicability
    starts = [-math.inf if rule.start_s is None else rule.start_s for rule in rules]
    ends = [math.inf if rule.end_s is None else rule.end_s for rule in rules]
    from_s = -math.inf if zone.valid_from_s is None else zone.valid_from_s
    to_s = math.inf if zone.valid_to_s is None else zone.valid_to_s
    return max(min(starts, default=-math.inf), from_s), min(max(ends, default=math.inf), to_s)


def over(zones: Sequence[Zone], time_s: float) -> list[Oddity]:
    """The zones that are over, each by name, of a file of which others are not."""
    ended = [(end_s, zone) for zone in zones if (end_s := span(zone)[1]) <= time_s]
    if len(ended) == len(zones):
        return []  # the file's own sentence says it
    found = [Oddity(place=zone.zone_id, what=f"over since {_told(end_s)}") for end_s, zone in ended[:MAX_NAMED]]
    if len(ended) > MAX_NAMED:
        found.append(Oddity(place="file", what=f"{len(ended) - MAX_NAMED} more zones are over"))
    return found


def _told(time_s: float) -> str:
    return rfc3339(time_s).replace(_MILLISECONDS, "") if math.isfinite(time_s) else "ever"
