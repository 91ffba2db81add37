"""Whether what a sensor brings is of now: a wrong clock, or nothing but old news, is a hole in the picture.

A sensor whose clock is wrong is listened to as if it were right, and told of until rows with right times come. One
that brings nothing but what is old for twelve seconds is told of as long as that goes on, and a minute more: its
backlog drains, or nobody can tell any more that it is live. Decided at ticks, so that it is the same for any batches.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from airspace.model.log import Heartbeat, Times

_NEVER: Final = -math.inf
STEADY_S: Final = 12.0  # longer than the gate takes to find a wrong clock
LASTS_S: Final = 60.0
CHANGED_S: Final = 30.0  # a drift is told anew when it has come so far


class Fault(NamedTuple):
    """What is wrong with the times of a sensor."""

    times: Times
    behind_s: float  # negative where it is ahead


class Timing:
    """When each sensor last brought live rows, and others."""

    def __init__(self) -> None:
        self._heard_s: dict[Times, dict[str, float]] = {times: {} for times in Times}
        self._behind_s: dict[tuple[str, Times], float] = {}
        self._old_since_s: dict[str, float] = {}
        self._told: dict[str, Fault] = {}

    def hear(self, beat: Heartbeat) -> None:
        """What its rows are like."""
        heard_s = self._heard_s[beat.times]
        if beat.of_rows and beat.logged_s >= heard_s.get(beat.sensor, _NEVER):
            heard_s[beat.sensor] = beat.logged_s
            if beat.behind_s is not None:
                self._behind_s[beat.sensor, beat.times] = beat.behind_s

    def behind_s(self, sensor: str) -> float | None:
        """By how much its rows show its clock to be wrong; None where they do not."""
        clock_s, live_s = (self._heard_s[times].get(sensor, _NEVER) for times in (Times.CLOCK, Times.LIVE))
        return self._behind_s.get((sensor, Times.CLOCK)) if clock_s > live_s else None

    def tick(self, sensor: str, now_s: float) -> Fault | None:
        """What is wrong with this sensor now. At each tick, for each sensor."""
        live_s, clock_s, old_s = (self._heard_s[times].get(sensor, _NEVER) for times in Times)
        only_old = now_s - old_s <= LASTS_S and old_s - max(live_s, clock_s) > STEADY_S
        if only_old:
            since_s = self._old_since_s.setdefault(sensor, now_s)
        else:
            since_s = now_s
            self._old_since_s.pop(sensor, None)
        if now_s - since_s >= STEADY_S:
            return self._tell(sensor, Times.OLD)
        if clock_s > live_s:
            return self._tell(sensor, Times.CLOCK)
        self._told.pop(sensor, None)
        return None

    def _tell(self, sensor: str, times: Times) -> Fault:
        fault, told = Fault(times, self._behind_s[sensor, times]), self._told.get(sensor)
        if told is None or told.times is not times or abs(told.behind_s - fault.behind_s) > CHANGED_S:
            self._told[sensor] = fault
        return self._told[sensor]
