"""The one place that reads the time of day, and the steady time that the log runs on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

Clock = Callable[[], float]

DRIFT_S: Final = 1.0  # time synchronisation moves a clock by less; more is a step
CONFIRM_S: Final = 30.0  # a step forward that has lasted so long is followed


def wall_clock() -> float:
    """UTC epoch seconds, as the machine has them: it may jump."""
    return time.time()  # noqa: TID251 -- this is the clock


def steady_clock() -> float:
    """Seconds that pass whatever is done to the time of day; their zero means nothing."""
    return time.monotonic()


class SteadyClock:
    """UTC epoch seconds that never go back and pass like seconds, whatever is done to the machine's clock.

    It follows the machine's clock as long as that only drifts. A step of more than a second is not followed at once:
    all drones would fall silent or a night would pass in a moment. A step forward that lasts half a minute is believed;
    one back never is in this run, since the order of the log is the truth. ``offset_s`` says how far apart the two are.
    """

    def __init__(self, wall: Clock = wall_clock, monotonic: Clock = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._anchor_s = wall() - monotonic()
        self._latest_s = wall()
        self._followed_s = -math.inf  # monotonic: when a step was followed last
        self._ahead_since_s: float | None = None  # monotonic: since when the machine's clock is a step ahead

    def __call__(self) -> float:
        """Now."""
        now_s, passed_s = self._wall(), self._monotonic()
        step_s = now_s - (self._anchor_s + passed_s)
        if abs(step_s) <= DRIFT_S or self._is_confirmed(step_s, passed_s):
            if abs(step_s) > DRIFT_S:
                self._followed_s = passed_s
            self._anchor_s += step_s
            self._ahead_since_s = None
        self._latest_s = max(self._latest_s, self._anchor_s + passed_s)
        return self._latest_s

    @property
    def since_followed_s(self) -> float:
        """How long ago a step was followed; infinite: never. What the picture was made of is of another time since."""
        return self._monotonic() - self._followed_s

    def not_before(self, time_s: float) -> None:
        """Go on from a time that an earlier run had reached, if the machine's clock has been set back since."""
        self._anchor_s += max(0.0, time_s - self())

    @property
    def offset_s(self) -> float:
        """The machine's clock less this one: 0 but for a drift, unless it was set."""
        return self._wall() - self()

    def _is_confirmed(self, step_s: float, passed_s: float) -> bool:
        if step_s < 0:
            self._ahead_since_s = None
            return False
        if self._ahead_since_s is None:
            self._ahead_since_s = passed_s
        return passed_s - self._ahead_since_s >= CONFIRM_S
