"""What sensors say of their own work, for the summary of a command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from airspace.model.log import Heartbeat

MOST_LINES: Final = 20


class SaidBySensors:
    """What sensors said of their own work, where that is that they do not hear, or is not understood."""

    def __init__(self) -> None:
        self._said: Counter[str] = Counter()

    def add(self, heartbeats: Iterable[Heartbeat]) -> None:
        """Count some."""
        for beat in heartbeats:
            if beat.gone:
                self._said[f"sensor {beat.sensor} does not hear, it says: {beat.says}"] += 1
            elif beat.unclear is not None:
                self._said[f"sensor {beat.sensor} says what is not understood: {beat.unclear}"] += 1

    def summary(self) -> list[str]:
        """A line for each, most first."""
        told = [f"  {count} x {said}" for said, count in self._said.most_common(MOST_LINES)]
        rest = len(self._said) - len(told)
        return [*told, f"  and {rest} more of this kind"] if rest else told
