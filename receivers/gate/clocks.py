"""The clocks of the sensors: is a skew one drone's, or its receiver's?

A receiver whose clock is wrong stamps every drone wrongly by the same amount, and its stamps differ from our log time
by that amount as well. Both are asked of at least three drones: drones alone would let three ghosts with old message
times make a good receiver look wrong. A backlog differs from it, as its lag shrinks and its drones agree with it; a
message time, folded to an hour near the receive time, hides whole hours, so drone and receiver are compared within the
hour. A link that lags by whole hours and stays so would look like a clock.

Each sensor is looked at every few seconds, on the rows of that moment. Nothing is corrected here: rows are marked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.track import Booleans

LOOK_EVERY_S: Final = 5.0
LEAST_DRONES: Final = 3
MOST_DRONES: Final = 16  # kept of one sensor: enough for a median
MOST_ROWS: Final = 64  # looked at at once
SAMPLE_LASTS_S: Final = 30.0  # a drone that is heard every few seconds is in several looks
STEADY_FOR_S: Final = 30.0  # a backlog that drains shows another lag before that
WITHIN_S: Final = 15.0  # spread of arrival: links that gather messages
_HOUR_S: Final = 3600.0


class _Sample(NamedTuple):
    logged_s: float
    skew_s: float  # receive time less message time
    ahead_s: float  # receive time less log time


@dataclass(slots=True)
class SensorClock:
    """What is known of one sensor's clock."""

    samples: dict[str, _Sample] = field(default_factory=dict)
    due_s: float = float("-inf")
    skew_s: float | None = None
    ahead_s: float | None = None  # None while no fault is seen
    _steady_s: float | None = None  # the lag as it was when it was first seen
    _since_s: float = 0.0

    def look(self, keys: list[str | None], received_s: Numbers, said_s: Numbers, now_s: float) -> None:
        """The rows of one moment."""
        self.due_s = now_s + LOOK_EVERY_S
        for key, got_s, told_s in zip(keys, received_s.tolist(), said_s.tolist(), strict=True):
            if key is not None and told_s == told_s and (key in self.samples or len(self.samples) < MOST_DRONES):  # noqa: PLR0124  not NaN
                self.samples[key] = _Sample(now_s, got_s - told_s, got_s - now_s)
        for key in [key for key, one in self.samples.items() if now_s - one.logged_s > SAMPLE_LASTS_S]:
            del self.samples[key]
        self._conclude(now_s)

    def _conclude(self, now_s: float) -> None:
        if len(self.samples) < LEAST_DRONES:
            self.skew_s = None
            return  # with too few drones about, a clock that was wrong still is
        self.skew_s = median(one.skew_s for one in self.samples.values())
        ahead_s = median(one.ahead_s for one in self.samples.values())
        near = sum(abs(one.ahead_s - ahead_s) <= WITHIN_S for one in self.samples.values())
        if abs(ahead_s) <= WITHIN_S or 2 * near <= len(self.samples):
            self.ahead_s = self._steady_s = None
            return
        if self._steady_s is None or abs(ahead_s - self._steady_s) > WITHIN_S:
            self._steady_s, self._since_s, self.ahead_s = ahead_s, now_s, None
        elif now_s - self._since_s >= STEADY_FOR_S:
            self.ahead_s = ahead_s

    def shared(self, received_s: Numbers, said_s: Numbers) -> Booleans:
        """Which rows have the skew that is the sensor's own."""
        if self.ahead_s is None:
            return np.zeros(len(received_s), dtype=np.bool_)
        rest_s = (received_s - said_s - self.ahead_s + _HOUR_S / 2) % _HOUR_S - _HOUR_S / 2
        shared: Booleans = np.abs(rest_s) <= WITHIN_S
        return shared
