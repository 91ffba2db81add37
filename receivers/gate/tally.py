"""What was refused in one call of the gate, by reason and sensor: a flood of drops is a few lines, not a flood."""

from __future__ import annotations

from collections import Counter
from typing import Final

from airspace.model.message import Reject, RejectReason

MOST_UNKNOWN_NAMES: Final = 16  # of sensors that nobody registered; the rest are counted without a name

_DETAILS: Final = {
    RejectReason.SENSOR_UNKNOWN: "no sensor of this name is configured",
    RejectReason.SENSOR_ENDED: "after the sensor's end date",
    RejectReason.SHUTTERED: "outside the sensor's hours, or paused",
    RejectReason.CLOCK_IMPLAUSIBLE: "received before 2000 or more than a day from now",
    RejectReason.OVER_BUDGET: "above the rows a second of its sensor",
    RejectReason.CELL_OVER_BUDGET: "above the rows a second of its place",
}


class Tally:
    """Counts, and the rejects they become. Those carry log time, never a row's own, which may be no time at all."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[RejectReason, str | None]] = Counter()
        self._unknown = 0

    def add(self, reason: RejectReason, sensor: str | None, count: int = 1) -> None:
        """So many more."""
        key = (reason, sensor)
        if reason is RejectReason.SENSOR_UNKNOWN and key not in self._counts:
            self._unknown += 1
            if self._unknown > MOST_UNKNOWN_NAMES:
                key = (reason, None)
        self._counts[key] += count

    def items(self) -> list[tuple[RejectReason, str | None, int]]:
        """(reason, sensor, count), in the order in which they were met."""
        return [(reason, sensor, count) for (reason, sensor), count in self._counts.items()]

    def __bool__(self) -> bool:
        return bool(self._counts)

    def rejects(self, now_s: float) -> tuple[Reject, ...]:
        """One line each."""
        return tuple(
            Reject(reason=reason, detail=_DETAILS[reason], place="gate", received_s=now_s, sensor=sensor, count=count)
            for reason, sensor, count in self.items()
        )
