"""The clocks of the sensors: does a sensor bring old news, or is its clock wrong?

Both look the same in one row: it says that it was heard an hour ago. They differ in how they go on. What is live comes
as fast as it happens: from second to second its receive times advance by a second, and its lag stays. A backlog comes
faster than it happened, so its lag shrinks. A lag that stays for ten seconds is the sensor's clock (or a way that takes
so long: then this is as live as it gets), whoever is heard: receive times are the receiver's own, and no ghost on the
air moves them. The newest row of each second counts, over all batches and drones; a row that is on time ends the doubt.

Decided at the turn of a second, from seconds that are over: so any way of cutting the rows into batches says the same.
Nothing is corrected here: rows are marked, and who works with their times puts them right (``model/clocks.py``).

The skew between drones and their receiver is another matter, shown for people: a median over at least three drones, as
one drone's clock may be wrong.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from airspace.model.detection import Numbers
from airspace.model.track import Booleans

WITHIN_S: Final = 15.0  # spread of arrival: links that gather messages
STEADY_FOR_S: Final = 10.0
LEAST_SECONDS: Final = 3  # with a row, of those
WINDOW_S: Final = 30.0
SHRINKS: Final = 0.05  # seconds a second, at most: clocks drift by less, a backlog drains by more
GROWS: Final = 0.5  # a way that takes ever longer is live still; times that stand are a document told again
HOLDS: Final = 2.0  # times the limits: what was found is not given up for a hiccup
MOST_STRANGERS: Final = 256  # clocks kept of sensors that nobody registered
LEAST_DRONES: Final = 3
MOST_DRONES: Final = 16  # kept of one sensor: enough for a median
LOOK_EVERY_S: Final = 5
SAMPLE_LASTS_S: Final = 30.0


class _Second(NamedTuple):
    second: float  # log time
    lag_s: float  # log time less receive time of its newest row


class _Skew(NamedTuple):
    logged_s: float
    skew_s: float  # receive time less message time


@dataclass(slots=True)
class SensorClock:
    """What is known of one sensor's clock."""

    ahead_s: float | None = None  # against ours; None while no fault is seen
    heard_s: float = -math.inf  # log time of its last row
    _seconds: deque[_Second] = field(default_factory=deque)
    _second: float = -math.inf  # that goes on now
    _least_s: float = math.inf
    _sum_s: float = 0.0
    _rows: int = 0
    _skews: dict[str, _Skew] = field(default_factory=dict)

    def hear(self, received_s: Numbers, now_s: float) -> None:
        """Rows of one moment. Log time never goes back."""
        second = math.floor(now_s)
        if second > self._second:
            if self._rows:
                self._over()
            self._second, self._least_s, self._sum_s, self._rows = second, math.inf, 0.0, 0
        lag_s = now_s - received_s
        self._least_s = min(self._least_s, float(lag_s.min()))
        self._sum_s += float(lag_s.sum())
        self._rows += len(lag_s)
        self.heard_s = now_s

    def is_its(self, received_s: Numbers, now_s: float) -> Booleans:
        """Which rows of this moment are late, or early, as its clock is."""
        if self.ahead_s is None:
            return np.zeros(len(received_s), dtype=np.bool_)
        its: Booleans = np.abs(received_s - now_s - self.ahead_s) <= WITHIN_S
        return its

    def _over(self) -> None:
        """A second is over."""
        lag_s, seconds = self._least_s, self._seconds
        if abs(lag_s) <= WITHIN_S:
            self.ahead_s = None
            seconds.clear()
            return
        is_as_found = self.ahead_s is not None and abs(lag_s + self.ahead_s) <= WITHIN_S
        if self._sum_s / self._rows - lag_s > WITHIN_S:  # old and less old together
            if not is_as_found:
                self.ahead_s = None
                seconds.clear()
            return
        if seconds and abs(lag_s - seconds[-1].lag_s) > WITHIN_S:
            seconds.clear()
        if not is_as_found:
            self.ahead_s = None
        seconds.append(_Second(self._second, lag_s))
        while seconds[0].second < self._second - WINDOW_S:
            seconds.popleft()
        self._conclude()

    def _conclude(self) -> None:
        first, last = self._seconds[0].second, self._seconds[-1].second
        if last - first < STEADY_FOR_S or len(self._seconds) < LEAST_SECONDS:
            return  # what was found before stands
        middle = (first + last) / 2
        early_s = min(one.lag_s for one in self._seconds if one.second <= middle)
        late_s = min(one.lag_s for one in self._seconds if one.second > middle)
        grows = (late_s - early_s) / (middle - first)
        more = 1.0 if self.ahead_s is None else HOLDS
        is_live = -SHRINKS * more <= grows <= GROWS * more * (1.0 if more == 1.0 else 0.6)
        self.ahead_s = -median(one.lag_s for one in self._seconds) if is_live else None

    # the drones beside it

    def compare(self, keys: list[str | None], received_s: Numbers, said_s: Numbers, now_s: float) -> None:
        """Rows of one moment, with what their messages say; every fifth second is looked at."""
        if math.floor(now_s) % LOOK_EVERY_S:
            return
        for key, skew_s in zip(keys, (received_s - said_s).tolist(), strict=True):
            if key is not None and skew_s == skew_s and (key in self._skews or len(self._skews) < MOST_DRONES):  # noqa: PLR0124  not NaN
                self._skews[key] = _Skew(now_s, skew_s)
        for key in [key for key, one in self._skews.items() if now_s - one.logged_s > SAMPLE_LASTS_S]:
            del self._skews[key]

    @property
    def skew_s(self) -> float | None:
        """Receive time less message time, the median of the drones heard lately; None of fewer than three."""
        if len(self._skews) < LEAST_DRONES:
            return None
        return median(one.skew_s for one in self._skews.values())


class Strangers:
    """The clocks of sensors that are let in without being registered, some at a time."""

    def __init__(self) -> None:
        self._of: dict[str, SensorClock] = {}

    def clock(self, name: str, now_s: float) -> SensorClock | None:
        """None where there is no room."""
        if name not in self._of and len(self._of) >= MOST_STRANGERS:
            self._of = {each: clock for each, clock in self._of.items() if now_s - clock.heard_s <= WINDOW_S}
        if name not in self._of and len(self._of) >= MOST_STRANGERS:
            return None
        return self._of.setdefault(name, SensorClock())
