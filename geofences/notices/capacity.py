"""How many notified flights may fly at once in an airspace group, and when.

In a Dutch control zone the tower says so, and it changes: one or two commercial flights and some of the emergency
services, fewer when a tower is closed or an event is on (handbook, rules 3.1). So it is a setting with times, never a
constant. What is above it is a situation to be reported, nobody's offence: counting is the rule's, not this file's.

Of the entries of a group that hold at a time the last one counts, so that an exception is written below the rule. Hours
are of the clock in Amsterdam; hours that run over midnight belong to the day on which they start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from airspace.model import local_time

LOCAL: Final = ZoneInfo("Europe/Amsterdam")
_MIDNIGHT: Final = time(0)
ALL_DAYS: Final = frozenset(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityEntry:
    """A number of commercial and of emergency flights, with its times; an ``end`` not after ``start`` is next day's."""

    group: str
    commercial: int
    emergency: int
    since_s: float = float("-inf")
    until_s: float = float("inf")  # exclusive
    days: frozenset[int] = ALL_DAYS  # 0 = Monday
    start: time = _MIDNIGHT
    end: time = _MIDNIGHT

    def holds(self, time_s: float) -> bool:
        """Whether it counts then."""
        if not self.since_s <= time_s < self.until_s:
            return False
        return local_time.holds(time_s, self.days, self.start, self.end, LOCAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The setting as a whole."""

    entries: tuple[CapacityEntry, ...] = ()

    def of(self, group: str, time_s: float) -> tuple[int, int] | None:
        """(commercial, emergency) at that time, None where nobody set any."""
        held = (entry for entry in reversed(self.entries) if entry.group == group and entry.holds(time_s))
        return next(((entry.commercial, entry.emergency) for entry in held), None)


def hours(text: str) -> tuple[time, time]:
    """(start, end) of "08:00-23:00"; 24:00 is midnight."""
    start, end = text.split("-")
    return time.fromisoformat(start), _MIDNIGHT if end == "24:00" else time.fromisoformat(end)


def weekdays(names: Sequence[str]) -> frozenset[int]:
    """Days by their English three letters; none named is all."""
    order = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
    return frozenset(order.index(name) for name in names) or ALL_DAYS
